/*
 * A forest's twin: the same trees, each of whose features comes twice, and that ask for no missing values. Among a row's
 * first features a missing value is less than every number, among the second ones more; a split that sends it right asks
 * among the second. So every walk from tree to tree takes rows with missing values as fast as others.
 *
 * Few rows have missing values, but nearly every forest may get some: neither the plan nor a packed file holds a twin. It
 * is made, some trees at a time, in the scratch memory of a call that wants it.
 */
#ifndef PREDICT_TWIN_H
#define PREDICT_TWIN_H

#include "model/forest.h"

enum { TWIN_TREES = 64 /* most at a time */ };

/* The twin of some trees, which point into the forest that it was made from and into each other. */
struct twin {
    struct forest forest;
    struct plan plan;
    struct plan_tree trees[TWIN_TREES];
};

/* Whether the forest, which has a plan, can have a twin: its cells reach over twice the features, its trees are not huge. */
bool twin_fits(const struct forest *forest);

/* How many trees, from tree `first` on, come at a time. */
size_t twin_trees(const struct plan *plan, size_t first);

/* Bytes for the slots of as many trees; a multiple of 64. */
size_t twin_slots_size(const struct plan *plan);

/* Makes the twin of `count` trees. slots: twin_slots_size bytes, which the twin points to. */
void twin_make(const struct forest *forest, size_t first, size_t count, void *slots, struct twin *twin);

/* row: [features]; twice: [2 * features], written. */
void twin_fill_row(const float *row, size_t features, float *twice);

#endif
