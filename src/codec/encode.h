/*
 * What the encoders of all formats share, inside this folder.
 */
#ifndef CODEC_ENCODE_H
#define CODEC_ENCODE_H

#include "base/number.h"
#include "codec/codec.h"
#include <string.h>

struct answer {
    const struct question *question;
    const struct prediction *prediction;
    unsigned outputs;   /* what was asked for; 0 = nothing */
    size_t label_bound; /* bytes that any label's text takes, in any of the formats */
    struct buffer *reply;
};

/* Predictions, probabilities or both. */
static inline bool answer_has(unsigned outputs, enum output output)
{
    return (outputs & output) != 0;
}

/* The label that output `output` of row `row` predicts. The forest is a classifier. */
const struct forestd_label *answer_label(const struct answer *answer, size_t row, size_t output);

/* The number that output `output` of row `row` predicts. The forest is a regressor. */
double answer_number(const struct answer *answer, size_t row, size_t output);

/*
 * Writers take the place to write at and return the place behind what they wrote. There must be room: bound_*() bytes,
 * and NUMBER_TEXT_SIZE more.
 */
static inline char *write_number(char *at, double value)
{
    return at + number_write(value, at);
}

static inline char *write_text(char *at, const char *text)
{
    size_t size = strlen(text);
    memcpy(at, text, size);
    return at + size;
}

/* The prediction of one output: JSON's texts are quoted and escaped, CSV's where RFC 4180 wants it. */
char *write_label_json(char *at, const struct forestd_label *label);
char *write_label_csv(char *at, const struct forestd_label *label);

/* Bytes that any label's text takes, in any of the formats. */
size_t answer_label_bound(const struct forest *forest);

/* Bytes that the predictions and the probabilities of a row take in JSON and CSV, with everything between them. */
size_t bound_row(const struct answer *answer);

/* The buffer's place for `more` bytes and NUMBER_TEXT_SIZE; NULL when there is no room. */
char *answer_room(struct answer *answer, size_t more, struct forestd_error *error);

/* Ends what was begun with answer_room. */
static inline void answer_wrote(struct answer *answer, const char *end)
{
    answer->reply->size = (size_t)((const uint8_t *)end - answer->reply->bytes);
}

bool encode_json(struct answer *answer, struct forestd_error *error);
bool encode_lines(struct answer *answer, struct forestd_error *error);
bool encode_csv(struct answer *answer, struct forestd_error *error);
bool encode_npy(struct answer *answer, struct forestd_error *error);

#endif
