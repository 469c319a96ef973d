/*
 * Row by row: a row goes through all trees, or a few rows through sixteen trees, before the next.
 */
#include "predict/lanes.h"
#include "predict/sums.h"
#include "predict/walks.h"
#include "predict/work.h"
#include <string.h>

#ifdef LANES_BUILT
enum { FEW_ROWS = 4 /* below, a row's trees are interleaved, and not rows */ };
_Static_assert(TREES_AT_ONCE % ROUND_TREES == 0, "a row's trees are rounded up within their array");
#endif

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
            walk_trees_missing(plan, keys, count, at);
        } else if (way == WAY_TREES_FAR) {
            walk_trees_far(plan, keys, count, (uint32_t)plan->middle, at);
            walk_trees_rest(plan, keys, count, at);
        } else if (way == WAY_TREES_REST) {
            walk_trees(plan, keys, count, (uint32_t)plan->middle, at);
            walk_trees_rest(plan, keys, count, at);
        } else {
            walk_trees(plan, keys, count, (uint32_t)plan->depth, at);
        }
        sums_add_trees(forest, at, count, values);
    }
}

static void predict_keys(const struct work *work, const uint32_t *keys, bool missing, double *values)
{
    memset(values, 0, work->forest->width * sizeof *values);
    predict_row(work->forest, work->choice->way, keys, missing, values);
}

bool has_missing(const struct forest *forest, const float *row)
{
    return forest->plan->missing && cells_missing(row, forest->features);
}

void predict_singly(const struct work *work, uint32_t *keys, const float *rows, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    for (size_t i = 0; i < count; i++) {
        const float *row = rows + i * forest->features;
        cells_fill_row(keys, 1, row, forest->features);
        predict_keys(work, keys, has_missing(forest, row), values + i * forest->width);
    }
}

void predict_missing(const struct work *work, uint32_t *keys, const float *rows, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    for (size_t i = 0; i < count; i++) {
        const float *row = rows + i * forest->features;
        if (!has_missing(forest, row))
            continue;
        predict_singly(work, keys, row, 1, values + i * forest->width);
        sums_finish(forest, 1, values + i * forest->width);
    }
}

void predict_plainly(const struct forest *forest, const float *rows, size_t count, double *values)
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

static void fill_rows(const struct forest *forest, uint32_t *keys, const float *rows, size_t count)
{
    const size_t stride = lanes_stride(forest->features);
    for (size_t i = 0; i < count; i++, keys += stride, rows += forest->features) {
        cells_fill_row(keys, 1, rows, forest->features);
        memset(keys + forest->features + 1, 0, (stride - forest->features - 1) * sizeof *keys);
    }
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

void predict_lanes_trees(const struct work *work, void *memory, size_t together, const float *rows, size_t count,
                         double *values)
{
    const struct forest *forest = work->forest;
    const size_t stride = lanes_stride(forest->features);
    uint32_t *keys = memory;
    for (size_t first = 0; first < count; first += together) {
        size_t some = count - first < together ? count - first : together;
        const float *from = rows + first * forest->features;
        double *to = values + first * forest->width;
        fill_rows(forest, keys, from, some);
        if (some < FEW_ROWS)
            for (size_t i = 0; i < some; i++)
                predict_keys(work, keys + i * stride, false, to + i * forest->width);
        else
            predict_by_lanes(forest, keys, keys + together * stride, some, to);
    }
}
#endif
