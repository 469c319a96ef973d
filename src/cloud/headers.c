#include "cloud/headers.h"

#include "base/buffer.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool headers_add(struct http_headers *headers, struct forestd_error *error, const char *name, const char *format, ...)
{
    char *value = NULL;
    char *line = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&value, format, arguments);
    va_end(arguments);
    if (size < 0)
        return error_memory(error, 0, "a header");
    bool clean = strpbrk(value, "\r\n") == NULL;
    bool room = headers->count < HTTP_HEADERS;
    /* libcurl leaves out a header without a value, unless a semicolon stands for the colon. */
    if (clean && room && asprintf(&line, *value ? "%s: %s" : "%s;%s", name, value) < 0)
        line = NULL;
    free(value);
    if (!clean)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "the header %s would hold the end of a line", name);
    if (!line)
        return error_memory(error, (size_t)size, "a header");
    headers->lines[headers->count++] = line;
    return true;
}

void headers_close(struct http_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++)
        free(headers->lines[i]);
    *headers = (struct http_headers){0};
}
