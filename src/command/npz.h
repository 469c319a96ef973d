/*
 * numpy's .npz files, as models/answers.py writes them: a zip archive with one .npy file an array, of numbers, booleans or
 * texts, little-endian and in C order.
 */
#ifndef COMMAND_NPZ_H
#define COMMAND_NPZ_H

#include "base/buffer.h"

enum { NPZ_MOST_ARRAYS = 64 };

struct npz_array {
    char name[64];       /* without .npy */
    struct buffer bytes; /* the .npy file */
    char kind;           /* numpy's letter: f, i, u, b, U or S */
    size_t item;         /* bytes of an element */
    size_t rows;         /* first dimension */
    size_t columns;      /* the other dimensions together; 1 where there is only one */
    const uint8_t *data; /* [rows][columns] elements, little-endian, C order */
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

/* Element `index` of an array of texts as UTF-8 with a 0; false when it does not fit into `size` bytes. */
bool npz_text(const struct npz_array *array, size_t index, char *text, size_t size);

void npz_close(struct npz *npz);

#endif
