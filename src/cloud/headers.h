/*
 * The headers of a request that is put together.
 */
#ifndef CLOUD_HEADERS_H
#define CLOUD_HEADERS_H

#include "base/error.h"
#include <stddef.h>

enum { HTTP_HEADERS = 24 };

/* Empty when all zero. */
struct http_headers {
    char *lines[HTTP_HEADERS]; /* "Name: value" */
    size_t count;
};

/* Fails with FORESTD_ARGUMENT where the value holds a line's end: it would become a header of its own. */
__attribute__((format(printf, 4, 5))) bool headers_add(struct http_headers *headers, struct forestd_error *error,
                                                       const char *name, const char *format, ...);

void headers_close(struct http_headers *headers);

#endif
