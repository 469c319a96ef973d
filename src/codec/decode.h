/*
 * What the decoders of all formats share, inside this folder.
 */
#ifndef CODEC_DECODE_H
#define CODEC_DECODE_H

#include "codec/codec.h"

/* How bodies of one format are read. */
struct decoding {
    size_t state_size; /* bytes of the format's own state, which begins as zeros */
    void (*open)(struct decoder *decoder);
    bool (*feed)(struct decoder *decoder, const char *bytes, size_t size, struct forestd_error *error);
    bool (*finish)(struct decoder *decoder, struct forestd_error *error);
    void (*close)(struct decoder *decoder);
};

extern const struct decoding json_decoding;
extern const struct decoding csv_decoding;
extern const struct decoding npy_decoding;
extern const struct decoding libsvm_decoding;
extern const struct decoding recordio_decoding;

struct decoder {
    struct question question;
    const struct forest *forest;
    struct budget *budget;
    const struct decoding *decoding; /* NULL until the format is known */
    uint64_t fed;                    /* bytes of the body before the current piece */
    unsigned mark;                   /* bytes of a byte order mark that were skipped; 3 = past the place for one */
    _Alignas(max_align_t) unsigned char state[]; /* [decoding->state_size] */
};

/* A decoder for bodies that are read so. NULL without memory. */
struct decoder *decoder_open_for(const struct decoding *decoding, const struct forest *forest, struct budget *budget,
                                 struct forestd_error *error);

enum { DECODE_WORD_LIMIT = 1024 }; /* bytes that a number's text may have */

/* Adds a complete document of `rows` rows; they are already in the matrix. */
bool question_add(struct question *question, enum dialect dialect, size_t rows, struct forestd_error *error);

/* What messages call the row that is being filled. */
size_t question_row(const struct question *question);

/* Refuses the row that is being filled for having `cells` cells. Returns false. */
bool width_error(const struct decoder *decoder, size_t cells, struct forestd_error *error);

/* "No instances provided". Returns false. */
bool empty_error(const struct question *question, struct forestd_error *error);

#endif
