/*
 * What the files that read tensors share.
 *
 * The numbers of all tensors go into the matrix one after another, as they come; where there is one tensor [rows,
 * features] they then lie right, and several are put in place at the end.
 */
#ifndef CODEC_TENSOR_STATE_H
#define CODEC_TENSOR_STATE_H

#include "base/text.h"
#include "codec/decode.h"
#include "codec/tensor.h"
#include "codec/tensor_type.h"

enum { TENSOR_DIMENSIONS = 8 };

/* Members of an input that were seen, or-ed. */
enum { TENSOR_HAS_NAME = 1, TENSOR_HAS_SHAPE = 2, TENSOR_HAS_TYPE = 4, TENSOR_HAS_DATA = 8, TENSOR_HAS_SIZE = 16 };

struct tensor {
    unsigned has;
    struct quote name;
    size_t feature; /* of this name; `features` = none */
    const struct tensor_type *type;
    uint64_t shape[TENSOR_DIMENSIONS]; /* [dimensions] */
    size_t dimensions;
    uint64_t count; /* elements, by its shape */
    uint64_t bytes; /* that it has behind the JSON, with TENSOR_HAS_SIZE */
    size_t first;   /* where its elements begin among all */
};

/* How the arrays of a tensor's data are nested. */
struct tensor_nest {
    unsigned depth;                          /* arrays that are open */
    unsigned bottom;                         /* the depth that numbers stand at; 0 = there was none */
    uint64_t counts[TENSOR_DIMENSIONS + 1];  /* [depth] elements of the open array, so far */
    uint64_t lengths[TENSOR_DIMENSIONS + 1]; /* [depth] elements of every array there; UINT64_MAX = none is complete */
};

/* Where the next token stands. */
enum tensor_place {
    TENSOR_BODY,
    TENSOR_REQUEST,
    TENSOR_PARAMETERS,
    TENSOR_INPUTS,
    TENSOR_INPUT,
    TENSOR_INPUT_PARAMETERS,
    TENSOR_SHAPE,
    TENSOR_DATA,
    TENSOR_OUTPUTS,
    TENSOR_OUTPUT,
    TENSOR_OUTPUT_PARAMETERS,
    TENSOR_END
};

enum tensor_member {
    TENSOR_SKIPPED, /* it means nothing here */
    TENSOR_ID,
    TENSOR_REQUEST_PARAMETERS,
    TENSOR_REQUEST_INPUTS,
    TENSOR_REQUEST_OUTPUTS,
    TENSOR_REQUEST_BINARY,
    TENSOR_INPUT_NAME,
    TENSOR_INPUT_SHAPE,
    TENSOR_INPUT_TYPE,
    TENSOR_INPUT_DATA,
    TENSOR_INPUT_MORE,
    TENSOR_INPUT_SIZE,
    TENSOR_OUTPUT_NAME,
    TENSOR_OUTPUT_MORE,
    TENSOR_OUTPUT_BINARY,
    TENSOR_REFUSED /* it asks for something that is not done */
};

struct tensor_state {
    struct json_reader reader;
    uint64_t json_size;
    bool json_over;
    enum tensor_place place;
    enum tensor_member member; /* whose value comes next */
    unsigned skip;             /* an array or object that means nothing is skipped until the depth is below; 0 = none */
    bool has_inputs;
    bool has_outputs;

    struct buffer tensors; /* struct tensor, in the order of the body */
    size_t filled;         /* elements of all tensors so far */
    struct tensor_nest nest;
    struct tensor_census census; /* of the last tensor */

    size_t wish;                /* the output that is being read, one of the names; TENSOR_NAMES = not known yet */
    int wish_binary;            /* -1 = nothing was said */
    int binaries[TENSOR_NAMES]; /* [wish_count] what was said for each */
    struct tensor_request request;

    size_t at;           /* the tensor whose bytes come next */
    uint64_t left;       /* elements of it that are yet to come; meaningful when its bytes have begun */
    uint64_t bytes_left; /* and bytes */
    bool begun;          /* they have */
    uint8_t part[8];     /* the beginning of an element, or of a text's length, that a piece's end cut */
    size_t part_size;
    struct buffer text; /* a text of BYTES */
    uint32_t text_left; /* bytes of it that are yet to come */
    bool in_text;
};

static inline struct tensor_state *tensor_state_of(struct decoder *decoder)
{
    return (struct tensor_state *)decoder->state;
}

static inline size_t tensor_count(const struct tensor_state *state)
{
    return state->tensors.size / sizeof(struct tensor);
}

static inline struct tensor *tensor_at(const struct tensor_state *state, size_t index)
{
    return (struct tensor *)(void *)state->tensors.bytes + index;
}

static inline struct tensor *tensor_last(const struct tensor_state *state)
{
    return tensor_at(state, tensor_count(state) - 1);
}

/* What messages call a tensor: `input 'x'`. */
struct tensor_words {
    char text[QUOTE_SIZE + 32];
};
struct tensor_words tensor_words(const struct tensor_state *state, const struct tensor *tensor);

/* Its shape as text, `[2, 3]`. */
struct tensor_words tensor_shape_words(const uint64_t *shape, size_t dimensions);

/* Room for `count` elements behind those that there are; NULL without. */
float *tensor_room(struct decoder *decoder, size_t count, struct forestd_error *error);

/* They are there. */
static inline void tensor_filled(struct decoder *decoder, size_t count)
{
    struct tensor_state *state = tensor_state_of(decoder);
    state->filled += count;
    decoder->question.matrix.rows = state->filled / decoder->forest->features;
}

/* Takes a token of the JSON. */
bool tensor_take(struct decoder *decoder, const struct json_token *token, struct forestd_error *error);

/* Reads the numbers that come next in the data of a tensor, as many as need no question. */
bool tensor_run(struct decoder *decoder, struct forestd_error *error);

/* Reads the bytes behind the JSON. */
bool tensor_bytes(struct decoder *decoder, const char *bytes, size_t size, struct forestd_error *error);

/* The body is over: whether all tensors have their bytes. */
bool tensor_bytes_end(struct decoder *decoder, struct forestd_error *error);

/* All tensors are there: puts them into rows. */
bool tensor_rows(struct decoder *decoder, struct forestd_error *error);

#endif
