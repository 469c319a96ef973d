#include "codec/json_question.h"

#include <inttypes.h>

bool json_push(struct decoder *decoder, enum json_place place, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    if (question->height == JSON_PLACES) {
        uint64_t byte = question->reader.before;
        return error_set(error, FORESTD_LIMIT, at_byte(byte), "after byte %" PRIu64 ": objects deeper than rows may be",
                         byte);
    }
    question->places[question->height++] = place;
    return true;
}

static enum json_place place_of(const struct json_question *question)
{
    return question->height ? question->places[question->height - 1] : JSON_BODY;
}

/* ---- documents ---- */

static bool begin_document(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    if (question->documents && decoder->question.format == FORMAT_JSON) {
        decoder->question.format = FORMAT_LINES;
        decoder->question.came_as_json = true;
    }
    question->rows = 0;
    question->source = NULL;
    question->rows_seen = false;
    question->record_open = false;
    question->has_columns = false;
    question->by_order = true;
    question->has_records = false;
    switch (token->kind) {
    case JSON_ARRAY:
        question->dialect = DIALECT_ROWS;
        return json_push(decoder, JSON_ROWS, error);
    case JSON_OBJECT:
        question->dialect = DIALECT_NAMED;
        return json_push(decoder, JSON_MEMBERS, error);
    case JSON_NUMBER:
    case JSON_NULL:
        /* A value alone is a row where rows have one cell. */
        question->dialect = DIALECT_ROWS;
        if (decoder->forest->features != 1)
            return width_error(decoder, 1, error);
        return json_row_begin(decoder, true, error) && json_row_cell(decoder, token, error) &&
               json_row_end(decoder, error);
    case JSON_STRING:
    case JSON_KEY:
    case JSON_ARRAY_END:
    case JSON_OBJECT_END:
        break;
    }
    return error_set(error, FORESTD_SYNTAX, at_byte(token->byte),
                     "byte %" PRIu64 ": an array of rows or an object that holds one is expected here", token->byte);
}

/* An object that holds rows nowhere: it may be of a protocol that has a path of its own. */
static bool no_rows_named(const struct decoder *decoder, struct forestd_error *error)
{
    size_t row = question_row(&decoder->question);
    return error_set(error, FORESTD_EMPTY, row ? at_row(row) : at_nowhere(),
                     "No instances provided: rows are looked for in instances, inputs, data, input_data, "
                     "dataframe_split and dataframe_records");
}

static bool end_document(struct decoder *decoder, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    if (question->record_open && !question->source && !json_record_end(decoder, error))
        return false;
    if (question->rows == 0 && question->dialect == DIALECT_NAMED && !question->source)
        return no_rows_named(decoder, error);
    if (question->rows == 0)
        return empty_error(&decoder->question, error);
    if (!json_columns_end(decoder, error))
        return false;
    question->documents = true;
    return question_add(&decoder->question, question->dialect, question->rows, error);
}

/* ---- tokens, by place ---- */

static bool take_in_rows(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    switch (token->kind) {
    case JSON_ARRAY_END:
        question->height--;
        return true;
    case JSON_ARRAY:
        question->rows_seen = true;
        return json_row_begin(decoder, false, error) && json_push(decoder, JSON_ROW, error);
    case JSON_OBJECT:
        question->rows_seen = true;
        return json_record_begin(decoder, error) && json_push(decoder, JSON_RECORD, error);
    default:
        break;
    }
    size_t row = question_row(&decoder->question);
    if (question->rows_seen)
        return error_set(error, FORESTD_SYNTAX, at_row(row), "row %zu is not an array like the rows before it", row);
    /* The first cell: the array is a row itself. */
    question->places[question->height - 1] = JSON_ROW;
    return json_row_begin(decoder, true, error) && json_row_cell(decoder, token, error);
}

static bool take_in_object(struct decoder *decoder, enum json_place place, const struct json_token *token,
                           struct forestd_error *error)
{
    if (token->kind == JSON_KEY)
        return json_member_key(decoder, place, token, error);
    if (token->kind != JSON_OBJECT_END)
        return json_member_value(decoder, place, token, error);
    json_of(decoder)->height--;
    return place != JSON_RECORD || json_record_end(decoder, error);
}

static bool take_in_row(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    if (token->kind != JSON_ARRAY_END)
        return json_row_cell(decoder, token, error);
    json_of(decoder)->height--;
    return json_row_end(decoder, error);
}

static bool take_in_columns(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    if (token->kind != JSON_ARRAY_END)
        return json_column(decoder, token, error);
    question->height--;
    return question->by_order || columns_end(&question->columns, "'columns'", at_byte(token->byte), error);
}

static bool take_in_outputs(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    if (token->kind == JSON_ARRAY_END) {
        json_of(decoder)->height--;
        return true;
    }
    unsigned outputs = 0;
    if (token->kind != JSON_STRING)
        return error_set(error, FORESTD_ARGUMENT, at_byte(token->byte),
                         "byte %" PRIu64 ": an output is a text, such as \"predictions\"", token->byte);
    if (!outputs_read(token->text, token->size, &outputs, error))
        return false;
    decoder->question.outputs |= outputs;
    return true;
}

static bool take_in_place(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    enum json_place place = place_of(json_of(decoder));
    switch (place) {
    case JSON_BODY:
        return begin_document(decoder, token, error);
    case JSON_ROWS:
        return take_in_rows(decoder, token, error);
    case JSON_ROW:
        return take_in_row(decoder, token, error);
    case JSON_COLUMNS:
        return take_in_columns(decoder, token, error);
    case JSON_OUTPUTS:
        return take_in_outputs(decoder, token, error);
    case JSON_MEMBERS:
    case JSON_RECORD:
    case JSON_WRAP:
    case JSON_PARAMETERS:
        break;
    }
    return take_in_object(decoder, place, token, error);
}

static bool take(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    unsigned depth = question->reader.depth;
    if (question->skip) {
        if (depth < question->skip)
            question->skip = 0;
        return true;
    }
    return take_in_place(decoder, token, error) && (depth || end_document(decoder, error));
}

/* ---- the decoder ---- */

static void open_json(struct decoder *decoder)
{
    struct json_question *question = json_of(decoder);
    question->reader.text.budget = decoder->budget;
    question->record.forest = decoder->forest;
    question->record.budget = decoder->budget;
    question->columns.roster = question->record;
}

static bool feed_json(struct decoder *decoder, const char *bytes, size_t size, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    json_feed(&question->reader, bytes, size, decoder->fed);
    for (;;) {
        if (!question->skip && place_of(question) == JSON_ROW && !json_row_run(decoder, error))
            return false;
        struct json_token token = {0};
        switch (json_next(&question->reader, &token, error)) {
        case JSON_TOKEN:
            if (!take(decoder, &token, error))
                return false;
            break;
        case JSON_MORE:
            return true;
        case JSON_BROKEN:
            return false;
        }
    }
}

static bool finish_json(struct decoder *decoder, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    struct json_token token = {0};
    switch (json_finish(&question->reader, &token, error)) {
    case JSON_TOKEN:
        if (!take(decoder, &token, error))
            return false;
        break;
    case JSON_MORE:
        break;
    case JSON_BROKEN:
        return false;
    }
    return question->documents || empty_error(&decoder->question, error);
}

static void close_json(struct decoder *decoder)
{
    struct json_question *question = json_of(decoder);
    json_close(&question->reader);
    roster_close(&question->record);
    columns_close(&question->columns);
}

const struct decoding json_decoding = {sizeof(struct json_question), open_json, feed_json, finish_json, close_json};
