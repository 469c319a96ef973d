/*
 * Numbers as they lie in memory to float32, as numpy's astype(float32) casts them: each rounded once.
 */
#ifndef CODEC_CAST_H
#define CODEC_CAST_H

#include "codec/npy_header.h"
#include <stdbool.h>
#include <stddef.h>

/* `count` numbers of this kind, of `size` bytes each, the most significant first with `big`. Kinds of texts are none. */
void cast_floats(enum npy_kind kind, size_t size, bool big, const unsigned char *bytes, float *cells, size_t count);

#endif
