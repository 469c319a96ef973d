#include "predict/predict.h"

#include <math.h>
#include <stdio.h>

static bool refuse(const struct forest *forest, float cell, size_t row, size_t column, struct forestd_error *error)
{
    char name[128] = "";
    if (forest->names)
        (void)snprintf(name, sizeof name, " ('%.100s')", forest->names[column]);
    if (isnan(cell))
        return error_set(
            error, FORESTD_VALUE, at_cell(row, column),
            "row %zu, column %zu%s is missing (NaN), which %s of scikit-learn %s does not take: fill it in "
            "before asking",
            row, column, name, forest->estimator, forest->release);
    return error_set(error, FORESTD_VALUE, at_cell(row, column),
                     "row %zu, column %zu%s is infinite or too large for float32, which scikit-learn refuses: send a "
                     "number of at most 3.4028235e38",
                     row, column, name);
}

bool rows_check(const struct forest *forest, const float *rows, size_t count, size_t first_row,
                struct forestd_error *error)
{
    size_t features = forest->features;
    for (size_t row = 0; row < count; row++, rows += features) {
        bool finite = true;
        for (size_t column = 0; column < features; column++)
            finite &= isfinite(rows[column]) != 0;
        if (finite)
            continue;
        for (size_t column = 0; column < features; column++)
            if (isinf(rows[column]) || (isnan(rows[column]) && !forest->accepts_nan))
                return refuse(forest, rows[column], first_row + row, column, error);
    }
    return true;
}
