/*
 * Memory for large arrays that are reached in any order.
 */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include <stddef.h>

/*
 * `size` bytes or more on a boundary of 64, with any content, or NULL; goes back with free(). From two megabytes on the
 * system is asked for large pages, which spare page faults and misses of the address cache.
 */
void *pages_take(size_t size);

/* `size` rounded up to that boundary of 64, where the next array of the same memory may begin. */
static inline size_t pages_round(size_t size)
{
    return (size + 63) / 64 * 64;
}

#endif
