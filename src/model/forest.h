/*
 * What a forest is: flat arrays, proved once, never changed afterwards.
 *
 * A reader fills a forest (forest_open, then the arrays, then forest_prove) and gives it away; everybody else only
 * reads it, from any number of threads.
 *
 * The meaning of the fields follows scikit-learn's sklearn/tree/_tree.pyx: a row goes left at a split when
 * (double)row[feature] <= threshold, and a missing value goes where the split's `missing` says.
 */
#ifndef MODEL_FOREST_H
#define MODEL_FOREST_H

#include "base/arena.h"
#include "base/error.h"
#include "model/plan.h"
#include <forestd/model.h>

/*
 * One node. Splits and leaves have one form so that a walk needs no question at each step: a leaf's two children are
 * itself.
 */
struct node {
    double threshold;  /* split: <= goes left; +infinity where training sent only missing values right. Leaf: 0 */
    uint32_t child[2]; /* [0] left, [1] right: index into the tree's own nodes, greater than this one's. Leaf: itself */
    uint32_t feature;  /* split: column of the row. Leaf: 0 */
    uint32_t extra;    /* split: which child a missing value goes to, 0 or 1. Leaf: its row of `leaves` */
};

struct tree {
    size_t first;   /* index of its root in `nodes` */
    uint32_t count; /* nodes */
    uint32_t depth; /* splits on its longest path */
};

/* How the leaves of the trees that a row reaches become the row's values. */
enum combination {
    COMBINE_MEAN,  /* added in the order of the trees, from 0, then divided by their number */
    COMBINE_SINGLE /* the one tree's leaf, as it is */
};

struct forest {
    enum forestd_task task;
    enum combination combination;
    const char *estimator; /* scikit-learn's class, such as "RandomForestClassifier" */
    const char *release;   /* the scikit-learn release that wrote it, such as "1.9.0" */
    char version[17];      /* identity of the file's bytes, 16 hexadecimal digits and a 0 */
    bool accepts_nan;      /* whether that release predicts rows with missing values for this estimator */

    size_t features;             /* cells in a row */
    const char *const *names;    /* [features] names of the features, or NULL */
    const uint32_t *names_order; /* [features] indexes of `names`, in the order of strcmp, or NULL */

    size_t outputs;                      /* targets */
    const uint32_t *classes;             /* [outputs] number of classes; all 1 for a regressor */
    const struct forestd_label **labels; /* [outputs] -> [classes] labels; NULL for a regressor */
    size_t width;                        /* numbers in a row of `leaves`: the sum of `classes` */

    size_t tree_count;
    struct tree *trees; /* [tree_count] */
    size_t node_count;
    struct node *nodes; /* [node_count], the trees one after another */
    size_t leaf_count;
    double *leaves;        /* [leaf_count][width] probabilities or values; those of output 0 first */
    uint32_t *leaf_choice; /* [leaf_count][outputs] the class that a single tree answers where its probabilities tie by
                              rounding and its weights did not; NULL nearly always: the first largest value decides */

    struct plan *plan; /* the same laid out for walking; owned; NULL = not laid out. A packed file has this instead of
                          `nodes`, `leaves` and `leaf_choice`, which are NULL then; the counts are those of the source */
    void *bytes;       /* holds a packed file's arrays, unless they are mapped; owned; NULL = nothing held */

    struct arena memory; /* texts, labels, names and small arrays; its budget is that of the whole forest */
    size_t claimed;      /* bytes of all else, from that budget */
};

/* An empty forest, or NULL without memory. What it holds is taken from `budget`, or NULL. */
struct forest *forest_open(struct budget *budget, struct forestd_error *error);

/* Takes `bytes` from the forest's budget, before its memory is allocated; they go back when it is closed. */
bool forest_claim(struct forest *forest, size_t bytes, struct forestd_error *error);

/* Allocates `trees`, `nodes` and `leaves` for the counts given; `width` must be set. */
bool forest_allocate(struct forest *forest, size_t trees, size_t nodes, size_t leaves, struct forestd_error *error);

/*
 * Proves tree `index`, whose first, count and nodes are filled, and writes its depth. What holds afterwards: features
 * and leaf rows in range, no NaN threshold, every child after its parent and inside the tree, every node but the root
 * with exactly one parent. Nothing that passed can make a walk leave its arrays or run for ever. `levels` is scratch,
 * [count].
 */
bool forest_prove_tree(struct forest *forest, size_t index, uint32_t *levels, struct forestd_error *error);

/* Sorts the names for forest_feature. Fails when two features have one name. */
bool forest_index_names(struct forest *forest, struct forestd_error *error);

/* The column of the feature called `name`[0..size), or `features` when there is none. `guess` is looked at first. */
size_t forest_feature(const struct forest *forest, const char *name, size_t size, size_t guess);

/* NULL is allowed. */
void forest_close(struct forest *forest);

#endif
