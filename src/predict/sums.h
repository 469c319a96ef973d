/*
 * What leaves add up to. The sums are made in the order of the trees, each number alone, as scikit-learn makes them;
 * votes are whole numbers and may be counted in any way.
 */
#ifndef PREDICT_SUMS_H
#define PREDICT_SUMS_H

#include "model/forest.h"

/* Adds the leaves that `count` rows have reached in a tree. at: [count] slots; values: [count][width] */
void sums_add(const struct forest *forest, const uint32_t *at, size_t count, double *values);

/* The same where processor.avx2 says so, and then those of the next tree, unless `next` is NULL. */
void sums_add_strips(const struct forest *forest, const uint32_t *at, const uint32_t *next, size_t count,
                     double *values);

/* Adds the leaves that one row has reached in `count` trees, in their order. values: [width] */
void sums_add_trees(const struct forest *forest, const uint32_t *at, size_t count, double *values);

/* The first and the last of these with rows of the plan's leaves instead of slots, as the walks of predict/lanes.h give them. */
void sums_add_leaves(const struct forest *forest, const uint32_t *leaves, size_t count, double *values);
void sums_add_trees_leaves(const struct forest *forest, const uint32_t *leaves, size_t count, double *values);

/* Adds votes for the second of two classes. values: [2] */
void sums_add_votes(uint64_t votes, double *values);

/* Asks for the leaves, so that they are on their way when they are added. Does nothing for votes. */
void sums_expect(const struct forest *forest, const uint32_t *leaves, size_t count);

/* From sums to values. values: [count][width] */
void sums_finish(const struct forest *forest, size_t count, double *values);

#endif
