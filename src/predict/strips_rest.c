/*
 * Rows of strips that have not arrived: a list of them is walked a few levels, those that arrived are dropped, and so on,
 * as in walk_rest.c, but by eight at once, whose places are read where they are used.
 */
#include "predict/strips.h"

#ifdef STRIPS_BUILT
#include "predict/step.h"
#include "predict/walks.h"

/* NOLINTBEGIN(readability-isolate-declaration): the macros declare what lies in registers */

enum { EIGHT = 8 };

/* A row on its way. */
struct walker {
    uint32_t place; /* the byte at which its keys begin */
    uint32_t row;
};

/* The last eight are room for lanes past the end. */
struct walkers {
    struct walker list[CHUNK_ROWS + EIGHT];
    uint32_t at[CHUNK_ROWS + EIGHT];
};

/* Those that are not at a leaf. Returns how many. */
static size_t find_unfinished(const struct plan *plan, const struct cells *cells, size_t strips, const uint32_t *at,
                              struct walkers *walkers)
{
    size_t kept = 0;
    uint32_t row = 0;
    for (size_t i = 0; i < strips; i++) {
        size_t place = i * cells->stride * sizeof(uint32_t);
        for (size_t k = 0; k < STRIP_ROWS; k++, row++, place += cells->row_step * sizeof(uint32_t)) {
            walkers->list[kept] = (struct walker){(uint32_t)place, row};
            walkers->at[kept] = at[row];
            kept += !at_leaf(plan, at[row]);
        }
    }
    return kept;
}

#define EIGHT_OF(STEP)                                                                                                 \
    STEP(a0, list[0].place);                                                                                           \
    STEP(a1, list[1].place);                                                                                           \
    STEP(a2, list[2].place);                                                                                           \
    STEP(a3, list[3].place);                                                                                           \
    STEP(a4, list[4].place);                                                                                           \
    STEP(a5, list[5].place);                                                                                           \
    STEP(a6, list[6].place);                                                                                           \
    STEP(a7, list[7].place)

/* Writes where a row is, and keeps it if that is no leaf: the next one overwrites it otherwise. */
#define KEEP(index, at_, step_)                                                                                        \
    do {                                                                                                               \
        struct walker walker = list[index];                                                                            \
        at[walker.row] = (uint32_t)(at_);                                                                              \
        walkers->list[kept] = walker;                                                                                  \
        walkers->at[kept] = (uint32_t)(at_);                                                                           \
        kept += (step_) != 0;                                                                                          \
    } while (0)

#define WALK_LIST(STEP, STEP_AT)                                                                                       \
    for (size_t i = 0; i < count; i += EIGHT) {                                                                        \
        const struct walker *list = walkers->list + i;                                                                 \
        const uint32_t *from = walkers->at + i;                                                                        \
        uint64_t a0 = from[0], a1 = from[1], a2 = from[2], a3 = from[3], a4 = from[4], a5 = from[5], a6 = from[6],     \
                 a7 = from[7];                                                                                         \
        EIGHT_OF(STEP);                                                                                                \
        EIGHT_OF(STEP);                                                                                                \
        EIGHT_OF(STEP);                                                                                                \
        KEEP(0, a0, STEP_AT(a0));                                                                                      \
        KEEP(1, a1, STEP_AT(a1));                                                                                      \
        KEEP(2, a2, STEP_AT(a2));                                                                                      \
        KEEP(3, a3, STEP_AT(a3));                                                                                      \
        KEEP(4, a4, STEP_AT(a4));                                                                                      \
        KEEP(5, a5, STEP_AT(a5));                                                                                      \
        KEEP(6, a6, STEP_AT(a6));                                                                                      \
        KEEP(7, a7, STEP_AT(a7));                                                                                      \
    }

#define NARROW(at, place) STEP_NARROW_PLACE(slots, at, keys, place)
#define WIDE(at, place) STEP_WIDE(slots, steps, at, keys + (place), 0, 1)
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

void strips_rest(const struct plan *plan, const struct cells *cells, size_t first, size_t strips, uint32_t *at)
{
    struct walkers walkers;
    const char *keys = (const char *)(cells->keys + first * cells->stride);
    size_t count = find_unfinished(plan, cells, strips, at, &walkers);
    while (count) {
        /* Lanes past the end walk for a row that is not there and is at a leaf: the plan's first slot. */
        for (size_t i = 0; i < EIGHT; i++) {
            walkers.list[count + i] = (struct walker){0, (uint32_t)(strips * STRIP_ROWS)};
            walkers.at[count + i] = 0;
        }
        count = plan->wide ? wide_list(plan, keys, &walkers, count, at)
                           : narrow_list(plan->slots, keys, &walkers, count, at);
    }
}

/* NOLINTEND(readability-isolate-declaration) */
#endif
