/*
 * A plan: a forest laid out for walking.
 *
 * Each node of a tree is a slot of eight bytes, and the two children of a split lie side by side, the left one first:
 * a walk goes from slot `i` to `i + step + (key < the row's key)`, which on most processors is a comparison and an
 * addition with carry. A leaf's step is 0 and its cell the sentinel before the row's first, whose key is 0 and thus
 * below or equal to any: a walk that has arrived stays, and need not ask.
 *
 * Order within a tree: a slot that is not used, the root, then the pairs of children, each subtree's pairs together,
 * the smaller of two subtrees first, which keeps steps short. Where leaves are nothing but classes, pairs of leaves
 * are shared and lie at the tree's end. Every pair begins at an even slot of its tree.
 *
 * A plan never changes once it is made; any number of threads may read it. The packed file (model/packed.h) holds these
 * arrays as they are.
 */
#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include "base/error.h"
#include "base/processor.h"
#include <stddef.h>
#include <stdint.h>

/* Little-endian in the packed file. */
struct slot {
    uint32_t key;  /* split: the threshold's key (model/key.h). Leaf: its class (votes), else its row of `leaves` */
    uint16_t cell; /* split: 4 x (feature + 1), the byte at which the row's key lies behind the sentinel. Leaf: 0 */
    uint16_t step; /* split: slots from this one to its left child. Leaf: 0 */
};

/* The same where 16 bits do not reach: over 16382 features, or trees of more than some 64 thousand slots. */
struct wide_slot {
    uint32_t key;
    uint32_t cell;
};

struct plan_tree {
    uint32_t first;  /* index of its first slot; its root is the next */
    uint32_t slots;  /* how many it has */
    uint32_t nodes;  /* splits and leaves of the tree that it was made from */
    uint32_t depth;  /* splits on its longest path */
    uint32_t middle; /* splits on the path to the leaf in the middle, when leaves are sorted by that */
};

struct plan {
    bool votes; /* every leaf is one class of one output, with all its weight */
    size_t tree_count;
    const struct plan_tree *trees; /* [tree_count] */
    uint32_t *roots;               /* [tree_count] slots: where every row begins, close together */
    size_t slot_count;
    const struct slot *slots;     /* [slot_count], or NULL in a wide plan */
    const struct wide_slot *wide; /* [slot_count] and their steps, or NULL */
    const uint32_t *steps;        /* [slot_count] */
    const uint64_t *missing;      /* a bit for each slot: a missing value goes right. NULL: the forest takes none */
    size_t leaf_count;            /* different leaves; with `votes`, classes */
    const double *leaves;         /* [leaf_count][width]; NULL with `votes` */
    const uint32_t *leaf_choice;  /* [leaf_count][outputs], as struct forest has it, or NULL */
    size_t depth;                 /* of the deepest tree */
    size_t middle;                /* mean of the trees' */
    size_t bytes;                 /* of all arrays */
    struct processor processor;   /* that walks it */
    void *memory;                 /* holds all arrays, or NULL where they lie elsewhere */
};

enum { PLAN_MOST_FEATURES = INT32_MAX / 4 - 2, PLAN_MOST_SLOTS = INT32_MAX - 1 };

/*
 * Proves tree `index` of the plan, whose place among the slots is proved: cells and leaves in range, steps forward, to
 * pairs, and inside the tree, no path longer than its depth, no bit of `missing` at a leaf. Nothing that passed can make
 * a walk leave its arrays or stop short of a leaf. Features, slots and leaves are at most what is said above. `heights`
 * is scratch, [slots of the tree / 2].
 */
bool plan_prove_tree(const struct plan *plan, size_t features, size_t index, uint32_t *heights,
                     struct forestd_error *error);

/* Fills `roots` from `trees`; the plan owns them. False without memory. */
bool plan_take_roots(struct plan *plan);

/* Splits of each feature, added to `splits`[features]. */
void plan_count_splits(const struct plan *plan, size_t *splits);

/* NULL is allowed. */
void plan_close(struct plan *plan);

#endif
