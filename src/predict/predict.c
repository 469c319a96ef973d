#include "predict/predict.h"

#include "predict/lanes.h"
#include "predict/portable.h"
#include "predict/sums.h"
#include "predict/walks.h"
#include <stdlib.h>
#include <string.h>

enum { STACK_BYTES = 64 * 1024 };

#ifdef LANES_BUILT
enum { FEW_ROWS = 4 /* below, a row's trees are interleaved, and not rows */ };
_Static_assert(TREES_AT_ONCE % ROUND_TREES == 0, "a row's trees are rounded up within their array");
_Static_assert((int)LANES_BYTES <= (int)STACK_BYTES, "rows through lanes need no memory");
#endif

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
        memcpy(at, plan->roots + first, count * sizeof *at);
#ifdef LANES_BUILT
        if (!missing && way == WAY_LANES_TREES) {
            for (size_t i = count; i % ROUND_TREES; i++)
                at[i] = 0;
            lanes_row(plan, keys, lanes_stride(forest->features), count, at);
            if (plan->bytes > plan->processor.near_cache)
                sums_expect(forest, at, count);
            sums_add_trees_leaves(forest, at, count, values);
            continue;
        }
#endif
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

static void predict_keys(const struct work *work, const uint32_t *keys, bool missing, double *values)
{
    memset(values, 0, work->forest->width * sizeof *values);
    predict_row(work->forest, work->choice->way, keys, missing, values);
}

static void predict_singly(const struct work *work, uint32_t *keys, const float *rows, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    for (size_t i = 0; i < count; i++) {
        bool missing = cells_fill_row(keys, rows + i * forest->features, forest->features) && forest->plan->missing;
        predict_keys(work, keys, missing, values + i * forest->width);
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
            uint32_t at = walk_plainly(plan, plan->roots[k], rows + i * forest->features);
            sums_add_trees(forest, &at, 1, sums);
        }
    }
}

#ifdef LANES_BUILT
/* ---- sixteen trees for each of several rows ---- */

/* Whether a row has missing values. */
static bool fill_rows(const struct forest *forest, uint32_t *keys, const float *rows, size_t count)
{
    size_t stride = lanes_stride(forest->features);
    bool missing = false;
    for (size_t i = 0; i < count; i++, keys += stride, rows += forest->features) {
        missing |= cells_fill_row(keys, rows, forest->features);
        memset(keys + forest->features + 1, 0, (stride - forest->features - 1) * sizeof *keys);
    }
    return missing && forest->plan->missing;
}

static void predict_by_lanes(const struct forest *forest, const uint32_t *keys, uint32_t *leaves, size_t count,
                             double *values)
{
    const struct plan *plan = forest->plan;
    memset(values, 0, count * forest->width * sizeof *values);
    for (size_t first = 0; first < plan->tree_count; first += LANES) {
        size_t some = plan->tree_count - first < LANES ? plan->tree_count - first : LANES;
        uint32_t roots[LANES] = {0};
        memcpy(roots, plan->roots + first, some * sizeof *roots);
        lanes_trees(plan, keys, lanes_stride(forest->features), count, roots, (uint32_t)plan->middle, leaves);
        for (size_t i = 0; i < count; i++)
            sums_add_trees_leaves(forest, leaves + i * LANES, some, values + i * forest->width);
    }
}

/* memory: for `together` rows */
static void predict_lanes_trees(const struct work *work, void *memory, size_t together, const float *rows, size_t count,
                                double *values)
{
    const struct forest *forest = work->forest;
    const size_t stride = lanes_stride(forest->features);
    uint32_t *keys = memory;
    for (size_t first = 0; first < count; first += together) {
        size_t some = count - first < together ? count - first : together;
        const float *from = rows + first * forest->features;
        double *to = values + first * forest->width;
        bool missing = fill_rows(forest, keys, from, some);
        if (missing || some < FEW_ROWS)
            for (size_t i = 0; i < some; i++)
                predict_keys(work, keys + i * stride, missing, to + i * forest->width);
        else
            predict_by_lanes(forest, keys, keys + together * stride, some, to);
    }
    sums_finish(forest, count, values);
}
#endif

/* ---- tree by tree ---- */

/* How a tree is begun. */
union start {
    struct top top;
#ifdef LANES_BUILT
    struct heap heap;
#endif
};

#ifdef LANES_BUILT
static bool by_lanes(const struct work *work)
{
    return work->choice->way == WAY_LANES_ROWS;
}
#endif

static void start_tree(const struct work *work, const struct plan_tree *tree, union start *start)
{
    const struct plan *plan = work->forest->plan;
#ifdef LANES_BUILT
    if (by_lanes(work)) {
        heap_fill(plan, tree, &start->heap);
        if (work->choice->touch && start->heap.whole)
            sums_expect(work->forest, start->heap.exits, (size_t)1 << start->heap.levels);
        return;
    }
#endif
    if (work->choice->dense)
        top_fill(plan, tree->first + 1, &start->top);
}

/* Whether walk_run ends in leaves, and not in their slots. */
static bool ends_in_leaves(const struct work *work, const union start *start)
{
#ifdef LANES_BUILT
    if (by_lanes(work))
        return start->heap.whole;
#endif
    (void)work;
    (void)start;
    return false;
}

static void walk_run(const struct work *work, const struct plan_tree *tree, const union start *start, size_t first,
                     size_t blocks, uint32_t *at)
{
    const struct plan *plan = work->forest->plan;
    uint32_t walked = 0;
#ifdef LANES_BUILT
    if (by_lanes(work)) {
        lanes_heap(&start->heap, &work->cells, first, blocks, at);
        if (!start->heap.whole)
            lanes_rest(plan, tree, start->heap.levels, &work->cells, first, blocks, at);
        return;
    }
#endif
#if defined(__x86_64__)
    if (work->choice->dense) {
        walk_top_avx2(&start->top, &work->cells, first, blocks, at);
        walked = DENSE_LEVELS;
    } else
#endif
        walk_start(tree->first + 1, blocks * BLOCK_ROWS, at);
    (void)start;
    bool rest = work->choice->way == WAY_ROWS_REST;
    uint32_t levels = rest ? tree->middle : tree->depth;
    if (levels > walked)
        walk_rows(plan, &work->cells, first, blocks, levels - walked, at);
    if (rest)
        walk_rest(plan, &work->cells, first, blocks, at);
}

static void walk_run_missing(const struct work *work, const struct plan_tree *tree, bool leaves, size_t first,
                             size_t blocks, uint32_t *at)
{
    const struct plan *plan = work->forest->plan;
    size_t rows = blocks * work->cells.block_rows;
    walk_start(tree->first + 1, rows, at);
    walk_rows_missing(plan, &work->cells, first, blocks, tree->depth, at);
    for (size_t i = 0; leaves && i < rows; i++)
        at[i] = leaf_at(plan, at[i]);
}

/* Blocks with missing values take a walk that knows them; the others, as many at once as there are. */
static void walk_mixed(const struct work *work, const struct plan_tree *tree, const union start *start, size_t first,
                       size_t blocks, uint32_t *at)
{
    const uint8_t *missing = work->cells.missing + first;
    for (size_t i = 0; i < blocks;) {
        size_t end = i + 1;
        while (end < blocks && missing[end] == missing[i])
            end++;
        uint32_t *run = at + i * work->cells.block_rows;
        if (missing[i])
            walk_run_missing(work, tree, ends_in_leaves(work, start), first + i, end - i, run);
        else
            walk_run(work, tree, start, first + i, end - i, run);
        i = end;
    }
}

static void add_tree(const struct work *work, size_t index, bool missing, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    const struct plan_tree *tree = &forest->plan->trees[index];
    const size_t block_rows = work->cells.block_rows;
    union start start;
    uint32_t at[CHUNK_ROWS + 1];
    if (work->choice->touch)
        walk_touch(forest->plan, tree);
    start_tree(work, tree, &start);
    for (size_t row = 0; row < count; row += CHUNK_ROWS) {
        size_t rows = count - row < CHUNK_ROWS ? count - row : CHUNK_ROWS;
        size_t blocks = (rows + block_rows - 1) / block_rows;
        if (missing)
            walk_mixed(work, tree, &start, row / block_rows, blocks, at);
        else
            walk_run(work, tree, &start, row / block_rows, blocks, at);
        if (ends_in_leaves(work, &start))
            sums_add_leaves(forest, at, rows, values + row * forest->width);
        else
            sums_add(forest, at, rows, values + row * forest->width);
    }
}

static void fill_cells(struct work *work, const float *rows, size_t count)
{
#ifdef LANES_BUILT
    if (by_lanes(work)) {
        lanes_fill(&work->cells, rows, count);
        return;
    }
#endif
    cells_fill(&work->cells, rows, count);
}

static void predict_together(struct work *work, const float *rows, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    bool missing = false;
    fill_cells(work, rows, count);
    memset(values, 0, count * forest->width * sizeof *values);
    for (size_t i = 0; forest->plan->missing && i * work->cells.block_rows < count; i++)
        missing |= work->cells.missing[i];
    for (size_t i = 0; i < forest->tree_count; i++)
        add_tree(work, i, missing, count, values);
    sums_finish(forest, count, values);
}

/* ---- all ---- */

static bool is_singly(enum way way)
{
    return way != WAY_ROWS && way != WAY_ROWS_REST && way != WAY_LANES_ROWS;
}

static size_t block_rows_of(enum way way)
{
    return way == WAY_LANES_ROWS ? LANES_ROWS : BLOCK_ROWS;
}

/* Bytes of memory that predict_with wants. */
static size_t memory_size(const struct choice *choice, const struct forest *forest)
{
#ifdef LANES_BUILT
    if (choice->way == WAY_LANES_TREES)
        return choice->rows * lanes_bytes(forest->features);
#endif
    if (is_singly(choice->way))
        return (forest->features + 1) * sizeof(uint32_t);
    return cells_size(forest->features, block_rows_of(choice->way), choice->rows, choice->dense);
}

static void predict_with(struct work *work, void *memory, const float *rows, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    size_t together = work->choice->rows;
#ifdef LANES_BUILT
    if (work->choice->way == WAY_LANES_TREES) {
        predict_lanes_trees(work, memory, together, rows, count, values);
        return;
    }
#endif
    if (is_singly(work->choice->way)) {
        predict_singly(work, memory, rows, count, values);
        sums_finish(forest, count, values);
        return;
    }
    cells_place(&work->cells, forest->features, block_rows_of(work->choice->way), together, work->choice->dense,
                memory);
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
    size_t size = memory_size(choice, forest);
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
