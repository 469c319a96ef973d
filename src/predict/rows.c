#include "predict/predict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

/* Whether a number is infinite, or missing where none may be; written so that compilers compare a register at once. */
static bool any_refused(const float *cells, size_t count, bool missing_allowed)
{
    const uint32_t infinite = 0x7F800000U;
    const uint32_t looked_at = missing_allowed ? 0x7FFFFFFFU : infinite;
    uint32_t any = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, cells + i, sizeof bits);
        any |= (uint32_t)((bits & looked_at) == infinite);
    }
    return any;
}

bool rows_check(const struct forest *forest, const float *rows, size_t count, size_t first_row,
                struct forestd_error *error)
{
    size_t features = forest->features;
    if (!any_refused(rows, count * features, forest->accepts_nan))
        return true;
    size_t i = 0;
    while (!any_refused(rows + i, 1, forest->accepts_nan))
        i++;
    return refuse(forest, rows[i], first_row + i / features, i % features, error);
}
