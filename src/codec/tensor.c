#include "codec/tensor.h"

#include "base/number.h"
#include "codec/tensor_state.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tensor_words tensor_words(const struct tensor_state *state, const struct tensor *tensor)
{
    struct tensor_words words;
    if (tensor->has & TENSOR_HAS_NAME)
        (void)snprintf(words.text, sizeof words.text, "input '%s'", tensor->name.text);
    else
        (void)snprintf(words.text, sizeof words.text, "input %zu", (size_t)(tensor - tensor_at(state, 0)));
    return words;
}

struct tensor_words tensor_shape_words(const uint64_t *shape, size_t dimensions)
{
    struct tensor_words words = {"["};
    size_t used = 1;
    for (size_t i = 0; i < dimensions && used + NUMBER_TEXT_SIZE < sizeof words.text; i++)
        used += (size_t)snprintf(words.text + used, sizeof words.text - used, "%s%" PRIu64, i ? ", " : "", shape[i]);
    (void)snprintf(words.text + used, sizeof words.text - used, "]");
    return words;
}

float *tensor_room(struct decoder *decoder, size_t count, struct forestd_error *error)
{
    struct matrix *matrix = &decoder->question.matrix;
    size_t features = matrix->features;
    size_t filled = tensor_state_of(decoder)->filled;
    /* `filled` numbers fit into the rows that there is room for, so they and the new ones fit into size_t. */
    size_t rows = (filled + count + features - 1) / features;
    if (rows > matrix->capacity && !matrix_reserve(matrix, rows - matrix->rows, error))
        return NULL;
    return matrix->cells + filled;
}

/* ---- JSON ---- */

static bool take_tokens(struct decoder *decoder, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    for (;;) {
        if (state->place == TENSOR_DATA && !tensor_run(decoder, error))
            return false;
        struct json_token token = {0};
        switch (json_next(&state->reader, &token, error)) {
        case JSON_TOKEN:
            if (!tensor_take(decoder, &token, error))
                return false;
            break;
        case JSON_MORE:
            return true;
        case JSON_BROKEN:
            return false;
        }
    }
}

static bool end_json(struct decoder *decoder, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    struct json_token token = {0};
    switch (json_finish(&state->reader, &token, error)) {
    case JSON_TOKEN:
        if (!tensor_take(decoder, &token, error))
            return false;
        break;
    case JSON_MORE:
        break;
    case JSON_BROKEN:
        return false;
    }
    if (state->place != TENSOR_END)
        return error_set(error, FORESTD_EMPTY, at_nowhere(),
                         "The body is empty: {\"inputs\": [...]} with tensors is expected");
    state->json_over = true;
    struct tensor_request *request = &state->request;
    for (size_t i = 0; i < request->wish_count; i++)
        request->wishes[i].binary = state->binaries[i] < 0 ? request->binary : state->binaries[i] > 0;
    return true;
}

/* ---- the decoder ---- */

static void open_tensors(struct decoder *decoder)
{
    struct tensor_state *state = tensor_state_of(decoder);
    state->reader.text.budget = decoder->budget;
    state->tensors.budget = decoder->budget;
    state->text.budget = decoder->budget;
}

static bool feed_tensors(struct decoder *decoder, const char *bytes, size_t size, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    size_t json = 0;
    if (!state->json_over) {
        uint64_t left = state->json_size - decoder->fed;
        json = left < size ? (size_t)left : size;
        json_feed(&state->reader, bytes, json, decoder->fed);
        if (!take_tokens(decoder, error) || (json == left && !end_json(decoder, error)))
            return false;
    }
    return json == size || tensor_bytes(decoder, bytes + json, size - json, error);
}

static bool finish_tensors(struct decoder *decoder, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    if (!state->json_over && state->json_size != TENSOR_ALL_JSON)
        return error_set(error, FORESTD_SYNTAX, at_byte(decoder->fed),
                         "the body ends after %" PRIu64
                         " bytes, but Inference-Header-Content-Length says that its JSON has %" PRIu64,
                         decoder->fed, state->json_size);
    return (state->json_over || end_json(decoder, error)) && tensor_bytes_end(decoder, error) &&
           tensor_rows(decoder, error);
}

static void close_tensors(struct decoder *decoder)
{
    struct tensor_state *state = tensor_state_of(decoder);
    json_close(&state->reader);
    buffer_close(&state->tensors);
    buffer_close(&state->text);
}

static const struct decoding tensor_decoding = {sizeof(struct tensor_state), open_tensors, feed_tensors, finish_tensors,
                                                close_tensors};

struct decoder *tensor_decoder_open(uint64_t json_size, const struct forest *forest, struct budget *budget,
                                    struct forestd_error *error)
{
    struct decoder *decoder = decoder_open_for(&tensor_decoding, forest, budget, error);
    if (decoder)
        tensor_state_of(decoder)->json_size = json_size;
    return decoder;
}

const struct tensor_request *tensor_request(const struct decoder *decoder)
{
    return &((const struct tensor_state *)decoder->state)->request;
}
