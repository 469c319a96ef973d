#include "codec/cast.h"

#include "base/bytes.h"

#define CONVERT(step, value)                                                                                           \
    for (size_t i = 0; i < count; i++, bytes += (step))                                                                \
    cells[i] = (value)

/* Whole numbers are rounded once, from all their bits: not over double. */
static void convert_whole(bool is_signed, size_t size, bool big, const unsigned char *bytes, float *cells, size_t count)
{
    switch (is_signed ? size + 8 : size) {
    case 1:
        CONVERT(1, (float)*bytes);
        break;
    case 2:
        CONVERT(2, (float)(uint16_t)bytes_natural(bytes, 2, big));
        break;
    case 4:
        CONVERT(4, (float)(uint32_t)bytes_natural(bytes, 4, big));
        break;
    case 8:
        CONVERT(8, (float)bytes_natural(bytes, 8, big));
        break;
    case 8 + 1:
        CONVERT(1, (float)(int8_t)*bytes);
        break;
    case 8 + 2:
        CONVERT(2, (float)(int16_t)bytes_natural(bytes, 2, big));
        break;
    case 8 + 4:
        CONVERT(4, (float)(int32_t)bytes_natural(bytes, 4, big));
        break;
    case 8 + 8:
        CONVERT(8, (float)(int64_t)bytes_natural(bytes, 8, big));
        break;
    default:
        break;
    }
}

static void convert_real(size_t size, bool big, const unsigned char *bytes, float *cells, size_t count)
{
    switch (size) {
    case 2:
        CONVERT(2, bytes_half(bytes, big));
        break;
    case 4:
        CONVERT(4, bytes_single(bytes, big));
        break;
    default:
        CONVERT(8, (float)bytes_real(bytes, big));
        break;
    }
}

void cast_floats(enum npy_kind kind, size_t size, bool big, const unsigned char *bytes, float *cells, size_t count)
{
    switch (kind) {
    case NPY_REAL:
        convert_real(size, big, bytes, cells, count);
        break;
    case NPY_INTEGER:
    case NPY_NATURAL:
        convert_whole(kind == NPY_INTEGER, size, big, bytes, cells, count);
        break;
    case NPY_BOOLEAN:
        for (size_t i = 0; i < count; i++)
            cells[i] = bytes[i] ? 1.0F : 0.0F;
        break;
    case NPY_BYTES:
    case NPY_TEXT:
        break; /* not asked for */
    }
}
