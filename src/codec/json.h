/*
 * JSON text to tokens, from pieces that are split anywhere.
 *
 * The grammar is RFC 8259's, and the literals NaN, Infinity and -Infinity as Python's json reads and writes them. A
 * reader that finishes one value begins with the next: a body of several values is one of JSON Lines.
 */
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include "base/buffer.h"

enum json_kind {
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_KEY,
    JSON_STRING,
    JSON_NUMBER, /* also true, false, NaN, Infinity: what numpy makes of them in an array of numbers */
    JSON_NULL
};

struct json_token {
    enum json_kind kind;
    float number;     /* JSON_NUMBER: the value as float32, rounded over double */
    const char *text; /* JSON_KEY, JSON_STRING: [size] without escapes; JSON_NUMBER: as it is written. Good until the
                         next call */
    size_t size;
    uint64_t byte; /* of the body, where it begins */
};

/* What may come next. */
enum json_expect {
    JSON_EXPECT_DOCUMENT, /* a value, or the end of the body */
    JSON_EXPECT_VALUE,
    JSON_EXPECT_FIRST_CELL, /* a value or ] */
    JSON_EXPECT_FIRST_KEY,  /* a key or } */
    JSON_EXPECT_KEY,
    JSON_EXPECT_COLON,
    JSON_EXPECT_COMMA /* a comma or the end of the array or object */
};

/* A token that the end of a piece cut. */
enum json_cut { JSON_CUT_NONE, JSON_CUT_WORD, JSON_CUT_STRING };

enum { JSON_DEPTH_LIMIT = 64, JSON_STRING_LIMIT = 64 * 1024 };

struct json_reader {
    const char *at;    /* the next byte of the piece */
    const char *end;   /* of the piece */
    const char *piece; /* its beginning */
    uint64_t before;   /* bytes of the body before the piece */
    enum json_expect expect;
    unsigned depth;   /* open arrays and objects */
    uint64_t objects; /* bit i: what is open at depth i + 1 is an object */

    enum json_cut cut;
    uint64_t byte;       /* where the token that is cut begins */
    struct buffer text;  /* what there is of it; of strings longer than JSON_STRING_LIMIT the beginning is enough */
    bool key;            /* it is a key */
    int escape;          /* in a string: 0 = none, 1 = after a backslash, 2 to 5 = hexadecimal digits of \u that miss */
    uint32_t unit;       /* the digits of \u so far */
    uint32_t first_unit; /* the first half of a surrogate pair, or 0 */
};

enum json_step { JSON_TOKEN, JSON_MORE, JSON_BROKEN };

/* Gives the reader the next piece. */
void json_feed(struct json_reader *reader, const char *bytes, size_t size, uint64_t before);

/* The next token; JSON_MORE when the piece is used up. */
enum json_step json_next(struct json_reader *reader, struct json_token *token, struct forestd_error *error);

/* The body is over: its last token, when only the end showed that it was complete, or JSON_MORE for none. */
enum json_step json_finish(struct json_reader *reader, struct json_token *token, struct forestd_error *error);

void json_close(struct json_reader *reader);

#endif
