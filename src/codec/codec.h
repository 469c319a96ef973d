/*
 * Bytes to rows and predictions to bytes, in the formats that forestd speaks.
 *
 * A decoder is fed the pieces of a body as they arrive and fills a question; an encoder is given the prediction and
 * writes the answer in the question's own dialect. Neither knows where bytes come from or go to.
 */
#ifndef CODEC_CODEC_H
#define CODEC_CODEC_H

#include "base/buffer.h"
#include "codec/matrix.h"
#include "model/forest.h"

enum format {
    FORMAT_JSON = 0,
    FORMAT_LINES = 1,
    FORMAT_CSV = 2,
    FORMAT_NPY = 3,
    FORMAT_LIBSVM = 4, /* only questions come in this and what follows it: see format_of_answer */
    FORMAT_RECORDIO = 5,
    FORMAT_COUNT = 6,
    FORMAT_SNIFFED = FORMAT_COUNT /* only for decoder_open: the body's first byte tells */
};

enum { ANSWER_FORMATS = FORMAT_LIBSVM };

/* What can be asked of a model. A set of outputs is the bitwise or; 0 = nothing was said. */
enum output { OUTPUT_PREDICTIONS = 1, OUTPUT_PROBABILITIES = 2 };

/* The word of a single output, as it stands in questions and answers: "predictions", "probabilities". */
const char *output_word(enum output output);

/* Reads a list such as "predictions,probabilities" into a set. */
bool outputs_read(const char *text, size_t size, unsigned *outputs, struct forestd_error *error);

/* ---- content negotiation: one table of formats and their content types ---- */

/* The content type that answers in this format carry: bare, without parameters. */
const char *format_content_type(enum format format);

/* The content types that questions may have, as one text with commas, for 415; and those of answers, for 406. */
const char *format_list(void);
const char *format_answer_list(void);

/* Whether a question's rows come one by one, so that the first can be answered before the last is there. */
bool format_in_lines(enum format format);

/* The format that a question in this format is answered in where nobody says another. */
enum format format_of_answer(enum format question);

/*
 * The format of a Content-Type header, case and parameters ignored. FORMAT_SNIFFED for NULL, empty, and the types that
 * clients send without meaning anything by them (application/octet-stream, curl's application/x-www-form-urlencoded).
 * False when it is none.
 */
bool format_of_content_type(const char *content_type, enum format *format);

/*
 * The format that an Accept header (a list with q) likes best; `usual` for NULL, empty and wildcards. Where several are
 * liked equally, one that is named goes before one that a wildcard covers, then `usual`, then the first of the list.
 * False: none is spoken.
 */
bool format_of_accept(const char *accept, enum format usual, enum format *format);

/* The format of a file's name: .json, .jsonl, .csv, .npy, .libsvm, .recordio. False when it is none. */
bool format_of_path(const char *path, enum format *format);

/* ---- questions ---- */

/* How an answer to a document looks. */
enum dialect {
    DIALECT_ASKED, /* no dialect of a document: only for question.dialect */
    DIALECT_NAMED, /* the question was an object: {"predictions": [...], "probabilities": [...], "model_version": "..."}
                    */
    DIALECT_ROWS,  /* a bare array of rows, or lines of values: predictions alone */
    DIALECT_ROW,   /* one bare row: an array of one prediction; in JSON Lines the prediction itself */
    DIALECT_PREDICTIONS /* only for question.dialect: {"predictions": [...]}, an element for each row: its prediction, its
                           probabilities, or, where both were asked for, {"prediction": 1, "probabilities": [...]} */
};

/* A run of documents of one form. A body is one document; JSON Lines hold one a line. */
struct span {
    enum dialect dialect;
    size_t rows;      /* rows in each document */
    size_t documents; /* how many such documents follow one another */
};

/*
 * CSV, LIBSVM's format and RecordIO have no documents; each row counts as one of DIALECT_ROWS, so that the rows of a
 * long body can be taken out while it is read. An answer takes all rows of such a question together.
 */

struct question {
    struct matrix matrix;
    struct span *spans; /* [span_count] the documents that are complete, in order; at the end they hold all rows */
    size_t span_count;
    size_t span_capacity;
    enum format format; /* the format that the body turned out to have: JSON may turn out to be JSON Lines */
    bool came_as_json;  /* it did: an answer in JSON is then one in JSON Lines too, as batch jobs count on */
    enum dialect
        dialect;      /* what all documents are answered in, whatever theirs are; DIALECT_ASKED = each in its own. To
                             be set by who opened the decoder */
    unsigned outputs; /* what the body itself asked for, in "parameters": {"output": [...]}; 0 = nothing. Lines that
                           ask for different outputs get them all */
};

struct decoder;

/*
 * A decoder for bodies of `format` with rows for `forest`. `budget` (or NULL) bounds what the question holds. NULL
 * without memory.
 */
struct decoder *decoder_open(enum format format, const struct forest *forest, struct budget *budget,
                             struct forestd_error *error);

/*
 * Takes the next piece, of any length, split anywhere. After a failure the decoder is only good for decoder_close.
 * Positions in errors are bytes of the whole body, or rows and columns.
 */
bool decoder_feed(struct decoder *decoder, const void *bytes, size_t size, struct forestd_error *error);

/* The body is over. Fails with FORESTD_EMPTY ("No instances provided") when it held no row. */
bool decoder_finish(struct decoder *decoder, struct forestd_error *error);

/* The question as far as it was read; belongs to the decoder. */
struct question *decoder_question(struct decoder *decoder);

/* The rows of the documents that are complete. */
size_t question_rows(const struct question *question);

/*
 * Takes the complete documents, and their rows, out of the question, as one does who answers while it is still being
 * read.
 */
void question_consume(struct question *question);

void decoder_close(struct decoder *decoder);

/* ---- answers ---- */

struct prediction {
    const struct forest *forest;
    size_t rows;
    const double *values;    /* [rows][forest->width] */
    const uint32_t *choices; /* [rows][forest->outputs]; NULL for a regressor */
};

/*
 * Writes the answer to (the rows of) `question` after `reply->size`. `outputs` is what was chosen; 0 means what the
 * question's body asked for and, where it did not, the dialect's usual: predictions, and for DIALECT_NAMED also the
 * probabilities of a classifier. An answer that a format cannot carry is FORESTD_ARGUMENT with what to ask for.
 */
bool answer_encode(enum format format, const struct question *question, const struct prediction *prediction,
                   unsigned outputs, struct buffer *reply, struct forestd_error *error);

#endif
