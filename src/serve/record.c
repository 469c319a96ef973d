#include "serve/record.h"

#include "observe/text.h"
#include "serve/routes.h"
#include "serve/server.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TRACE_SIZE = 32, SPAN_SIZE = 16, NAME_SIZE = 200 };

static const char *find(const struct exchange *exchange, const char *name)
{
    return exchange->carrier->header(exchange, name);
}

/* ---- for Google Cloud's logging ---- */

static bool put_member(struct buffer *text, const char *name, const char *value)
{
    return !value || (buffer_print(text, NULL, ", \"%s\": ", name) && text_escape(text, value, strlen(value), NULL));
}

/* LogEntry.HttpRequest; 64-bit numbers are texts in it. */
static bool put_request(struct buffer *text, const struct exchange *exchange, uint64_t nanoseconds)
{
    return buffer_print(text, NULL, "{\"status\": %u, \"latency\": \"%" PRIu64 ".%09" PRIu64 "s\"",
                        exchange->reply.status, nanoseconds / 1000000000, nanoseconds % 1000000000) &&
           buffer_print(text, NULL, ", \"requestSize\": \"%" PRIu64 "\", \"responseSize\": \"%zu\"", exchange->received,
                        exchange->reply.body.size) &&
           put_member(text, "requestMethod", exchange->method) && put_member(text, "requestUrl", exchange->path) &&
           put_member(text, "userAgent", find(exchange, "User-Agent")) && buffer_append(text, "}", 2, NULL);
}

static bool is_hexadecimal(const char *text, size_t size)
{
    return strspn(text, "0123456789abcdefABCDEF") >= size;
}

/* The trace and the span that the request belongs to, from the header of W3C or, without a span, Google's own. */
static void read_trace(const struct exchange *exchange, char name[NAME_SIZE], char span[SPAN_SIZE + 1])
{
    const char *parent = find(exchange, "traceparent");
    const char *context = find(exchange, "X-Cloud-Trace-Context");
    const char *trace = parent && strlen(parent) >= 52 ? parent + 3 : context;
    name[0] = '\0';
    span[0] = '\0';
    if (!trace || !is_hexadecimal(trace, TRACE_SIZE))
        return;
    const char *project = exchange->server->options.google_project;
    (void)snprintf(name, NAME_SIZE, "%s%s%s%.*s", *project ? "projects/" : "", project, *project ? "/traces/" : "",
                   TRACE_SIZE, trace);
    if (trace != context && is_hexadecimal(trace + TRACE_SIZE + 1, SPAN_SIZE))
        (void)snprintf(span, SPAN_SIZE + 1, "%s", trace + TRACE_SIZE + 1);
}

/* ---- the line ---- */

void record_exchange(const struct exchange *exchange, uint64_t nanoseconds)
{
    unsigned status = exchange->reply.status;
    bool told = exchange->route && exchange->route->piece;
    enum log_level level = status >= 500 ? LEVEL_WARN : LEVEL_DEBUG;
    if (!told || !exchange->answered || !log_wants(exchange->server->log, level))
        return;
    struct buffer request = {0};
    char trace[NAME_SIZE] = "";
    char span[SPAN_SIZE + 1] = "";
    bool google = exchange->server->options.google_project && put_request(&request, exchange, nanoseconds);
    if (google)
        read_trace(exchange, trace, span);
    const struct field fields[] = {
        field_text("method", exchange->method),
        field_text("path", exchange->path),
        field_number("status", status),
        field_number("rows", exchange->rows),
        field_number("bytes", exchange->received),
        field_number("microseconds", nanoseconds / 1000),
        field_text("inference_id", find(exchange, "X-Amzn-SageMaker-Inference-Id")),
        field_json("httpRequest", google ? (const char *)request.bytes : NULL),
        field_text("logging.googleapis.com/trace", trace[0] ? trace : NULL),
        field_text("logging.googleapis.com/spanId", span[0] ? span : NULL),
        field_end(),
    };
    log_line(exchange->server->log, level, status >= 500 ? "a request failed" : "answered", fields);
    buffer_close(&request);
}
