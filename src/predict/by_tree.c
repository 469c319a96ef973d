/*
 * Tree by tree: many rows go through a tree before the next.
 */
#include "predict/lanes.h"
#include "predict/strips.h"
#include "predict/sums.h"
#include "predict/walks.h"
#include "predict/work.h"
#include <string.h>

/* How a tree is begun. */
union start {
    char none; /* where each row begins at the root */
#ifdef STRIPS_BUILT
    struct top top;
#endif
#ifdef LANES_BUILT
    struct heap heap;
#endif
};

#ifdef STRIPS_BUILT
static bool by_strips(const struct work *work)
{
    return work->choice->way == WAY_STRIPS || work->choice->way == WAY_STRIPS_REST;
}
#endif

#ifdef LANES_BUILT
static bool by_lanes(const struct work *work)
{
    return work->choice->way == WAY_LANES_ROWS;
}
#endif

static void start_tree(const struct work *work, const struct plan_tree *tree, union start *start)
{
    const struct plan *plan = work->forest->plan;
    if (work->choice->touch)
        walk_touch(plan, tree);
#ifdef STRIPS_BUILT
    if (by_strips(work))
        top_fill(plan, tree->first + 1, &start->top);
#endif
#ifdef LANES_BUILT
    if (by_lanes(work)) {
        heap_fill(plan, tree, &start->heap);
        if (work->choice->touch && start->heap.whole)
            sums_expect(work->forest, start->heap.exits, (size_t)1 << start->heap.levels);
    }
#endif
    (void)start;
}

static void walk_run(const struct work *work, const struct plan_tree *tree, const union start *start, size_t first,
                     size_t blocks, uint32_t *at)
{
    const struct plan *plan = work->forest->plan;
    const struct cells *cells = &work->cells;
    bool rest = work->choice->way == WAY_ROWS_REST || work->choice->way == WAY_STRIPS_REST;
    uint32_t levels = rest ? tree->middle + 1 : tree->depth;
#ifdef LANES_BUILT
    if (by_lanes(work)) {
        lanes_heap(&start->heap, cells, first, blocks, at);
        if (!start->heap.whole)
            lanes_rest(plan, tree, start->heap.levels, cells, first, blocks, at);
        return;
    }
#endif
#ifdef STRIPS_BUILT
    if (by_strips(work)) {
        strips_top(&start->top, cells, first, blocks, at);
        levels = levels > TOP_LEVELS ? levels - TOP_LEVELS : 0;
        strips_walk(plan, cells, first, blocks, levels, at);
        if (rest)
            strips_rest(plan, cells, first, blocks, at);
        return;
    }
#endif
    (void)start;
    walk_start(tree->first + 1, blocks * BLOCK_ROWS, at);
    walk_rows(plan, cells, first, blocks, levels, at);
    if (rest)
        walk_rest(plan, cells, first, blocks, at);
}

/*
 * Rows of a chunk and one for scratch, up to the next line of the cache: whole registers are written there, and read in
 * parts.
 */
enum { TREES_TOGETHER = 2, AT_ROWS = CHUNK_ROWS + 16 };

/* The leaves that `count` rows of a chunk have arrived at, in `trees` trees. */
static void add_arrived(const struct work *work, const union start *start, uint32_t at[][AT_ROWS], size_t trees,
                        size_t count, double *values)
{
    const struct forest *forest = work->forest;
#ifdef STRIPS_BUILT
    if (by_strips(work)) {
        sums_add_strips(forest, at[0], trees > 1 ? at[1] : NULL, count, values);
        return;
    }
#endif
#ifdef LANES_BUILT
    if (by_lanes(work) && start->heap.whole) {
        sums_add_leaves(forest, at[0], count, values);
        return;
    }
#endif
    (void)start;
    (void)trees;
    sums_add(forest, at[0], count, values);
}

static void add_trees(const struct work *work, const struct plan_tree *trees, size_t together, size_t count,
                      double *values)
{
    const size_t block_rows = work->cells.block_rows;
    union start starts[TREES_TOGETHER];
    _Alignas(64) uint32_t at[TREES_TOGETHER][AT_ROWS];
    for (size_t i = 0; i < together; i++)
        start_tree(work, trees + i, starts + i);
    for (size_t row = 0; row < count; row += CHUNK_ROWS) {
        size_t rows = count - row < CHUNK_ROWS ? count - row : CHUNK_ROWS;
        size_t blocks = (rows + block_rows - 1) / block_rows;
        for (size_t i = 0; i < together; i++)
            walk_run(work, trees + i, starts + i, row / block_rows, blocks, at[i]);
        add_arrived(work, starts, at, together, rows, values + row * work->forest->width);
    }
}

/* Two trees of strips are walked before their leaves are added, where the near cache has room for both. */
static size_t count_together(const struct work *work, const struct plan_tree *trees, size_t left)
{
#ifdef STRIPS_BUILT
    size_t room = work->forest->plan->processor.near_cache / 4;
    if (by_strips(work) && left > 1 && ((size_t)trees[0].slots + trees[1].slots) * sizeof(struct slot) <= room)
        return TREES_TOGETHER;
#endif
    (void)work;
    (void)trees;
    (void)left;
    return 1;
}

void predict_fill(struct work *work, const float *rows, size_t count)
{
#ifdef STRIPS_BUILT
    if (by_strips(work)) {
        strips_fill(&work->cells, rows, count);
        return;
    }
#endif
#ifdef LANES_BUILT
    if (by_lanes(work)) {
        lanes_fill(&work->cells, rows, count);
        return;
    }
#endif
    cells_fill(&work->cells, rows, count);
}

void predict_add(const struct work *work, size_t count, double *values)
{
    const struct plan *plan = work->forest->plan;
    for (size_t i = 0; i < plan->tree_count;) {
        size_t together = count_together(work, plan->trees + i, plan->tree_count - i);
        add_trees(work, plan->trees + i, together, count, values);
        i += together;
    }
}

void predict_together(struct work *work, const float *rows, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    predict_fill(work, rows, count);
    memset(values, 0, count * forest->width * sizeof *values);
    predict_add(work, count, values);
    sums_finish(forest, count, values);
}
