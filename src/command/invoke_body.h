/*
 * Rows as the body of a request.
 */
#ifndef COMMAND_INVOKE_BODY_H
#define COMMAND_INVOKE_BODY_H

#include "base/buffer.h"
#include "codec/codec.h"

struct invoke_block {
    const float *cells; /* [rows][features]; NaN is a missing value */
    size_t rows;
    size_t features;
    const char *const *names; /* [features]; NULL = the columns are in the model's order */
    unsigned outputs;         /* enum output, or-ed; 0 = nothing is asked for. Only JSON and JSON Lines can */
};

/*
 * Appends the body, in JSON, JSON Lines, CSV or NPY; numbers are float32, as models compare them, and keep their bits. An array of
 * NPY has no names: FORESTD_ARGUMENT.
 */
bool invoke_body_write(enum format format, const struct invoke_block *block, struct buffer *body,
                       struct forestd_error *error);

#endif
