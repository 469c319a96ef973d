/*
 * Forests to numbers.
 *
 * A forest that has a plan (predict/planner.h, or a packed file's) is walked by it, in the way that predict/rule.h
 * chooses for the number of rows and the processor; one that has none, by its nodes. Every way gives the same bits.
 */
#ifndef PREDICT_PREDICT_H
#define PREDICT_PREDICT_H

#include "model/forest.h"
#include "predict/rule.h"

/*
 * Refuses what scikit-learn refuses: an infinite cell, and a missing one where the forest does not take them.
 * `first_row` is what the message calls row 0. rows: [count][features].
 */
bool rows_check(const struct forest *forest, const float *rows, size_t count, size_t first_row,
                struct forestd_error *error);

/*
 * The values of `count` rows that passed rows_check. rows: [count][features]; values: [count][width], written. Cannot
 * fail. Any number of threads may call it at once. It takes up to 100 KiB of stack, and while it runs some memory where rows
 * go through trees together: up to 4 MiB, or that of 64 rows where they are longer; where some have missing values, up to
 * 18 MiB. Where the system does not give that, it goes slower.
 */
void predict_values(const struct forest *forest, const float *rows, size_t count, double *values);

/*
 * The same in a way that the caller chooses, and that is possible for the forest (choice_possible). `choice->rows` rows at
 * a time go through all trees: who gives so many at once has them in the cache still.
 */
void predict_values_by(const struct choice *choice, const struct forest *forest, const float *rows, size_t count,
                       double *values);

/* The class that predict() answers for each row and output. values: [count][width]; choices: [count][outputs], written.
 */
void predict_choices(const struct forest *forest, const float *rows, const double *values, size_t count,
                     uint32_t *choices);

#endif
