/*
 * What the tokens of a JSON body mean: where its rows are, in any of the forms that clients send.
 *
 *     [[1, 2], [3, 4]]                                      rows
 *     [1, 2]                                                one row (or a row each, where the model has one feature)
 *     {"a": 1, "b": 2}   {"features": [1, 2]}               one row
 *     {"instances": ROWS}                                   also "inputs", "data", "input_data", "dataframe_records"
 *     {"dataframe_split": {"columns": ["a", "b"], "data": ROWS}}    also under the other keys, or bare
 *
 * where ROWS is an array of any of the forms of one row, and rows in objects may be wrapped as SageMaker's common
 * formats do: {"features": [1, 2]}, {"data": {"features": {"values": [1, 2]}}}. A name that is a feature of the model
 * is always that feature. Members that mean nothing here are skipped.
 */
#ifndef CODEC_JSON_QUESTION_H
#define CODEC_JSON_QUESTION_H

#include "codec/decode.h"
#include "codec/json.h"
#include "codec/names.h"

/* What the innermost array or object is that was not skipped. */
enum json_place {
    JSON_BODY,       /* none: between documents */
    JSON_MEMBERS,    /* an object that leads to rows: the body itself, or the value of "instances" and the like */
    JSON_COLUMNS,    /* the array of "columns" */
    JSON_ROWS,       /* an array of rows, until a number shows that it is one row itself */
    JSON_ROW,        /* an array of cells */
    JSON_RECORD,     /* an object that is a row of JSON_ROWS */
    JSON_WRAP,       /* an object on the way to a row: that of "data", "features" */
    JSON_PARAMETERS, /* the object of "parameters" */
    JSON_OUTPUTS     /* the array of "output" */
};

enum { JSON_PLACES = 12 }; /* more than any path through them has */

/* What the key that was read last means. */
enum json_member {
    JSON_UNKNOWN,
    JSON_FEATURE,    /* a feature's name: `feature` */
    JSON_INSTANCES,  /* rows, or an object that leads to them */
    JSON_COLUMN_KEY, /* "columns" */
    JSON_ONE_ROW,    /* "features", "values", and "data" of a record: a row's cells, or an object that leads to them */
    JSON_SPARSE,     /* "keys": refused, for values without their places would be wrong */
    JSON_PARAMETERS_KEY,
    JSON_OUTPUT_KEY
};

struct json_question {
    struct json_reader reader;
    enum json_place places[JSON_PLACES];
    unsigned height; /* places in use, beside JSON_BODY */
    unsigned skip;   /* the depth that ends what is skipped, plus 1; 0 = nothing is skipped */
    bool documents;  /* a document is complete */

    enum json_member member;
    const char *member_name; /* the key, when it is one of ours */
    size_t feature;          /* the feature that the key names, or `features` */

    enum dialect dialect; /* of the document */
    size_t rows;          /* complete rows of the document */
    const char *source;   /* the member that its rows came from, or NULL */
    bool rows_seen;       /* JSON_ROWS has begun with an array or object: all its elements are rows */
    bool record_open;     /* its members are cells of one row */
    bool has_columns;     /* it named its columns */
    bool by_order;        /* its columns are numbers, or the model has no names */
    bool has_records;     /* some of its rows name their cells */
    size_t labels;        /* columns seen */

    size_t column; /* cells of the row so far */
    bool flat;     /* the row is the whole of JSON_ROWS */
    bool wrapped;  /* the row of this record came from a wrapper and is complete */

    struct roster record;
    struct columns columns;
};

/* ---- json_rows.c: cells and rows ---- */

/* What the decoder's state is. */
static inline struct json_question *json_of(struct decoder *decoder)
{
    return (struct json_question *)decoder->state;
}

bool json_row_begin(struct decoder *decoder, bool flat, struct forestd_error *error);
bool json_row_cell(struct decoder *decoder, const struct json_token *token, struct forestd_error *error);
bool json_row_end(struct decoder *decoder, struct forestd_error *error);

/* Takes cells, and whole rows, as long as they are plain numbers that end in this piece. The place is JSON_ROW. */
bool json_row_run(struct decoder *decoder, struct forestd_error *error);

/* A row whose cells are named. */
bool json_record_begin(struct decoder *decoder, struct forestd_error *error);
bool json_record_cell(struct decoder *decoder, const struct json_token *token, struct forestd_error *error);
bool json_record_end(struct decoder *decoder, struct forestd_error *error);

/* The next label in "columns", and the end of the document that has them. */
bool json_column(struct decoder *decoder, const struct json_token *token, struct forestd_error *error);
bool json_columns_end(struct decoder *decoder, struct forestd_error *error);

/* ---- json_members.c: keys and their values ---- */

/* Remembers what a key means that was met in `place`. */
bool json_member_key(struct decoder *decoder, enum json_place place, const struct json_token *token,
                     struct forestd_error *error);

/* Takes the first token of the value of that key. */
bool json_member_value(struct decoder *decoder, enum json_place place, const struct json_token *token,
                       struct forestd_error *error);

/* Enters `place`. Fails where no body that means anything goes so deep. */
bool json_push(struct decoder *decoder, enum json_place place, struct forestd_error *error);

#endif
