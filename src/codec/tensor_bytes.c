/*
 * The bytes of tensors behind the JSON, in the order of the inputs.
 */
#include "base/bytes.h"
#include "codec/cast.h"
#include "codec/cell.h"
#include "codec/tensor_state.h"
#include <inttypes.h>
#include <string.h>

enum { LENGTH_SIZE = 4 }; /* of a text's length */

/* The tensor whose bytes come next, or NULL when there are no more. Empty ones are passed over. */
static struct tensor *next_tensor(struct tensor_state *state)
{
    for (; state->at < tensor_count(state); state->at++) {
        struct tensor *tensor = tensor_at(state, state->at);
        if (!(tensor->has & TENSOR_HAS_SIZE))
            continue;
        if (!state->begun) {
            state->begun = true;
            state->left = tensor->count;
            state->bytes_left = tensor->bytes;
            tensor->first = state->filled;
        }
        if (state->bytes_left)
            return tensor;
        state->begun = false;
    }
    return NULL;
}

static bool take_numbers(struct decoder *decoder, const struct tensor *tensor, const uint8_t *bytes, size_t count,
                         struct forestd_error *error)
{
    float *cells = tensor_room(decoder, count, error);
    if (!cells)
        return false;
    cast_floats(tensor->type->kind, tensor->type->size, false, bytes, cells, count);
    tensor_filled(decoder, count);
    return true;
}

/* Completes what a piece's end cut, up to `wanted` bytes. Returns how many bytes were used. */
static size_t complete_part(struct tensor_state *state, size_t wanted, const uint8_t *bytes, size_t size)
{
    size_t used = wanted - state->part_size < size ? wanted - state->part_size : size;
    memcpy(state->part + state->part_size, bytes, used);
    state->part_size += used;
    return used;
}

static bool feed_numbers(struct decoder *decoder, const struct tensor *tensor, const uint8_t *bytes, size_t size,
                         struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    size_t width = tensor->type->size;
    size_t used = 0;
    if (state->part_size) {
        used = complete_part(state, width, bytes, size);
        if (state->part_size < width)
            return true;
        state->part_size = 0;
        if (!take_numbers(decoder, tensor, state->part, 1, error))
            return false;
    }
    size_t count = (size - used) / width;
    if (count && !take_numbers(decoder, tensor, bytes + used, count, error))
        return false;
    used += count * width;
    (void)complete_part(state, width, bytes + used, size - used);
    return true;
}

/* ---- texts ---- */

static bool end_text(struct decoder *decoder, const struct tensor *tensor, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    struct buffer *text = &state->text;
    float *cell = tensor_room(decoder, 1, error);
    if (!cell)
        return false;
    if (!cell_read(text->size ? (const char *)text->bytes : "", text->size, cell))
        return error_set(error, FORESTD_VALUE, at_nowhere(), "%s holds '%s': every text must be a number",
                         tensor_words(state, tensor).text, text_quote(text->bytes, text->size).text);
    tensor_filled(decoder, 1);
    text->size = 0;
    state->in_text = false;
    state->left--;
    return true;
}

static bool begin_text(struct decoder *decoder, const struct tensor *tensor, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    state->text_left = (uint32_t)bytes_natural(state->part, LENGTH_SIZE, false);
    state->part_size = 0;
    state->in_text = true;
    if (state->left == 0)
        return error_set(error, FORESTD_SYNTAX, at_nowhere(),
                         "%s has the shape %s, which is %" PRIu64 " texts, but its bytes hold more",
                         tensor_words(state, tensor).text, tensor_shape_words(tensor->shape, tensor->dimensions).text,
                         tensor->count);
    if (state->text_left > DECODE_WORD_LIMIT)
        return error_set(error, FORESTD_LIMIT, at_nowhere(), "%s holds a text of %" PRIu32 " bytes: %d are taken",
                         tensor_words(state, tensor).text, state->text_left, DECODE_WORD_LIMIT);
    return state->text_left || end_text(decoder, tensor, error);
}

static bool feed_texts(struct decoder *decoder, const struct tensor *tensor, const uint8_t *bytes, size_t size,
                       struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    for (size_t used = 0; used < size;) {
        if (!state->in_text) {
            used += complete_part(state, LENGTH_SIZE, bytes + used, size - used);
            if (state->part_size == LENGTH_SIZE && !begin_text(decoder, tensor, error))
                return false;
            continue;
        }
        size_t part = state->text_left < size - used ? state->text_left : size - used;
        if (!buffer_append(&state->text, bytes + used, part, error))
            return false;
        used += part;
        state->text_left -= (uint32_t)part;
        if (state->text_left == 0 && !end_text(decoder, tensor, error))
            return false;
    }
    return true;
}

/* The bytes of a tensor of texts are over. */
static bool end_texts(struct tensor_state *state, const struct tensor *tensor, struct forestd_error *error)
{
    if (tensor->type->size || (state->left == 0 && !state->in_text && !state->part_size))
        return true;
    return error_set(error, FORESTD_SYNTAX, at_nowhere(),
                     "%s has the shape %s, which is %" PRIu64 " texts, but its bytes hold %" PRIu64,
                     tensor_words(state, tensor).text, tensor_shape_words(tensor->shape, tensor->dimensions).text,
                     tensor->count, tensor->count - state->left);
}

/* ---- all ---- */

bool tensor_bytes(struct decoder *decoder, const char *bytes, size_t size, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    const uint8_t *at = (const uint8_t *)bytes;
    while (size) {
        const struct tensor *tensor = next_tensor(state);
        if (!tensor)
            return error_set(error, FORESTD_SYNTAX, at_nowhere(),
                             "the body goes on behind its JSON and the bytes that the binary_data_size of its inputs "
                             "say");
        size_t part = state->bytes_left < size ? (size_t)state->bytes_left : size;
        bool texts = tensor->type->size == 0;
        if (!(texts ? feed_texts : feed_numbers)(decoder, tensor, at, part, error))
            return false;
        state->bytes_left -= part;
        if (state->bytes_left == 0 && !end_texts(state, tensor, error))
            return false;
        at += part;
        size -= part;
    }
    return true;
}

bool tensor_bytes_end(struct decoder *decoder, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    const struct tensor *tensor = next_tensor(state);
    return !tensor || error_set(error, FORESTD_SYNTAX, at_nowhere(),
                                "%s has the binary_data_size %" PRIu64 ", but the body ends %" PRIu64 " bytes before",
                                tensor_words(state, tensor).text, tensor->bytes, state->bytes_left);
}
