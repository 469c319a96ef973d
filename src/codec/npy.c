/*
 * NPY: a header, then the numbers as they lie in memory. They are cast as numpy's astype(float32) does, straight into
 * the matrix. An array in Fortran order fills it column by column, as it comes, and is turned round at the end, so that
 * no more memory is ever taken than bytes have arrived.
 */
#include "codec/cast.h"
#include "codec/decode.h"
#include "codec/npy_header.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct npy {
    struct buffer head; /* what came before the numbers, as long as it is not complete */
    bool numbers;       /* the header is complete */
    struct npy_header header;
    size_t rows;           /* that the header declares */
    uint64_t left;         /* numbers that are yet to come */
    uint64_t filled;       /* numbers that came */
    unsigned char part[8]; /* the beginning of a number that a piece's end cut */
    size_t part_size;
};

static struct npy *npy_of(struct decoder *decoder)
{
    return (struct npy *)decoder->state;
}

/* ---- the array ---- */

static bool take_numbers(struct decoder *decoder, const unsigned char *bytes, size_t count, struct forestd_error *error)
{
    struct npy *npy = npy_of(decoder);
    struct matrix *matrix = &decoder->question.matrix;
    size_t features = matrix->features;
    /* `filled` numbers fit into the rows that there is room for, so they and the new ones fit into size_t. */
    size_t filled = (size_t)npy->filled;
    size_t rows = (filled + count + features - 1) / features;
    if (!matrix_reserve(matrix, rows - matrix->rows, error))
        return false;
    cast_floats(npy->header.kind, npy->header.size, npy->header.big, bytes, matrix->cells + filled, count);
    npy->filled += count;
    npy->left -= count;
    matrix->rows = (filled + count) / features;
    return true;
}

static bool feed_numbers(struct decoder *decoder, const char *bytes, size_t size, struct forestd_error *error)
{
    struct npy *npy = npy_of(decoder);
    size_t width = npy->header.size;
    const unsigned char *at = (const unsigned char *)bytes;
    const unsigned char *end = at + size;
    while (npy->part_size && at < end) {
        npy->part[npy->part_size++] = *at++;
        if (npy->part_size == width) {
            npy->part_size = 0;
            if (!take_numbers(decoder, npy->part, 1, error))
                return false;
        }
    }
    size_t count = (size_t)(end - at) / width;
    if (count > npy->left)
        count = (size_t)npy->left;
    if (count && !take_numbers(decoder, at, count, error))
        return false;
    at += count * width;
    if (at < end && npy->left == 0) {
        uint64_t byte = decoder->fed + (uint64_t)((const char *)at - bytes);
        return error_set(error, FORESTD_SYNTAX, at_byte(byte), "byte %" PRIu64 ": more bytes than the NPY header says",
                         byte);
    }
    while (at < end)
        npy->part[npy->part_size++] = *at++;
    return true;
}

/* ---- the header ---- */

/* Whether the array's shape makes rows of the model's width. */
static bool check_shape(struct decoder *decoder, struct forestd_error *error)
{
    struct npy *npy = npy_of(decoder);
    size_t features = decoder->forest->features;
    size_t first = npy->header.shape[0];
    size_t second = npy->header.shape[1];
    if (npy->header.dimensions == 1) {
        npy->header.fortran = false; /* both orders are the same here */
        npy->rows = first == features ? 1 : first;
        second = first == features ? features : 1;
        if (first != features && features != 1)
            return first == 0 ? empty_error(&decoder->question, error) : width_error(decoder, first, error);
    } else {
        npy->rows = first;
    }
    if (npy->rows == 0)
        return empty_error(&decoder->question, error);
    if (second != features)
        return width_error(decoder, second, error);
    if (__builtin_mul_overflow((uint64_t)npy->rows, (uint64_t)features, &npy->left) || npy->left > UINT64_MAX / 16)
        return error_set(error, FORESTD_LIMIT, at_nowhere(), "%zu rows are more than memory can hold", npy->rows);
    return true;
}

/* Takes bytes of what comes before the numbers. */
static bool feed_head(struct decoder *decoder, const char **bytes, const char *end, struct forestd_error *error)
{
    struct npy *npy = npy_of(decoder);
    struct buffer *head = &npy->head;
    size_t wanted = 0;
    while (npy_head_size(head->bytes, head->size, &wanted, error)) {
        size_t size = wanted - head->size;
        if (size == 0)
            break;
        if (*bytes == end)
            return true;
        if (size > (size_t)(end - *bytes))
            size = (size_t)(end - *bytes);
        if (!buffer_append(head, *bytes, size, error))
            return false;
        *bytes += size;
    }
    if (wanted == 0 || !npy_header_read(head->bytes, head->size, false, &npy->header, error) ||
        !check_shape(decoder, error))
        return false;
    npy->numbers = true;
    buffer_close(head);
    return true;
}

/* ---- the decoder ---- */

static void open_npy(struct decoder *decoder)
{
    npy_of(decoder)->head.budget = decoder->budget;
}

static bool feed_npy(struct decoder *decoder, const char *bytes, size_t size, struct forestd_error *error)
{
    struct npy *npy = npy_of(decoder);
    const char *at = bytes;
    const char *end = bytes + size;
    if (!npy->numbers && !feed_head(decoder, &at, end, error))
        return false;
    if (at == end)
        return true;
    decoder->fed += (uint64_t)(at - bytes);
    bool good = feed_numbers(decoder, at, (size_t)(end - at), error);
    decoder->fed -= (uint64_t)(at - bytes);
    return good;
}

/* Turns columns that lie one after another into rows. Blocks keep both sides in the cache. */
static bool transpose(struct decoder *decoder, struct forestd_error *error)
{
    struct matrix *matrix = &decoder->question.matrix;
    struct matrix turned = {.features = matrix->features, .budget = matrix->budget, .first_row = matrix->first_row};
    if (!matrix_reserve(&turned, matrix->rows, error))
        return false;
    const size_t block = 32;
    for (size_t top = 0; top < matrix->rows; top += block) {
        size_t bottom = matrix->rows - top < block ? matrix->rows : top + block;
        for (size_t column = 0; column < matrix->features; column++) {
            for (size_t row = top; row < bottom; row++)
                turned.cells[row * matrix->features + column] = matrix->cells[column * matrix->rows + row];
        }
    }
    turned.rows = matrix->rows;
    matrix_close(matrix);
    *matrix = turned;
    return true;
}

static bool finish_npy(struct decoder *decoder, struct forestd_error *error)
{
    struct npy *npy = npy_of(decoder);
    if (decoder->fed == 0)
        return empty_error(&decoder->question, error);
    if (!npy->numbers || npy->left)
        return error_set(error, FORESTD_SYNTAX, at_byte(decoder->fed),
                         "byte %" PRIu64 ": the body ends before the array does", decoder->fed);
    if (npy->header.fortran && !transpose(decoder, error))
        return false;
    return question_add(&decoder->question, DIALECT_ROWS, npy->rows, error);
}

static void close_npy(struct decoder *decoder)
{
    buffer_close(&npy_of(decoder)->head);
}

const struct decoding npy_decoding = {sizeof(struct npy), open_npy, feed_npy, finish_npy, close_npy};
