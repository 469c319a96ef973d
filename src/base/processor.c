#include "base/processor.h"

#include <unistd.h>

struct processor processor_look(void)
{
    struct processor processor = {0};
#if defined(__x86_64__)
    __builtin_cpu_init();
    processor.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    processor.avx512 = __builtin_cpu_supports("avx512vl") && __builtin_cpu_is("intel");
#endif
#ifdef _SC_LEVEL2_CACHE_SIZE
    long near = sysconf(_SC_LEVEL2_CACHE_SIZE);
    processor.near_cache = near > 0 ? (size_t)near : 0;
#endif
    /* Where the system does not say: what servers have had since 2017. */
    if (processor.near_cache == 0)
        processor.near_cache = (size_t)512 * 1024;
    return processor;
}
