/*
 * Exchanges that events carry: requests from the documents that describe them, and replies in the same shape.
 */
#ifndef TRANSPORT_EVENT_HTTP_H
#define TRANSPORT_EVENT_HTTP_H

#include "serve/exchange.h"
#include "serve/server.h"
#include <cjson/cJSON.h>

enum event_dialect {
    EVENT_REST,    /* API Gateway's REST APIs, and HTTP APIs in format 1.0 */
    EVENT_URL,     /* HTTP APIs in format 2.0, and functions' URLs */
    EVENT_BALANCER /* Application Load Balancers */
};

/* An exchange and what it came from. */
struct carried {
    struct exchange exchange; /* first: an exchange is a carried one */
    enum event_dialect dialect;
    const cJSON *headers;    /* names to texts, or NULL */
    const cJSON *many;       /* names to lists of texts, or NULL */
    const cJSON *parameters; /* the same of the query */
    const cJSON *many_parameters;
    const char *content_type; /* where there are no headers; or NULL */
    const char *accept;
    char *path; /* owned */
    struct buffer body;
    bool bad_body; /* it says that it is base64, and is not */
};

/* The request in an event of this dialect. False without memory. The event must outlive it. */
bool carried_open(struct carried *carried, struct server *server, enum event_dialect dialect, const cJSON *event);

/* A request without an event: POST /invocations with this body, which is borrowed. */
void carried_open_question(struct carried *carried, struct server *server, const void *body, size_t size,
                           const char *content_type);

/* Carries the request through the server. Afterwards exchange.reply is complete. */
void carried_run(struct carried *carried, const void *body, size_t size);

/* Appends the reply as its dialect has it. */
bool carried_write(const struct carried *carried, struct buffer *text);

/* Appends statusCode and headers, as response streaming begins. */
bool carried_write_prelude(const struct carried *carried, struct buffer *text);

void carried_close(struct carried *carried);

#endif
