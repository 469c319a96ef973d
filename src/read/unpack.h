/*
 * Compression and archives: from the bytes of a file to the bytes of the pickle in it, in memory alone.
 *
 * Nothing is taken on trust: an archive's links, devices and paths that lead out of it are passed over, sizes in headers
 * are not believed, and what comes out may be no more than a model can shrink by.
 */
#ifndef READ_UNPACK_H
#define READ_UNPACK_H

#include "base/buffer.h"
#include "base/error.h"

enum { LAYERS_TEXT = 600 };

struct unpacked {
    const uint8_t *bytes; /* what was found: in the file itself, or in `buffer` */
    size_t size;
    struct buffer buffer;
    char layers[LAYERS_TEXT]; /* "gzip > tar > model.joblib"; empty where there was nothing to unpack */
};

/* `unpacked` is the caller's to close in any case. What is unpacked is taken from `budget`, or NULL. */
bool unpack(const uint8_t *bytes, size_t size, struct budget *budget, struct unpacked *unpacked,
            struct forestd_error *error);

void unpacked_close(struct unpacked *unpacked);

#endif
