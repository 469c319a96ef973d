/*
 * The one table of what is answered: each platform's contract has its rows here and its functions in its own file.
 */
#ifndef SERVE_ROUTES_H
#define SERVE_ROUTES_H

#include "codec/codec.h"
#include "serve/exchange.h"
#include "serve/refusal.h"

/* What all routes of a platform have in common. */
struct platform {
    const char *name;     /* as the documentation writes it */
    const char *predict;  /* where its rows are predicted, for those who asked elsewhere */
    enum form form;       /* how errors are said */
    enum dialect dialect; /* what questions in JSON are answered in */

    /* May add to a reply that is complete, or say it otherwise; NULL = it is as it is. */
    void (*answered)(struct exchange *exchange);

    /* Who refuses what never comes to the platform's routes, such as a path that none of them has; NULL = it does. */
    const struct platform *front;
};

struct route {
    unsigned methods;                /* enum method, or-ed. OPTIONS is answered for every route */
    const char *path;                /* {name} stands for one or more characters but a slash: "/models/{name}/invoke" */
    const struct platform *platform; /* never NULL */
    const char *purpose;             /* a few words, for the documentation */
    const char *question;            /* what the body is, a schema of serve/openapi.c; NULL = there is none */
    const char *answer;              /* what 200 brings, likewise; NULL = nothing */

    void (*begin)(struct exchange *exchange); /* the headers are there; may answer */

    /* A piece of the body. NULL: the route reads none, and what comes is thrown away. */
    void (*piece)(struct exchange *exchange, const void *bytes, size_t size);

    /* The body is over. Answers and returns true, or suspends and returns false. NULL when `begin` always answers. */
    bool (*finish)(struct exchange *exchange);

    void (*close)(struct exchange *exchange); /* frees exchange->state. NULL when there is none */

    bool may_be_empty; /* a body is read, but a request without one is as good */
};

/*
 * The route for the exchange's method and path. When there is none the exchange is answered (404, or 405 with Allow)
 * and NULL returned; so it is for OPTIONS, which is answered here.
 */
const struct route *route_find(struct exchange *exchange);

/* All routes, `*count` of them, for the documentation. */
const struct route *route_table(size_t *count);

/* Calls `see` with the word of each method in `set`. */
void methods_each(unsigned set, void (*see)(const char *word, void *context), void *context);

#endif
