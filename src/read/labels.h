/*
 * Class labels and feature names: arrays of numbers and texts to what a forest holds.
 */
#ifndef READ_LABELS_H
#define READ_LABELS_H

#include "model/forest.h"
#include "read/value.h"

/* The labels in the array `classes`, which must be `count`, as an array in the forest's arena; NULL and `error`. */
const struct forestd_label *labels_read(struct forest *forest, const struct value *classes, size_t count,
                                        struct forestd_error *error);

/* The names in the array `names`, which must be as many as the forest has features. */
bool names_read(struct forest *forest, const struct value *names, struct forestd_error *error);

#endif
