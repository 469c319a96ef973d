#include "transport/connection.h"

#include "serve/exchange.h"
#include "transport/reply.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

enum {
    HEADER_LIMIT = 16 * 1024,
    DISCARD_SECONDS = 30,    /* how long a body is thrown away after its refusal was sent ... */
    DISCARD_LIMIT = 1 << 30, /* ... and how many bytes of it */
    ROOM = 2048,             /* bytes that a connection keeps for its request's state */
    BODY_SECONDS = 60,       /* how long a body may take ... */
    BODY_RATE = 16 * 1024,   /* ... and a second more for this many bytes that came */
    FRESH_SECONDS = 3        /* how long a connection that rests is looked at, in case its end was overlooked */
};

enum phase { PHASE_WAITING, PHASE_RECEIVING, PHASE_ANSWERING };

/* One request on a connection. */
struct carriage {
    struct exchange exchange; /* first: an exchange is a carriage */
    struct http *http;
    struct MHD_Connection *carried;
    struct connection *connection; /* whose part it is */
    bool refused;                  /* the reply was sent straight to the socket: what still comes is thrown away */
    bool finished;                 /* exchange_finish was called */
    bool in_flight;                /* counted in http->in_flight */
    bool unread;                   /* the connection cannot be used after this request */
};

struct connection {
    struct connection *next;
    struct connection *previous;
    int descriptor;
    atomic_int phase;
    atomic_ullong since;      /* http->second when the phase began */
    atomic_ullong received;   /* bytes of the body */
    struct carriage carriage; /* there is one request at a time */
    _Alignas(max_align_t) unsigned char room[ROOM];
};

static void enter(struct http *http, struct connection *connection, enum phase phase)
{
    unsigned long long second = atomic_load_explicit(&http->second, memory_order_relaxed);
    atomic_store_explicit(&connection->since, second, memory_order_relaxed);
    atomic_store_explicit(&connection->received, 0, memory_order_relaxed);
    atomic_store_explicit(&connection->phase, phase, memory_order_relaxed);
}

/* ---- the carrier ---- */

static const char *find_header(const struct exchange *exchange, const char *name)
{
    const struct carriage *carriage = (const struct carriage *)exchange;
    return MHD_lookup_connection_value(carriage->carried, MHD_HEADER_KIND, name);
}

static const char *find_parameter(const struct exchange *exchange, const char *name)
{
    const struct carriage *carriage = (const struct carriage *)exchange;
    return MHD_lookup_connection_value(carriage->carried, MHD_GET_ARGUMENT_KIND, name);
}

static void suspend(struct exchange *exchange)
{
    MHD_suspend_connection(((struct carriage *)exchange)->carried);
}

static void resume(struct exchange *exchange)
{
    MHD_resume_connection(((struct carriage *)exchange)->carried);
}

static const struct carrier carrier = {find_header, find_parameter, suspend, resume};

/* ---- the headers ---- */

struct framing {
    unsigned lengths;
    unsigned encodings;
    const char *length;
    const char *encoding;
};

static bool is_name(const char *name, size_t size, const char *wanted, size_t wanted_size)
{
    return size == wanted_size && strncasecmp(name, wanted, size) == 0;
}

static enum MHD_Result see_header(void *context, enum MHD_ValueKind kind, const char *name, size_t name_size,
                                  const char *value, size_t value_size)
{
    static const char length[] = MHD_HTTP_HEADER_CONTENT_LENGTH;
    static const char encoding[] = MHD_HTTP_HEADER_TRANSFER_ENCODING;
    (void)kind;
    (void)value_size;
    struct framing *framing = context;
    if (is_name(name, name_size, length, sizeof length - 1)) {
        framing->lengths++;
        framing->length = value;
    } else if (is_name(name, name_size, encoding, sizeof encoding - 1)) {
        framing->encodings++;
        framing->encoding = value;
    }
    return MHD_YES;
}

/* Sets the exchange's length. A request that says in two ways where it ends is refused: proxies might see another. */
static void read_framing(struct carriage *carriage)
{
    struct exchange *exchange = &carriage->exchange;
    struct framing framing = {0};
    (void)MHD_get_connection_values_n(carriage->carried, MHD_HEADER_KIND, see_header, &framing);
    exchange->length = EXCHANGE_NO_LENGTH;
    if (framing.encodings)
        exchange->length = EXCHANGE_CHUNKED;
    else if (framing.lengths)
        exchange->length = strtoull(framing.length, NULL, 10); /* libmicrohttpd has refused all but digits */
    if (framing.lengths + framing.encodings > 1) {
        carriage->unread = true;
        exchange_fail(exchange, 400, "bad_request",
                      "Content-Length and Transfer-Encoding may stand in a request once, and only one of them.");
    } else if (framing.encoding && strcasecmp(framing.encoding, "chunked") != 0) {
        carriage->unread = true;
        exchange_fail(exchange, 501, "bad_request", "The only Transfer-Encoding that is read here is chunked.");
    }
}

static void check_headers(struct carriage *carriage)
{
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(carriage->carried, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (!size || size->header_size <= HEADER_LIMIT)
        return;
    carriage->unread = true;
    exchange_fail(&carriage->exchange, 431, "headers_too_large", "The headers are larger than %d bytes in all.",
                  HEADER_LIMIT);
}

static void set_in_flight(struct carriage *carriage, bool in_flight)
{
    if (carriage->in_flight == in_flight)
        return;
    carriage->in_flight = in_flight;
    if (in_flight)
        atomic_fetch_add(&carriage->http->in_flight, 1);
    else
        atomic_fetch_sub(&carriage->http->in_flight, 1);
}

static struct carriage *begin(struct http *http, struct MHD_Connection *carried, const char *path, const char *method)
{
    const union MHD_ConnectionInfo *context = MHD_get_connection_info(carried, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct connection *connection = context ? context->socket_context : NULL;
    if (!connection)
        return NULL;
    struct carriage *carriage = &connection->carriage;
    *carriage = (struct carriage){
        .exchange = {.server = http->server,
                     .carrier = &carrier,
                     .path = path,
                     .method = method,
                     .room = connection->room,
                     .room_size = ROOM},
        .http = http,
        .carried = carried,
        .connection = connection,
    };
    set_in_flight(carriage, true);
    enter(http, connection, PHASE_RECEIVING);
    read_framing(carriage);
    check_headers(carriage);
    if (!carriage->exchange.answered)
        exchange_begin(&carriage->exchange);
    return carriage;
}

/* ---- the reply ---- */

static enum MHD_Result queue(struct carriage *carriage)
{
    enter(carriage->http, carriage->connection, PHASE_ANSWERING);
    bool last = carriage->unread || atomic_load(&carriage->http->draining);
    return reply_queue(carriage->carried, &carriage->exchange, last);
}

static void refuse(struct carriage *carriage)
{
    reply_send(carriage->connection->descriptor, &carriage->exchange);
    carriage->refused = true;
    set_in_flight(carriage, false);
    enter(carriage->http, carriage->connection, PHASE_RECEIVING);
}

/* A body that is too large, or whose end cannot be known, is not waited for. */
static bool must_refuse(const struct carriage *carriage)
{
    return carriage->exchange.answered && !carriage->refused &&
           (carriage->unread || carriage->exchange.reply.status == MHD_HTTP_CONTENT_TOO_LARGE);
}

static enum MHD_Result after_headers(struct carriage *carriage)
{
    const struct exchange *exchange = &carriage->exchange;
    bool body = exchange->length && exchange->length != EXCHANGE_NO_LENGTH;
    if (!exchange->answered || !body)
        return MHD_YES;
    /* Who asks first has sent no body: libmicrohttpd sends the reply in place of 100 Continue. */
    const char *expect = find_header(exchange, MHD_HTTP_HEADER_EXPECT);
    if (expect && strcasecmp(expect, "100-continue") == 0)
        return queue(carriage);
    if (must_refuse(carriage))
        refuse(carriage);
    return MHD_YES;
}

static enum MHD_Result after_piece(struct carriage *carriage, const char *upload, size_t *size)
{
    if (!exchange_piece(&carriage->exchange, upload, *size))
        return MHD_YES; /* the team has it: libmicrohttpd comes with the same piece when it is resumed */
    *size = 0;
    atomic_store_explicit(&carriage->connection->received, carriage->exchange.received, memory_order_relaxed);
    if (must_refuse(carriage))
        refuse(carriage);
    if (!carriage->refused)
        return MHD_YES;
    return carriage->exchange.received < DISCARD_LIMIT ? MHD_YES : MHD_NO;
}

static enum MHD_Result after_body(struct carriage *carriage)
{
    if (carriage->refused)
        return MHD_NO;
    if (!carriage->finished) {
        carriage->finished = true;
        enter(carriage->http, carriage->connection, PHASE_ANSWERING);
        if (!exchange_finish(&carriage->exchange))
            return MHD_YES; /* the team has it: libmicrohttpd calls again when it is resumed */
    }
    return queue(carriage);
}

enum MHD_Result connection_handle(void *context, struct MHD_Connection *carried, const char *path, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **state)
{
    (void)version;
    struct carriage *carriage = *state;
    if (!carriage) {
        carriage = begin(context, carried, path, method);
        *state = carriage;
        return carriage ? after_headers(carriage) : MHD_NO;
    }
    if (!*upload_size)
        return after_body(carriage);
    return after_piece(carriage, upload, upload_size);
}

void connection_completed(void *context, struct MHD_Connection *carried, void **state,
                          enum MHD_RequestTerminationCode why)
{
    (void)context;
    (void)carried;
    (void)why;
    struct carriage *carriage = *state;
    *state = NULL;
    if (!carriage)
        return;
    exchange_close(&carriage->exchange);
    enter(carriage->http, carriage->connection, PHASE_WAITING);
    set_in_flight(carriage, false);
}

/* ---- connections ---- */

static void begin_connection(struct http *http, struct MHD_Connection *carried, void **state)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(carried, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct connection *connection = info ? calloc(1, sizeof *connection) : NULL;
    *state = connection;
    if (!connection)
        return;
    connection->descriptor = info->connect_fd;
    enter(http, connection, PHASE_WAITING);
    pthread_mutex_lock(&http->turn);
    connection->next = http->connections;
    if (connection->next)
        connection->next->previous = connection;
    http->connections = connection;
    pthread_mutex_unlock(&http->turn);
}

static void end_connection(struct http *http, struct connection *connection)
{
    if (!connection)
        return;
    pthread_mutex_lock(&http->turn);
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        http->connections = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    pthread_mutex_unlock(&http->turn);
    free(connection);
}

void connection_notified(void *context, struct MHD_Connection *carried, void **state,
                         enum MHD_ConnectionNotificationCode what)
{
    struct http *http = context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        atomic_fetch_add(&http->connection_count, 1);
        atomic_fetch_sub(&http->coming, 1);
        begin_connection(http, carried, state);
        return;
    }
    end_connection(http, *state);
    *state = NULL;
    atomic_fetch_sub(&http->connection_count, 1);
}

/*
 * Whether the client ended the connection. libmicrohttpd does not see that when the end came together with the last
 * bytes: it waits for news of a socket that has none.
 */
static bool has_left(int descriptor)
{
    char next;
    return recv(descriptor, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static bool is_late(const struct connection *connection, unsigned long long now, unsigned idle)
{
    unsigned long long since = atomic_load_explicit(&connection->since, memory_order_relaxed);
    unsigned long long received = atomic_load_explicit(&connection->received, memory_order_relaxed);
    switch (atomic_load_explicit(&connection->phase, memory_order_relaxed)) {
    case PHASE_WAITING: /* for the headers; the same time as for silence, which libmicrohttpd measures */
        return now > since + idle + 1 || (now <= since + FRESH_SECONDS && has_left(connection->descriptor));
    case PHASE_RECEIVING:
        return now > since + BODY_SECONDS + received / BODY_RATE || has_left(connection->descriptor);
    default:
        return false;
    }
}

void connections_sweep(struct http *http)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    unsigned long long now = (unsigned long long)time.tv_sec;
    atomic_store_explicit(&http->second, now, memory_order_relaxed);
    pthread_mutex_lock(&http->turn);
    for (struct connection *connection = http->connections; connection; connection = connection->next)
        if (is_late(connection, now, http->server->options.idle_seconds))
            (void)shutdown(connection->descriptor, SHUT_RDWR);
    pthread_mutex_unlock(&http->turn);
}
