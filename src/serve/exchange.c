#include "serve/exchange.h"

#include "base/error.h"
#include "serve/record.h"
#include "serve/refusal.h"
#include "serve/routes.h"
#include "serve/server.h"
#include "serve/unpacking.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char too_large[] = "The body is larger than the %zu bytes that are taken: send fewer rows at once.";

static uint64_t nanoseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Makes ready for a compressed body. Returns false when the exchange is answered instead. */
static bool begin_unpacking(struct exchange *exchange)
{
    const char *encoding = exchange->carrier->header(exchange, "Content-Encoding");
    enum packing packing = packing_of(encoding);
    if (packing == PACKING_NONE)
        return true;
    if (packing == PACKING_UNKNOWN) {
        exchange_header(exchange, "Accept-Encoding", "gzip, deflate");
        exchange_fail(exchange, 415, "unsupported_media_type",
                      "Content-Encoding %.100s is not read here. These are: gzip, deflate, identity.", encoding);
        return false;
    }
    struct forestd_error error;
    exchange->unpacking = unpacking_open(packing, &exchange->server->memory, &error);
    if (!exchange->unpacking)
        exchange_error(exchange, &error);
    return exchange->unpacking;
}

void exchange_begin(struct exchange *exchange)
{
    const struct serve_options *options = &exchange->server->options;
    exchange->started = nanoseconds();
    metrics_begin(&exchange->server->metrics);
    if (options->cors_origin && *options->cors_origin)
        exchange_header(exchange, "Access-Control-Allow-Origin", options->cors_origin);
    const struct route *route = route_find(exchange);
    if (!route)
        return;
    if (exchange->length <= EXCHANGE_LENGTH_MAX && exchange->length > options->max_body) {
        exchange_fail(exchange, 413, forestd_code_word(FORESTD_LIMIT), too_large, options->max_body);
        return;
    }
    if (route->piece && !route->may_be_empty && exchange->length == EXCHANGE_NO_LENGTH) {
        exchange_fail(exchange, 411, "length_required",
                      "Say how long the body is, with Content-Length or Transfer-Encoding: chunked.");
        return;
    }
    if (route->piece && !begin_unpacking(exchange))
        return;
    exchange->route = route;
    route->begin(exchange);
}

static bool take_piece(struct exchange *exchange, const void *bytes, size_t size)
{
    exchange->received += size;
    if (exchange->answered)
        return true;
    size_t limit = exchange->server->options.max_body;
    exchange->untaken = false;
    if (exchange->received > limit)
        exchange_fail(exchange, 413, forestd_code_word(FORESTD_LIMIT), too_large, limit);
    else if (exchange->route->piece)
        exchange->route->piece(exchange, bytes, size);
    if (exchange->untaken)
        exchange->received -= size;
    return !exchange->untaken;
}

/* What is unpacked of a piece goes on in pieces, each of which may suspend the exchange. */
static bool take_packed(struct exchange *exchange, const void *bytes, size_t size)
{
    struct forestd_error error;
    while (!exchange->answered) {
        if (exchange->unpacked_size && !take_piece(exchange, exchange->unpacked, exchange->unpacked_size))
            return false;
        exchange->unpacked_size = 0;
        if (exchange->answered)
            break;
        if (!unpacking_next(exchange->unpacking, bytes, size, &exchange->unpacked, &exchange->unpacked_size, &error))
            exchange_error(exchange, &error);
        else if (!exchange->unpacked_size)
            break;
    }
    return true;
}

bool exchange_piece(struct exchange *exchange, const void *bytes, size_t size)
{
    return exchange->unpacking && !exchange->answered ? take_packed(exchange, bytes, size)
                                                      : take_piece(exchange, bytes, size);
}

bool exchange_finish(struct exchange *exchange)
{
    struct forestd_error error;
    if (!exchange->answered && exchange->unpacking && !unpacking_finish(exchange->unpacking, &error))
        exchange_error(exchange, &error);
    return exchange->answered || exchange->route->finish(exchange);
}

/* Predictions, and what failed to become one, are measured. */
static void measure(const struct exchange *exchange, uint64_t nanoseconds)
{
    unsigned status = exchange->reply.status;
    bool predicts = exchange->route && exchange->route->piece && (exchange->model || status >= 400);
    if (exchange->answered && predicts)
        embedded_count(exchange->server->embedded, exchange->model, status, nanoseconds, exchange->rows);
}

void exchange_close(struct exchange *exchange)
{
    /* One that was refused before it began was not counted either. */
    if (exchange->started) {
        uint64_t took = nanoseconds() - exchange->started;
        record_exchange(exchange, took);
        metrics_count(&exchange->server->metrics, exchange, took);
        if (exchange->server->embedded)
            measure(exchange, took);
    }
    if (exchange->route && exchange->route->close)
        exchange->route->close(exchange);
    exchange->route = NULL;
    unpacking_close(exchange->unpacking);
    exchange->unpacking = NULL;
    buffer_close(&exchange->reply.body);
}

void *exchange_take(const struct exchange *exchange, size_t size)
{
    return size <= exchange->room_size ? exchange->room : malloc(size);
}

void exchange_give_back(const struct exchange *exchange, void *state)
{
    if (state != exchange->room)
        free(state);
}

void exchange_header(struct exchange *exchange, const char *name, const char *value)
{
    struct reply *reply = &exchange->reply;
    if (value && reply->header_count < REPLY_HEADERS)
        reply->headers[reply->header_count++] = (struct reply_header){name, value};
}

void exchange_answer(struct exchange *exchange, unsigned status, const char *content_type)
{
    exchange->reply.status = status;
    exchange->reply.content_type = content_type;
    exchange->answered = true;
    if (exchange->platform && exchange->platform->answered)
        exchange->platform->answered(exchange);
}

/* Without memory the body stays empty, and the status says what it can. */
static void refuse(struct exchange *exchange, unsigned status, const char *word, const char *message,
                   struct forestd_where where)
{
    const struct refusal refusal = {exchange->platform ? exchange->platform->form : FORM_USUAL, status, word, message,
                                    where};
    bool written = refusal_write(&refusal, &exchange->reply.body);
    exchange_answer(exchange, status, written ? "application/json" : NULL);
}

void exchange_fail(struct exchange *exchange, unsigned status, const char *word, const char *format, ...)
{
    if (exchange->answered)
        return;
    char message[FORESTD_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    refuse(exchange, status, word, message, at_nowhere());
}

/* The one table of engine errors in HTTP's words; what is not in it is 500. */
static const struct {
    enum forestd_code code;
    unsigned status;
} statuses[] = {
    {FORESTD_SYNTAX, 400}, {FORESTD_FORMAT, 400}, {FORESTD_UNSUPPORTED, 400}, {FORESTD_EMPTY, 400},
    {FORESTD_WIDTH, 400},  {FORESTD_NAME, 400},   {FORESTD_VALUE, 400},       {FORESTD_ARGUMENT, 400},
    {FORESTD_LIMIT, 413},  {FORESTD_MEMORY, 503}, {FORESTD_NOT_FOUND, 404},   {FORESTD_AMBIGUOUS, 400},
    {FORESTD_EXISTS, 409},
};

unsigned exchange_status(enum forestd_code code)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].code == code)
            return statuses[i].status;
    return 500;
}

void exchange_error(struct exchange *exchange, const struct forestd_error *error)
{
    if (exchange->answered)
        return;
    unsigned status = exchange_status(error->code);
    if (status == 503)
        exchange_header(exchange, "Retry-After", "1");
    refuse(exchange, status, forestd_code_word(error->code), error->message, error->where);
}
