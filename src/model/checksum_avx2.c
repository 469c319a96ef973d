/* clang has no such pragma, and takes what every processor of the kind has. */
#if defined(__x86_64__) && !defined(__clang__)
#pragma GCC target("avx2")
#endif
#include "model/checksum.h"

void checksum_add_avx2(XXH3_state_t *state, const void *bytes, size_t size)
{
    (void)XXH3_64bits_update(state, bytes, size);
}
