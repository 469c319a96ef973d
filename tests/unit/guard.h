/*
 * Memory that ends at a page which must not be touched: whoever reads one byte too far dies of it, in any build.
 */
#ifndef UNIT_GUARD_H
#define UNIT_GUARD_H

#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct guard {
    char *pages; /* [size] bytes that may be used, then a page that may not */
    size_t size;
};

static inline struct guard guard_open(size_t least)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = (least + page) / page * page;
    char *pages = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(pages, MAP_FAILED);
    ck_assert_int_eq(mprotect(pages + size, page, PROT_NONE), 0);
    return (struct guard){pages, size};
}

/* A copy of `bytes`[0..size) that ends where the guarded page begins; good until the next call. */
static inline const char *guard_copy(const struct guard *guard, const void *bytes, size_t size)
{
    char *place = guard->pages + guard->size - size;
    if (size)
        memcpy(place, bytes, size);
    return place;
}

static inline void guard_close(struct guard *guard)
{
    munmap(guard->pages, guard->size + (size_t)sysconf(_SC_PAGESIZE));
}

#endif
