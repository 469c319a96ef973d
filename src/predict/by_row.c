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
#endif

static void predict_row(const struct forest *forest, enum way way, const uint32_t *keys, bool missing, double *values)
{
    const struct plan *plan = forest->plan;
    uint32_t at[TREES_AT_ONCE + 1];
    for (size_t first = 0; first < plan->tree_count; first += TREES_AT_ONCE) {
        size_t count = plan->tree_count - first < TREES_AT_ONCE ? plan->tree_count - first : TREES_AT_ONCE;
        memcpy(at, plan->roots + first, count * sizeof *at);
#ifdef LANES_BUILT
        if (way >= WAY_LANES_TREES) {
            lanes_row(plan, &(struct lanes_keys){keys, lanes_stride(forest->features), missing}, count, at);
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

/* The keys of a row alone; lanes want some more, which are 0. */
static void fill_keys(const struct work *work, const float *row, uint32_t *keys)
{
    const size_t features = work->forest->features;
    cells_fill_row(keys, 1, row, features);
#ifdef LANES_BUILT
    if (work->choice->way >= WAY_LANES_TREES)
        memset(keys + features + 1, 0, (lanes_stride(features) - features - 1) * sizeof *keys);
#endif
}

void predict_singly(const struct work *work, uint32_t *keys, const float *rows, size_t count, double *values)
{
    const struct forest *forest = work->forest;
    for (size_t i = 0; i < count; i++) {
        const float *row = rows + i * forest->features;
        fill_keys(work, row, keys);
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

/* Rows that go through trees together: all have missing values, or none has. */
struct lanes_rows {
    size_t most;
    size_t count;
    bool missing;
    uint32_t *keys;   /* [most][lanes_stride] */
    uint32_t *leaves; /* [most][LANES] */
    size_t *places;   /* [most] which rows of the call they are */
};

static struct lanes_rows lanes_rows_place(size_t features, size_t most, void *memory)
{
    struct lanes_rows rows = {.most = most, .keys = memory};
    rows.leaves = rows.keys + most * lanes_stride(features);
    rows.places = (size_t *)(void *)(rows.leaves + most * LANES);
    return rows;
}

static void predict_by_lanes(const struct work *work, struct lanes_rows *rows, double *values)
{
    const struct forest *forest = work->forest;
    const struct plan *plan = forest->plan;
    const struct lanes_keys keys = {rows->keys, lanes_stride(forest->features), rows->missing};
    for (size_t i = 0; i < rows->count; i++)
        memset(values + rows->places[i] * forest->width, 0, forest->width * sizeof *values);
    for (size_t first = 0; first < plan->tree_count; first += LANES) {
        size_t some = plan->tree_count - first < LANES ? plan->tree_count - first : LANES;
        uint32_t roots[LANES] = {0};
        memcpy(roots, plan->roots + first, some * sizeof *roots);
        lanes_trees(plan, &keys, rows->count, roots, rows->leaves);
        for (size_t i = 0; i < rows->count; i++)
            sums_add_trees_leaves(forest, rows->leaves + i * LANES, some, values + rows->places[i] * forest->width);
    }
}

static void predict_lanes_rows(const struct work *work, struct lanes_rows *rows, double *values)
{
    const struct forest *forest = work->forest;
    if (rows->count >= FEW_ROWS)
        predict_by_lanes(work, rows, values);
    else
        for (size_t i = 0; i < rows->count; i++)
            predict_keys(work, rows->keys + i * lanes_stride(forest->features), rows->missing,
                         values + rows->places[i] * forest->width);
    rows->count = 0;
}

void predict_lanes_trees(const struct work *work, void *memory, size_t together, const float *rows, size_t count,
                         double *values)
{
    const struct forest *forest = work->forest;
    const bool missing = forest->plan->missing && cells_missing(rows, count * forest->features);
    struct lanes_rows some = lanes_rows_place(forest->features, together, memory);
    for (int turn = 0; turn <= missing; turn++) {
        some.missing = turn;
        for (size_t i = 0; i < count; i++) {
            const float *row = rows + i * forest->features;
            if (missing && has_missing(forest, row) != some.missing)
                continue;
            fill_keys(work, row, some.keys + some.count * lanes_stride(forest->features));
            some.places[some.count++] = i;
            if (some.count == some.most)
                predict_lanes_rows(work, &some, values);
        }
        predict_lanes_rows(work, &some, values);
    }
}
#endif
