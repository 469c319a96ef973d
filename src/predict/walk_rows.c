/*
 * Eight rows interleaved: while one waits for its slot, the others' steps are done. A processor of our day has some ten
 * steps under way at once; eight fit its registers.
 */
#include "predict/step.h"
#include "predict/walks.h"

/* NOLINTBEGIN(readability-isolate-declaration): the macros declare what lies in registers */

void walk_start(uint32_t root, size_t rows, uint32_t *at)
{
    for (size_t i = 0; i < rows; i++)
        at[i] = root;
}

static void narrow_rows(const struct slot *slots, const uint32_t *keys, uint32_t levels, uint32_t *at)
{
    EIGHT_LOAD(at);
    for (; levels; levels--) {
        STEP_NARROW(slots, a0, keys, 0, 8);
        STEP_NARROW(slots, a1, keys, 4, 8);
        STEP_NARROW(slots, a2, keys, 8, 8);
        STEP_NARROW(slots, a3, keys, 12, 8);
        STEP_NARROW(slots, a4, keys, 16, 8);
        STEP_NARROW(slots, a5, keys, 20, 8);
        STEP_NARROW(slots, a6, keys, 24, 8);
        STEP_NARROW(slots, a7, keys, 28, 8);
    }
    EIGHT_STORE(at);
}

static void wide_rows(const struct plan *plan, const uint32_t *keys, uint32_t levels, uint32_t *at)
{
    const struct wide_slot *slots = plan->wide;
    const uint32_t *steps = plan->steps;
    EIGHT_LOAD(at);
    for (; levels; levels--) {
        STEP_WIDE(slots, steps, a0, keys, 0, 8);
        STEP_WIDE(slots, steps, a1, keys, 4, 8);
        STEP_WIDE(slots, steps, a2, keys, 8, 8);
        STEP_WIDE(slots, steps, a3, keys, 12, 8);
        STEP_WIDE(slots, steps, a4, keys, 16, 8);
        STEP_WIDE(slots, steps, a5, keys, 20, 8);
        STEP_WIDE(slots, steps, a6, keys, 24, 8);
        STEP_WIDE(slots, steps, a7, keys, 28, 8);
    }
    EIGHT_STORE(at);
}

void walk_rows(const struct plan *plan, const struct cells *cells, size_t first, size_t blocks, uint32_t levels,
               uint32_t *at)
{
    const uint32_t *keys = cells->keys + first * cells->stride;
    for (size_t i = 0; i < blocks; i++, keys += cells->stride, at += BLOCK_ROWS) {
        if (plan->wide)
            wide_rows(plan, keys, levels, at);
        else
            narrow_rows(plan->slots, keys, levels, at);
    }
}

void walk_touch(const struct plan *plan, const struct plan_tree *tree)
{
    const char *slots =
        plan->wide ? (const char *)(plan->wide + tree->first) : (const char *)(plan->slots + tree->first);
    for (size_t byte = 0; byte < tree->slots * sizeof(struct slot); byte += 64)
        (void)*(const volatile char *)(slots + byte);
    for (size_t i = 0; plan->wide && i < tree->slots; i += 16)
        (void)*(const volatile uint32_t *)(plan->steps + tree->first + i);
}

/* NOLINTEND(readability-isolate-declaration) */
