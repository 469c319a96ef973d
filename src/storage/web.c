/*
 * A file on a web server.
 */
#include "storage/source.h"

#include <string.h>

static bool prepare(struct source *source, const struct wish *wish, struct http_call *call, struct forestd_error *error)
{
    call->method = "GET";
    call->address = source->address->host;
    call->follow = true;
    return add_range(wish, &call->headers, error) && pin_match(wish, &call->headers, error);
}

static bool learn(struct source *source, const struct http_call *call)
{
    (void)source;
    (void)call;
    return false;
}

static const char *used(const struct source *source)
{
    (void)source;
    return NULL;
}

static void close_source(struct source *source)
{
    (void)source;
}

bool web_open(struct source *source, struct forestd_error *error)
{
    (void)error;
    source->prepare = prepare;
    source->learn = learn;
    source->pin = pin_by_etag;
    source->used = used;
    source->close = close_source;
    return true;
}
