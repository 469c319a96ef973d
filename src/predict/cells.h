/*
 * Rows as a walk wants them: keys (model/key.h) instead of numbers, some rows side by side in a block.
 *
 * Each row has a sentinel before its first key, 0, which leaves are compared with. A block of BLOCK_ROWS or LANES_ROWS is
 * [1 + features][block_rows]: first the sentinels, then for each feature the keys of its rows. A block of STRIP_ROWS is
 * [block_rows][1 + features], and lies the other way round in `ordered`, too. Rows past the last repeat it.
 */
#ifndef PREDICT_CELLS_H
#define PREDICT_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BLOCK_ROWS = 8, LANES_ROWS = 16, STRIP_ROWS = 32 };

/* Places of 512 rows' keys are counted in 32 bits; rows of more features go through trees one by one. */
enum { CELLS_MOST_FEATURES = 1 << 20 };

struct cells {
    size_t features;
    size_t block_rows; /* BLOCK_ROWS; LANES_ROWS for the walks of predict/lanes.h, STRIP_ROWS for those of strips.h */
    size_t stride;     /* keys in a block */
    size_t row_step;   /* keys from a row to the next within a block */
    size_t cell_step;  /* keys from a feature to the next */
    uint32_t *keys;    /* [blocks][stride] */
    int32_t *ordered;  /* [blocks][1 + features][STRIP_ROWS] for signed comparison, all that AVX2 has; or NULL */
};

/* Bytes that `rows` rows take; a multiple of 64. */
size_t cells_size(size_t features, size_t block_rows, size_t rows);

/* Lays the arrays out in `memory`, 64-byte aligned, of cells_size bytes. `features` and `block_rows` are set. */
void cells_place(struct cells *cells, size_t rows, void *memory);

/* Fills the blocks, of BLOCK_ROWS, of `count` rows. rows: [count][features]. */
void cells_fill(struct cells *cells, const float *rows, size_t count);

/* One row alone: the sentinel, and the features' keys. keys: [1 + features], written, `step` apart */
void cells_fill_row(uint32_t *keys, size_t step, const float *row, size_t features);

/* Whether one of `count` cells is missing. */
bool cells_missing(const float *cells, size_t count);

#endif
