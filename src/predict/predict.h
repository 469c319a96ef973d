/*
 * Forests to numbers.
 */
#ifndef PREDICT_PREDICT_H
#define PREDICT_PREDICT_H

#include "model/forest.h"

/*
 * Refuses what scikit-learn refuses: an infinite cell, and a missing one where the forest does not take them.
 * `first_row` is what the message calls row 0. rows: [count][features].
 */
bool rows_check(const struct forest *forest, const float *rows, size_t count, size_t first_row,
                struct forestd_error *error);

/*
 * The values of `count` rows that passed rows_check. rows: [count][features]; values: [count][width], written. Cannot
 * fail and allocates nothing.
 */
void predict_values(const struct forest *forest, const float *rows, size_t count, double *values);

/* The class that predict() answers for each row and output. values: [count][width]; choices: [count][outputs], written.
 */
void predict_choices(const struct forest *forest, const float *rows, const double *values, size_t count,
                     uint32_t *choices);

#endif
