/*
 * Below the top of a tree: eight rows of a strip interleaved.
 */
#include "predict/strips.h"

#ifdef STRIPS_BUILT
#include "predict/step.h"

/* NOLINTBEGIN(readability-isolate-declaration): the macros declare what lies in registers */

/* One level for eight rows, whose keys lie `row` bytes apart. */
#define LEVEL(STEP)                                                                                                    \
    do {                                                                                                               \
        const char *x = keys;                                                                                          \
        STEP(a0, x);                                                                                                   \
        STEP_ASIDE(x, row);                                                                                            \
        STEP(a1, x);                                                                                                   \
        STEP_ASIDE(x, row);                                                                                            \
        STEP(a2, x);                                                                                                   \
        STEP_ASIDE(x, row);                                                                                            \
        STEP(a3, x);                                                                                                   \
        STEP_ASIDE(x, row);                                                                                            \
        STEP(a4, x);                                                                                                   \
        STEP_ASIDE(x, row);                                                                                            \
        STEP(a5, x);                                                                                                   \
        STEP_ASIDE(x, row);                                                                                            \
        STEP(a6, x);                                                                                                   \
        STEP_ASIDE(x, row);                                                                                            \
        STEP(a7, x);                                                                                                   \
    } while (0)

#define NARROW(at, x) STEP_NARROW_BMI2(slots, at, x)
#define WIDE(at, x) STEP_WIDE(slots, steps, at, x, 0, 1)

/* `some` levels, see step.h; 0 is `levels` of them: a long walk that is cut in pieces loses more between them. */
#define WALK(STEP, some)                                                                                               \
    for (size_t i = 0; i < rows; i += 8, keys += 8 * row, at += 8) {                                                   \
        EIGHT_LOAD(at);                                                                                                \
        for (uint32_t level = (some) ? 0 : levels; level; level--)                                                     \
            LEVEL(STEP);                                                                                               \
        FEW_LEVELS(LEVEL, STEP, some);                                                                                 \
        EIGHT_STORE(at);                                                                                               \
    }

static inline __attribute__((always_inline)) void walk_levels(const struct plan *plan, const char *keys, size_t row,
                                                              size_t rows, int some, uint32_t levels, uint32_t *at)
{
    if (plan->wide) {
        const struct wide_slot *slots = plan->wide;
        const uint32_t *steps = plan->steps;
        WALK(WIDE, some)
    } else {
        const struct slot *slots = plan->slots;
        WALK(NARROW, some)
    }
}

void strips_walk(const struct plan *plan, const struct cells *cells, size_t first, size_t strips, uint32_t levels,
                 uint32_t *at)
{
    const size_t rows = strips * STRIP_ROWS;
    const size_t row = cells->row_step * sizeof(uint32_t);
    const char *keys = (const char *)(cells->keys + first * cells->stride);
    switch (levels) {
    case 0:
        break;
    case 1:
        walk_levels(plan, keys, row, rows, 1, levels, at);
        break;
    case 2:
        walk_levels(plan, keys, row, rows, 2, levels, at);
        break;
    case 3:
        walk_levels(plan, keys, row, rows, 3, levels, at);
        break;
    case 4:
        walk_levels(plan, keys, row, rows, 4, levels, at);
        break;
    default:
        walk_levels(plan, keys, row, rows, 0, levels, at);
        break;
    }
}

/* NOLINTEND(readability-isolate-declaration) */
#endif
