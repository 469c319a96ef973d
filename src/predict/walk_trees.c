/*
 * One row, several trees interleaved.
 */
#include "model/key.h"
#include "predict/step.h"
#include "predict/walks.h"

/* NOLINTBEGIN(readability-isolate-declaration): the macros declare what lies in registers */

enum { LANES = TREES_GROUP };

#define NARROW(at) STEP_NARROW(slots, at, keys, 0, 1)
#define NARROW_BMI2(at) STEP_NARROW_BMI2(slots, at, keys)
#define WIDE(at) STEP_WIDE(slots, steps, at, keys, 0, 1)

#define WALK(STEP, some)                                                                                               \
    for (size_t i = 0; i < count; i += LANES, at += LANES) {                                                           \
        EIGHT_LOAD(at);                                                                                                \
        FEW_LEVELS(EIGHT_STEP, STEP, some);                                                                            \
        EIGHT_STORE(at);                                                                                               \
    }

static inline __attribute__((always_inline)) void walk_levels(const struct plan *plan, const uint32_t *keys,
                                                              size_t count, int some, uint32_t *at)
{
    const uint32_t *steps = plan->steps;
    if (plan->wide) {
        const struct wide_slot *slots = plan->wide;
        WALK(WIDE, some)
    } else if (plan->processor.avx2) {
        const struct slot *slots = plan->slots;
        WALK(NARROW_BMI2, some)
    } else {
        const struct slot *slots = plan->slots;
        WALK(NARROW, some)
    }
}

/* Lanes past the end begin at the plan's first slot, which is a leaf. */
static void begin_spare(size_t count, uint32_t *at)
{
    for (size_t i = count; i % LANES; i++)
        at[i] = 0;
}

void walk_trees(const struct plan *plan, const uint32_t *keys, size_t count, uint32_t levels, uint32_t *at)
{
    begin_spare(count, at);
    for (uint32_t fours = levels / 4; fours; fours--)
        walk_levels(plan, keys, count, 4, at);
    if (levels % 4 == 3)
        walk_levels(plan, keys, count, 3, at);
    else if (levels % 4 == 2)
        walk_levels(plan, keys, count, 2, at);
    else if (levels % 4 == 1)
        walk_levels(plan, keys, count, 1, at);
}

#define WALK_FAR(STEP, ASK)                                                                                            \
    for (size_t i = 0; i < count; i++) {                                                                               \
        uint64_t a = at[i];                                                                                            \
        STEP(a);                                                                                                       \
        ASK(a);                                                                                                        \
        at[i] = (uint32_t)a;                                                                                           \
    }

#define ASK_NARROW(at) __builtin_prefetch(slots + (at))
#define ASK_WIDE(at)                                                                                                   \
    do {                                                                                                               \
        __builtin_prefetch(slots + (at));                                                                              \
        __builtin_prefetch(steps + (at));                                                                              \
    } while (0)

void walk_trees_far(const struct plan *plan, const uint32_t *keys, size_t count, uint32_t levels, uint32_t *at)
{
    const uint32_t *steps = plan->steps;
    for (; levels; levels--) {
        if (plan->wide) {
            const struct wide_slot *slots = plan->wide;
            WALK_FAR(WIDE, ASK_WIDE)
        } else if (plan->processor.avx2) {
            const struct slot *slots = plan->slots;
            WALK_FAR(NARROW_BMI2, ASK_NARROW)
        } else {
            const struct slot *slots = plan->slots;
            WALK_FAR(NARROW, ASK_NARROW)
        }
    }
}

/* Four levels at a time, and then until all have arrived: who moves has not. */
static inline __attribute__((always_inline)) void missing_trees(const struct plan *plan, bool wide,
                                                                const uint32_t *keys, size_t count, uint32_t *at)
{
#define MISSING(at) ((at) = step_missing(plan, wide, keys, 0, 1, at))
    for (size_t fours = plan->middle / 4; fours; fours--) {
        uint32_t *from = at;
        for (size_t i = 0; i < count; i += LANES, from += LANES) {
            EIGHT_LOAD(from);
            FEW_LEVELS(EIGHT_STEP, MISSING, 4);
            EIGHT_STORE(from);
        }
    }
    for (size_t first = 0; first < count; first += LANES) {
        bool moved = true;
        while (moved) {
            moved = false;
            for (size_t i = first; i < first + LANES; i++) {
                uint32_t next = (uint32_t)step_missing(plan, wide, keys, 0, 1, at[i]);
                moved |= next != at[i];
                at[i] = next;
            }
        }
    }
}

void walk_trees_missing(const struct plan *plan, const uint32_t *keys, size_t count, uint32_t *at)
{
    begin_spare(count, at);
    if (plan->wide)
        missing_trees(plan, true, keys, count, at);
    else
        missing_trees(plan, false, keys, count, at);
}

uint32_t walk_plainly(const struct plan *plan, uint32_t root, const float *row)
{
    uint32_t at = root;
    while (!at_leaf(plan, at)) {
        uint32_t cell = plan->wide ? plan->wide[at].cell : plan->slots[at].cell;
        uint32_t step = plan->wide ? plan->steps[at] : plan->slots[at].step;
        uint32_t key = key_of_cell(row[cell / 4 - 1]);
        bool right = leaf_at(plan, at) < key;
        if (key == KEY_MISSING && plan->missing)
            right = plan->missing[at / 64] >> (at % 64) & 1;
        at += step + right;
    }
    return at;
}

/* NOLINTEND(readability-isolate-declaration) */
