/*
 * A small JSON document in a request's body, held whole: what routes take that are told something. `document_begin`
 * fits into a route's begin when nothing else is to be done there; the others fit as they are.
 */
#ifndef SERVE_DOCUMENT_H
#define SERVE_DOCUMENT_H

#include "serve/exchange.h"
#include <cjson/cJSON.h>

enum { DOCUMENT_LIMIT = 64 * 1024 }; /* bytes */

void document_begin(struct exchange *exchange);

void document_piece(struct exchange *exchange, const void *bytes, size_t size);

/* Whether there was no body. */
bool document_is_empty(const struct exchange *exchange);

/* The document, for the caller to delete; NULL where it is no JSON: the exchange is then answered with 400. */
cJSON *document_read(struct exchange *exchange);

void document_close(struct exchange *exchange);

#endif
