/*
 * The one table of what is answered: each platform's contract has its rows here and its functions in its own file.
 */
#ifndef SERVE_ROUTES_H
#define SERVE_ROUTES_H

#include "serve/exchange.h"

struct route {
    unsigned methods;    /* enum method, or-ed. OPTIONS is answered for every route */
    const char *path;    /* {} stands for one or more characters but a slash: "/models/{}/invoke" */
    const char *purpose; /* a few words, for 404 and the documentation */

    void (*begin)(struct exchange *exchange); /* the headers are there; may answer */

    /* A piece of the body. NULL: the route reads none, and what comes is thrown away. */
    void (*piece)(struct exchange *exchange, const void *bytes, size_t size);

    /* The body is over. Answers and returns true, or suspends and returns false. NULL when `begin` always answers. */
    bool (*finish)(struct exchange *exchange);

    void (*close)(struct exchange *exchange); /* frees exchange->state. NULL when there is none */
};

/*
 * The route for the exchange's method and path. When there is none the exchange is answered (404, or 405 with Allow)
 * and NULL returned; so it is for OPTIONS, which is answered here.
 */
const struct route *route_find(struct exchange *exchange);

#endif
