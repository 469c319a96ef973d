#include "serve/azureml.h"

#include "serve/invocation.h"
#include "serve/server.h"
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* Its server answers longer ids with 431. */
enum { LONGEST_ID = 100, GUID_SIZE = 37 };

static const char *find(const struct exchange *exchange, const char *name)
{
    const char *value = exchange->carrier->header(exchange, name);
    return value && *value ? value : NULL;
}

/* A random UUID, version 4 of RFC 9562. */
static void write_guid(char guid[GUID_SIZE])
{
    uint8_t bytes[16] = {0};
    if (getrandom(bytes, sizeof bytes, GRND_NONBLOCK) < 0)
        memset(bytes, 0, sizeof bytes); /* only while the system starts */
    bytes[6] = (uint8_t)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3F) | 0x80);
    char *at = guid;
    for (size_t i = 0; i < sizeof bytes; i++)
        at += snprintf(at, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
}

static double milliseconds_since(uint64_t started)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t nanoseconds = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    return (double)(nanoseconds - started) / 1e6;
}

static const char *short_id(const char *id)
{
    return id && strlen(id) <= LONGEST_ID ? id : NULL;
}

void azureml_answered(struct exchange *exchange)
{
    char *guid = exchange->notes;
    char *time = guid + GUID_SIZE;
    size_t room = sizeof exchange->notes - GUID_SIZE;
    const char *request = find(exchange, "x-request-id");
    const char *client = find(exchange, "x-ms-client-request-id");
    const char *legacy = find(exchange, "x-ms-request-id");
    if (!request)
        write_guid(guid);
    request = request ? short_id(request) : guid;
    client = client ? client : legacy;
    legacy = legacy ? legacy : client;
    exchange_header(exchange, "x-request-id", request);
    exchange_header(exchange, "x-ms-request-id", short_id(legacy ? legacy : request));
    exchange_header(exchange, "x-ms-client-request-id", short_id(client));
    exchange_header(exchange, "TraceId", find(exchange, "TraceId"));
    exchange_header(exchange, "x-ms-server-version", "forestd/" FORESTD_VERSION);
    if (!exchange->state)
        return;
    (void)snprintf(time, room, "%.3f", milliseconds_since(exchange->started));
    exchange_header(exchange, "x-ms-run-fn-exec-ms", time);
    exchange_header(exchange, "x-ms-run-function-failed", exchange->reply.status >= 500 ? "True" : "False");
}

/* Whether the ids are as long as they may be; else the exchange is answered. */
static bool check_ids(struct exchange *exchange)
{
    static const char *const names[] = {"x-request-id", "x-ms-request-id", "x-ms-client-request-id"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *id = find(exchange, names[i]);
        if (id && !short_id(id)) {
            exchange_fail(exchange, 431, "headers_too_large", "%s must not exceed %d characters", names[i], LONGEST_ID);
            return false;
        }
    }
    return true;
}

void azureml_score(struct exchange *exchange)
{
    if (check_ids(exchange))
        invocation_begin(exchange);
}

void azureml_score_query(struct exchange *exchange)
{
    const char *data = exchange->carrier->parameter(exchange, "data");
    if (!check_ids(exchange))
        return;
    if (!data || !*data) {
        exchange_fail(exchange, 400, "no_instances",
                      "Say what to predict: POST a body, or GET /score?data=[[1, 2, ...]].");
        return;
    }
    invocation_begin(exchange);
    if (!exchange->answered)
        invocation_piece(exchange, data, strlen(data));
}
