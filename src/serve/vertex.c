#include "serve/vertex.h"

#include "base/error.h"
#include "serve/call.h"
#include "serve/invocation.h"
#include "serve/server.h"
#include <stdlib.h>
#include <string.h>

enum { ENDPOINT = 2 }; /* its capture */

void vertex_predict(struct exchange *exchange)
{
    const struct capture *endpoint = &exchange->captures[ENDPOINT];
    struct served *served = store_take(exchange->server->store, endpoint->text, endpoint->size, 0, NULL);
    store_give_back(served);
    if (served)
        invocation_begin_for(exchange, endpoint->text, endpoint->size, 0);
    else
        invocation_begin(exchange);
}

/* ---- base64 ---- */

static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c == '-' ? '+' : c == '_' ? '/' : c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Reads base64, of either alphabet, with or without padding. */
static bool read_base64(const char *text, struct buffer *bytes, struct forestd_error *error)
{
    unsigned bits = 0;
    unsigned held = 0;
    if (!buffer_reserve(bytes, strlen(text) / 4 * 3 + 3, error))
        return false;
    for (; *text && *text != '='; text++) {
        int digit = digit_of(*text);
        if (digit < 0)
            return error_set(error, FORESTD_SYNTAX, at_nowhere(), "httpBody.data is not base64");
        bits = bits << 6 | (unsigned)digit;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes->bytes[bytes->size++] = (uint8_t)(bits >> held);
        }
    }
    return true;
}

static bool write_base64(const struct buffer *bytes, struct buffer *text, struct forestd_error *error)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (!buffer_reserve(text, (bytes->size + 2) / 3 * 4, error))
        return false;
    for (size_t i = 0; i < bytes->size; i += 3) {
        size_t left = bytes->size - i;
        unsigned bits = (unsigned)bytes->bytes[i] << 16 | (left > 1 ? (unsigned)bytes->bytes[i + 1] << 8 : 0) |
                        (left > 2 ? bytes->bytes[i + 2] : 0);
        char group[4] = {digits[bits >> 18], digits[bits >> 12 & 63], digits[bits >> 6 & 63], digits[bits & 63]};
        if (left < 3)
            group[3] = '=';
        if (left < 2)
            group[2] = '=';
        memcpy(text->bytes + text->size, group, sizeof group);
        text->size += sizeof group;
    }
    return true;
}

/* ---- rawPredict ---- */

static bool is_wrapped(const struct exchange *exchange)
{
    return exchange->carrier->parameter(exchange, "$alt") != NULL;
}

void vertex_raw_begin(struct exchange *exchange)
{
    /* What the service adds, and its Python client wants to see. */
    exchange_header(exchange, "X-Vertex-AI-Deployed-Model-Id", "1");
    exchange_header(exchange, "X-Vertex-AI-Model", "forestd");
    exchange_header(exchange, "X-Vertex-AI-Model-Version-Id", "1");
    if (is_wrapped(exchange))
        call_begin(exchange);
    else
        vertex_predict(exchange);
}

void vertex_raw_piece(struct exchange *exchange, const void *bytes, size_t size)
{
    if (is_wrapped(exchange))
        call_piece(exchange, bytes, size);
    else
        invocation_piece(exchange, bytes, size);
}

static void answer_wrapped(struct exchange *exchange, const cJSON *document)
{
    const cJSON *wrapped = cJSON_GetObjectItemCaseSensitive(document, "httpBody");
    const char *data = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(wrapped, "data"));
    struct buffer body = {.budget = &exchange->server->memory};
    struct buffer *reply = &exchange->reply.body;
    struct forestd_error error;
    if (!data) {
        exchange_fail(exchange, 400, "bad_syntax",
                      "The body must be {\"httpBody\": {\"contentType\": ..., \"data\": ...}}.");
        return;
    }
    cJSON *headers = cJSON_CreateObject();
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(wrapped, "contentType"));
    if (type)
        (void)cJSON_AddStringToObject(headers, "Content-Type", type);
    struct inner inner = {.headers = headers};
    if (!read_base64(data, &body, &error)) {
        exchange_error(exchange, &error);
    } else {
        inner_run(&inner, exchange->server, "POST", exchange->path, body.bytes, body.size);
        const struct reply *said = &inner.exchange.reply;
        exchange->rows = inner.exchange.rows;
        reply->budget = body.budget;
        if (said->status != 200) {
            (void)buffer_append(reply, said->body.bytes, said->body.size, NULL);
            exchange_answer(exchange, said->status, said->content_type);
        } else if (buffer_print(reply, &error, "{\"contentType\": \"%s\", \"data\": \"", said->content_type) &&
                   write_base64(&said->body, reply, &error) && buffer_append(reply, "\"}\n", 3, &error)) {
            exchange_answer(exchange, 200, "application/json");
        } else {
            exchange_error(exchange, &error);
        }
        inner_close(&inner);
    }
    buffer_close(&body);
    cJSON_Delete(headers);
}

static void answer(struct exchange *exchange, struct buffer *text)
{
    cJSON *document = call_document(exchange, text);
    if (document)
        answer_wrapped(exchange, document);
    cJSON_Delete(document);
}

bool vertex_raw_finish(struct exchange *exchange)
{
    return is_wrapped(exchange) ? call_finish(exchange, answer) : invocation_finish(exchange);
}

void vertex_raw_close(struct exchange *exchange)
{
    if (is_wrapped(exchange))
        call_close(exchange);
    else
        invocation_close(exchange);
}
