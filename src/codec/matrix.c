#include "codec/matrix.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROWS = 8 };

static bool too_large(const struct matrix *matrix, size_t rows, struct forestd_error *error)
{
    return error_set(error, FORESTD_LIMIT, at_nowhere(), "%zu rows of %zu features are more than memory can hold", rows,
                     matrix->features);
}

bool matrix_reserve(struct matrix *matrix, size_t more, struct forestd_error *error)
{
    if (more <= matrix->capacity - matrix->rows)
        return true;
    size_t row = matrix->features * sizeof *matrix->cells;
    size_t most = row ? SIZE_MAX / 2 / row : SIZE_MAX / 2;
    if (more > most || matrix->rows > most - more)
        return too_large(matrix, more, error);
    size_t capacity = matrix->capacity + matrix->capacity / 2 + FIRST_ROWS;
    if (capacity < matrix->rows + more || capacity > most)
        capacity = matrix->rows + more;
    size_t added = (capacity - matrix->capacity) * row;
    if (!budget_take(matrix->budget, added))
        return error_memory(error, added, "the rows of all requests together");
    size_t bytes = capacity * row;
    float *cells = realloc(matrix->cells, bytes ? bytes : 1);
    if (!cells) {
        budget_give_back(matrix->budget, added);
        return error_memory(error, bytes, "rows");
    }
    matrix->cells = cells;
    matrix->capacity = capacity;
    return true;
}

void matrix_consume(struct matrix *matrix, size_t rows)
{
    size_t row = matrix->features * sizeof *matrix->cells;
    /* The row behind the complete ones may be half filled: it moves along. */
    size_t left = matrix->capacity - rows;
    if (left > matrix->rows - rows + 1)
        left = matrix->rows - rows + 1;
    if (rows && left && row)
        memmove(matrix->cells, matrix->cells + rows * matrix->features, left * row);
    matrix->rows -= rows;
    matrix->first_row += rows;
}

void matrix_close(struct matrix *matrix)
{
    budget_give_back(matrix->budget, matrix->capacity * matrix->features * sizeof *matrix->cells);
    free(matrix->cells);
    matrix->cells = NULL;
    matrix->rows = 0;
    matrix->capacity = 0;
}
