/*
 * `forestd verify`: a model's answers against expected ones, bit for bit.
 */
#include "command/commands.h"

#include "base/number.h"
#include "command/npz.h"
#include "engine/engine.h"
#include "predict/predict.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct comparison {
    const struct forest *forest;
    const struct npz *expected;
    size_t rows;
    float *cells;      /* [rows][features] */
    double *values;    /* [rows][width] */
    uint32_t *choices; /* [rows][outputs] */
    size_t compared;   /* numbers and labels found equal */
};

/* The array, when it has this many rows and columns. */
static const struct npz_array *find_array(const struct comparison *comparison, const char *name, size_t rows,
                                          size_t columns, struct forestd_error *error)
{
    const struct npz_array *array = npz_find(comparison->expected, name);
    if (!array) {
        error_set(error, FORESTD_FORMAT, at_nowhere(), "no array '%s': write the file with models/answers.py", name);
        return NULL;
    }
    if (array->rows == rows && array->columns == columns)
        return array;
    error_set(error, FORESTD_DIFFERENT, at_nowhere(), "'%s' is %zu x %zu, the model answers %zu x %zu", name,
              array->rows, array->columns, rows, columns);
    return NULL;
}

/* Takes `rows` numbers of the array, cast to float32 as scikit-learn does. */
static float *cast_cells(const struct npz_array *array, size_t features, struct forestd_error *error)
{
    if (npz_is_text(array) || array->columns != features) {
        error_set(error, FORESTD_WIDTH, at_nowhere(), "'%s' has %zu columns, the model takes %zu features", array->name,
                  array->columns, features);
        return NULL;
    }
    size_t count = array->rows * array->columns;
    float *cells = malloc((count + 1) * sizeof *cells);
    if (!cells)
        error_memory(error, count * sizeof *cells, "rows");
    for (size_t i = 0; cells && i < count; i++)
        cells[i] = (float)npz_number(array, i);
    return cells;
}

static bool same_bits(double left, double right)
{
    return memcmp(&left, &right, sizeof left) == 0;
}

static bool differs(const char *name, size_t row, size_t column, double expected, double answer,
                    struct forestd_error *error)
{
    char texts[2][NUMBER_TEXT_SIZE];
    size_t sizes[2] = {number_write(expected, texts[0]), number_write(answer, texts[1])};
    return error_set(error, FORESTD_DIFFERENT, at_cell(row, column),
                     "row %zu, '%s' %zu: expected %.*s, the model answers %.*s", row, name, column, (int)sizes[0],
                     texts[0], (int)sizes[1], texts[1]);
}

/* `columns` numbers of each row, from `offset` on in a row of values. */
static bool compare_numbers(struct comparison *comparison, const char *name, size_t offset, size_t columns,
                            struct forestd_error *error)
{
    const struct npz_array *array = find_array(comparison, name, comparison->rows, columns, error);
    if (!array)
        return false;
    for (size_t row = 0; row < comparison->rows; row++) {
        for (size_t column = 0; column < columns; column++) {
            double answer = comparison->values[row * comparison->forest->width + offset + column];
            double expected = npz_number(array, row * columns + column);
            if (!same_bits(answer, expected))
                return differs(name, row, column, expected, answer, error);
            comparison->compared++;
        }
    }
    return true;
}

static double label_number(const struct forestd_label *label)
{
    switch (label->kind) {
    case FORESTD_INTEGER:
        return (double)label->as.integer;
    case FORESTD_UNSIGNED:
        return (double)label->as.natural;
    case FORESTD_REAL:
        return label->as.real;
    case FORESTD_BOOLEAN:
        return label->as.boolean;
    case FORESTD_TEXT:
        break;
    }
    return (double)NAN;
}

static bool compare_label(const struct npz_array *array, size_t row, size_t column, const struct forestd_label *label,
                          struct forestd_error *error)
{
    size_t index = row * array->columns + column;
    if (!npz_is_text(array)) {
        double expected = npz_number(array, index);
        double answer = label_number(label);
        return same_bits(expected, answer) || differs(array->name, row, column, expected, answer, error);
    }
    char text[4096];
    if (label->kind == FORESTD_TEXT && npz_text(array, index, text, sizeof text) && strcmp(text, label->as.text) == 0)
        return true;
    return error_set(error, FORESTD_DIFFERENT, at_cell(row, column),
                     "row %zu, '%s' %zu: expected '%s', the model answers '%s'", row, array->name, column, text,
                     label->kind == FORESTD_TEXT ? label->as.text : "a number");
}

static bool compare_labels(struct comparison *comparison, struct forestd_error *error)
{
    const struct forest *forest = comparison->forest;
    const struct npz_array *array = find_array(comparison, "predictions", comparison->rows, forest->outputs, error);
    if (!array)
        return false;
    for (size_t row = 0; row < comparison->rows; row++) {
        for (size_t output = 0; output < forest->outputs; output++) {
            uint32_t choice = comparison->choices[row * forest->outputs + output];
            if (!compare_label(array, row, output, &forest->labels[output][choice], error))
                return false;
            comparison->compared++;
        }
    }
    return true;
}

static bool compare_classifier(struct comparison *comparison, struct forestd_error *error)
{
    const struct forest *forest = comparison->forest;
    size_t offset = 0;
    for (size_t output = 0; output < forest->outputs; output++) {
        char name[48] = "probabilities";
        if (forest->outputs > 1)
            (void)snprintf(name, sizeof name, "probabilities_%zu", output);
        if (!compare_numbers(comparison, name, offset, forest->classes[output], error))
            return false;
        offset += forest->classes[output];
    }
    return compare_labels(comparison, error);
}

/* Each of the refused rows, alone. */
static bool compare_refusals(struct comparison *comparison, struct forestd_error *error)
{
    const struct npz_array *array = npz_find(comparison->expected, "refused");
    size_t features = comparison->forest->features;
    float *cells = array ? cast_cells(array, features, error) : NULL;
    bool good = !array || cells;
    for (size_t row = 0; good && array && row < array->rows; row++, comparison->compared++)
        if (rows_check(comparison->forest, cells + row * features, 1, row, NULL))
            good = error_set(error, FORESTD_DIFFERENT, at_row(row),
                             "row %zu of 'refused': scikit-learn refuses it, the model answers", row);
    free(cells);
    return good;
}

static bool compare(struct comparison *comparison, struct forestd_error *error)
{
    const struct forest *forest = comparison->forest;
    const struct npz_array *rows = npz_find(comparison->expected, "rows");
    if (!rows)
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "no array 'rows': write the file with models/answers.py");
    comparison->rows = rows->rows;
    comparison->cells = cast_cells(rows, forest->features, error);
    comparison->values = calloc(rows->rows + 1, forest->width * sizeof *comparison->values);
    comparison->choices = calloc(rows->rows + 1, forest->outputs * sizeof *comparison->choices);
    if (!comparison->cells)
        return false;
    if (!comparison->values || !comparison->choices)
        return error_memory(error, rows->rows * forest->width * sizeof *comparison->values, "answers");
    if (!rows_check(forest, comparison->cells, rows->rows, 0, error))
        return false;
    predict_values(forest, comparison->cells, rows->rows, comparison->values);
    if (forest->task == FORESTD_REGRESSOR)
        return compare_numbers(comparison, "predictions", 0, forest->outputs, error) &&
               compare_refusals(comparison, error);
    predict_choices(forest, comparison->cells, comparison->values, rows->rows, comparison->choices);
    return compare_classifier(comparison, error) && compare_refusals(comparison, error);
}

static bool verify(const struct options *options, const char *address, const char *against, struct forestd_error *error)
{
    struct forestd_model *model = model_open(options, address, error);
    if (!model)
        return false;
    struct npz expected;
    if (!npz_open(&expected, against, error)) {
        forestd_close(model);
        return false;
    }
    struct comparison comparison = {.forest = model->forest, .expected = &expected};
    bool good = compare(&comparison, error);
    if (good)
        printf("equal: %zu rows, %zu numbers and labels, bit for bit\n", comparison.rows, comparison.compared);
    else
        error_prefix(error, against);
    free(comparison.cells);
    free(comparison.values);
    free(comparison.choices);
    npz_close(&expected);
    forestd_close(model);
    return good;
}

int command_verify(const struct options *options)
{
    struct forestd_error error;
    const char *address = model_address(options, &error);
    if (!address)
        return complain(&error, EXIT_USAGE);
    if (!options->values[OPTION_AGAINST][0]) {
        error_set(&error, FORESTD_ARGUMENT, at_nowhere(),
                  "against which answers? forestd verify %s --against expected.npz (models/answers.py writes one)",
                  address);
        return complain(&error, EXIT_USAGE);
    }
    return verify(options, address, options->values[OPTION_AGAINST], &error) ? EXIT_DONE
                                                                             : complain(&error, EXIT_FAILED);
}
