/*
 * An invocation: rows in a body, predictions in the reply. What every platform's predict route has in common, from
 * Content-Type to Content-Type; the handlers fit into a row of the route table.
 */
#ifndef SERVE_INVOCATION_H
#define SERVE_INVOCATION_H

#include "model/forest.h"
#include "serve/exchange.h"

struct decoder;
struct prediction;
struct served;

/*
 * A protocol whose bodies are no format of codec/codec.h. Neither function may take what lives no longer than the
 * call.
 */
struct invocation_protocol {
    /* The decoder for a body of the exchange; NULL: with an error, or the exchange is answered. */
    struct decoder *(*open)(struct exchange *exchange, const struct forest *forest, struct forestd_error *error);

    /* Appends the answer to the reply's body, and adds headers. Returns its content type; NULL with an error.
     * `outputs` is what the server's option or the query asks for; 0 = nothing. */
    const char *(*encode)(struct exchange *exchange, const struct served *served, const struct decoder *decoder,
                          const struct prediction *prediction, unsigned outputs, struct forestd_error *error);
};

/* For the model that needs no name. */
void invocation_begin(struct exchange *exchange);

/* For the model of this name and version, as store_take understands them. */
void invocation_begin_for(struct exchange *exchange, const char *name, size_t size, uint64_t version);

/* For a model that was taken from the store and is loaded; the invocation gives it back. */
void invocation_begin_with(struct exchange *exchange, struct served *served);

/* The same in another protocol. */
void invocation_begin_in(struct exchange *exchange, struct served *served, const struct invocation_protocol *protocol);

void invocation_piece(struct exchange *exchange, const void *bytes, size_t size);

bool invocation_finish(struct exchange *exchange);

void invocation_close(struct exchange *exchange);

/* What a row costs: steps of one level of one tree, each about 1 to 2 ns. */
size_t invocation_steps(const struct forest *forest);

#endif
