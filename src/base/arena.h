/*
 * Many small things that live and die together: taken one after another from a few large blocks, freed at once.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/budget.h"
#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t left;                /* bytes unused in the newest block */
    size_t taken;               /* bytes of all blocks */
    size_t limit;               /* most bytes that `taken` may reach; 0 = no limit */
    bool starved;               /* something was refused for lack of memory, rather than by the limit */
    struct budget *budget;      /* what the blocks are taken from, or NULL */
};

/* `size` bytes aligned for any type, zeroed; NULL past the limit or without memory. A size of 0 gives a valid pointer.
 */
void *arena_take(struct arena *arena, size_t size);

/* A copy of `size` bytes with a 0 after them; NULL as above. */
char *arena_text(struct arena *arena, const char *text, size_t size);

void arena_close(struct arena *arena);

#endif
