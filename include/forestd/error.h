/*
 * What went wrong, said three ways: a code for machines, a sentence for people, and a position.
 *
 * Every function of the engine that can fail takes a `struct forestd_error *`, which may be NULL when the caller does
 * not want to know, and writes it only when it fails. An error owns no memory and may be copied.
 */
#ifndef FORESTD_ERROR_H
#define FORESTD_ERROR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define FORESTD_API __attribute__((visibility("default")))
#else
#define FORESTD_API
#endif

/* Every code once: its name, the word that machines are shown, and when it is used. */
#define FORESTD_CODES(X)                                                                                               \
    X(OK, "ok", "nothing is wrong")                                                                                    \
    X(ARGUMENT, "bad_argument", "the caller asked for something that does not exist")                                  \
    X(NOT_FOUND, "not_found", "no file, model or path of this name")                                                   \
    X(AMBIGUOUS, "ambiguous", "several files could be the model, or several models are meant")                         \
    X(IO, "io", "the system refused to read or write")                                                                 \
    X(FORMAT, "bad_format", "the bytes break the rules of their format")                                               \
    X(UNSUPPORTED, "unsupported", "well formed, but not something that forestd reads")                                 \
    X(FOREST, "bad_forest", "a tree's nodes do not form a tree, or hold a number that cannot be walked")               \
    X(LIMIT, "too_large", "more bytes, rows or depth than is allowed")                                                 \
    X(MEMORY, "out_of_memory", "the system gave no memory")                                                            \
    X(SYNTAX, "bad_syntax", "a request's text breaks the grammar of its content type")                                 \
    X(EMPTY, "no_instances", "a request holds no row")                                                                 \
    X(WIDTH, "bad_width", "a row has another number of features than the model")                                       \
    X(NAME, "bad_feature", "a row names a feature that the model does not have, or leaves one out")                    \
    X(VALUE, "bad_value", "a cell holds a value that scikit-learn refuses: infinite, too large for float32, or NaN")   \
    X(DIFFERENT, "different", "an answer is not the expected one")                                                     \
    X(EXISTS, "exists", "there is a model of this name already")

enum forestd_code {
#define FORESTD_CODE_(name, word, when) FORESTD_##name,
    FORESTD_CODES(FORESTD_CODE_)
#undef FORESTD_CODE_
};

enum forestd_place {
    FORESTD_NOWHERE, /* the error has no position */
    FORESTD_BYTE,    /* first = byte of the file or body, from 0 */
    FORESTD_CELL,    /* first = row, second = column, both from 0 */
    FORESTD_ROW,     /* first = row, from 0 */
    FORESTD_NODE     /* first = tree, second = node of that tree, both from 0 */
};

struct forestd_where {
    enum forestd_place place;
    uint64_t first;
    uint64_t second;
};

enum { FORESTD_MESSAGE_SIZE = 1536 };

struct forestd_error {
    enum forestd_code code;
    char message[FORESTD_MESSAGE_SIZE]; /* one sentence, UTF-8, ends with 0: what, where, what to do */
    struct forestd_where where;
};

/* The word of a code, such as "bad_format": stable, for logs and for programs. Never NULL. */
FORESTD_API const char *forestd_code_word(enum forestd_code code);

#ifdef __cplusplus
}
#endif
#endif
