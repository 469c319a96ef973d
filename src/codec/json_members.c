#include "codec/json_question.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Every key that means something, and in which places. */
static const struct {
    const char *key;
    enum json_member member;
    unsigned places; /* bits */
} members[] = {
    {"instances", JSON_INSTANCES, 1U << JSON_MEMBERS},
    {"inputs", JSON_INSTANCES, 1U << JSON_MEMBERS},
    {"data", JSON_INSTANCES, 1U << JSON_MEMBERS},
    {"input_data", JSON_INSTANCES, 1U << JSON_MEMBERS},
    {"dataframe_split", JSON_INSTANCES, 1U << JSON_MEMBERS},
    {"dataframe_records", JSON_INSTANCES, 1U << JSON_MEMBERS},
    {"columns", JSON_COLUMN_KEY, 1U << JSON_MEMBERS},
    {"parameters", JSON_PARAMETERS_KEY, 1U << JSON_MEMBERS},
    {"features", JSON_ONE_ROW, 1U << JSON_MEMBERS | 1U << JSON_RECORD | 1U << JSON_WRAP},
    {"data", JSON_ONE_ROW, 1U << JSON_RECORD},
    {"values", JSON_ONE_ROW, 1U << JSON_WRAP},
    {"keys", JSON_SPARSE, 1U << JSON_WRAP},
    {"output", JSON_OUTPUT_KEY, 1U << JSON_PARAMETERS},
    {"outputs", JSON_OUTPUT_KEY, 1U << JSON_PARAMETERS},
};

enum { MEMBERS = sizeof members / sizeof *members };

static void find_member(struct json_question *question, enum json_place place, const struct json_token *token)
{
    question->member = JSON_UNKNOWN;
    question->member_name = NULL;
    for (size_t i = 0; i < MEMBERS; i++) {
        const char *key = members[i].key;
        if (members[i].places >> place & 1 && strlen(key) == token->size &&
            memcmp(key, token->text, token->size) == 0) {
            question->member = members[i].member;
            question->member_name = key;
            return;
        }
    }
}

/* Whether a row turns out to be a tensor of the Open Inference Protocol, whose requests have "inputs" as well. */
static bool is_tensor(const struct json_question *question, const struct json_token *token)
{
    static const char *const keys[] = {"name", "shape", "datatype"};
    if (!question->source || strcmp(question->source, "inputs") != 0)
        return false;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strlen(keys[i]) == token->size && memcmp(keys[i], token->text, token->size) == 0)
            return true;
    return false;
}

bool json_member_key(struct decoder *decoder, enum json_place place, const struct json_token *token,
                     struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    const struct forest *forest = decoder->forest;
    bool may_be_feature = (place == JSON_RECORD && !question->wrapped) || place == JSON_MEMBERS;
    question->feature = forest->features;
    if (may_be_feature && forest->names)
        question->feature = forest_feature(forest, token->text, token->size, question->record.count);
    bool feature = question->feature < forest->features;
    if (feature && place == JSON_RECORD) {
        question->member = JSON_FEATURE;
        return true;
    }
    find_member(question, place, token);
    if (feature && question->member == JSON_UNKNOWN)
        question->member = JSON_FEATURE;
    if (place != JSON_RECORD || question->wrapped)
        return true;
    size_t row = question_row(&decoder->question);
    if (question->member == JSON_UNKNOWN && is_tensor(question, token))
        return error_set(error, FORESTD_SYNTAX, at_row(row),
                         "'inputs' holds tensors, not rows: the Open Inference Protocol is spoken at "
                         "/v2/models/{model}/infer");
    if (question->member == JSON_UNKNOWN || question->record.count) {
        char what[32];
        (void)snprintf(what, sizeof what, "row %zu", row);
        return roster_unknown(&question->record, what, at_row(row), token->text, token->size, error);
    }
    return true;
}

static void skip(struct json_question *question, const struct json_token *token)
{
    if (token->kind == JSON_ARRAY || token->kind == JSON_OBJECT)
        question->skip = question->reader.depth;
}

/* The document's rows come from the member whose value begins: there may be one such only. */
static bool claim(struct json_question *question, const struct json_token *token, struct forestd_error *error)
{
    if (question->source)
        return error_set(error, FORESTD_SYNTAX, at_byte(token->byte),
                         "byte %" PRIu64 ": '%s' holds rows, but so does '%s': send one of them", token->byte,
                         question->member_name, question->source);
    question->source = question->member_name;
    question->record_open = false;
    question->wrapped = false;
    return true;
}

/*
 * Whether the member that begins is passed over, because KServe's servers look at "inputs" first. Where "instances" came
 * before it, its rows are dropped.
 */
static bool gives_way(struct decoder *decoder)
{
    struct json_question *question = json_of(decoder);
    bool both = question->source && question->height == 1;
    if (both && strcmp(question->source, "inputs") == 0)
        return strcmp(question->member_name, "instances") == 0;
    if (both && strcmp(question->source, "instances") == 0 && strcmp(question->member_name, "inputs") == 0) {
        decoder->question.matrix.rows -= question->rows;
        question->rows = 0;
        question->rows_seen = false;
        question->has_records = false;
        question->source = NULL;
    }
    return false;
}

static bool no_rows(const struct json_question *question, const struct json_token *token, struct forestd_error *error)
{
    return error_set(error, FORESTD_SYNTAX, at_byte(token->byte), "byte %" PRIu64 ": '%s' must hold an array of rows",
                     token->byte, question->member_name);
}

/* A member of an object that may be a record itself. */
static bool take_feature(struct decoder *decoder, enum json_place place, const struct json_token *token,
                         struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    if (place == JSON_MEMBERS) {
        if (question->source || token->kind == JSON_ARRAY || token->kind == JSON_OBJECT) {
            skip(question, token);
            return true;
        }
        if (!question->record_open && !json_record_begin(decoder, error))
            return false;
        question->record_open = true;
    }
    return json_record_cell(decoder, token, error);
}

static bool take_instances(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    if (token->kind == JSON_ARRAY)
        return claim(question, token, error) && json_push(decoder, JSON_ROWS, error);
    if (question->height > 1)
        return no_rows(question, token, error);
    return json_push(decoder, JSON_MEMBERS, error);
}

static bool take_one_row(struct decoder *decoder, enum json_place place, const struct json_token *token,
                         struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    bool array = token->kind == JSON_ARRAY;
    if (place == JSON_MEMBERS)
        return claim(question, token, error) && json_push(decoder, array ? JSON_ROWS : JSON_WRAP, error);
    if (question->wrapped)
        return error_set(error, FORESTD_SYNTAX, at_byte(token->byte), "byte %" PRIu64 ": '%s' holds a second row",
                         token->byte, question->member_name);
    if (!array)
        return json_push(decoder, JSON_WRAP, error);
    return json_row_begin(decoder, false, error) && json_push(decoder, JSON_ROW, error);
}

static bool take_columns(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    if (token->kind != JSON_ARRAY || question->has_columns)
        return error_set(error, FORESTD_SYNTAX, at_byte(token->byte),
                         "byte %" PRIu64 ": 'columns' must be one array of names", token->byte);
    question->has_columns = true;
    question->labels = 0;
    return json_push(decoder, JSON_COLUMNS, error);
}

static bool take_output(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    unsigned outputs = 0;
    if (token->kind == JSON_ARRAY)
        return json_push(decoder, JSON_OUTPUTS, error);
    if (token->kind != JSON_STRING)
        return error_set(error, FORESTD_ARGUMENT, at_byte(token->byte),
                         "byte %" PRIu64 ": '%s' must be a list such as [\"predictions\", \"probabilities\"]",
                         token->byte, json_of(decoder)->member_name);
    if (!outputs_read(token->text, token->size, &outputs, error))
        return false;
    decoder->question.outputs |= outputs;
    return true;
}

bool json_member_value(struct decoder *decoder, enum json_place place, const struct json_token *token,
                       struct forestd_error *error)
{
    struct json_question *question = json_of(decoder);
    bool scalar = token->kind != JSON_ARRAY && token->kind != JSON_OBJECT;
    if (question->member == JSON_FEATURE || (scalar && question->feature < decoder->forest->features))
        return take_feature(decoder, place, token, error);
    if (token->kind == JSON_NULL)
        return true;
    switch (question->member) {
    case JSON_INSTANCES:
        if (gives_way(decoder))
            break;
        return scalar ? no_rows(question, token, error) : take_instances(decoder, token, error);
    case JSON_ONE_ROW:
        return scalar ? no_rows(question, token, error) : take_one_row(decoder, place, token, error);
    case JSON_COLUMN_KEY:
        return take_columns(decoder, token, error);
    case JSON_OUTPUT_KEY:
        return take_output(decoder, token, error);
    case JSON_SPARSE:
        return error_set(error, FORESTD_UNSUPPORTED, at_byte(token->byte),
                         "byte %" PRIu64 ": sparse rows ('keys') are not read: send all values of a row", token->byte);
    case JSON_PARAMETERS_KEY:
        if (token->kind == JSON_OBJECT)
            return json_push(decoder, JSON_PARAMETERS, error);
        break;
    case JSON_UNKNOWN:
    case JSON_FEATURE:
        break;
    }
    skip(question, token);
    return true;
}
