/*
 * NPY 1.0, as numpy.save writes it: one array, little-endian, C order.
 *
 * Predictions are [rows], or [rows][outputs] where there are several, in the type that the labels were trained with;
 * probabilities are float64 [rows][width], the classes of output 0 first.
 */
#include "codec/encode.h"

#include "base/text.h"
#include <stdio.h>
#include <string.h>

enum { ALIGNMENT = 64, CODE_SIZE = 4, LENGTH_OFFSET = 8 };

struct array {
    char dtype[32];
    size_t item; /* bytes of one number or text */
    enum forestd_label_kind kind;
    size_t columns; /* 0 = one dimension */
};

/* ---- what the array holds ---- */

/* Characters of a label's text. */
static size_t text_length(const struct forestd_label *label)
{
    size_t length = 0;
    for (size_t i = 0; i < label->text_size; i++)
        length += ((unsigned char)label->as.text[i] & 0xC0) != 0x80;
    return length;
}

/*
 * The kind that can hold labels of both kinds. Labels of one array have one type; whole numbers count as unsigned only
 * where they are too large for the other. False: no type holds both.
 */
static bool join(enum forestd_label_kind *kind, enum forestd_label_kind other)
{
    bool whole = *kind == FORESTD_INTEGER || *kind == FORESTD_UNSIGNED;
    bool other_whole = other == FORESTD_INTEGER || other == FORESTD_UNSIGNED;
    if (whole && other_whole && other != *kind)
        *kind = FORESTD_UNSIGNED;
    return *kind == other || (whole && other_whole);
}

static bool label_type(const struct forest *forest, struct array *array, struct forestd_error *error)
{
    size_t longest = 1;
    array->kind = forest->labels[0][0].kind;
    for (size_t output = 0; output < forest->outputs; output++) {
        for (size_t i = 0; i < forest->classes[output]; i++) {
            const struct forestd_label *label = &forest->labels[output][i];
            if (!join(&array->kind, label->kind))
                return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                                 "the labels of this model have several types, which one NPY array cannot hold: ask "
                                 "for another format");
            size_t length = label->kind == FORESTD_TEXT ? text_length(label) : 0;
            longest = length > longest ? length : longest;
        }
    }
    static const char *const dtypes[] = {
        [FORESTD_INTEGER] = "<i8", [FORESTD_UNSIGNED] = "<u8", [FORESTD_REAL] = "<f8", [FORESTD_BOOLEAN] = "|b1"};
    array->item = array->kind == FORESTD_TEXT ? longest * CODE_SIZE : array->kind == FORESTD_BOOLEAN ? 1 : 8;
    if (array->kind == FORESTD_TEXT)
        (void)snprintf(array->dtype, sizeof array->dtype, "<U%zu", longest);
    else
        (void)snprintf(array->dtype, sizeof array->dtype, "%s", dtypes[array->kind]);
    return true;
}

/* ---- its bytes ---- */

static uint8_t *write_four(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        *at++ = (uint8_t)(value >> 8 * i);
    return at;
}

static uint8_t *write_eight(uint8_t *at, uint64_t value)
{
    return write_four(write_four(at, (uint32_t)value), (uint32_t)(value >> 32));
}

static uint8_t *write_real(uint8_t *at, double value)
{
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    return write_eight(at, bits);
}

static uint8_t *write_codes(uint8_t *at, const struct forestd_label *label, size_t item)
{
    uint8_t *end = at + item;
    const char *text = label->as.text;
    for (size_t i = 0; i < label->text_size && at < end;) {
        unsigned char lead = (unsigned char)text[i];
        size_t size = text_letter(text + i, label->text_size - i);
        uint32_t code = size == 1 ? lead : size == 2 ? lead & 0x1F : size == 3 ? lead & 0x0F : lead & 0x07;
        for (size_t j = 1; j < size; j++)
            code = code << 6 | ((unsigned char)text[i + j] & 0x3F);
        at = write_four(at, size ? code : 0xFFFD);
        i += size ? size : 1;
    }
    memset(at, 0, (size_t)(end - at));
    return end;
}

static uint8_t *write_label(uint8_t *at, const struct array *array, const struct forestd_label *label)
{
    switch (label->kind) {
    case FORESTD_INTEGER:
        return write_eight(at, (uint64_t)label->as.integer);
    case FORESTD_UNSIGNED:
        return write_eight(at, label->as.natural);
    case FORESTD_REAL:
        return write_real(at, label->as.real);
    case FORESTD_BOOLEAN:
        *at = label->as.boolean;
        return at + 1;
    case FORESTD_TEXT:
        break;
    }
    return write_codes(at, label, array->item);
}

/* The header, with spaces up to a multiple of 64 bytes. */
static bool write_header(struct answer *answer, const struct array *array, struct forestd_error *error)
{
    char dict[192];
    char shape[64];
    size_t rows = answer->prediction->rows;
    if (array->columns)
        (void)snprintf(shape, sizeof shape, "(%zu, %zu)", rows, array->columns);
    else
        (void)snprintf(shape, sizeof shape, "(%zu,)", rows);
    size_t size = (size_t)snprintf(dict, sizeof dict, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                                   array->dtype, shape);
    size_t begin = LENGTH_OFFSET + 2;
    size_t padded = (begin + size + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!buffer_reserve(answer->reply, padded, error))
        return false;
    uint8_t *at = answer->reply->bytes + answer->reply->size;
    memcpy(at, "\x93NUMPY\x01\x00", LENGTH_OFFSET);
    at[LENGTH_OFFSET] = (uint8_t)(padded - begin);
    at[LENGTH_OFFSET + 1] = (uint8_t)((padded - begin) >> 8);
    memset(at + begin, ' ', padded - begin);
    memcpy(at + begin, dict, size);
    at[padded - 1] = '\n';
    answer->reply->size += padded;
    return true;
}

/* The header, and room for `count` items of the array; NULL without. */
static uint8_t *begin(struct answer *answer, const struct array *array, size_t count, struct forestd_error *error)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, array->item, &bytes)) {
        error_set(error, FORESTD_LIMIT, at_nowhere(), "the answer is more than memory can hold");
        return NULL;
    }
    if (!write_header(answer, array, error) || !buffer_reserve(answer->reply, bytes, error))
        return NULL;
    uint8_t *at = answer->reply->bytes + answer->reply->size;
    answer->reply->size += bytes;
    return at;
}

static bool encode_numbers(struct answer *answer, struct array array, size_t count, struct forestd_error *error)
{
    array.item = sizeof(double);
    (void)snprintf(array.dtype, sizeof array.dtype, "<f8");
    uint8_t *at = begin(answer, &array, count, error);
    for (size_t i = 0; at && i < count; i++)
        at = write_real(at, answer->prediction->values[i]);
    return at != NULL;
}

static bool encode_labels(struct answer *answer, struct array array, struct forestd_error *error)
{
    const struct prediction *prediction = answer->prediction;
    size_t outputs = prediction->forest->outputs;
    if (!label_type(prediction->forest, &array, error))
        return false;
    uint8_t *at = begin(answer, &array, prediction->rows * outputs, error);
    for (size_t row = 0; at && row < prediction->rows; row++) {
        for (size_t output = 0; output < outputs; output++)
            at = write_label(at, &array, answer_label(answer, row, output));
    }
    return at != NULL;
}

bool encode_npy(struct answer *answer, struct forestd_error *error)
{
    const struct prediction *prediction = answer->prediction;
    const struct forest *forest = prediction->forest;
    struct array array = {.columns = forest->outputs > 1 ? forest->outputs : 0};
    if (answer->outputs == (OUTPUT_PREDICTIONS | OUTPUT_PROBABILITIES))
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                         "NPY carries one array: ask for 'predictions' or for 'probabilities'");
    if (answer->outputs == OUTPUT_PROBABILITIES) {
        array.columns = forest->width;
        return encode_numbers(answer, array, prediction->rows * forest->width, error);
    }
    if (forest->task == FORESTD_REGRESSOR)
        return encode_numbers(answer, array, prediction->rows * forest->width, error);
    return encode_labels(answer, array, error);
}
