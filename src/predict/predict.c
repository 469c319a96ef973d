#include "predict/predict.h"

#include "predict/portable.h"
#include "predict/sums.h"
#include "predict/walks.h"
#include <stdlib.h>
#include <string.h>

enum { STACK_BYTES = 64 * 1024 };

/* What one call works with. */
struct work {
    const struct forest *forest;
    const struct choice *choice;
    struct cells cells;
};

/* ---- row by row ---- */

/* Every tree of a group goes as deep as the deepest. */
static void walk_groups(const struct plan *plan, const uint32_t *keys, bool missing, size_t first, size_t count,
                        uint32_t *at)
{
    for (size_t group = 0; group < count; group += TREES_GROUP) {
        size_t some = count - group < TREES_GROUP ? count - group : TREES_GROUP;
        uint32_t depth = 0;
        for (size_t i = 0; i < some; i++) {
            uint32_t one = plan->trees[first + group + i].depth;
            depth = one > depth ? one : depth;
        }
        if (missing)
            walk_trees_missing(plan, keys, some, depth, at + group);
        else
            walk_trees(plan, keys, some, depth, at + group);
    }
}

static void predict_row(const struct forest *forest, enum way way, const uint32_t *keys, bool missing, double *values)
{
    const struct plan *plan = forest->plan;
    uint32_t at[TREES_AT_ONCE + 1];
    for (size_t first = 0; first < plan->tree_count; first += TREES_AT_ONCE) {
        size_t count = plan->tree_count - first < TREES_AT_ONCE ? plan->tree_count - first : TREES_AT_ONCE;
        for (size_t i = 0; i < count; i++)
            at[i] = plan->trees[first + i].first + 1;
        if (missing) {
            walk_groups(plan, keys, true, first, count, at);
        } else if (way == WAY_TREES_FAR) {
            walk_trees_far(plan, keys, count, (uint32_t)plan->middle, at);
            walk_trees_rest(plan, keys, count, at);
        } else if (way == WAY_TREES_REST) {
            walk_trees(plan, keys, count, (uint32_t)plan->middle, at);
            walk_trees_rest(plan, keys, count, at);
        } else {
            walk_groups(plan, keys, false, first, count, at);
        }
        sums_add_trees(forest, at, count, values);
    }
}

static void predict_singly(const struct work *work, uint32_t *keys, const float *rows, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    for (size_t i = 0; i < count; i++) {
        double *sums = values + i * forest->width;
        bool missing = cells_fill_row(keys, rows + i * forest->features, forest->features) && forest->plan->missing;
        memset(sums, 0, forest->width * sizeof *sums);
        predict_row(forest, work->choice->way, keys, missing, sums);
    }
}

/* Without any memory for keys. */
static void predict_plainly(const struct forest *forest, const float *rows, size_t count, double *values)
{
    const struct plan *plan = forest->plan;
    for (size_t i = 0; i < count; i++) {
        double *sums = values + i * forest->width;
        memset(sums, 0, forest->width * sizeof *sums);
        for (size_t k = 0; k < plan->tree_count; k++) {
            uint32_t at = walk_plainly(plan, plan->trees[k].first + 1, rows + i * forest->features);
            sums_add_trees(forest, &at, 1, sums);
        }
    }
}

/* ---- tree by tree ---- */

static void walk_run(const struct work *work, const struct plan_tree *tree, const struct top *top, size_t first,
                     size_t blocks, uint32_t *at)
{
    const struct plan *plan = work->forest->plan;
    uint32_t walked = 0;
#if defined(__x86_64__)
    if (work->choice->dense) {
        walk_top_avx2(top, &work->cells, first, blocks, at);
        walked = DENSE_LEVELS;
    } else
#endif
        walk_start(tree->first + 1, blocks, at);
    (void)top;
    bool rest = work->choice->way == WAY_ROWS_REST;
    uint32_t levels = rest ? tree->middle : tree->depth;
    if (levels > walked)
        walk_rows(plan, &work->cells, first, blocks, levels - walked, at);
    if (rest)
        walk_rest(plan, &work->cells, first, blocks, at);
}

/* Blocks with missing values take a walk that knows them; the others, as many at once as there are. */
static void walk_mixed(const struct work *work, const struct plan_tree *tree, const struct top *top, size_t first,
                       size_t blocks, uint32_t *at)
{
    const uint8_t *missing = work->cells.missing + first;
    for (size_t i = 0; i < blocks;) {
        size_t end = i + 1;
        while (end < blocks && missing[end] == missing[i])
            end++;
        uint32_t *run = at + i * BLOCK_ROWS;
        if (missing[i]) {
            walk_start(tree->first + 1, end - i, run);
            walk_rows_missing(work->forest->plan, &work->cells, first + i, end - i, tree->depth, run);
        } else {
            walk_run(work, tree, top, first + i, end - i, run);
        }
        i = end;
    }
}

static void add_tree(const struct work *work, size_t index, bool missing, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    const struct plan_tree *tree = &forest->plan->trees[index];
    struct top top;
    uint32_t at[CHUNK_ROWS + 1];
    if (work->choice->touch)
        walk_touch(forest->plan, tree);
    if (work->choice->dense)
        top_fill(forest->plan, tree->first + 1, &top);
    for (size_t row = 0; row < count; row += CHUNK_ROWS) {
        size_t rows = count - row < CHUNK_ROWS ? count - row : CHUNK_ROWS;
        size_t blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
        if (missing)
            walk_mixed(work, tree, &top, row / BLOCK_ROWS, blocks, at);
        else
            walk_run(work, tree, &top, row / BLOCK_ROWS, blocks, at);
        sums_add(forest, at, rows, values + row * forest->width);
    }
}

static void predict_together(struct work *work, const float *rows, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    bool missing = false;
    cells_fill(&work->cells, rows, count);
    memset(values, 0, count * forest->width * sizeof *values);
    for (size_t i = 0; forest->plan->missing && i * BLOCK_ROWS < count; i++)
        missing |= work->cells.missing[i];
    for (size_t i = 0; i < forest->tree_count; i++)
        add_tree(work, i, missing, count, values);
    sums_finish(forest, count, values);
}

/* ---- all ---- */

static void predict_with(struct work *work, void *memory, const float *rows, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    size_t together = work->choice->rows;
    if (work->choice->way != WAY_ROWS && work->choice->way != WAY_ROWS_REST) {
        predict_singly(work, memory, rows, count, values);
        sums_finish(forest, count, values);
        return;
    }
    cells_place(&work->cells, forest->features, together, work->choice->dense, memory);
    for (size_t first = 0; first < count; first += together) {
        size_t some = count - first < together ? count - first : together;
        predict_together(work, rows + first * forest->features, some, values + first * forest->width);
    }
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
    bool singly = choice->way != WAY_ROWS && choice->way != WAY_ROWS_REST;
    size_t size =
        singly ? (forest->features + 1) * sizeof(uint32_t) : cells_size(forest->features, choice->rows, choice->dense);
    if (size <= STACK_BYTES) {
        _Alignas(64) char memory[STACK_BYTES];
        predict_with(&work, memory, rows, count, values);
        return;
    }
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);
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
        return plan->leaf_choice + leaf_at(plan, walk_plainly(plan, plan->trees[0].first + 1, row)) * forest->outputs;
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
