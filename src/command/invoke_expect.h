/*
 * What a model answers here, and whether an endpoint answers the same bits.
 */
#ifndef COMMAND_INVOKE_EXPECT_H
#define COMMAND_INVOKE_EXPECT_H

#include "codec/matrix.h"
#include "command/invoke_answer.h"
#include "model/forest.h"

struct invoke_expected {
    const struct forest *forest;
    size_t rows;
    double *values;    /* [rows][width] */
    uint32_t *choices; /* [rows][outputs]; NULL for a regressor */
    /* What was compared so far. */
    bool predictions;
    bool probabilities;
};

/* Predicts the rows; those that the model refuses are an error. `expected` must be closed in any case. */
bool invoke_expect(struct invoke_expected *expected, const struct forest *forest, const struct matrix *rows,
                   struct forestd_error *error);

/*
 * Compares the answer to `count` rows from `first` on. Fails with FORESTD_DIFFERENT and the first difference: row, output, what came and
 * what was expected; with FORESTD_FORMAT where the answer has another number of rows or columns.
 */
bool invoke_compare(struct invoke_expected *expected, const struct invoke_answer *answer, size_t first, size_t count,
                    struct forestd_error *error);

void invoke_expected_close(struct invoke_expected *expected);

#endif
