/*
 * A call: a request that stands inside another's body, as some platforms wrap them in JSON. The body is read whole,
 * the request in it is answered by the one route table, and its reply is wrapped again.
 */
#ifndef SERVE_CALL_H
#define SERVE_CALL_H

#include "serve/exchange.h"
#include <cjson/cJSON.h>

/* Answers the exchange by its body, which it may close as soon as it has no need of it. May run in any thread. */
typedef void call_answer(struct exchange *exchange, struct buffer *text);

/* The body as a document, for the caller to delete, and closes it. NULL: it is none, and the exchange is answered. */
cJSON *call_document(struct exchange *exchange, struct buffer *text);

/* For a route's begin, piece, finish and close. Long bodies are answered by the team. */
void call_begin(struct exchange *exchange);
void call_piece(struct exchange *exchange, const void *bytes, size_t size);
bool call_finish(struct exchange *exchange, call_answer *answer);
void call_close(struct exchange *exchange);

/* The request inside. */
struct inner {
    struct exchange exchange; /* first: an exchange is an inner one */
    const cJSON *headers;     /* {name: text or [text, ...]}; NULL = none */
    const cJSON *parameters;  /* of the query, likewise */
};

/* Answers `method` `path` with `body`, all of which must outlive `inner`, whose other members are set. */
void inner_run(struct inner *inner, struct server *server, const char *method, const char *path, const void *body,
               size_t size);

void inner_close(struct inner *inner);

#endif
