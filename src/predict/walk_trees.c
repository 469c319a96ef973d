/*
 * One row, several trees interleaved.
 */
#include "model/key.h"
#include "predict/step.h"
#include "predict/walks.h"

/* NOLINTBEGIN(readability-isolate-declaration): the macros declare what lies in registers */

enum { LANES = TREES_GROUP };

#define EIGHT(STEP)                                                                                                    \
    STEP(a0);                                                                                                          \
    STEP(a1);                                                                                                          \
    STEP(a2);                                                                                                          \
    STEP(a3);                                                                                                          \
    STEP(a4);                                                                                                          \
    STEP(a5);                                                                                                          \
    STEP(a6);                                                                                                          \
    STEP(a7)

#define NARROW(at) STEP_NARROW(slots, at, keys, 0, 1)
#define WIDE(at) STEP_WIDE(slots, steps, at, keys, 0, 1)

#define WALK_EIGHT(STEP)                                                                                               \
    do {                                                                                                               \
        uint64_t a0 = at[0], a1 = at[1], a2 = at[2], a3 = at[3], a4 = at[4], a5 = at[5], a6 = at[6], a7 = at[7];       \
        for (uint32_t level = levels; level; level--) {                                                                \
            EIGHT(STEP);                                                                                               \
        }                                                                                                              \
        at[0] = (uint32_t)a0;                                                                                          \
        at[1] = (uint32_t)a1;                                                                                          \
        at[2] = (uint32_t)a2;                                                                                          \
        at[3] = (uint32_t)a3;                                                                                          \
        at[4] = (uint32_t)a4;                                                                                          \
        at[5] = (uint32_t)a5;                                                                                          \
        at[6] = (uint32_t)a6;                                                                                          \
        at[7] = (uint32_t)a7;                                                                                          \
    } while (0)

static void walk_eight(const struct plan *plan, const uint32_t *keys, uint32_t levels, uint32_t *at)
{
    const uint32_t *steps = plan->steps;
    if (plan->wide) {
        const struct wide_slot *slots = plan->wide;
        WALK_EIGHT(WIDE);
    } else {
        const struct slot *slots = plan->slots;
        WALK_EIGHT(NARROW);
    }
}

void walk_trees(const struct plan *plan, const uint32_t *keys, size_t count, uint32_t levels, uint32_t *at)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        walk_eight(plan, keys, levels, at + i);
    if (i == count)
        return;
    uint32_t rest[LANES];
    for (size_t k = 0; k < LANES; k++)
        rest[k] = at[i + k < count ? i + k : i];
    walk_eight(plan, keys, levels, rest);
    for (size_t k = 0; i + k < count; k++)
        at[i + k] = rest[k];
}

void walk_trees_far(const struct plan *plan, const uint32_t *keys, size_t count, uint32_t levels, uint32_t *at)
{
    const uint32_t *steps = plan->steps;
    for (uint32_t level = 0; level < levels; level++) {
        if (plan->wide) {
            const struct wide_slot *slots = plan->wide;
            for (size_t i = 0; i < count; i++) {
                uint64_t a = at[i];
                WIDE(a);
                __builtin_prefetch(slots + a);
                __builtin_prefetch(steps + a);
                at[i] = (uint32_t)a;
            }
        } else {
            const struct slot *slots = plan->slots;
            for (size_t i = 0; i < count; i++) {
                uint64_t a = at[i];
                NARROW(a);
                __builtin_prefetch(slots + a);
                at[i] = (uint32_t)a;
            }
        }
    }
}

static inline __attribute__((always_inline)) void
missing_trees(const struct plan *plan, bool wide, const uint32_t *keys, size_t count, uint32_t levels, uint32_t *at)
{
    for (size_t first = 0; first < count; first += LANES) {
        size_t last = first + LANES < count ? first + LANES : count;
        for (uint32_t level = 0; level < levels; level++)
            for (size_t i = first; i < last; i++)
                at[i] = (uint32_t)step_missing(plan, wide, keys, 0, 1, at[i]);
    }
}

void walk_trees_missing(const struct plan *plan, const uint32_t *keys, size_t count, uint32_t levels, uint32_t *at)
{
    if (plan->wide)
        missing_trees(plan, true, keys, count, levels, at);
    else
        missing_trees(plan, false, keys, count, levels, at);
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
