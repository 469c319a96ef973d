#include "predict/cells.h"

#include "model/key.h"

static size_t aligned(size_t size)
{
    return (size + 63) / 64 * 64;
}

size_t cells_size(size_t features, size_t block_rows, size_t rows, bool ordered)
{
    size_t blocks = (rows + block_rows - 1) / block_rows;
    size_t keys = aligned(blocks * (features + 1) * block_rows * sizeof(uint32_t));
    return keys * (ordered ? 2 : 1) + aligned(blocks);
}

void cells_place(struct cells *cells, size_t features, size_t block_rows, size_t rows, bool ordered, void *memory)
{
    size_t blocks = (rows + block_rows - 1) / block_rows;
    char *bytes = memory;
    cells->features = features;
    cells->block_rows = block_rows;
    cells->stride = (features + 1) * block_rows;
    size_t keys = aligned(blocks * cells->stride * sizeof(uint32_t));
    cells->keys = memory;
    cells->ordered = ordered ? (int32_t *)(void *)(bytes + keys) : NULL;
    cells->missing = (uint8_t *)(bytes + keys * (ordered ? 2 : 1));
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
        int32_t *ordered = cells->ordered ? cells->ordered + block * cells->stride : NULL;
        for (size_t i = 0; ordered && i < cells->stride; i++)
            ordered[i] = (int32_t)(keys[i] ^ 0x80000000U);
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
