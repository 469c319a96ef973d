/*
 * scikit-learn's Tree: its arrays `nodes` and `values` to the nodes and leaves of a forest.
 */
#ifndef READ_TREE_H
#define READ_TREE_H

#include "model/forest.h"
#include "read/numpy.h"
#include "read/release.h"

/* What one Tree object holds, found and checked but not read. */
struct tree_parts {
    int64_t features;
    size_t outputs;
    struct array classes; /* [outputs] integers: classes of each output */
    struct array nodes;   /* [nodes] */
    struct array values;  /* [nodes][outputs][most classes] float64 */
};

bool tree_find(const struct value *object, struct tree_parts *parts, struct forestd_error *error);

/* Whether two trees, or a tree and its forest, agree on features, outputs and classes. */
bool tree_fits(const struct tree_parts *parts, const struct forest *forest, struct forestd_error *error);

/* Number of classes of output `output`; 0 when the file holds no such number. */
uint32_t tree_classes(const struct tree_parts *parts, size_t output);

/* Leaves of a tree in which each split has two children and each node one parent. */
size_t tree_leaves(const struct tree_parts *parts);

struct tree_reading {
    struct forest *forest;
    struct release release;
    uint32_t *levels; /* scratch, [nodes of the largest tree] */
    bool choices;     /* set where rounding made two classes of a leaf equal */
};

/* Reads tree `index`, whose nodes and leaves follow those of the one before, and proves it. `leaf` is its first leaf.
 */
bool tree_read(struct tree_reading *reading, const struct tree_parts *parts, size_t index, size_t leaf,
               struct forestd_error *error);

/* Fills forest->leaf_choice of a forest of one tree from the weights in `values`. */
bool tree_choose(struct forest *forest, const struct tree_parts *parts, struct forestd_error *error);

#endif
