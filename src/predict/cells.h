/*
 * Rows as a walk wants them: keys (model/key.h) instead of numbers, eight or sixteen rows side by side.
 *
 * A block is [1 + features][block_rows] keys: first the sentinels, all 0, which leaves are compared with, then for each
 * feature the keys of its rows. Lanes past the last row repeat it.
 */
#ifndef PREDICT_CELLS_H
#define PREDICT_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BLOCK_ROWS = 8, LANES_ROWS = 16 };

struct cells {
    size_t features;
    size_t block_rows; /* BLOCK_ROWS; LANES_ROWS for the walks of predict/lanes.h */
    size_t stride;     /* keys in a block */
    uint32_t *keys;    /* [blocks][stride] */
    int32_t *ordered;  /* [blocks][stride] the same for signed comparison, which is all that AVX2 has; or NULL */
    uint8_t *missing;  /* [blocks] whether a row of the block has a missing value */
};

/* Bytes that `rows` rows take, `ordered` included if it is wanted; a multiple of 64. */
size_t cells_size(size_t features, size_t block_rows, size_t rows, bool ordered);

/* Lays the arrays out in `memory`, 64-byte aligned, of cells_size bytes. */
void cells_place(struct cells *cells, size_t features, size_t block_rows, size_t rows, bool ordered, void *memory);

/* Fills the blocks, of BLOCK_ROWS, of `count` rows. rows: [count][features]. */
void cells_fill(struct cells *cells, const float *rows, size_t count);

/* One row alone: keys[0] is the sentinel, keys[1 + feature] the feature's. Returns whether a value is missing. */
bool cells_fill_row(uint32_t *keys, const float *row, size_t features);

#endif
