/*
 * The different leaves of a forest: many leaves hold the same values, and those that are pure nothing but a class.
 */
#ifndef PREDICT_LEAVES_H
#define PREDICT_LEAVES_H

#include "model/forest.h"

struct leaves {
    bool votes;         /* every leaf is one class of the one output, and `rows` are classes */
    uint32_t *rows;     /* [forest->leaf_count] which of the different leaves, or which class, a leaf is; owned */
    uint32_t *examples; /* [count] a leaf of the forest for each different one; NULL with `votes`; owned */
    size_t count;       /* different leaves, or classes */
};

bool leaves_open(struct leaves *leaves, const struct forest *forest, struct forestd_error *error);

void leaves_close(struct leaves *leaves);

#endif
