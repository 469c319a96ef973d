#include "predict/portable.h"

#include "predict/cells.h"
#include <math.h>
#include <string.h>

enum { LANES = 8 };

struct lane {
    const struct node *nodes; /* a proved tree's nodes, root first */
    const float *row;         /* [features] */
};

/* Levels between two looks at whether every lane has arrived. */
enum { STRIDE = 4 };

/* A leaf's children are itself, so a lane that has arrived stays there whatever its row holds. */
static inline uint32_t step(const struct lane *lane, uint32_t at, bool missing)
{
    const struct node *node = &lane->nodes[at];
    double cell = (double)lane->row[node->feature];
    unsigned side = cell > node->threshold;
    if (missing && isnan(cell))
        side = node->extra & 1;
    return node->child[side];
}

static inline void follow(const struct lane lanes[LANES], uint32_t depth, bool missing, uint32_t at[LANES])
{
    for (uint32_t level = 0; level < depth; level += STRIDE) {
        for (int k = 0; k < STRIDE - 1; k++)
            for (int i = 0; i < LANES; i++)
                at[i] = step(&lanes[i], at[i], missing);
        uint32_t moved = 0;
        for (int i = 0; i < LANES; i++) {
            uint32_t next = step(&lanes[i], at[i], missing);
            moved |= next ^ at[i];
            at[i] = next;
        }
        if (!moved)
            return;
    }
}

static void walk(const struct lane lanes[LANES], uint32_t depth, bool missing, uint32_t leaves[LANES])
{
    uint32_t at[LANES] = {0};
    if (missing)
        follow(lanes, depth, true, at);
    else
        follow(lanes, depth, false, at);
    for (int i = 0; i < LANES; i++)
        leaves[i] = lanes[i].nodes[at[i]].extra;
}

/* Rows that go through all trees together: their values stay in the first cache while one tree after another is walked.
 */
enum { BLOCK = 256 };

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
    bool missing = forest->accepts_nan && cells_missing(rows, count * forest->features);
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

void predict_portably(const struct forest *forest, const float *rows, size_t count, double *values)
{
    for (size_t first = 0; first < count; first += BLOCK) {
        size_t block = count - first < BLOCK ? count - first : BLOCK;
        predict_block(forest, rows + first * forest->features, block, values + first * forest->width);
    }
}

/* The leaf that a single tree's row ends in. */
uint32_t portable_leaf(const struct forest *forest, const float *row)
{
    struct lane lanes[LANES];
    for (size_t i = 0; i < LANES; i++)
        lanes[i] = (struct lane){forest->nodes + forest->trees[0].first, row};
    uint32_t leaves[LANES];
    walk(lanes, forest->trees[0].depth, true, leaves);
    return leaves[0];
}
