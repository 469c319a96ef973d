/*
 * The datatypes of tensors, and the numbers that each holds.
 */
#ifndef CODEC_TENSOR_TYPE_H
#define CODEC_TENSOR_TYPE_H

#include "codec/json.h"
#include "codec/npy_header.h"

struct tensor_type {
    const char *name;
    enum npy_kind kind;
    size_t size;    /* bytes of an element; 0 = texts */
    uint64_t most;  /* of whole numbers: the largest */
    uint64_t least; /* and how far they go below zero */
};

/* The datatype of this name, or NULL. */
const struct tensor_type *tensor_type_find(const char *name, size_t size);

/* The names of all, as one text with commas. */
const char *tensor_type_list(void);

static inline bool tensor_type_is_whole(const struct tensor_type *type)
{
    return type->kind == NPY_INTEGER || type->kind == NPY_NATURAL || type->kind == NPY_BOOLEAN;
}

/* The numbers of a tensor in JSON as far as they were read: the datatype may stand behind them. */
struct tensor_census {
    uint64_t most;   /* the largest whole number */
    uint64_t least;  /* how far whole numbers go below zero */
    double fraction; /* a number that is not whole, or that no datatype of whole numbers holds; 0 = there is none */
    bool numbers;
    bool texts;
    bool nulls;
    bool large; /* the datatype was not known, and whole numbers of one are rounded otherwise than reals */
    bool fine;  /* it was not known, and halves do not hold a number */
};

/* The whole number that the token writes, `1.0` and `1e3` included. False when it is none that 64 bits hold. */
bool tensor_whole(const struct json_token *token, bool *negative, uint64_t *magnitude);

/*
 * The float32 of a value in JSON for a tensor of `type`, NULL where that is not known. Counts it in `census`. False when
 * it is no number, nor a text that is one.
 */
bool tensor_number(const struct tensor_type *type, const struct json_token *token, struct tensor_census *census,
                   float *value);

/* Whether the datatype holds all that was counted. `what` is what messages call the tensor. */
bool tensor_census_check(const struct tensor_type *type, const struct tensor_census *census, const char *what,
                         struct forestd_error *error);

#endif
