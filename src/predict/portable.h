/*
 * The portable walk: plain C over a forest's nodes as they are, exact, the reference that every other walk is compared
 * with, and the way of forests without a plan.
 *
 * One walk follows several pairs of a tree and a row at once, so that the processor always has independent steps to
 * work on: either one tree with several rows, or one row with several trees.
 */
#ifndef PREDICT_PORTABLE_H
#define PREDICT_PORTABLE_H

#include "model/forest.h"

/* As predict_values. The forest has its nodes. */
void predict_portably(const struct forest *forest, const float *rows, size_t count, double *values);

/* The leaf of the only tree that the row ends in: a row of `leaves`. */
uint32_t portable_leaf(const struct forest *forest, const float *row);

#endif
