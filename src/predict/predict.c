#include "predict/predict.h"

#include "predict/walk.h"
#include <math.h>
#include <string.h>

/* Rows that go through all trees together: their values stay in the first cache while one tree after another is walked.
 */
enum { BLOCK = 256 };

static bool any_missing(const float *cells, size_t count)
{
    bool missing = false;
    for (size_t i = 0; i < count; i++)
        missing |= isnan(cells[i]) != 0;
    return missing;
}

static inline void add_leaf(const struct forest *forest, uint32_t leaf, double *values)
{
    const double *row = forest->leaves + leaf * forest->width;
    for (size_t i = 0; i < forest->width; i++)
        values[i] += row[i];
}

/* One row: the lanes are trees. The leaves are added in the order of the trees, as scikit-learn does. */
static void sum_row(const struct forest *forest, const float *row, bool missing, double *values)
{
    for (size_t first = 0; first < forest->tree_count; first += LANES) {
        size_t count = forest->tree_count - first < LANES ? forest->tree_count - first : LANES;
        struct lane lanes[LANES];
        uint32_t depth = 0;
        for (size_t i = 0; i < LANES; i++) {
            const struct tree *tree = &forest->trees[first + (i < count ? i : 0)];
            lanes[i] = (struct lane){forest->nodes + tree->first, row};
            if (tree->depth > depth)
                depth = tree->depth;
        }
        uint32_t leaves[LANES];
        walk(lanes, depth, missing, leaves);
        for (size_t i = 0; i < count; i++)
            add_leaf(forest, leaves[i], values);
    }
}

/* One tree and a block of rows: the lanes are rows. */
static void sum_tree(const struct forest *forest, const struct tree *tree, const float *rows, size_t count,
                     bool missing, double *values)
{
    for (size_t first = 0; first < count; first += LANES) {
        size_t lane_count = count - first < LANES ? count - first : LANES;
        struct lane lanes[LANES];
        for (size_t i = 0; i < LANES; i++) {
            size_t row = first + (i < lane_count ? i : 0);
            lanes[i] = (struct lane){forest->nodes + tree->first, rows + row * forest->features};
        }
        uint32_t leaves[LANES];
        walk(lanes, tree->depth, missing, leaves);
        for (size_t i = 0; i < lane_count; i++)
            add_leaf(forest, leaves[i], values + (first + i) * forest->width);
    }
}

static void predict_block(const struct forest *forest, const float *rows, size_t count, double *values)
{
    bool missing = forest->accepts_nan && any_missing(rows, count * forest->features);
    size_t numbers = count * forest->width;
    for (size_t i = 0; i < numbers; i++)
        values[i] = 0;
    if (count < LANES) {
        for (size_t i = 0; i < count; i++)
            sum_row(forest, rows + i * forest->features, missing, values + i * forest->width);
    } else {
        for (size_t i = 0; i < forest->tree_count; i++)
            sum_tree(forest, &forest->trees[i], rows, count, missing, values);
    }
    if (forest->combination == COMBINE_MEAN) {
        double trees = (double)forest->tree_count;
        for (size_t i = 0; i < numbers; i++)
            values[i] /= trees;
    }
}

void predict_values(const struct forest *forest, const float *rows, size_t count, double *values)
{
    for (size_t first = 0; first < count; first += BLOCK) {
        size_t block = count - first < BLOCK ? count - first : BLOCK;
        predict_block(forest, rows + first * forest->features, block, values + first * forest->width);
    }
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

/* The leaf that a single tree's row ends in. */
static uint32_t single_leaf(const struct forest *forest, const float *row)
{
    struct lane lanes[LANES];
    for (size_t i = 0; i < LANES; i++)
        lanes[i] = (struct lane){forest->nodes + forest->trees[0].first, row};
    uint32_t leaves[LANES];
    walk(lanes, forest->trees[0].depth, true, leaves);
    return leaves[0];
}

void predict_choices(const struct forest *forest, const float *rows, const double *values, size_t count,
                     uint32_t *choices)
{
    for (size_t row = 0; row < count; row++, choices += forest->outputs) {
        if (forest->leaf_choice) {
            uint32_t leaf = single_leaf(forest, rows + row * forest->features);
            memcpy(choices, forest->leaf_choice + leaf * forest->outputs, forest->outputs * sizeof *choices);
            continue;
        }
        const double *at = values + row * forest->width;
        for (size_t output = 0; output < forest->outputs; output++) {
            choices[output] = first_largest(at, forest->classes[output]);
            at += forest->classes[output];
        }
    }
}
