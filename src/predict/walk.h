/*
 * The portable walk: plain C, exact, the reference that every other walk is compared with.
 *
 * One walk follows LANES pairs of a tree and a row at once, so that the processor always has several independent steps
 * to work on: either one tree with several rows, or one row with several trees.
 */
#ifndef PREDICT_WALK_H
#define PREDICT_WALK_H

#include "model/forest.h"

enum { LANES = 8 };

struct lane {
    const struct node *nodes; /* a proved tree's nodes, root first */
    const float *row;         /* [features] */
};

/*
 * Walks every lane to its leaf and writes the leaf's row of `leaves`. `depth` is at least the depth of each lane's
 * tree. `missing` says that a row may hold NaN.
 */
void walk(const struct lane lanes[LANES], uint32_t depth, bool missing, uint32_t leaves[LANES]);

#endif
