/*
 * CSV as RFC 4180 and numpy's genfromtxt have it: commas, LF or CRLF, quotes where wanted, spaces around numbers. An
 * empty field, `nan` and `NA` are missing values. Lines without anything but spaces are skipped, whatever the model: a
 * missing value in a model of one feature is written `nan` or `""`.
 *
 * A first line that begins with a text is a header: it names the features, in any order.
 */
#include "base/number_run.h"
#include "base/number_scan.h"
#include "base/text.h"
#include "codec/cell.h"
#include "codec/decode.h"
#include "codec/names.h"
#include <inttypes.h>
#include <string.h>

/* Where in a field the reader is. */
enum csv_place {
    CSV_FIELD_START, /* before it, or in spaces before it */
    CSV_PLAIN,       /* in a field without quotes */
    CSV_QUOTED,      /* between quotes */
    CSV_QUOTE        /* behind a quote that ends the field or is the first of two */
};

struct csv {
    enum csv_place place;
    bool quoted;        /* the field had quotes */
    bool closed;        /* and spaces behind them */
    bool any;           /* the line has more than spaces */
    bool header;        /* the line is the header */
    bool began;         /* a row or a header was read */
    bool named;         /* the header put the columns into some order */
    size_t column;      /* of the field */
    struct buffer text; /* of the field so far */
    struct columns columns;
};

static struct csv *csv_of(struct decoder *decoder)
{
    return (struct csv *)decoder->state;
}

static float *row_cells(struct decoder *decoder)
{
    struct matrix *matrix = &decoder->question.matrix;
    return matrix->cells + matrix->rows * matrix->features;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* ---- fields ---- */

static bool bad_field(struct decoder *decoder, const char *text, size_t size, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    size_t row = question_row(&decoder->question);
    const char *hint = "";
    if (!csv->began && !decoder->forest->names)
        hint = "; the model was trained without feature names, so the body cannot have a header line: leave it out";
    return error_set(error, FORESTD_VALUE, at_cell(row, csv->column), "row %zu, column %zu: '%s' is not a number%s",
                     row, csv->column, text_quote(text, size).text, hint);
}

static bool header_field(struct decoder *decoder, const char *text, size_t size, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    if (!decoder->forest->names)
        return bad_field(decoder, text, size, error);
    if (csv->column == 0 && !columns_begin(&csv->columns, error))
        return false;
    return columns_add(&csv->columns, text, size, "the header line", at_cell(0, csv->column), error);
}

static bool too_long(struct decoder *decoder, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    size_t row = question_row(&decoder->question);
    return error_set(error, FORESTD_LIMIT, at_cell(row, csv->column),
                     "row %zu, column %zu: a field of more than %d characters", row, csv->column, DECODE_WORD_LIMIT);
}

static bool begin_row(struct decoder *decoder, struct forestd_error *error)
{
    return csv_of(decoder)->column > 0 || matrix_reserve(&decoder->question.matrix, 1, error);
}

/* Puts the value into the row; cells past its width are only counted. */
static bool put(struct decoder *decoder, float value, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    if (!begin_row(decoder, error))
        return false;
    if (csv->column < decoder->forest->features)
        row_cells(decoder)[csv->column] = value;
    csv->column++;
    return true;
}

/* The field is complete: `text`[0..size) without its quotes. */
static bool end_field(struct decoder *decoder, const char *text, size_t size, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    csv->place = CSV_FIELD_START;
    if (!csv->quoted || !csv->header) {
        for (; size && is_space(*text); size--)
            text++;
        while (size && is_space(text[size - 1]))
            size--;
    }
    csv->quoted = false;
    float value = 0;
    bool number = size <= DECODE_WORD_LIMIT && cell_read(text, size, &value);
    if (!csv->began && csv->column == 0 && !number)
        csv->header = true;
    if (csv->header) {
        bool good = header_field(decoder, text, size, error);
        csv->column++;
        return good;
    }
    if (csv->column < decoder->forest->features && !number)
        return bad_field(decoder, text, size, error);
    return put(decoder, value, error);
}

/* ---- lines ---- */

static bool end_line(struct decoder *decoder, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    struct matrix *matrix = &decoder->question.matrix;
    size_t cells = csv->column;
    csv->column = 0;
    csv->any = false;
    csv->began = true;
    if (csv->header) {
        csv->header = false;
        csv->named = true;
        return columns_end(&csv->columns, "the header line", at_row(0), error);
    }
    if (cells != matrix->features)
        return width_error(decoder, cells, error);
    if (csv->named)
        columns_apply(&csv->columns, row_cells(decoder), 1);
    matrix->rows++;
    return question_add(&decoder->question, DIALECT_ROWS, 1, error);
}

/* The body is at a line's end, with the field's text kept, or at a comma. */
static bool end_kept_field(struct decoder *decoder, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    bool good = end_field(decoder, csv->text.size ? (const char *)csv->text.bytes : "", csv->text.size, error);
    csv->text.size = 0;
    return good;
}

static bool keep(struct decoder *decoder, const char *text, size_t size, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    if (size > DECODE_WORD_LIMIT - csv->text.size)
        return too_long(decoder, error);
    return buffer_append(&csv->text, text, size, error);
}

/*
 * Takes numbers that a comma follows, behind a line's first field: of a line of usual ones all but the last. Returns
 * whether it took any.
 */
static bool run_cells(struct decoder *decoder, const char **at, const char *end)
{
    struct csv *csv = csv_of(decoder);
    size_t features = decoder->forest->features;
    size_t count = 0;
    if (csv->column + 1 < features)
        *at = number_run(*at, end, RUN_PLAIN, row_cells(decoder) + csv->column, features - 1 - csv->column, &count);
    csv->column += count;
    return count;
}

/*
 * Takes plain numbers, and whole lines of them, as long as each ends in this piece. Returns the first byte that is left
 * for the longer way, which is always at a field's start or in spaces before it; NULL after an error.
 */
static const char *run(struct decoder *decoder, const char *at, const char *end, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    size_t features = decoder->forest->features;
    if (csv->header)
        return at;
    enum { ALONE = 8 }; /* fields, after which a run is tried again where it took nothing */
    for (unsigned alone = 0;; alone -= alone > 0) {
        float value = 0;
        if (alone == 0 && csv->column > 0)
            alone = run_cells(decoder, &at, end) ? 0 : ALONE;
        const char *after = number_scan(at, end, &value);
        if (!after)
            return at;
        const char *next = after;
        if (*next == '\r')
            next++;
        if (next == end)
            return at;
        if (*next != '\n' && (*after != ',' || csv->column >= features))
            return at;
        if (!put(decoder, value, error))
            return NULL;
        csv->any = true;
        at = next + 1;
        if (*next == '\n' && !end_line(decoder, error))
            return NULL;
    }
}

/* The first byte from `at` on that ends a run of a field's plain bytes. */
static const char *plain_end(const char *at, const char *end)
{
    while (at < end && *at != ',' && *at != '\n')
        at++;
    return at;
}

static const char *quote_end(const char *at, const char *end)
{
    const char *found = memchr(at, '"', (size_t)(end - at));
    return found ? found : end;
}

/* A comma or a line's end. */
static bool separator(struct decoder *decoder, char c, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    if (c == '\n' && !csv->any) {
        csv->text.size = 0;
        csv->place = CSV_FIELD_START;
        return true;
    }
    csv->any = true;
    return end_kept_field(decoder, error) && (c == ',' || end_line(decoder, error));
}

static bool start_field(struct decoder *decoder, const char **at, const char *end, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    *at = run(decoder, *at, end, error);
    if (!*at)
        return false;
    if (*at == end)
        return true;
    char c = **at;
    if (c == ',' || c == '\n') {
        (*at)++;
        return separator(decoder, c, error);
    }
    if (is_space(c)) {
        (*at)++;
        return true;
    }
    csv->any = true;
    if (c == '"') {
        (*at)++;
        csv->quoted = true;
        csv->closed = false;
        csv->place = CSV_QUOTED;
    } else {
        csv->place = CSV_PLAIN;
    }
    return true;
}

static bool read_plain(struct decoder *decoder, const char **at, const char *end, struct forestd_error *error)
{
    const char *text = *at;
    *at = plain_end(text, end);
    if (!keep(decoder, text, (size_t)(*at - text), error))
        return false;
    if (*at == end)
        return true;
    const char c = *(*at)++;
    return separator(decoder, c, error);
}

static bool read_quoted(struct decoder *decoder, const char **at, const char *end, struct forestd_error *error)
{
    const char *text = *at;
    *at = quote_end(text, end);
    if (!keep(decoder, text, (size_t)(*at - text), error))
        return false;
    if (*at < end) {
        csv_of(decoder)->place = CSV_QUOTE;
        (*at)++;
    }
    return true;
}

static bool read_quote(struct decoder *decoder, const char **at, uint64_t byte, struct forestd_error *error)
{
    char c = *(*at)++;
    struct csv *csv = csv_of(decoder);
    if (c == ',' || c == '\n')
        return separator(decoder, c, error);
    if (is_space(c)) {
        csv->closed = true;
        return true;
    }
    if (c != '"' || csv->closed)
        return error_set(error, FORESTD_SYNTAX, at_byte(byte),
                         "byte %" PRIu64 ": a comma or a line's end is expected behind the quotes, not '%s'", byte,
                         text_quote(&c, 1).text);
    csv->place = CSV_QUOTED;
    return keep(decoder, "\"", 1, error);
}

/* ---- the decoder ---- */

static void open_csv(struct decoder *decoder)
{
    struct csv *csv = csv_of(decoder);
    csv->text.budget = decoder->budget;
    csv->columns.roster.forest = decoder->forest;
    csv->columns.roster.budget = decoder->budget;
}

static bool feed_csv(struct decoder *decoder, const char *bytes, size_t size, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    const char *at = bytes;
    const char *end = bytes + size;
    bool good = true;
    while (good && at < end) {
        switch (csv->place) {
        case CSV_FIELD_START:
            good = start_field(decoder, &at, end, error);
            break;
        case CSV_PLAIN:
            good = read_plain(decoder, &at, end, error);
            break;
        case CSV_QUOTED:
            good = read_quoted(decoder, &at, end, error);
            break;
        case CSV_QUOTE:
            good = read_quote(decoder, &at, decoder->fed + (uint64_t)(at - bytes), error);
            break;
        }
    }
    return good;
}

static bool finish_csv(struct decoder *decoder, struct forestd_error *error)
{
    struct csv *csv = csv_of(decoder);
    if (csv->place == CSV_QUOTED)
        return error_set(error, FORESTD_SYNTAX, at_byte(decoder->fed), "byte %" PRIu64 ": the body ends between quotes",
                         decoder->fed);
    if (!separator(decoder, '\n', error))
        return false;
    return question_row(&decoder->question) > 0 || empty_error(&decoder->question, error);
}

static void close_csv(struct decoder *decoder)
{
    struct csv *csv = csv_of(decoder);
    buffer_close(&csv->text);
    columns_close(&csv->columns);
}

const struct decoding csv_decoding = {sizeof(struct csv), open_csv, feed_csv, finish_csv, close_csv};
