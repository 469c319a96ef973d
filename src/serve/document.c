#include "serve/document.h"

#include "base/error.h"
#include "serve/server.h"
#include <stdlib.h>

void document_begin(struct exchange *exchange)
{
    struct buffer *text = calloc(1, sizeof *text);
    struct forestd_error error;
    exchange->state = text;
    if (text) {
        text->limit = DOCUMENT_LIMIT;
        text->budget = &exchange->server->memory;
        return;
    }
    error_memory(&error, sizeof *text, "a request");
    exchange_error(exchange, &error);
}

void document_piece(struct exchange *exchange, const void *bytes, size_t size)
{
    struct forestd_error error;
    if (!buffer_append(exchange->state, bytes, size, &error))
        exchange_error(exchange, &error);
}

bool document_is_empty(const struct exchange *exchange)
{
    return ((const struct buffer *)exchange->state)->size == 0;
}

cJSON *document_read(struct exchange *exchange)
{
    const struct buffer *text = exchange->state;
    cJSON *document = text->size ? cJSON_ParseWithLength((const char *)text->bytes, text->size) : NULL;
    if (!document)
        exchange_fail(exchange, 400, forestd_code_word(FORESTD_SYNTAX), "The body must be a JSON document.");
    return document;
}

void document_close(struct exchange *exchange)
{
    if (exchange->state)
        buffer_close(exchange->state);
    free(exchange->state);
    exchange->state = NULL;
}
