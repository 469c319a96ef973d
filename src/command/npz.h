/*
 * numpy's .npz files, as models/answers.py writes them: a zip archive with one .npy file an array, of numbers, booleans or
 * texts, in one or two dimensions and in C order.
 */
#ifndef COMMAND_NPZ_H
#define COMMAND_NPZ_H

#include "base/buffer.h"
#include "codec/npy_header.h"

enum { NPZ_MOST_ARRAYS = 64 };

struct npz_array {
    char name[64];       /* without .npy */
    struct buffer bytes; /* the .npy file */
    struct npy_header header;
    size_t rows;         /* first dimension */
    size_t columns;      /* second dimension; 1 where there is only one */
    const uint8_t *data; /* [rows][columns] elements, C order */
};

struct npz {
    struct npz_array arrays[NPZ_MOST_ARRAYS];
    size_t count;
};

bool npz_open(struct npz *npz, const char *path, struct forestd_error *error);

/* The array called `name`, or NULL. */
const struct npz_array *npz_find(const struct npz *npz, const char *name);

/* Element `index` of an array of numbers or booleans. */
double npz_number(const struct npz_array *array, size_t index);

bool npz_is_text(const struct npz_array *array);

/* Element `index` of an array of texts as UTF-8 with a 0; false when it does not fit into `size` bytes. */
bool npz_text(const struct npz_array *array, size_t index, char *text, size_t size);

void npz_close(struct npz *npz);

#endif
