#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

static bool add_block(struct arena *arena, size_t size)
{
    if (size < BLOCK_SIZE)
        size = BLOCK_SIZE;
    if (arena->limit && (arena->taken > arena->limit || size > arena->limit - arena->taken))
        return false;
    bool taken = budget_take(arena->budget, size);
    struct arena_block *block = taken ? calloc(1, sizeof *block + size) : NULL;
    if (!block) {
        budget_give_back(arena->budget, taken ? size : 0);
        arena->starved = true;
        return false;
    }
    block->next = arena->blocks;
    block->size = size;
    arena->blocks = block;
    arena->left = size;
    arena->taken += size;
    return true;
}

void *arena_take(struct arena *arena, size_t size)
{
    const size_t alignment = alignof(max_align_t);
    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + alignment - 1) / alignment * alignment;
    if ((!arena->blocks || size > arena->left) && !add_block(arena, size))
        return NULL;
    void *place = arena->blocks->bytes + (arena->blocks->size - arena->left);
    arena->left -= size;
    return place;
}

char *arena_text(struct arena *arena, const char *text, size_t size)
{
    char *copy = arena_take(arena, size + 1);
    if (copy && size)
        memcpy(copy, text, size);
    return copy;
}

void arena_close(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    budget_give_back(arena->budget, arena->taken);
    arena->left = 0;
    arena->taken = 0;
}
