#include "codec/json_question.h"

#include "base/number_run.h"
#include "base/number_scan.h"
#include "codec/cell.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static float *row_cells(struct decoder *decoder)
{
    struct matrix *matrix = &decoder->question.matrix;
    return matrix->cells + matrix->rows * matrix->features;
}

static void complete_row(struct decoder *decoder)
{
    decoder->question.matrix.rows++;
    json_of(decoder)->rows++;
}

/* Refuses a cell that is no number. Returns false. */
static bool bad_cell(const struct decoder *decoder, size_t column, enum json_kind kind, struct forestd_error *error)
{
    size_t row = question_row(&decoder->question);
    const char *what = kind == JSON_ARRAY ? "an array" : kind == JSON_OBJECT ? "an object" : "a text";
    return error_set(error, FORESTD_VALUE, at_cell(row, column),
                     "row %zu, column %zu holds %s: every cell must be a number or null", row, column, what);
}

static bool value_of(const struct json_token *token, float *value)
{
    /* A text that is a number: numpy reads it when it makes float32 of an array, and so do tables that come as texts. */
    if (token->kind == JSON_STRING)
        return cell_read(token->text, token->size, value);
    if (token->kind != JSON_NUMBER && token->kind != JSON_NULL)
        return false;
    *value = token->kind == JSON_NULL ? NAN : token->number;
    return true;
}

bool json_row_begin(struct decoder *decoder, bool flat, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    question->column = 0;
    question->flat = flat;
    return matrix_reserve(&decoder->question.matrix, 1, error);
}

bool json_row_cell(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    size_t features = decoder->forest->features;
    float value = 0;
    if (!value_of(token, &value))
        return bad_cell(decoder, question->column, token->kind, error);
    if (question->column < features)
        row_cells(decoder)[question->column] = value;
    question->column++;
    if (question->flat && features == 1) {
        complete_row(decoder);
        return json_row_begin(decoder, true, error);
    }
    return true;
}

bool json_row_end(struct decoder *decoder, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    size_t features = decoder->forest->features;
    if (!question->flat || features != 1) {
        if (question->column != features)
            return width_error(decoder, question->column, error);
        complete_row(decoder);
    }
    if (question->flat && question->dialect == DIALECT_ROWS && question->rows == 1)
        question->dialect = DIALECT_ROW;
    question->wrapped = true;
    return true;
}

static const char *skip_many_spaces(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* Nearly always there is one space or none. */
static inline const char *skip_spaces(const char *at, const char *end)
{
    if (__builtin_expect(at < end && *at == ' ', true)) /* a branch: what follows does not wait for the byte */
        at++;
    return at < end && (unsigned char)*at <= ' ' ? skip_many_spaces(at, end) : at;
}

/* The byte after `]`, a comma and `[`; NULL when something else follows, or it does not all lie in this piece. */
static const char *next_row(const char *at, const char *end)
{
    at = skip_spaces(at + 1, end);
    if (at == end || *at != ',')
        return NULL;
    at = skip_spaces(at + 1, end);
    return at < end && *at == '[' ? at + 1 : NULL;
}

static bool ends_number(char c)
{
    return c == ',' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Where a run of cells is. */
struct cells_run {
    const char *at; /* the next byte */
    const char *end;
    size_t column;
    enum json_expect expect;
    bool rows; /* rows are in a list: further ones may follow */
};

/* Takes plain cells, whole rows of them where there is room, as long as a comma follows. Returns false without memory. */
static bool run_rows(struct decoder *decoder, struct cells_run *run, struct forestd_error *error)
{
    struct matrix *matrix = &decoder->question.matrix;
    size_t features = decoder->forest->features;
    if (run->column >= features)
        return true;
    struct run_place place = run->rows ? (struct run_place){run->column, features} : RUN_PLAIN;
    size_t room = (run->rows ? matrix->capacity - matrix->rows : 1) * features - run->column;
    size_t count = 0;
    const char *next = number_run(run->at, run->end, place, row_cells(decoder) + run->column, room, &count);
    if (count == 0)
        return true;
    size_t cells = run->column + count;
    size_t complete = run->rows ? cells / features : 0;
    run->at = skip_spaces(next, run->end);
    run->column = cells - complete * features;
    run->expect = run->column ? JSON_EXPECT_VALUE : JSON_EXPECT_FIRST_CELL;
    matrix->rows += complete;
    json_of(decoder)->rows += complete;
    return complete == 0 || matrix_reserve(matrix, 1, error);
}

/*
 * Takes plain cells that a comma follows, of a row of usual numbers all but the last, as far as NUMBER_REACH bytes are left.
 * Returns the first byte that is left for the longer way. Inlined, it would lack registers.
 */
__attribute__((noinline)) static const char *run_cells(const char *at, const char *end, float *cells, size_t *column,
                                                       size_t features)
{
    while (*column + 1 < features && end - at >= NUMBER_REACH) {
        const char *after = number_scan_far(at, &cells[*column]);
        if (!after || *after != ',')
            break;
        at = skip_spaces(after + 1, end);
        ++*column;
    }
    return at;
}

/* The same where fewer bytes are left, out of a copy of them all that something follows. */
static const char *run_last_cells(const char *at, const char *end, float *cells, size_t *column, size_t features)
{
    char copy[2 * NUMBER_REACH] = {0};
    size_t size = (size_t)(end - at);
    memcpy(copy, at, size);
    return at + (run_cells(copy, copy + size + NUMBER_REACH, cells, column, features) - copy);
}

/* Takes a row's cells one by one as far as a comma follows. */
static void run_row(struct decoder *decoder, struct cells_run *run)
{
    size_t features = decoder->forest->features;
    size_t first = run->column;
    float *cells = row_cells(decoder);
    run->at = run_cells(run->at, run->end, cells, &run->column, features);
    if (run->column + 1 < features && run->end - run->at < NUMBER_REACH)
        run->at = run_last_cells(run->at, run->end, cells, &run->column, features);
    if (run->column > first)
        run->expect = JSON_EXPECT_VALUE;
}

/* Takes a cell and what separates it from the next. Returns false when one of them is left for the longer way. */
static bool run_cell(struct decoder *decoder, struct cells_run *run)
{
    size_t features = decoder->forest->features;
    float value = 0;
    const char *after = number_scan(run->at, run->end, &value);
    if (!after || !ends_number(*after))
        return false;
    if (run->column < features)
        row_cells(decoder)[run->column] = value;
    run->column++;
    run->at = *after == ',' ? after : skip_spaces(after, run->end);
    run->expect = JSON_EXPECT_COMMA;
    if (run->at == run->end)
        return false;
    if (*run->at == ',') {
        run->at = skip_spaces(run->at + 1, run->end);
        run->expect = JSON_EXPECT_VALUE;
        return true;
    }
    const char *next = *run->at == ']' && run->rows && run->column == features ? next_row(run->at, run->end) : NULL;
    if (!next)
        return false;
    complete_row(decoder);
    run->column = 0;
    run->at = skip_spaces(next, run->end);
    run->expect = JSON_EXPECT_FIRST_CELL;
    return true;
}

bool json_row_run(struct decoder *decoder, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    struct json_reader *reader = &question->reader;
    if (reader->cut != JSON_CUT_NONE || (question->flat && decoder->forest->features == 1))
        return true;
    struct cells_run run = {.at = skip_spaces(reader->at, reader->end),
                            .end = reader->end,
                            .column = question->column,
                            .expect = reader->expect,
                            .rows = !question->flat && question->height >= 2 &&
                                    question->places[question->height - 2] == JSON_ROWS};
    if (run.expect == JSON_EXPECT_COMMA && run.at < run.end && *run.at == ',') {
        run.at = skip_spaces(run.at + 1, run.end);
        run.expect = JSON_EXPECT_VALUE;
    }
    bool good = true;
    bool more = run.expect != JSON_EXPECT_COMMA;
    while (good && more) {
        good = run_rows(decoder, &run, error);
        if (!good)
            break;
        run_row(decoder, &run);
        more = run_cell(decoder, &run);
        if (run.expect == JSON_EXPECT_FIRST_CELL)
            good = matrix_reserve(&decoder->question.matrix, 1, error);
    }
    question->column = run.column;
    reader->at = run.at;
    reader->expect = run.expect;
    return good;
}

bool json_record_begin(struct decoder *decoder, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    question->wrapped = false;
    question->record.count = 0;
    if (decoder->forest->names && !roster_begin(&question->record, error))
        return false;
    return matrix_reserve(&decoder->question.matrix, 1, error);
}

bool json_record_cell(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    size_t feature = question->feature;
    float value = 0;
    if (!value_of(token, &value))
        return bad_cell(decoder, feature, token->kind, error);
    if (!roster_add(&question->record, feature)) {
        char what[32];
        size_t row = question_row(&decoder->question);
        (void)snprintf(what, sizeof what, "row %zu", row);
        const char *name = decoder->forest->names[feature];
        return roster_twice(what, at_row(row), name, strlen(name), error);
    }
    row_cells(decoder)[feature] = value;
    return true;
}

bool json_record_end(struct decoder *decoder, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    if (question->wrapped)
        return true;
    if (!decoder->forest->names)
        return width_error(decoder, 0, error);
    if (question->record.count != decoder->forest->features) {
        char what[32];
        size_t row = question_row(&decoder->question);
        (void)snprintf(what, sizeof what, "row %zu", row);
        return roster_missing(&question->record, what, at_row(row), error);
    }
    question->has_records = true;
    complete_row(decoder);
    return true;
}

bool json_column(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    struct forestd_where where = at_byte(token->byte);
    bool named = token->kind == JSON_STRING && decoder->forest->names;
    if (token->kind != JSON_STRING && token->kind != JSON_NUMBER)
        return error_set(error, FORESTD_SYNTAX, where,
                         "byte %" PRIu64 ": 'columns' must be a list of names, the cells' order in each row",
                         token->byte);
    if (question->labels && question->by_order == named)
        return error_set(error, FORESTD_NAME, where,
                         "byte %" PRIu64 ": 'columns' holds names and numbers: send the names of all features",
                         token->byte);
    if (question->labels == 0 && named && !columns_begin(&question->columns, error))
        return false;
    question->by_order = !named;
    question->labels++;
    return !named || columns_add(&question->columns, token->text, token->size, "'columns'", where, error);
}

bool json_columns_end(struct decoder *decoder, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    struct matrix *matrix = &decoder->question.matrix;
    if (!question->has_columns || question->by_order)
        return true;
    size_t first = matrix->rows - question->rows;
    if (question->has_records)
        return error_set(error, FORESTD_SYNTAX, at_row(matrix->first_row + first),
                         "rows that name their cells, together with 'columns': send one of them");
    columns_apply(&question->columns, matrix->cells + first * matrix->features, question->rows);
    return true;
}
