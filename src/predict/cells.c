#include "predict/cells.h"

#include "model/key.h"

static size_t aligned(size_t size)
{
    return (size + 63) / 64 * 64;
}

/* Bytes of the keys of all blocks. Strips are written and read by registers that reach past the last row. */
static size_t keys_size(size_t features, size_t block_rows, size_t blocks)
{
    size_t past = block_rows == STRIP_ROWS ? 8 : 0;
    return aligned((blocks * (features + 1) * block_rows + past) * sizeof(uint32_t));
}

size_t cells_size(size_t features, size_t block_rows, size_t rows)
{
    size_t blocks = (rows + block_rows - 1) / block_rows;
    size_t keys = keys_size(features, block_rows, blocks);
    return keys * (block_rows == STRIP_ROWS ? 2 : 1) + aligned(blocks);
}

void cells_place(struct cells *cells, size_t features, size_t block_rows, size_t rows, void *memory)
{
    size_t blocks = (rows + block_rows - 1) / block_rows;
    bool strips = block_rows == STRIP_ROWS;
    size_t keys = keys_size(features, block_rows, blocks);
    char *bytes = memory;
    cells->features = features;
    cells->block_rows = block_rows;
    cells->stride = (features + 1) * block_rows;
    cells->row_step = strips ? features + 1 : 1;
    cells->cell_step = strips ? 1 : block_rows;
    cells->keys = memory;
    cells->ordered = strips ? (int32_t *)(void *)(bytes + keys) : NULL;
    cells->missing = (uint8_t *)(bytes + keys * (strips ? 2 : 1));
}

/* Lane `lane` of a block. */
static bool fill_lane(uint32_t *keys, const float *row, size_t features, size_t lane)
{
    uint32_t missing = 0;
    keys[lane] = 0;
    for (size_t i = 0; i < features; i++) {
        uint32_t key = key_of_cell(row[i]);
        missing |= key == KEY_MISSING;
        keys[(i + 1) * BLOCK_ROWS + lane] = key;
    }
    return missing;
}

void cells_fill(struct cells *cells, const float *rows, size_t count)
{
    for (size_t first = 0; first < count; first += BLOCK_ROWS) {
        size_t block = first / BLOCK_ROWS;
        uint32_t *keys = cells->keys + block * cells->stride;
        bool missing = false;
        for (size_t lane = 0; lane < BLOCK_ROWS; lane++) {
            size_t row = first + lane < count ? first + lane : count - 1;
            missing |= fill_lane(keys, rows + row * cells->features, cells->features, lane);
        }
        cells->missing[block] = missing;
    }
}

bool cells_fill_row(uint32_t *keys, const float *row, size_t features)
{
    uint32_t missing = 0;
    keys[0] = 0;
    for (size_t i = 0; i < features; i++) {
        keys[i + 1] = key_of_cell(row[i]);
        missing |= keys[i + 1] == KEY_MISSING;
    }
    return missing;
}
