#include "predict/cells.h"

#include "base/pages.h"
#include "model/key.h"
#include <string.h>

/* Bytes of the keys of all blocks. Strips are written and read by registers that reach past the last row. */
static size_t keys_size(size_t features, size_t block_rows, size_t blocks)
{
    size_t past = block_rows == STRIP_ROWS ? 8 : 0;
    return pages_round((blocks * (features + 1) * block_rows + past) * sizeof(uint32_t));
}

size_t cells_size(size_t features, size_t block_rows, size_t rows)
{
    size_t blocks = (rows + block_rows - 1) / block_rows;
    return keys_size(features, block_rows, blocks) * (block_rows == STRIP_ROWS ? 2 : 1);
}

void cells_place(struct cells *cells, size_t rows, void *memory)
{
    bool strips = cells->block_rows == STRIP_ROWS;
    size_t blocks = (rows + cells->block_rows - 1) / cells->block_rows;
    char *bytes = memory;
    cells->stride = (cells->features + 1) * cells->block_rows;
    cells->row_step = strips ? cells->features + 1 : 1;
    cells->cell_step = strips ? 1 : cells->block_rows;
    cells->keys = memory;
    cells->ordered = strips ? (int32_t *)(void *)(bytes + keys_size(cells->features, cells->block_rows, blocks)) : NULL;
}

void cells_fill_row(uint32_t *keys, size_t step, const float *row, size_t features)
{
    keys[0] = 0;
    for (size_t i = 0; i < features; i++)
        keys[(i + 1) * step] = key_of_cell(row[i]);
}

void cells_fill(struct cells *cells, const float *rows, size_t count)
{
    for (size_t row = 0; row % BLOCK_ROWS || row < count; row++) {
        const float *from = rows + (row < count ? row : count - 1) * cells->features;
        uint32_t *keys = cells->keys + row / BLOCK_ROWS * cells->stride + row % BLOCK_ROWS;
        cells_fill_row(keys, BLOCK_ROWS, from, cells->features);
    }
}

/* Written so that compilers compare a register at once. */
bool cells_missing(const float *cells, size_t count)
{
    int32_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = 0;
        memcpy(&bits, &cells[i], sizeof bits);
        missing |= 0x7F800000 - (int32_t)(bits & 0x7FFFFFFFU);
    }
    return missing < 0;
}
