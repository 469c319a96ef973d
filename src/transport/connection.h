/*
 * What libmicrohttpd calls for connections and their requests.
 */
#ifndef TRANSPORT_CONNECTION_H
#define TRANSPORT_CONNECTION_H

#include "serve/server.h"
#include "transport/acceptor.h"
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

struct connection;

struct http {
    struct server *server;
    struct MHD_Daemon *daemon;
    struct acceptor *acceptor;
    uint16_t port;
    size_t limit;            /* connections */
    atomic_size_t in_flight; /* exchanges whose headers are there and whose reply is not out */
    atomic_bool draining;    /* replies end their connection */
    atomic_ullong second;    /* of the monotonic clock, as of the last sweep */
    pthread_mutex_t turn;    /* guards the list */
    struct connection *connections;
    atomic_size_t coming; /* taken by libmicrohttpd and not begun; one that it dropped stays counted */
    atomic_size_t connection_count;
};

/* MHD_AccessHandlerCallback; the context is a struct http, as for those below. */
enum MHD_Result connection_handle(void *context, struct MHD_Connection *carried, const char *path, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **state);

/* MHD_RequestCompletedCallback */
void connection_completed(void *context, struct MHD_Connection *carried, void **state,
                          enum MHD_RequestTerminationCode why);

/* MHD_NotifyConnectionCallback */
void connection_notified(void *context, struct MHD_Connection *carried, void **state,
                         enum MHD_ConnectionNotificationCode what);

/*
 * Ends the connections that take too long to say what they want, or left before they had said it: libmicrohttpd only
 * ends silent ones, and would wait for ever for a client that sends a byte now and then. To be called before the first
 * connection, and then every second: connections tell the time by it.
 */
void connections_sweep(struct http *http);

#endif
