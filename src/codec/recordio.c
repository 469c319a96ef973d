/*
 * Amazon's records: frames of RecordIO (the magic 0xCED7230A, a length, the bytes, zeros up to a multiple of 4, all
 * little-endian), each of which holds one row as a protobuf message. The schema is SageMaker's "Common Data Formats for
 * Training":
 *
 *     Record         features = 1: map<string, Value>, of which the entry "values" is the row; label = 2 and others
 *     Value          float32_tensor = 2, float64_tensor = 3, int32_tensor = 7
 *     a tensor       values = 1; keys = 2: with them the row is sparse, what they do not name is 0; shape = 3
 */
#include "codec/decode.h"
#include "codec/names.h"
#include <inttypes.h>
#include <string.h>

#define MAGIC 0xCED7230AU

enum {
    HEAD_SIZE = 8,        /* of a frame */
    FRAME_SPARE = 1 << 16 /* bytes that a frame may have beside its numbers: label, identity, metadata */
};

struct recordio {
    struct buffer frame; /* the beginning of a frame that a piece's end cut */
    struct roster keys;  /* that a sparse row named */
};

static struct recordio *recordio_of(struct decoder *decoder)
{
    return (struct recordio *)decoder->state;
}

static uint32_t load_four(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint64_t load_eight(const uint8_t *bytes)
{
    return load_four(bytes) | (uint64_t)load_four(bytes + 4) << 32;
}

/* ---- protobuf ---- */

struct message {
    const uint8_t *at;
    const uint8_t *end;
    bool broken; /* it breaks protobuf's rules */
};

enum wire { WIRE_VARINT = 0, WIRE_EIGHT = 1, WIRE_BYTES = 2, WIRE_FOUR = 5 };

struct part {
    unsigned number; /* of the field */
    enum wire wire;
    uint64_t value;       /* for all but WIRE_BYTES */
    struct message bytes; /* for WIRE_BYTES */
};

static uint64_t read_varint(struct message *message)
{
    uint64_t value = 0;
    for (unsigned shift = 0; message->at < message->end && shift < 64; shift += 7) {
        uint8_t byte = *message->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            return value;
    }
    message->broken = true;
    return 0;
}

static const uint8_t *read_bytes(struct message *message, uint64_t size)
{
    const uint8_t *bytes = message->at;
    if (size > (uint64_t)(message->end - message->at)) {
        message->broken = true;
        return NULL;
    }
    message->at += size;
    return bytes;
}

static void read_value(struct message *message, struct part *part)
{
    const uint8_t *bytes = NULL;
    switch (part->wire) {
    case WIRE_VARINT:
        part->value = read_varint(message);
        return;
    case WIRE_EIGHT:
        bytes = read_bytes(message, 8);
        part->value = bytes ? load_eight(bytes) : 0;
        return;
    case WIRE_FOUR:
        bytes = read_bytes(message, 4);
        part->value = bytes ? load_four(bytes) : 0;
        return;
    case WIRE_BYTES:
        part->value = read_varint(message);
        bytes = message->broken ? NULL : read_bytes(message, part->value);
        part->bytes = (struct message){bytes, bytes ? bytes + part->value : NULL, false};
        return;
    }
    message->broken = true;
}

/* The next field of a message; false at its end, and where it is broken. */
static bool next_part(struct message *message, struct part *part)
{
    if (message->broken || message->at == message->end)
        return false;
    uint64_t tag = read_varint(message);
    part->number = (unsigned)(tag >> 3 & 0x1FFFFFFF);
    part->wire = (enum wire)(tag & 7);
    if (!message->broken)
        read_value(message, part);
    return !message->broken;
}

/* The items of a repeated field, packed or not. */
struct items {
    struct message message;
    unsigned number;
    enum wire wire; /* of one item */
    struct message run;
};

static bool next_item(struct items *items, uint64_t *value)
{
    struct part part = {.wire = items->wire};
    while (items->run.at == items->run.end) {
        if (!next_part(&items->message, &part))
            return false;
        if (part.number != items->number)
            continue;
        if (part.wire == items->wire) {
            *value = part.value;
            return true;
        }
        if (part.wire != WIRE_BYTES) {
            items->message.broken = true;
            return false;
        }
        items->run = part.bytes;
    }
    part.wire = items->wire;
    read_value(&items->run, &part);
    items->message.broken = items->message.broken || items->run.broken;
    *value = part.value;
    return !items->message.broken;
}

/* ---- rows ---- */

/* How a tensor's numbers are written. */
enum number_kind { NUMBER_FLOAT32 = 2, NUMBER_FLOAT64 = 3, NUMBER_INT32 = 7 };

struct tensor {
    struct message message;
    enum number_kind kind;
};

static float number_of(enum number_kind kind, uint64_t bits)
{
    if (kind == NUMBER_INT32)
        return (float)(int32_t)(uint32_t)bits;
    if (kind == NUMBER_FLOAT64) {
        double value = 0;
        memcpy(&value, &bits, sizeof value);
        return (float)value;
    }
    uint32_t half = (uint32_t)bits;
    float value = 0;
    memcpy(&value, &half, sizeof value);
    return value;
}

static enum wire wire_of(enum number_kind kind)
{
    return kind == NUMBER_INT32 ? WIRE_VARINT : kind == NUMBER_FLOAT64 ? WIRE_EIGHT : WIRE_FOUR;
}

static bool broken(struct decoder *decoder, struct forestd_error *error)
{
    size_t row = question_row(&decoder->question);
    return error_set(error, FORESTD_SYNTAX, at_row(row), "row %zu: the record is not the protobuf message that it says",
                     row);
}

static bool read_dense(struct decoder *decoder, struct items *values, enum number_kind kind,
                       struct forestd_error *error)
{
    struct matrix *matrix = &decoder->question.matrix;
    float *cells = matrix->cells + matrix->rows * matrix->features;
    size_t count = 0;
    uint64_t bits = 0;
    for (; next_item(values, &bits); count++)
        if (count < matrix->features)
            cells[count] = number_of(kind, bits);
    if (values->message.broken)
        return broken(decoder, error);
    return count == matrix->features || width_error(decoder, count, error);
}

static bool put_key(struct decoder *decoder, uint64_t key, float value, struct forestd_error *error)
{
    struct matrix *matrix = &decoder->question.matrix;
    size_t row = question_row(&decoder->question);
    if (key >= matrix->features)
        return error_set(error, FORESTD_WIDTH, at_row(row),
                         "row %zu has a key %" PRIu64 ": the model takes %zu features, counted from 0", row, key,
                         matrix->features);
    if (!roster_add(&recordio_of(decoder)->keys, (size_t)key))
        return error_set(error, FORESTD_NAME, at_cell(row, key), "row %zu has the key %" PRIu64 " twice", row, key);
    matrix->cells[matrix->rows * matrix->features + key] = value;
    return true;
}

static bool read_sparse(struct decoder *decoder, struct items *values, struct items *keys, enum number_kind kind,
                        struct forestd_error *error)
{
    struct matrix *matrix = &decoder->question.matrix;
    uint64_t key = 0;
    uint64_t bits = 0;
    memset(matrix->cells + matrix->rows * matrix->features, 0, matrix->features * sizeof *matrix->cells);
    if (!roster_begin(&recordio_of(decoder)->keys, error))
        return false;
    bool more = next_item(keys, &key);
    bool valued = next_item(values, &bits);
    while (more && valued) {
        if (!put_key(decoder, key, number_of(kind, bits), error))
            return false;
        more = next_item(keys, &key);
        valued = next_item(values, &bits);
    }
    return (!more && !valued && !keys->message.broken && !values->message.broken) || broken(decoder, error);
}

/* A shape's last number is the width of the row. */
static bool check_shape(struct decoder *decoder, const struct message *tensor, struct forestd_error *error)
{
    struct items shape = {.message = *tensor, .number = 3, .wire = WIRE_VARINT};
    uint64_t width = decoder->forest->features;
    while (next_item(&shape, &width))
        ;
    if (shape.message.broken)
        return broken(decoder, error);
    return width == decoder->forest->features || width_error(decoder, (size_t)width, error);
}

static bool read_tensor(struct decoder *decoder, const struct tensor *tensor, struct forestd_error *error)
{
    struct matrix *matrix = &decoder->question.matrix;
    struct items values = {.message = tensor->message, .number = 1, .wire = wire_of(tensor->kind)};
    struct items keys = {.message = tensor->message, .number = 2, .wire = WIRE_VARINT};
    struct items shape = {.message = tensor->message, .number = 3, .wire = WIRE_VARINT};
    struct items first = keys;
    uint64_t number = 0;
    if (!check_shape(decoder, &tensor->message, error) || !matrix_reserve(matrix, 1, error))
        return false;
    /* A sparse row of nothing but zeros has a shape and neither keys nor values. */
    bool sparse = next_item(&first, &number);
    if (!sparse && next_item(&shape, &number)) {
        struct items any = values;
        sparse = !next_item(&any, &number);
    }
    bool good = sparse ? read_sparse(decoder, &values, &keys, tensor->kind, error)
                       : read_dense(decoder, &values, tensor->kind, error);
    if (!good)
        return false;
    matrix->rows++;
    return question_add(&decoder->question, DIALECT_ROWS, 1, error);
}

/* Whether the entry of the map is "values"; its tensor then. */
static bool find_values(struct message entry, struct tensor *tensor, bool *bad)
{
    static const char wanted[] = "values";
    struct part part = {.number = 0};
    struct message value = {NULL, NULL, false};
    bool named = false;
    while (next_part(&entry, &part)) {
        if (part.number == 1 && part.wire == WIRE_BYTES)
            named = part.value == sizeof wanted - 1 && memcmp(part.bytes.at, wanted, sizeof wanted - 1) == 0;
        else if (part.number == 2 && part.wire == WIRE_BYTES)
            value = part.bytes;
    }
    *bad = *bad || entry.broken;
    if (!named || entry.broken)
        return false;
    bool found = false;
    while (next_part(&value, &part)) {
        bool kind = part.number == NUMBER_FLOAT32 || part.number == NUMBER_FLOAT64 || part.number == NUMBER_INT32;
        if (!kind || part.wire != WIRE_BYTES)
            continue;
        *tensor = (struct tensor){part.bytes, (enum number_kind)part.number};
        found = true;
    }
    *bad = *bad || value.broken;
    return found;
}

static bool read_record(struct decoder *decoder, const uint8_t *bytes, size_t size, struct forestd_error *error)
{
    struct message record = {bytes, bytes + size, false};
    struct part part = {.number = 0};
    struct tensor tensor = {.kind = NUMBER_FLOAT32};
    bool found = false;
    bool bad = false;
    while (next_part(&record, &part))
        if (part.number == 1 && part.wire == WIRE_BYTES && find_values(part.bytes, &tensor, &bad))
            found = true;
    if (record.broken || bad)
        return broken(decoder, error);
    size_t row = question_row(&decoder->question);
    return found ? read_tensor(decoder, &tensor, error)
                 : error_set(error, FORESTD_SYNTAX, at_row(row),
                             "row %zu: the record has no numbers under 'values' in its features", row);
}

/* ---- frames ---- */

static size_t frame_limit(const struct decoder *decoder)
{
    /* A number takes up to 10 bytes, and its key as many. */
    size_t features = decoder->forest->features;
    return features > (SIZE_MAX / 2 - FRAME_SPARE) / 32 ? SIZE_MAX / 2 : FRAME_SPARE + features * 32;
}

/* Bytes of the frame that `bytes`[0..size) begin, with its padding; HEAD_SIZE until that is known; 0 on an error. */
static size_t frame_size(struct decoder *decoder, const uint8_t *bytes, size_t size, struct forestd_error *error)
{
    size_t row = question_row(&decoder->question);
    if (size < HEAD_SIZE)
        return HEAD_SIZE;
    if (load_four(bytes) != MAGIC) {
        error_set(error, FORESTD_SYNTAX, at_row(row), "row %zu does not begin with RecordIO's magic number", row);
        return 0;
    }
    uint32_t length = load_four(bytes + 4);
    if (length >> 29) {
        error_set(error, FORESTD_UNSUPPORTED, at_row(row), "row %zu is a record in several parts: send it in one", row);
        return 0;
    }
    if (length > frame_limit(decoder)) {
        error_set(error, FORESTD_LIMIT, at_row(row),
                  "row %zu is a record of %" PRIu32 " bytes: too many for %zu numbers", row, length,
                  decoder->forest->features);
        return 0;
    }
    return HEAD_SIZE + ((size_t)length + 3) / 4 * 4;
}

static bool read_frame(struct decoder *decoder, const uint8_t *frame, struct forestd_error *error)
{
    return read_record(decoder, frame + HEAD_SIZE, load_four(frame + 4), error);
}

/* Takes bytes of the frame whose beginning is kept, and reads it once it is complete. */
static bool feed_kept(struct decoder *decoder, const uint8_t **bytes, const uint8_t *end, struct forestd_error *error)
{
    struct buffer *kept = &recordio_of(decoder)->frame;
    for (;;) {
        size_t wanted = frame_size(decoder, kept->bytes, kept->size, error);
        if (!wanted)
            return false;
        if (kept->size == wanted && kept->size >= HEAD_SIZE)
            break;
        if (*bytes == end)
            return true;
        size_t size = wanted - kept->size;
        if (size > (size_t)(end - *bytes))
            size = (size_t)(end - *bytes);
        if (!buffer_append(kept, *bytes, size, error))
            return false;
        *bytes += size;
    }
    kept->size = 0;
    return read_frame(decoder, kept->bytes, error);
}

static bool feed_recordio(struct decoder *decoder, const char *body, size_t size, struct forestd_error *error)
{
    struct buffer *kept = &recordio_of(decoder)->frame;
    const uint8_t *bytes = (const uint8_t *)body;
    const uint8_t *end = bytes + size;
    if (kept->size && !feed_kept(decoder, &bytes, end, error))
        return false;
    while (bytes < end) {
        size_t wanted = frame_size(decoder, bytes, (size_t)(end - bytes), error);
        if (!wanted)
            return false;
        if ((size_t)(end - bytes) < wanted)
            return buffer_append(kept, bytes, (size_t)(end - bytes), error);
        if (!read_frame(decoder, bytes, error))
            return false;
        bytes += wanted;
    }
    return true;
}

/* ---- the decoder ---- */

static void open_recordio(struct decoder *decoder)
{
    recordio_of(decoder)->frame.budget = decoder->budget;
    recordio_of(decoder)->keys.forest = decoder->forest;
    recordio_of(decoder)->keys.budget = decoder->budget;
}

static bool finish_recordio(struct decoder *decoder, struct forestd_error *error)
{
    size_t row = question_row(&decoder->question);
    if (recordio_of(decoder)->frame.size)
        return error_set(error, FORESTD_SYNTAX, at_row(row), "row %zu: the body ends before the record does", row);
    return row > 0 || empty_error(&decoder->question, error);
}

static void close_recordio(struct decoder *decoder)
{
    buffer_close(&recordio_of(decoder)->frame);
    roster_close(&recordio_of(decoder)->keys);
}

const struct decoding recordio_decoding = {sizeof(struct recordio), open_recordio, feed_recordio, finish_recordio,
                                           close_recordio};
