/*
 * The rows of a request, as the predictor takes them.
 */
#ifndef CODEC_MATRIX_H
#define CODEC_MATRIX_H

#include "base/budget.h"
#include "base/error.h"
#include <stddef.h>

struct matrix {
    float *cells;          /* [capacity][features], of which [rows][features] are filled */
    size_t features;       /* cells in a row; set before the first row */
    size_t rows;           /* complete rows */
    size_t capacity;       /* rows that there is room for */
    size_t first_row;      /* what messages call row 0: rows of the same stream that were taken out before */
    struct budget *budget; /* what the cells are taken from, or NULL */
};

/* Room for `more` rows after `rows`. */
bool matrix_reserve(struct matrix *matrix, size_t more, struct forestd_error *error);

/* Takes out the first `rows` rows: those behind them move to the front, and `first_row` grows. */
void matrix_consume(struct matrix *matrix, size_t rows);

void matrix_close(struct matrix *matrix);

#endif
