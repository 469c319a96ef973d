/*
 * An endpoint's answer as values: what forestd and other containers around scikit-learn answer with.
 *
 *     {"predictions": [1, 0], "probabilities": [[0.2, 0.8], ...]}         either may miss
 *     {"predictions": [{"prediction": 1, "probabilities": [0.2, 0.8]}]}
 *     [1, 0], or a line of JSON for each row                              predictions alone, or what was asked for
 *     CSV: the predictions of a row, then its probabilities; NPY: an array of one of them
 *
 * Several outputs are an array where there would be one value, and an array of arrays of probabilities.
 */
#ifndef COMMAND_INVOKE_ANSWER_H
#define COMMAND_INVOKE_ANSWER_H

#include "base/buffer.h"
#include "codec/codec.h"

enum value_kind {
    VALUE_NUMBER,  /* `number`, exact where it is not as large as 2^53 */
    VALUE_INTEGER, /* `integer`, exact */
    VALUE_NATURAL, /* `natural`, exact */
    VALUE_TRUTH,   /* `number` is 0 or 1 */
    VALUE_TEXT,    /* `text` */
    VALUE_CELL     /* `text`: a cell of CSV, which does not tell numbers from texts */
};

struct value {
    enum value_kind kind;
    double number;
    int64_t integer;
    uint64_t natural;
    const char *text; /* belongs to the answer */
};

struct values {
    struct value *items; /* [rows][columns]; owned */
    size_t rows;
    size_t columns;
    size_t count;    /* items, of which those behind the last complete row belong to none */
    size_t capacity; /* items */
};

struct invoke_answer {
    struct values predictions;   /* rows 0 = not answered */
    struct values probabilities; /* likewise; the classes of output 0, then those of output 1 */
    void *document;              /* cJSON's */
    char *text;                  /* CSV's cells, NPY's texts */
};

/* What an answer may be read as. */
struct invoke_wanted {
    const char *content_type; /* NULL = the answer did not say: then it is JSON */
    unsigned outputs;         /* what was asked for; 0 = what is usual */
    size_t predictions;       /* of a row, for CSV; 0 = not known: the columns are not told apart */
};

/*
 * Reads an answer. FORESTD_FORMAT where it is none of the above, with its beginning. `answer` must be closed in any case.
 */
bool invoke_answer_read(struct invoke_answer *answer, const struct invoke_wanted *wanted, const uint8_t *bytes,
                        size_t size, struct forestd_error *error);

void invoke_answer_close(struct invoke_answer *answer);

#endif
