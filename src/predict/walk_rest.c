/*
 * Rows, or trees, that have not arrived: a list of them is walked a few levels, those that arrived are dropped, and so
 * on. Nothing branches on where a row goes but the length of the list; a wrong guess of that costs as much as some forty
 * steps, so that long lists are better.
 */
#include "predict/step.h"
#include "predict/walks.h"

/* NOLINTBEGIN(readability-isolate-declaration): the macros declare what lies in registers */

enum { LONGEST = CHUNK_ROWS > TREES_AT_ONCE ? CHUNK_ROWS : TREES_AT_ONCE, ROW_LANES = 4, TREE_LANES = 8 };

/* Rows of one tree, or trees of one row, on their way. The last few are room for lanes past the end. */
struct walkers {
    uint32_t which[LONGEST + TREE_LANES]; /* row or tree */
    uint32_t at[LONGEST + TREE_LANES];
};

/* Those of `count` that are not at a leaf. Returns how many. */
static size_t find_unfinished(const struct plan *plan, struct walkers *walkers, size_t count, const uint32_t *at)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        walkers->which[kept] = (uint32_t)i;
        walkers->at[kept] = at[i];
        kept += !at_leaf(plan, at[i]);
    }
    return kept;
}

/* Lanes past the end walk for one that is not there, `absent`, and is at a leaf already: the plan's first slot. */
static void fill_up(struct walkers *walkers, size_t count, uint32_t absent)
{
    for (size_t i = 0; i < TREE_LANES; i++) {
        walkers->which[count + i] = absent;
        walkers->at[count + i] = 0;
    }
}

/* Writes where one is, and keeps it if that is no leaf: the next one overwrites it otherwise. */
#define KEEP(which_, at_, step_)                                                                                       \
    do {                                                                                                               \
        uint32_t keep_which = (which_);                                                                                \
        at[keep_which] = (uint32_t)(at_);                                                                              \
        walkers->which[kept] = keep_which;                                                                             \
        walkers->at[kept] = (uint32_t)(at_);                                                                           \
        kept += (step_) != 0;                                                                                          \
    } while (0)

#define NARROW_AT(at) slots[at].step
#define WIDE_AT(at) steps[at]

/* ---- rows ---- */

#define FOUR(STEP)                                                                                                     \
    STEP(a0, x0);                                                                                                      \
    STEP(a1, x1);                                                                                                      \
    STEP(a2, x2);                                                                                                      \
    STEP(a3, x3)

#define NARROW(at, x) STEP_NARROW(slots, at, x, 0, 8)
#define WIDE(at, x) STEP_WIDE(slots, steps, at, x, 0, 8)

/* places: [row] the byte at which its keys begin. */
#define WALK_ROWS(STEP, STEP_AT)                                                                                       \
    for (size_t i = 0; i < count; i += ROW_LANES) {                                                                    \
        const uint32_t *some = walkers->which + i, *from = walkers->at + i;                                            \
        uint32_t r0 = some[0], r1 = some[1], r2 = some[2], r3 = some[3];                                               \
        uint64_t a0 = from[0], a1 = from[1], a2 = from[2], a3 = from[3];                                               \
        const char *x0 = keys + places[r0], *x1 = keys + places[r1], *x2 = keys + places[r2], *x3 = keys + places[r3]; \
        FOUR(STEP);                                                                                                    \
        FOUR(STEP);                                                                                                    \
        FOUR(STEP);                                                                                                    \
        KEEP(r0, a0, STEP_AT(a0));                                                                                     \
        KEEP(r1, a1, STEP_AT(a1));                                                                                     \
        KEEP(r2, a2, STEP_AT(a2));                                                                                     \
        KEEP(r3, a3, STEP_AT(a3));                                                                                     \
    }

static size_t narrow_rows(const struct slot *slots, const char *keys, const uint32_t *places, struct walkers *walkers,
                          size_t count, uint32_t *at)
{
    size_t kept = 0;
    WALK_ROWS(NARROW, NARROW_AT)
    return kept;
}

static size_t wide_rows(const struct plan *plan, const char *keys, const uint32_t *places, struct walkers *walkers,
                        size_t count, uint32_t *at)
{
    const struct wide_slot *slots = plan->wide;
    const uint32_t *steps = plan->steps;
    size_t kept = 0;
    WALK_ROWS(WIDE, WIDE_AT)
    return kept;
}

static void find_places(const struct cells *cells, size_t blocks, uint32_t *places)
{
    uint32_t block = 0;
    for (size_t i = 0; i < blocks; i++, block += (uint32_t)(cells->stride * sizeof(uint32_t)))
        for (uint32_t lane = 0; lane < BLOCK_ROWS; lane++)
            *places++ = block + lane * (uint32_t)sizeof(uint32_t);
    *places = 0;
}

void walk_rest(const struct plan *plan, const struct cells *cells, size_t first, size_t blocks, uint32_t *at)
{
    struct walkers walkers;
    uint32_t places[CHUNK_ROWS + 1];
    const char *keys = (const char *)(cells->keys + first * cells->stride);
    size_t rows = blocks * BLOCK_ROWS;
    size_t count = find_unfinished(plan, &walkers, rows, at);
    find_places(cells, blocks, places);
    while (count) {
        fill_up(&walkers, count, (uint32_t)rows);
        count = plan->wide ? wide_rows(plan, keys, places, &walkers, count, at)
                           : narrow_rows(plan->slots, keys, places, &walkers, count, at);
    }
}

/* ---- trees ---- */

#undef NARROW
#undef WIDE
#define NARROW(at) STEP_NARROW(slots, at, keys, 0, 1)
#define NARROW_BMI2(at) STEP_NARROW_BMI2(slots, at, keys)
#define WIDE(at) STEP_WIDE(slots, steps, at, keys, 0, 1)

#define WALK_TREES(STEP, STEP_AT)                                                                                      \
    for (size_t i = 0; i < count; i += TREE_LANES) {                                                                   \
        const uint32_t *some = walkers->which + i, *from = walkers->at + i;                                            \
        EIGHT_LOAD(from);                                                                                              \
        EIGHT_STEP(STEP);                                                                                              \
        EIGHT_STEP(STEP);                                                                                              \
        EIGHT_STEP(STEP);                                                                                              \
        EIGHT_STEP(STEP);                                                                                              \
        KEEP(some[0], a0, STEP_AT(a0));                                                                                \
        KEEP(some[1], a1, STEP_AT(a1));                                                                                \
        KEEP(some[2], a2, STEP_AT(a2));                                                                                \
        KEEP(some[3], a3, STEP_AT(a3));                                                                                \
        KEEP(some[4], a4, STEP_AT(a4));                                                                                \
        KEEP(some[5], a5, STEP_AT(a5));                                                                                \
        KEEP(some[6], a6, STEP_AT(a6));                                                                                \
        KEEP(some[7], a7, STEP_AT(a7));                                                                                \
    }

static size_t narrow_trees(const struct slot *slots, const uint32_t *keys, struct walkers *walkers, size_t count,
                           uint32_t *at)
{
    size_t kept = 0;
    WALK_TREES(NARROW, NARROW_AT)
    return kept;
}

static size_t narrow_trees_bmi2(const struct slot *slots, const uint32_t *keys, struct walkers *walkers, size_t count,
                                uint32_t *at)
{
    size_t kept = 0;
    WALK_TREES(NARROW_BMI2, NARROW_AT)
    return kept;
}

static size_t wide_trees(const struct plan *plan, const uint32_t *keys, struct walkers *walkers, size_t count,
                         uint32_t *at)
{
    const struct wide_slot *slots = plan->wide;
    const uint32_t *steps = plan->steps;
    size_t kept = 0;
    WALK_TREES(WIDE, WIDE_AT)
    return kept;
}

void walk_trees_rest(const struct plan *plan, const uint32_t *keys, size_t count, uint32_t *at)
{
    struct walkers walkers;
    const uint32_t absent = (uint32_t)count;
    count = find_unfinished(plan, &walkers, count, at);
    while (count) {
        fill_up(&walkers, count, absent);
        count = plan->wide             ? wide_trees(plan, keys, &walkers, count, at)
                : plan->processor.avx2 ? narrow_trees_bmi2(plan->slots, keys, &walkers, count, at)
                                       : narrow_trees(plan->slots, keys, &walkers, count, at);
    }
}

/* NOLINTEND(readability-isolate-declaration) */
