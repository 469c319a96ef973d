#include "command/invoke_expect.h"

#include "base/number.h"
#include "base/text.h"
#include "predict/predict.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A double holds every whole number below it. */
static const double WHOLE = 9007199254740992.0;

bool invoke_expect(struct invoke_expected *expected, const struct forest *forest, const struct matrix *rows,
                   struct forestd_error *error)
{
    bool classifier = forest->task == FORESTD_CLASSIFIER;
    *expected = (struct invoke_expected){.forest = forest, .rows = rows->rows};
    if (!rows_check(forest, rows->cells, rows->rows, 0, error))
        return false;
    expected->values = calloc(rows->rows, forest->width * sizeof *expected->values);
    expected->choices = classifier ? calloc(rows->rows, forest->outputs * sizeof *expected->choices) : NULL;
    if (!expected->values || (classifier && !expected->choices))
        return error_memory(error, rows->rows * forest->width * sizeof *expected->values, "the expected answers");
    predict_values(forest, rows->cells, rows->rows, expected->values);
    if (classifier)
        predict_choices(forest, rows->cells, expected->values, rows->rows, expected->choices);
    return true;
}

void invoke_expected_close(struct invoke_expected *expected)
{
    free(expected->values);
    free(expected->choices);
    *expected = (struct invoke_expected){0};
}

/* ---- values ---- */

static struct quote value_quote(const struct value *value)
{
    char text[NUMBER_TEXT_SIZE];
    switch (value->kind) {
    case VALUE_NUMBER:
        return text_quote(text, number_write(value->number, text));
    case VALUE_INTEGER:
        return text_quote(text, number_write_integer(value->integer, text));
    case VALUE_NATURAL:
        return text_quote(text, number_write_natural(value->natural, text));
    case VALUE_TRUTH:
        return value->number > 0 ? text_quote("true", 4) : text_quote("false", 5);
    case VALUE_TEXT:
    case VALUE_CELL:
        break;
    }
    return text_quote(value->text, strlen(value->text));
}

static struct quote label_quote(const struct forestd_label *label)
{
    struct value value = {.kind = VALUE_TEXT, .text = label->as.text};
    switch (label->kind) {
    case FORESTD_INTEGER:
        value = (struct value){.kind = VALUE_INTEGER, .integer = label->as.integer};
        break;
    case FORESTD_UNSIGNED:
        value = (struct value){.kind = VALUE_NATURAL, .natural = label->as.natural};
        break;
    case FORESTD_REAL:
        value = (struct value){.kind = VALUE_NUMBER, .number = label->as.real};
        break;
    case FORESTD_BOOLEAN:
        value = (struct value){.kind = VALUE_TRUTH, .number = label->as.boolean};
        break;
    case FORESTD_TEXT:
        break;
    }
    return value_quote(&value);
}

static bool same_bits(double left, double right)
{
    return memcmp(&left, &right, sizeof left) == 0;
}

/* The value as a double, where it is a number. Whole numbers that no double holds are none. */
static bool is_number(const struct value *value, double *number)
{
    switch (value->kind) {
    case VALUE_NUMBER:
        *number = value->number;
        return true;
    case VALUE_INTEGER:
        *number = (double)value->integer;
        return fabs(*number) < WHOLE;
    case VALUE_NATURAL:
        *number = (double)value->natural;
        return *number < WHOLE;
    case VALUE_CELL:
        return number_read(value->text, strlen(value->text), number);
    case VALUE_TRUTH:
    case VALUE_TEXT:
        break;
    }
    return false;
}

static bool same_truth(const struct value *value, bool truth)
{
    if (value->kind == VALUE_CELL)
        return strcasecmp(value->text, truth ? "true" : "false") == 0;
    return value->kind == VALUE_TRUTH && (value->number > 0) == truth;
}

/* Whether a label is a whole number that a double may hold for its neighbour. */
static bool is_large(const struct forestd_label *label)
{
    return label->kind == FORESTD_UNSIGNED ||
           (label->kind == FORESTD_INTEGER && fabs((double)label->as.integer) >= WHOLE);
}

/* Large labels are compared by their digits. */
static bool same_digits(const struct value *value, const struct forestd_label *label)
{
    return strcmp(value_quote(value).text, label_quote(label).text) == 0;
}

static bool same_label(const struct value *value, const struct forestd_label *label)
{
    double number = 0;
    switch (label->kind) {
    case FORESTD_TEXT:
        return (value->kind == VALUE_TEXT || value->kind == VALUE_CELL) && strcmp(value->text, label->as.text) == 0;
    case FORESTD_BOOLEAN:
        return same_truth(value, label->as.boolean);
    case FORESTD_REAL:
        return is_number(value, &number) && same_bits(number, label->as.real);
    case FORESTD_INTEGER:
        if (is_large(label))
            break;
        return is_number(value, &number) && number == (double)label->as.integer;
    case FORESTD_UNSIGNED:
        break;
    }
    return same_digits(value, label);
}

/* ---- rows ---- */

static bool differs(const char *what, size_t row, size_t column, struct quote got, struct quote wanted,
                    struct forestd_error *error)
{
    return error_set(error, FORESTD_DIFFERENT, at_cell(row, column), "row %zu, %s %zu: got %s, expected %s", row, what,
                     column, got.text, wanted.text);
}

static bool check_shape(const struct values *values, const char *what, size_t rows, size_t columns, size_t first,
                        struct forestd_error *error)
{
    if (values->rows != rows)
        return error_set(error, FORESTD_FORMAT, at_row(first),
                         "the answer has %zu %s for %zu rows, from row %zu on: what stands between may cut it, or the "
                         "endpoint serves something else",
                         values->rows, what, rows, first);
    if (values->columns != columns)
        return error_set(error, FORESTD_DIFFERENT, at_row(first),
                         "the answer has %zu %s for each row, the model %zu: is it another model?", values->columns,
                         what, columns);
    return true;
}

static bool compare_number(const struct value *value, double wanted, const char *what, size_t row, size_t column,
                           struct forestd_error *error)
{
    double number = 0;
    char text[NUMBER_TEXT_SIZE];
    if (is_number(value, &number) && same_bits(number, wanted))
        return true;
    return differs(what, row, column, value_quote(value), text_quote(text, number_write(wanted, text)), error);
}

static bool compare_predictions(const struct invoke_expected *expected, const struct values *values, size_t first,
                                struct forestd_error *error)
{
    const struct forest *forest = expected->forest;
    for (size_t i = 0; i < values->rows * forest->outputs; i++) {
        size_t row = first + i / forest->outputs;
        size_t output = i % forest->outputs;
        const struct value *value = &values->items[i];
        if (!expected->choices) {
            double wanted = expected->values[row * forest->width + output];
            if (!compare_number(value, wanted, "prediction of output", row, output, error))
                return false;
            continue;
        }
        const struct forestd_label *label = &forest->labels[output][expected->choices[row * forest->outputs + output]];
        if (value->kind == VALUE_NUMBER && is_large(label))
            return error_set(error, FORESTD_UNSUPPORTED, at_cell(row, output),
                             "row %zu: labels as large as %s are not told apart in JSON: ask with --content-type "
                             "text/csv",
                             row, label_quote(label).text);
        if (!same_label(value, label))
            return differs("prediction of output", row, output, value_quote(value), label_quote(label), error);
    }
    return true;
}

static bool compare_probabilities(const struct invoke_expected *expected, const struct values *values, size_t first,
                                  struct forestd_error *error)
{
    size_t width = expected->forest->width;
    for (size_t i = 0; i < values->rows * width; i++)
        if (!compare_number(&values->items[i], expected->values[first * width + i], "probability", first + i / width,
                            i % width, error))
            return false;
    return true;
}

bool invoke_compare(struct invoke_expected *expected, const struct invoke_answer *answer, size_t first, size_t count,
                    struct forestd_error *error)
{
    const struct forest *forest = expected->forest;
    const struct values *predictions = &answer->predictions;
    const struct values *probabilities = &answer->probabilities;
    bool classifier = forest->task == FORESTD_CLASSIFIER;
    if (probabilities->rows && !classifier)
        return error_set(error, FORESTD_DIFFERENT, at_row(first),
                         "the answer has probabilities, and the model is a regressor: is it another model?");
    /* Probabilities alone are enough; no answer at all is one without predictions. */
    if ((predictions->rows || !probabilities->rows) &&
        !check_shape(predictions, "predictions", count, forest->outputs, first, error))
        return false;
    if (probabilities->rows && !check_shape(probabilities, "probabilities", count, forest->width, first, error))
        return false;
    if (!compare_predictions(expected, predictions, first, error) ||
        !compare_probabilities(expected, probabilities, first, error))
        return false;
    expected->predictions = expected->predictions || predictions->rows;
    expected->probabilities = expected->probabilities || probabilities->rows;
    return true;
}
