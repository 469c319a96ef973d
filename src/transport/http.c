#include "transport/http.h"

#include "base/error.h"
#include "transport/connection.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum {
    /* libmicrohttpd clears this and the half of it, which is the read buffer, for every request: no more than what the
       largest headers that are taken need. Headers beyond it get libmicrohttpd's own page, not JSON: it sends that
       before it calls anybody. */
    CONNECTION_MEMORY = 24 * 1024,
    MEMORY_STEP = 4 * 1024,
    SPARE_FILES = 64, /* descriptors for anything but connections */
    QUIET = 250,      /* milliseconds without an exchange after which draining is over */
    LAST_REPLIES = 500
};

static void sleep_milliseconds(long count)
{
    const struct timespec time = {count / 1000, count % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

/* What libmicrohttpd complains about is mostly what clients do wrong, so that it is for those who look closely. */
__attribute__((format(printf, 2, 0))) static void log_library(void *context, const char *format, va_list arguments)
{
    struct http *http = context;
    if (!log_wants(http->server->log, LEVEL_DEBUG))
        return;
    char text[512];
    int size = vsnprintf(text, sizeof text, format, arguments);
    if (size < 0)
        return;
    text[strcspn(text, "\n")] = '\0';
    const struct field fields[] = {field_text("text", text), field_end()};
    log_line(http->server->log, LEVEL_DEBUG, "libmicrohttpd", fields);
}

/* ---- the acceptor's events ---- */

static void take(void *context, int descriptor, const struct sockaddr *address, socklen_t size)
{
    struct http *http = context;
    atomic_fetch_add(&http->coming, 1);
    /* It closes the descriptor when it fails. */
    if (MHD_add_connection(http->daemon, descriptor, address, size) != MHD_YES)
        atomic_fetch_sub(&http->coming, 1);
}

static bool is_full(void *context)
{
    struct http *http = context;
    return atomic_load(&http->connection_count) >= http->limit;
}

static void sweep(void *context)
{
    connections_sweep(context);
}

/* A server that nobody is connected to sleeps. */
static bool has_connections(void *context)
{
    struct http *http = context;
    return atomic_load(&http->coming) || atomic_load(&http->connection_count);
}

/* ---- start ---- */

/* Connections are capped by the descriptors that the process may have. */
static size_t connection_limit(unsigned wanted)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return wanted;
    rlim_t needed = (rlim_t)wanted + SPARE_FILES;
    if (files.rlim_cur < needed && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = needed < files.rlim_max ? needed : files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
        (void)getrlimit(RLIMIT_NOFILE, &files);
    }
    if (files.rlim_cur >= needed)
        return wanted;
    return files.rlim_cur > 2UL * SPARE_FILES ? (size_t)files.rlim_cur - SPARE_FILES : SPARE_FILES;
}

static bool start_daemon(struct http *http, struct forestd_error *error)
{
    const struct serve_options *options = &http->server->options;
    /* libmicrohttpd's own limit is for each of its threads: it must not bite before ours does. */
    unsigned capacity = (unsigned)(http->limit + SPARE_FILES) * options->loops;
    struct MHD_OptionItem pool[] = {{MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)options->loops, NULL},
                                    {MHD_OPTION_END, 0, NULL}};
    if (options->loops < 2)
        pool[0].option = MHD_OPTION_END;
    http->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
            MHD_USE_ERROR_LOG,
        0, NULL, NULL, connection_handle, http, MHD_OPTION_EXTERNAL_LOGGER, log_library, http, MHD_OPTION_ARRAY, pool,
        MHD_OPTION_CONNECTION_LIMIT, capacity, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)MEMORY_STEP, MHD_OPTION_CONNECTION_TIMEOUT,
        options->idle_seconds, MHD_OPTION_NOTIFY_COMPLETED, connection_completed, http, MHD_OPTION_NOTIFY_CONNECTION,
        connection_notified, http, MHD_OPTION_END);
    if (!http->daemon)
        return error_set(error, FORESTD_IO, at_nowhere(), "libmicrohttpd did not start");
    return true;
}

static bool start(struct http *http, struct forestd_error *error)
{
    const struct serve_options *options = &http->server->options;
    http->acceptor = acceptor_open(options->host, options->port, error);
    if (!http->acceptor)
        return false;
    http->port = acceptor_port(http->acceptor);
    const struct acceptor_events events = {take, is_full, sweep, has_connections, http};
    return start_daemon(http, error) && acceptor_start(http->acceptor, &events, error);
}

struct http *http_open(struct server *server, struct forestd_error *error)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http) {
        error_memory(error, sizeof *http, "the HTTP carrier");
        return NULL;
    }
    http->server = server;
    http->limit = connection_limit(server->options.connections);
    atomic_init(&http->in_flight, 0);
    atomic_init(&http->draining, false);
    atomic_init(&http->coming, 0);
    atomic_init(&http->connection_count, 0);
    pthread_mutex_init(&http->turn, NULL);
    connections_sweep(http);
    if (!start(http, error)) {
        http_close(http);
        return NULL;
    }
    const struct field fields[] = {field_text("host", server->options.host), field_number("port", http->port),
                                   field_number("loops", server->options.loops),
                                   field_number("connections", http->limit), field_end()};
    log_line(server->log, LEVEL_INFO, "listening", fields);
    return http;
}

uint16_t http_port(const struct http *http)
{
    return http->port;
}

/* ---- stop ---- */

/* Waits until no exchange was there for `quiet` milliseconds, at most for `limit`. */
static bool wait_until_quiet(struct http *http, long quiet, long limit)
{
    enum { STEP = 10, SWEEP = 100 };
    long calm = 0;
    for (long waited = 0; calm < quiet && waited < limit; waited += STEP) {
        sleep_milliseconds(STEP);
        if (waited % SWEEP == 0)
            connections_sweep(http);
        calm = atomic_load(&http->in_flight) ? 0 : calm + STEP;
    }
    return calm >= quiet;
}

bool http_drain(struct http *http)
{
    atomic_store(&http->draining, true);
    acceptor_stop(http->acceptor);
    bool finished = wait_until_quiet(http, QUIET, (long)http->server->options.drain_seconds * 1000);
    if (!finished) {
        const struct field fields[] = {field_number("requests", atomic_load(&http->in_flight)), field_end()};
        log_line(http->server->log, LEVEL_WARN, "requests were cut off when the drain time was over", fields);
    }
    return finished;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    acceptor_close(http->acceptor);
    /* libmicrohttpd does not stop while a connection is suspended. */
    server_stop(http->server);
    if (http->daemon) {
        (void)wait_until_quiet(http, 10, LAST_REPLIES);
        MHD_stop_daemon(http->daemon);
    }
    pthread_mutex_destroy(&http->turn);
    free(http);
}
