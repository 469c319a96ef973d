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

/* The rows of `count`, whole strips, that are not at a leaf, into `list`. Returns how many. */
static inline __attribute__((always_inline)) size_t find_unfinished(const struct plan *plan, bool wide,
                                                                    const uint32_t *at, size_t count, uint32_t *list)
{
    size_t kept = 0;
    for (uint32_t first = 0; first < count; first += EIGHT)
        for (uint32_t row = first; row < first + EIGHT; row++) {
            list[kept] = row;
            kept += (wide ? plan->steps[at[row]] : plan->slots[at[row]].step) != 0;
        }
    return kept;
}

#define EIGHT_OF(STEP)                                                                                                 \
    STEP(a0, places[0]);                                                                                               \
    STEP(a1, places[1]);                                                                                               \
    STEP(a2, places[2]);                                                                                               \
    STEP(a3, places[3]);                                                                                               \
    STEP(a4, places[4]);                                                                                               \
    STEP(a5, places[5]);                                                                                               \
    STEP(a6, places[6]);                                                                                               \
    STEP(a7, places[7])

/* Writes where a row is, and keeps it if that is no leaf: the next one overwrites it otherwise. */
#define KEEP(row, at_, step_)                                                                                          \
    do {                                                                                                               \
        uint32_t keep_row = (row);                                                                                     \
        at[keep_row] = (uint32_t)(at_);                                                                                \
        list[kept] = keep_row;                                                                                         \
        kept += (step_) != 0;                                                                                          \
    } while (0)

/* Three levels for the rows of the list. row_bytes: from the keys of a row to those of the next */
#define WALK_LIST(STEP, STEP_AT)                                                                                       \
    for (size_t i = 0; i < count; i += EIGHT) {                                                                        \
        const uint32_t *some = list + i;                                                                               \
        uint32_t places[EIGHT];                                                                                        \
        for (size_t k = 0; k < EIGHT; k++)                                                                             \
            places[k] = some[k] * row_bytes;                                                                           \
        uint64_t a0 = at[some[0]], a1 = at[some[1]], a2 = at[some[2]], a3 = at[some[3]], a4 = at[some[4]],             \
                 a5 = at[some[5]], a6 = at[some[6]], a7 = at[some[7]];                                                 \
        EIGHT_OF(STEP);                                                                                                \
        EIGHT_OF(STEP);                                                                                                \
        EIGHT_OF(STEP);                                                                                                \
        KEEP(some[0], a0, STEP_AT(a0));                                                                                \
        KEEP(some[1], a1, STEP_AT(a1));                                                                                \
        KEEP(some[2], a2, STEP_AT(a2));                                                                                \
        KEEP(some[3], a3, STEP_AT(a3));                                                                                \
        KEEP(some[4], a4, STEP_AT(a4));                                                                                \
        KEEP(some[5], a5, STEP_AT(a5));                                                                                \
        KEEP(some[6], a6, STEP_AT(a6));                                                                                \
        KEEP(some[7], a7, STEP_AT(a7));                                                                                \
    }

#define NARROW(at, place) STEP_NARROW_PLACE(slots, at, keys, place)
#define WIDE(at, place) STEP_WIDE(slots, steps, at, keys + (place), 0, 1)
#define NARROW_AT(at) slots[at].step
#define WIDE_AT(at) steps[at]

static size_t narrow_list(const struct slot *slots, const char *keys, uint32_t row_bytes, uint32_t *list, size_t count,
                          uint32_t *at)
{
    size_t kept = 0;
    WALK_LIST(NARROW, NARROW_AT)
    return kept;
}

static size_t wide_list(const struct plan *plan, const char *keys, uint32_t row_bytes, uint32_t *list, size_t count,
                        uint32_t *at)
{
    const struct wide_slot *slots = plan->wide;
    const uint32_t *steps = plan->steps;
    size_t kept = 0;
    WALK_LIST(WIDE, WIDE_AT)
    return kept;
}

void strips_rest(const struct plan *plan, const struct cells *cells, size_t first, size_t strips, uint32_t *at)
{
    uint32_t list[CHUNK_ROWS + EIGHT]; /* rows on their way; the last eight are room for lanes past the end */
    const char *keys = (const char *)(cells->keys + first * cells->stride);
    const uint32_t row_bytes = (uint32_t)(cells->row_step * sizeof(uint32_t));
    const uint32_t rows = (uint32_t)(strips * STRIP_ROWS);
    size_t count =
        plan->wide ? find_unfinished(plan, true, at, rows, list) : find_unfinished(plan, false, at, rows, list);
    /* Lanes past the end walk for a row behind all, of which there is but a sentinel: it is at the plan's first slot, a
     * leaf. */
    at[rows] = 0;
    while (count) {
        for (size_t i = 0; i < EIGHT; i++)
            list[count + i] = rows;
        count = plan->wide ? wide_list(plan, keys, row_bytes, list, count, at)
                           : narrow_list(plan->slots, keys, row_bytes, list, count, at);
    }
}

/* NOLINTEND(readability-isolate-declaration) */
#endif
