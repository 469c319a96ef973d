/*
 * What rows look like that no model says it of: how many cells they have and what these are called.
 */
#ifndef COMMAND_INVOKE_SHAPE_H
#define COMMAND_INVOKE_SHAPE_H

#include "base/buffer.h"
#include "codec/codec.h"

/*
 * A forest without trees that rows of this file fit: its features, and their names where the file names them, in the order that
 * they have there. Only CSV, JSON, JSON Lines and NPY tell. NULL and `error` where the first row cannot be found.
 */
struct forest *invoke_shape(enum format format, const struct buffer *file, struct forestd_error *error);

#endif
