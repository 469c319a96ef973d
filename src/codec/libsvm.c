/*
 * LIBSVM's format (its README: "<label> <index1>:<value1> <index2>:<value2> ..."): a line for each row, features
 * counted from 1 and in order, those that are left out are 0. The label, which may be missing, and `qid:` are passed
 * over, as is what follows a #.
 */
#include "base/number.h"
#include "base/text.h"
#include "codec/cell.h"
#include "codec/decode.h"
#include <string.h>

struct libsvm {
    struct buffer token; /* the beginning of a token that a piece's end cut */
    bool comment;        /* the rest of the line is one */
    bool row;            /* the line has a token */
    size_t last;         /* the feature of the line that was read last, from 1; 0 = none */
};

static struct libsvm *libsvm_of(struct decoder *decoder)
{
    return (struct libsvm *)decoder->state;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* ---- tokens ---- */

static bool begin_row(struct decoder *decoder, struct forestd_error *error)
{
    struct matrix *matrix = &decoder->question.matrix;
    if (!matrix_reserve(matrix, 1, error))
        return false;
    memset(matrix->cells + matrix->rows * matrix->features, 0, matrix->features * sizeof *matrix->cells);
    libsvm_of(decoder)->row = true;
    libsvm_of(decoder)->last = 0;
    return true;
}

static bool bad_token(const struct decoder *decoder, const char *token, size_t size, struct forestd_error *error)
{
    size_t row = question_row(&decoder->question);
    return error_set(error, FORESTD_SYNTAX, at_row(row), "row %zu: '%s' is not index:value, as in 3:0.5", row,
                     text_quote(token, size).text);
}

/* A number, or several with commas where a row has several labels. */
static bool is_label(const char *token, size_t size)
{
    const char *end = token + size;
    double number = 0;
    for (;;) {
        const char *comma = memchr(token, ',', (size_t)(end - token));
        const char *stop = comma ? comma : end;
        if (!number_read(token, (size_t)(stop - token), &number))
            return false;
        if (!comma)
            return true;
        token = comma + 1;
    }
}

/* The index that `text`[0..size) is; SIZE_MAX for what no model has, 0 also for what is no index. */
static size_t read_index(const char *text, size_t size, bool *good)
{
    size_t index = 0;
    *good = size > 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') {
            *good = false;
            return 0;
        }
        if (index > (SIZE_MAX - 9) / 10)
            return SIZE_MAX;
        index = index * 10 + (size_t)(text[i] - '0');
    }
    return index;
}

static bool check_index(struct decoder *decoder, size_t index, struct forestd_error *error)
{
    const struct libsvm *libsvm = libsvm_of(decoder);
    size_t row = question_row(&decoder->question);
    size_t features = decoder->forest->features;
    if (index == 0)
        return error_set(
            error, FORESTD_NAME, at_row(row),
            "row %zu has a feature 0: this format counts them from 1 (dump_svmlight_file writes it so with "
            "zero_based=False)",
            row);
    if (index > features)
        return error_set(error, FORESTD_WIDTH, at_row(row),
                         "row %zu has a feature %zu: the model takes %zu feature%s, counted from 1", row, index,
                         features, features == 1 ? "" : "s");
    if (index <= libsvm->last)
        return error_set(error, FORESTD_SYNTAX, at_cell(row, index - 1),
                         "row %zu: feature %zu stands behind feature %zu: they must be in order, each once", row, index,
                         libsvm->last);
    return true;
}

static bool take_feature(struct decoder *decoder, const char *token, size_t size, struct forestd_error *error)
{
    struct matrix *matrix = &decoder->question.matrix;
    const char *colon = memchr(token, ':', size);
    bool good = colon != NULL;
    size_t index = good ? read_index(token, (size_t)(colon - token), &good) : 0;
    if (!good)
        return bad_token(decoder, token, size, error);
    if (!check_index(decoder, index, error))
        return false;
    const char *text = colon + 1;
    float *cell = matrix->cells + matrix->rows * matrix->features + index - 1;
    libsvm_of(decoder)->last = index;
    if (text < token + size && cell_read(text, (size_t)(token + size - text), cell))
        return true;
    size_t row = question_row(&decoder->question);
    return error_set(error, FORESTD_VALUE, at_cell(row, index - 1), "row %zu, column %zu: '%s' is not a number", row,
                     index - 1, text_quote(text, (size_t)(token + size - text)).text);
}

static bool take_token(struct decoder *decoder, const char *token, size_t size, struct forestd_error *error)
{
    bool first = !libsvm_of(decoder)->row;
    if (first && !begin_row(decoder, error))
        return false;
    if (first && is_label(token, size))
        return true;
    if (size > 4 && memcmp(token, "qid:", 4) == 0)
        return true;
    return take_feature(decoder, token, size, error);
}

/* The token that ends with `text`[0..size), where an earlier piece may have its beginning. */
static bool end_token(struct decoder *decoder, const char *text, size_t size, struct forestd_error *error)
{
    struct buffer *kept = &libsvm_of(decoder)->token;
    if (!kept->size)
        return size == 0 || take_token(decoder, text, size, error);
    if (!buffer_append(kept, text, size, error))
        return false;
    bool good = take_token(decoder, (const char *)kept->bytes, kept->size, error);
    kept->size = 0;
    return good;
}

static bool end_line(struct decoder *decoder, struct forestd_error *error)
{
    struct libsvm *libsvm = libsvm_of(decoder);
    libsvm->comment = false;
    if (!libsvm->row)
        return true;
    libsvm->row = false;
    decoder->question.matrix.rows++;
    return question_add(&decoder->question, DIALECT_ROWS, 1, error);
}

/* ---- the decoder ---- */

static void open_libsvm(struct decoder *decoder)
{
    libsvm_of(decoder)->token.budget = decoder->budget;
}

static const char *token_end(const char *at, const char *end)
{
    while (at < end && !is_space(*at) && *at != '\n' && *at != '#')
        at++;
    return at;
}

/* What a piece's end cuts is kept for the next. */
static bool keep(struct decoder *decoder, const char *text, size_t size, struct forestd_error *error)
{
    struct buffer *kept = &libsvm_of(decoder)->token;
    size_t row = question_row(&decoder->question);
    if (size > DECODE_WORD_LIMIT - kept->size)
        return error_set(error, FORESTD_LIMIT, at_row(row), "row %zu: a word of more than %d characters", row,
                         DECODE_WORD_LIMIT);
    return buffer_append(kept, text, size, error);
}

static bool feed_libsvm(struct decoder *decoder, const char *bytes, size_t size, struct forestd_error *error)
{
    struct libsvm *libsvm = libsvm_of(decoder);
    const char *end = bytes + size;
    for (const char *at = bytes; at < end; at++) {
        if (libsvm->comment) {
            at = memchr(at, '\n', (size_t)(end - at));
            if (!at)
                return true;
        } else {
            const char *text = at;
            at = token_end(text, end);
            if (at == end)
                return keep(decoder, text, (size_t)(at - text), error);
            if (!end_token(decoder, text, (size_t)(at - text), error))
                return false;
        }
        libsvm->comment = *at == '#';
        if (*at == '\n' && !end_line(decoder, error))
            return false;
    }
    return true;
}

static bool finish_libsvm(struct decoder *decoder, struct forestd_error *error)
{
    if (!end_token(decoder, "", 0, error) || !end_line(decoder, error))
        return false;
    return question_row(&decoder->question) > 0 || empty_error(&decoder->question, error);
}

static void close_libsvm(struct decoder *decoder)
{
    buffer_close(&libsvm_of(decoder)->token);
}

const struct decoding libsvm_decoding = {sizeof(struct libsvm), open_libsvm, feed_libsvm, finish_libsvm, close_libsvm};
