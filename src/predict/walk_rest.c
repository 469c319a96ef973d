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

/* Rows on their way, side by side. The last few are room for lanes past the end. */
struct walkers {
    uint32_t row[CHUNK_ROWS + LANES];
    uint32_t at[CHUNK_ROWS + LANES];
    uint32_t place[CHUNK_ROWS + 1]; /* [row] the byte at which its keys begin */
};

/* Writes where a row is, and keeps it if that is no leaf: it is overwritten by the next one otherwise. */
#define KEEP(row_, at_, step_)                                                                                         \
    do {                                                                                                               \
        at[row_] = (uint32_t)(at_);                                                                                    \
        walkers->row[kept] = (row_);                                                                                   \
        walkers->at[kept] = (uint32_t)(at_);                                                                           \
        kept += (step_) != 0;                                                                                          \
    } while (0)

#define WALK_LIST(STEP, STEP_AT)                                                                                       \
    for (size_t i = 0; i < count; i += LANES) {                                                                        \
        uint32_t r0 = walkers->row[i], r1 = walkers->row[i + 1], r2 = walkers->row[i + 2], r3 = walkers->row[i + 3];   \
        uint64_t a0 = walkers->at[i], a1 = walkers->at[i + 1], a2 = walkers->at[i + 2], a3 = walkers->at[i + 3];       \
        const char *x0 = keys + walkers->place[r0], *x1 = keys + walkers->place[r1], *x2 = keys + walkers->place[r2],  \
                   *x3 = keys + walkers->place[r3];                                                                    \
        FOUR_STEPS(STEP);                                                                                              \
        FOUR_STEPS(STEP);                                                                                              \
        FOUR_STEPS(STEP);                                                                                              \
        KEEP(r0, a0, STEP_AT(a0));                                                                                     \
        KEEP(r1, a1, STEP_AT(a1));                                                                                     \
        KEEP(r2, a2, STEP_AT(a2));                                                                                     \
        KEEP(r3, a3, STEP_AT(a3));                                                                                     \
    }

#define NARROW_AT(at) slots[at].step
#define WIDE_AT(at) steps[at]

static size_t narrow_list(const struct slot *slots, const char *keys, struct walkers *walkers, size_t count,
                          uint32_t *at)
{
    size_t kept = 0;
    WALK_LIST(NARROW, NARROW_AT)
    return kept;
}

static size_t wide_list(const struct plan *plan, const char *keys, struct walkers *walkers, size_t count, uint32_t *at)
{
    const struct wide_slot *slots = plan->wide;
    const uint32_t *steps = plan->steps;
    size_t kept = 0;
    WALK_LIST(WIDE, WIDE_AT)
    return kept;
}

static void find_places(struct walkers *walkers, const struct cells *cells, size_t blocks)
{
    uint32_t block = 0;
    for (size_t i = 0; i < blocks; i++, block += (uint32_t)(cells->stride * sizeof(uint32_t)))
        for (uint32_t lane = 0; lane < BLOCK_ROWS; lane++)
            walkers->place[i * BLOCK_ROWS + lane] = block + lane * (uint32_t)sizeof(uint32_t);
    walkers->place[blocks * BLOCK_ROWS] = 0;
}

static size_t start_list(const struct plan *plan, struct walkers *walkers, size_t rows, const uint32_t *at)
{
    size_t kept = 0;
    for (size_t row = 0; row < rows; row++) {
        walkers->row[kept] = (uint32_t)row;
        walkers->at[kept] = at[row];
        kept += !at_leaf(plan, at[row]);
    }
    return kept;
}

/* Lanes past the end walk for a row that is not there and is at a leaf already: the plan's first slot. */
static void fill_up(struct walkers *walkers, size_t count, size_t rows)
{
    for (size_t i = 0; i < LANES; i++) {
        walkers->row[count + i] = (uint32_t)rows;
        walkers->at[count + i] = 0;
    }
}

void walk_rest(const struct plan *plan, const struct cells *cells, size_t first, size_t blocks, uint32_t *at)
{
    struct walkers walkers;
    const char *keys = (const char *)(cells->keys + first * cells->stride);
    size_t rows = blocks * BLOCK_ROWS;
    find_places(&walkers, cells, blocks);
    size_t count = start_list(plan, &walkers, rows, at);
    while (count) {
        fill_up(&walkers, count, rows);
        count = plan->wide ? wide_list(plan, keys, &walkers, count, at)
                           : narrow_list(plan->slots, keys, &walkers, count, at);
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
