/*
 * HTTP/1.1 with libmicrohttpd: connections in, exchanges to the server, replies out.
 */
#ifndef TRANSPORT_HTTP_H
#define TRANSPORT_HTTP_H

#include "serve/serve.h"

struct http;

/*
 * Listens as the server's options say; exchanges are served from now on. Threads started here inherit the caller's
 * signal mask. NULL and `error` when the address cannot be listened on.
 */
struct http *http_open(struct server *server, struct forestd_error *error);

/* The port that is listened on. */
uint16_t http_port(const struct http *http);

/*
 * Stops gracefully: refuses new connections, goes on serving those that were accepted (their replies say Connection:
 * close), and returns when the last exchange is over or the options' drain time has passed. Returns whether all were
 * finished.
 */
bool http_drain(struct http *http);

/* Ends what is still open and frees everything. The server lives on. NULL is allowed. */
void http_close(struct http *http);

#endif
