/*
 * From tensors to rows.
 */
#include "codec/names.h"
#include "codec/tensor_state.h"
#include <inttypes.h>
#include <string.h>

static uint64_t columns_of(const struct tensor *tensor)
{
    return tensor->dimensions == 2 ? tensor->shape[1] : 1;
}

static bool bad_shape(struct decoder *decoder, const struct tensor *tensor, struct forestd_error *error)
{
    size_t features = decoder->forest->features;
    return error_set(error, FORESTD_WIDTH, at_nowhere(),
                     "%s has the shape %s: the model takes [rows, %zu], or [rows] for each of its %zu feature%s",
                     tensor_words(tensor_state_of(decoder), tensor).text,
                     tensor_shape_words(tensor->shape, tensor->dimensions).text, features, features,
                     features == 1 ? "" : "s");
}

static bool end_rows(struct decoder *decoder, size_t rows, struct forestd_error *error)
{
    decoder->question.matrix.rows = rows;
    return rows ? question_add(&decoder->question, DIALECT_NAMED, rows, error) : empty_error(&decoder->question, error);
}

/* ---- tensors side by side ---- */

/* Whether all have the rows of the first. */
static bool check_rows(struct decoder *decoder, struct forestd_error *error)
{
    const struct tensor_state *state = tensor_state_of(decoder);
    const struct tensor *first = tensor_at(state, 0);
    for (size_t i = 0; i < tensor_count(state); i++) {
        const struct tensor *tensor = tensor_at(state, i);
        if (tensor->dimensions == 0 || tensor->dimensions > 2)
            return bad_shape(decoder, tensor, error);
        if (tensor->shape[0] != first->shape[0])
            return error_set(error, FORESTD_WIDTH, at_nowhere(),
                             "%s has %" PRIu64 " rows, but %s has %" PRIu64 ": all must have as many",
                             tensor_words(state, tensor).text, tensor->shape[0], tensor_words(state, first).text,
                             first->shape[0]);
    }
    return true;
}

/* By names: whether each is one feature, and all features are there. */
static bool check_names(struct decoder *decoder, struct forestd_error *error)
{
    const struct tensor_state *state = tensor_state_of(decoder);
    struct roster roster = {.forest = decoder->forest, .budget = decoder->budget};
    bool good = roster_begin(&roster, error);
    for (size_t i = 0; good && i < tensor_count(state); i++) {
        const struct tensor *tensor = tensor_at(state, i);
        const char *name = tensor->name.text;
        if (tensor->feature == decoder->forest->features)
            good = roster_unknown(&roster, "'inputs'", at_nowhere(), name, strlen(name), error);
        else if (columns_of(tensor) != 1)
            good = bad_shape(decoder, tensor, error);
        else if (!roster_add(&roster, tensor->feature))
            good = roster_twice("'inputs'", at_nowhere(), name, strlen(name), error);
    }
    if (good && roster.count != decoder->forest->features)
        good = roster_missing(&roster, "'inputs'", at_nowhere(), error);
    roster_close(&roster);
    return good;
}

/* In order: whether all columns together are the model's. */
static bool check_order(struct decoder *decoder, struct forestd_error *error)
{
    const struct tensor_state *state = tensor_state_of(decoder);
    uint64_t columns = 0;
    bool good = true;
    for (size_t i = 0; i < tensor_count(state); i++)
        good = good && !__builtin_add_overflow(columns, columns_of(tensor_at(state, i)), &columns);
    if (good && columns == decoder->forest->features)
        return true;
    if (tensor_count(state) == 1)
        return bad_shape(decoder, tensor_at(state, 0), error);
    return error_set(error, FORESTD_WIDTH, at_nowhere(),
                     "The %zu inputs have %" PRIu64 " columns together: the model takes %zu", tensor_count(state),
                     columns, decoder->forest->features);
}

/* Puts the columns of a tensor into theirs of the rows. Blocks of rows keep both sides in the cache. */
static void place(const struct tensor *tensor, const float *elements, size_t first_row, size_t end_row, float *cells,
                  size_t features, size_t column)
{
    size_t columns = (size_t)columns_of(tensor);
    for (size_t row = first_row; row < end_row; row++)
        memcpy(cells + row * features + column, elements + tensor->first + row * columns, columns * sizeof *cells);
}

static bool join(struct decoder *decoder, size_t rows, bool named, struct forestd_error *error)
{
    const struct tensor_state *state = tensor_state_of(decoder);
    struct matrix *matrix = &decoder->question.matrix;
    struct matrix joined = {.features = matrix->features, .budget = matrix->budget};
    if (!matrix_reserve(&joined, rows, error))
        return false;
    const size_t block = 64;
    for (size_t top = 0; top < rows; top += block) {
        size_t column = 0;
        for (size_t i = 0; i < tensor_count(state); i++) {
            const struct tensor *tensor = tensor_at(state, i);
            place(tensor, matrix->cells, top, rows - top < block ? rows : top + block, joined.cells, matrix->features,
                  named ? tensor->feature : column);
            column += (size_t)columns_of(tensor);
        }
    }
    matrix_close(matrix);
    *matrix = joined;
    return end_rows(decoder, rows, error);
}

/* ---- all ---- */

bool tensor_rows(struct decoder *decoder, struct forestd_error *error)
{
    const struct tensor_state *state = tensor_state_of(decoder);
    size_t features = decoder->forest->features;
    size_t count = tensor_count(state);
    if (count == 0)
        return empty_error(&decoder->question, error);
    const struct tensor *first = tensor_at(state, 0);
    bool matrix = first->dimensions == 2 && first->shape[1] == features;
    bool row = first->dimensions == 1 && first->shape[0] == features && features > 1;
    if (count == 1 && (matrix || row))
        return end_rows(decoder, row ? 1 : (size_t)first->shape[0], error);
    bool named = false;
    for (size_t i = 0; i < count; i++)
        named = named || tensor_at(state, i)->feature < features;
    if (!check_rows(decoder, error) || !(named ? check_names : check_order)(decoder, error))
        return false;
    return join(decoder, (size_t)first->shape[0], named, error);
}
