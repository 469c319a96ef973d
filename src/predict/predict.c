#include "predict/predict.h"

#include "base/pages.h"
#include "predict/chain.h"
#include "predict/lanes.h"
#include "predict/portable.h"
#include "predict/sums.h"
#include "predict/walks.h"
#include "predict/work.h"
#include <stdlib.h>
#include <string.h>

enum { STACK_BYTES = 64 * 1024 };

#ifdef LANES_BUILT
_Static_assert((int)LANES_BYTES <= (int)STACK_BYTES, "rows through lanes need no memory");
#endif

static bool is_singly(enum way way)
{
    return way < WAY_ROWS || way == WAY_LANES_TREES;
}

/* Bytes of memory that predict_with wants. */
static size_t memory_size(const struct choice *choice, const struct forest *forest)
{
#ifdef LANES_BUILT
    if (choice->way == WAY_LANES_TREES)
        return choice->rows * lanes_bytes(forest->features);
#endif
#ifdef CHAIN_BUILT
    if (choice->way == WAY_CHAIN)
        return chain_slots_size(forest->plan) + chain_keys_size(forest->features);
#endif
    if (is_singly(choice->way))
        return (forest->features + 1) * sizeof(uint32_t);
    return cells_size(forest->features, choice_block_rows(choice), choice->rows);
}

static void predict_as_chosen(struct work *work, void *memory, const float *rows, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    size_t together = work->choice->rows;
#ifdef LANES_BUILT
    if (work->choice->way == WAY_LANES_TREES) {
        predict_lanes_trees(work, memory, together, rows, count, values);
        sums_finish(forest, count, values);
        return;
    }
#endif
#ifdef CHAIN_BUILT
    if (work->choice->way == WAY_CHAIN) {
        predict_by_chain(work, memory, rows, count, values);
        sums_finish(forest, count, values);
        return;
    }
#endif
    if (is_singly(work->choice->way)) {
        predict_singly(work, memory, rows, count, values);
        sums_finish(forest, count, values);
        return;
    }
    work->cells = (struct cells){.features = forest->features, .block_rows = choice_block_rows(work->choice)};
    cells_place(&work->cells, together, memory);
    for (size_t first = 0; first < count; first += together) {
        size_t some = count - first < together ? count - first : together;
        predict_together(work, rows + first * forest->features, some, values + first * forest->width);
    }
}

/* Whether missing values go left alone, and rows that have some must be seen to by themselves. */
static bool sends_left(enum way way)
{
    return way >= WAY_ROWS && way != WAY_LANES_TREES;
}

/* Rows with missing values that splits ask for. */
static size_t count_missing(const struct forest *forest, const float *rows, size_t count)
{
    size_t missing = 0;
    if (!forest->plan->missing || !cells_missing(rows, count * forest->features))
        return 0;
    for (size_t i = 0; i < count; i++)
        missing += has_missing(forest, rows + i * forest->features);
    return missing;
}

static void predict_with(struct work *work, void *memory, const float *rows, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    size_t missing = sends_left(work->choice->way) ? count_missing(forest, rows, count) : 0;
    bool most = missing > count / 2;
    struct choice choice;
    struct work twin = {.forest = forest, .choice = &choice};
    bool by_twin = missing && rule_choose_twin(forest, most ? count : missing, &choice);
    if (by_twin && most && predict_by_twin(&twin, rows, count, true, values))
        return;
    predict_as_chosen(work, memory, rows, count, values);
    if (by_twin && !most && predict_by_twin(&twin, rows, count, false, values))
        return;
    if (missing)
        predict_missing(work, memory, rows, count, values);
}

void predict_values_by(const struct choice *choice, const struct forest *forest, const float *rows, size_t count,
                       double *values)
{
    if (count == 0)
        return;
    if (choice->way == WAY_PORTABLE) {
        predict_portably(forest, rows, count, values);
        return;
    }
    struct work work = {.forest = forest, .choice = choice};
    size_t size = memory_size(choice, forest);
    if (size <= STACK_BYTES) {
        _Alignas(64) char memory[STACK_BYTES];
        predict_with(&work, memory, rows, count, values);
        return;
    }
    void *memory = aligned_alloc(64, pages_round(size));
    if (memory) {
        predict_with(&work, memory, rows, count, values);
        free(memory);
        return;
    }
    predict_plainly(forest, rows, count, values);
    sums_finish(forest, count, values);
}

void predict_values(const struct forest *forest, const float *rows, size_t count, double *values)
{
    struct choice choice = rule_choose(forest, count);
    predict_values_by(&choice, forest, rows, count, values);
}

/* numpy's argmax: the first of the largest. */
static uint32_t first_largest(const double *values, uint32_t count)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}

/* The choices of the leaf that a single tree's row ends in; NULL where the values decide. */
static const uint32_t *leaf_choices(const struct forest *forest, const float *row)
{
    const struct plan *plan = forest->plan;
    if (plan && plan->leaf_choice)
        return plan->leaf_choice + leaf_at(plan, walk_plainly(plan, plan->roots[0], row)) * forest->outputs;
    if (!plan && forest->leaf_choice)
        return forest->leaf_choice + portable_leaf(forest, row) * forest->outputs;
    return NULL;
}

void predict_choices(const struct forest *forest, const float *rows, const double *values, size_t count,
                     uint32_t *choices)
{
    for (size_t row = 0; row < count; row++, choices += forest->outputs) {
        const uint32_t *chosen = leaf_choices(forest, rows + row * forest->features);
        if (chosen) {
            memcpy(choices, chosen, forest->outputs * sizeof *choices);
            continue;
        }
        const double *at = values + row * forest->width;
        for (size_t output = 0; output < forest->outputs; output++) {
            choices[output] = first_largest(at, forest->classes[output]);
            at += forest->classes[output];
        }
    }
}
