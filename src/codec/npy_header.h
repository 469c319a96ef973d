/*
 * What stands before the numbers of an NPY file: numpy/lib/format.py, versions 1.0 to 3.0.
 */
#ifndef CODEC_NPY_HEADER_H
#define CODEC_NPY_HEADER_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

enum npy_kind {
    NPY_BOOLEAN = 'b',
    NPY_INTEGER = 'i',
    NPY_NATURAL = 'u',
    NPY_REAL = 'f',
    NPY_BYTES = 'S', /* texts of one byte a letter */
    NPY_TEXT = 'U'   /* texts of four bytes a letter */
};

struct npy_header {
    enum npy_kind kind;
    size_t size; /* bytes of an element; of a number 1, 2, 4 or 8 */
    bool big;    /* most significant byte first */
    bool fortran;
    size_t dimensions; /* 1 or 2 */
    size_t shape[2];   /* [dimensions] */
};

/*
 * The size of what stands before the numbers, as far as the file's first bytes `bytes`[0..size) tell: more than `size`
 * until they are enough. False, and 0, where no NPY file begins so.
 */
bool npy_head_size(const uint8_t *bytes, size_t size, size_t *wanted, struct forestd_error *error);

/*
 * Reads what stands before the numbers, `bytes`[0..size), all of it. Arrays that are no matrix of numbers, or with
 * `texts` of numbers or texts, are FORESTD_UNSUPPORTED.
 */
bool npy_header_read(const uint8_t *bytes, size_t size, bool texts, struct npy_header *header,
                     struct forestd_error *error);

#endif
