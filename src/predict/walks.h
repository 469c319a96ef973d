/*
 * The walks over plans: how rows get from the roots to the leaves. Each is exact; which is fastest depends on the rows
 * and the forest, and predict/rule.h chooses.
 *
 * `at` says where rows, or trees, are: indexes of slots. A row at a leaf stays there, so that a walk may be continued by
 * another, and may go further than a row needs.
 *
 * A missing value goes left by itself, as the least of all. Where the plan has splits that send it right, only those take
 * rows with missing values that say so; the others walk its twin (predict/twin.h) for such rows.
 */
#ifndef PREDICT_WALKS_H
#define PREDICT_WALKS_H

#include "model/plan.h"
#include "predict/cells.h"

enum {
    CHUNK_ROWS = 512, /* that one walk takes */
    TREES_GROUP = 8,
    TREES_AT_ONCE = 512 /* a multiple of TREES_GROUP */
};

/* Puts every row to the root of a tree. at: [rows] */
void walk_start(uint32_t root, size_t rows, uint32_t *at);

/* Moves the rows of `blocks` blocks, of which the first is `first`, down by `levels`, eight rows interleaved. */
void walk_rows(const struct plan *plan, const struct cells *cells, size_t first, size_t blocks, uint32_t levels,
               uint32_t *at);

/*
 * Moves all rows that are not at a leaf down to one: those that are done are left out every few levels, so that a few
 * long paths do not make all rows walk on. blocks: at most CHUNK_ROWS rows; at: one more than the rows, for scratch.
 */
void walk_rest(const struct plan *plan, const struct cells *cells, size_t first, size_t blocks, uint32_t *at);

/*
 * Moves one row down `count` trees, eight interleaved. keys: as cells_fill_row has them; at: [count rounded up to
 * TREES_GROUP]
 */
void walk_trees(const struct plan *plan, const uint32_t *keys, size_t count, uint32_t levels, uint32_t *at);

/* The same by one level at a time for all trees, asking for the next slots ahead: for forests that no cache holds. */
void walk_trees_far(const struct plan *plan, const uint32_t *keys, size_t count, uint32_t levels, uint32_t *at);

/* walk_trees down to the leaves where the row may have missing values; `plan->missing` is there. */
void walk_trees_missing(const struct plan *plan, const uint32_t *keys, size_t count, uint32_t *at);

/*
 * Moves one row down all trees that it has not yet reached a leaf of. count: at most TREES_AT_ONCE; at: one more than
 * the trees, for scratch.
 */
void walk_trees_rest(const struct plan *plan, const uint32_t *keys, size_t count, uint32_t *at);

/* One row down one tree, from its numbers, without keys and with missing values; returns the leaf's slot. Not fast. */
uint32_t walk_plainly(const struct plan *plan, uint32_t root, const float *row);

/* Reads a tree from one end to the other, so that it is in the cache before it is walked. */
void walk_touch(const struct plan *plan, const struct plan_tree *tree);

static inline bool at_leaf(const struct plan *plan, uint32_t at)
{
    return (plan->wide ? plan->steps[at] : plan->slots[at].step) == 0;
}

static inline uint32_t leaf_at(const struct plan *plan, uint32_t at)
{
    return plan->wide ? plan->wide[at].key : plan->slots[at].key;
}

#endif
