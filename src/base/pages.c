#include "base/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

void *pages_take(size_t size)
{
    const size_t large = (size_t)2 << 20;
    size_t unit = size < large ? 64 : large;
    if (size > SIZE_MAX - unit)
        return NULL;
    size = (size + unit - 1) / unit * unit;
    void *memory = aligned_alloc(unit, size);
    if (memory && unit == large)
        (void)madvise(memory, size, MADV_HUGEPAGE);
    return memory;
}
