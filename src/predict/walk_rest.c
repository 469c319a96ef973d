/*
 * Rows, or trees, that have not arrived: a list of them is walked a few levels, those that arrived are dropped, and so
 * on. Nothing branches on where a row goes but the length of the list.
 */
#include "predict/step.h"
#include "predict/walks.h"

/* NOLINTBEGIN(readability-isolate-declaration): the macros declare what lies in registers */

enum { STRIDE = 3, TREE_STRIDE = 4, LANES = 4, TREE_LANES = 8 };

/* Keeps those of `list` that are not at a leaf, and fills the last group up with its first. */
static size_t keep_unfinished(const struct plan *plan, const uint32_t *at, uint16_t *list, size_t count, size_t lanes)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        uint16_t one = list[i];
        list[kept] = one;
        kept += !at_leaf(plan, at[one]);
    }
    for (size_t i = kept; i % lanes; i++)
        list[i] = list[0];
    return kept;
}

#define FOUR_STEPS(STEP)                                                                                               \
    STEP(a0, x0);                                                                                                      \
    STEP(a1, x1);                                                                                                      \
    STEP(a2, x2);                                                                                                      \
    STEP(a3, x3)

#define NARROW(at, x) STEP_NARROW(slots, at, x, 0, 8)
#define WIDE(at, x) STEP_WIDE(slots, steps, at, x, 0, 8)

/* places: [row] the byte at which its keys begin. */
#define WALK_LIST(STEP)                                                                                                \
    for (size_t i = 0; i < count; i += LANES, list += LANES) {                                                         \
        uint64_t a0 = at[list[0]], a1 = at[list[1]], a2 = at[list[2]], a3 = at[list[3]];                               \
        const char *x0 = keys + places[list[0]], *x1 = keys + places[list[1]], *x2 = keys + places[list[2]],           \
                   *x3 = keys + places[list[3]];                                                                       \
        FOUR_STEPS(STEP);                                                                                              \
        FOUR_STEPS(STEP);                                                                                              \
        FOUR_STEPS(STEP);                                                                                              \
        at[list[0]] = (uint32_t)a0;                                                                                    \
        at[list[1]] = (uint32_t)a1;                                                                                    \
        at[list[2]] = (uint32_t)a2;                                                                                    \
        at[list[3]] = (uint32_t)a3;                                                                                    \
    }

static void narrow_list(const struct slot *slots, const char *keys, const uint32_t *places, const uint16_t *list,
                        size_t count, uint32_t *at)
{
    WALK_LIST(NARROW)
}

static void wide_list(const struct plan *plan, const char *keys, const uint32_t *places, const uint16_t *list,
                      size_t count, uint32_t *at)
{
    const struct wide_slot *slots = plan->wide;
    const uint32_t *steps = plan->steps;
    WALK_LIST(WIDE)
}

void walk_rest(const struct plan *plan, const struct cells *cells, size_t first, size_t blocks, uint32_t *at)
{
    uint16_t list[CHUNK_ROWS + LANES];
    uint32_t places[CHUNK_ROWS];
    const char *keys = (const char *)(cells->keys + first * cells->stride);
    size_t count = blocks * BLOCK_ROWS;
    for (size_t i = 0; i < count; i++) {
        list[i] = (uint16_t)i;
        places[i] = (uint32_t)((i / BLOCK_ROWS * cells->stride + i % BLOCK_ROWS) * sizeof(uint32_t));
    }
    while ((count = keep_unfinished(plan, at, list, count, LANES)) > 0) {
        if (plan->wide)
            wide_list(plan, keys, places, list, count, at);
        else
            narrow_list(plan->slots, keys, places, list, count, at);
    }
}

/* As walk_trees, for the trees of a list. */
static void walk_listed(const struct plan *plan, const uint32_t *keys, const uint16_t *list, size_t count, uint32_t *at)
{
    for (size_t i = 0; i < count; i += TREE_LANES, list += TREE_LANES) {
        uint32_t some[TREE_LANES];
        for (size_t k = 0; k < TREE_LANES; k++)
            some[k] = at[list[k]];
        walk_trees(plan, keys, TREE_LANES, TREE_STRIDE, some);
        for (size_t k = 0; k < TREE_LANES; k++)
            at[list[k]] = some[k];
    }
}

void walk_trees_rest(const struct plan *plan, const uint32_t *keys, size_t count, uint32_t *at)
{
    uint16_t list[TREES_AT_ONCE + TREE_LANES];
    for (size_t i = 0; i < count; i++)
        list[i] = (uint16_t)i;
    while ((count = keep_unfinished(plan, at, list, count, TREE_LANES)) > 0)
        walk_listed(plan, keys, list, count, at);
}

/* NOLINTEND(readability-isolate-declaration) */
