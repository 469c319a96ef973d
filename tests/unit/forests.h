/*
 * Forests made by hand and by chance, for tests.
 */
#ifndef UNIT_FORESTS_H
#define UNIT_FORESTS_H

#include "model/forest.h"

/* What a random forest shall look like. */
struct recipe {
    size_t trees;
    size_t features;
    size_t outputs;
    uint32_t classes; /* of each output; 0 = a regressor */
    unsigned depth;   /* at most */
    bool accepts_nan;
    bool chains;     /* one child of a split is nearly always a leaf */
    bool pure;       /* leaves are one class */
    uint32_t leaves; /* different leaves, about; 0 = as many as there are */
    size_t nodes;    /* of a tree, at most; 0 = what the depth needs, or some eight thousand */
    uint64_t seed;
};

/* A proved forest of that form, with labels 0, 1, ... ; ends the test when it cannot be made. */
struct forest *forest_grow(const struct recipe *recipe);

/* Rows for it: [count][features], many cells on a threshold or one ulp beside it, some NaN when the recipe takes it. */
float *rows_draw(const struct forest *forest, size_t count, uint64_t seed);

uint64_t random_next(uint64_t *state);

#endif
