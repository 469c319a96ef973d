/*
 * What stands before the numbers of an NPY file: numpy/lib/format.py, versions 1.0 to 3.0.
 */
#ifndef CODEC_NPY_HEADER_H
#define CODEC_NPY_HEADER_H

#include "base/error.h"
#include <stddef.h>

enum npy_kind { NPY_BOOLEAN = 'b', NPY_INTEGER = 'i', NPY_NATURAL = 'u', NPY_REAL = 'f' };

struct npy_header {
    enum npy_kind kind;
    size_t size; /* bytes of a number: 1, 2, 4 or 8 */
    bool big;    /* most significant byte first */
    bool fortran;
    size_t dimensions; /* 1 or 2 */
    size_t shape[2];   /* [dimensions] */
};

/*
 * Reads the dict that describes the array, which is Python source: `text`[0..size). `byte` is where it begins in the
 * body. Arrays that are no matrix of numbers are FORESTD_UNSUPPORTED.
 */
bool npy_header_read(const char *text, size_t size, uint64_t byte, struct npy_header *header,
                     struct forestd_error *error);

#endif
