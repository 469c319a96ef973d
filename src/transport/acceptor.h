/*
 * A listening socket and the thread that accepts from it.
 *
 * libmicrohttpd could listen itself, but its MHD_quiesce_daemon, the only way to stop that gracefully, races with its
 * own threads (it aborts when a worker was faster to forget the socket) and loses the connections of the backlog.
 */
#ifndef TRANSPORT_ACCEPTOR_H
#define TRANSPORT_ACCEPTOR_H

#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Told about each connection, in the acceptor's thread. The descriptor is non-blocking and belongs to who is told. */
struct acceptor_events {
    void (*accepted)(void *context, int descriptor, const struct sockaddr *address, socklen_t size);
    bool (*full)(void *context);   /* whether accepting must wait: what comes stays in the system's backlog */
    void (*second)(void *context); /* about once a second while it is needed, and before anybody is accepted */
    bool (*needed)(void *context); /* whether `second` is: asked after it, and after who came was accepted */
    void *context;
};

struct acceptor;

/* Listens on `host` and `port` (0 = any). Connections queue in the system until acceptor_start. */
struct acceptor *acceptor_open(const char *host, uint16_t port, struct forestd_error *error);

uint16_t acceptor_port(const struct acceptor *acceptor);

bool acceptor_start(struct acceptor *acceptor, const struct acceptor_events *events, struct forestd_error *error);

/* Accepts what is in the backlog, then refuses. Returns when the port is closed. */
void acceptor_stop(struct acceptor *acceptor);

/* Stops if needed, and frees. NULL is allowed. */
void acceptor_close(struct acceptor *acceptor);

#endif
