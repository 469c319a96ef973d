/*
 * An exchange: one request and its reply, whatever carries it (a connection, an event, a test's string).
 *
 * The carrier fills the first part, then calls in this order:
 *
 *     exchange_begin      the headers are there
 *     exchange_piece      for each piece of the body, in any cut; false: once more, when it is resumed
 *     exchange_finish     the body is over
 *     exchange_close      the reply was sent, or there is nobody to send it to
 *
 * As soon as `answered` is true the reply is complete: the carrier may send it at once and skip the rest, or go on
 * (pieces are then ignored).
 */
#ifndef SERVE_EXCHANGE_H
#define SERVE_EXCHANGE_H

#include "base/buffer.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange;
struct platform;
struct route;
struct server;
struct unpacking;

/* Bits, so that a route can name several. */
enum method {
    METHOD_GET = 1,
    METHOD_HEAD = 2,
    METHOD_POST = 4,
    METHOD_PUT = 8,
    METHOD_PATCH = 16,
    METHOD_DELETE = 32,
    METHOD_OPTIONS = 64,
    METHOD_OTHER = 128
};

/* What a carrier does for its exchanges. */
struct carrier {
    /* A request header's value (names in any case), or NULL. It lives as long as the exchange. */
    const char *(*header)(const struct exchange *exchange, const char *name);

    /* A query parameter's value, percent-decoded; "" when it has none; NULL when there is no such parameter. */
    const char *(*parameter)(const struct exchange *exchange, const char *name);

    /*
     * Leaves the exchange to another thread: called inside exchange_finish, which then returns false, or inside
     * exchange_piece, which also returns false. Once resume was called (by any thread) the exchange is the carrier's
     * again, and after exchange_finish it is answered. Both NULL: the carrier waits, and all
     * work is done where it arrived.
     */
    void (*suspend)(struct exchange *exchange);
    void (*resume)(struct exchange *exchange);
};

/* What `length` is when it is not a number of bytes. */
#define EXCHANGE_NO_LENGTH UINT64_MAX     /* neither a length nor chunks: there is no body */
#define EXCHANGE_CHUNKED (UINT64_MAX - 1) /* the body says itself when it is over */
#define EXCHANGE_LENGTH_MAX (UINT64_MAX - 2)

struct reply_header {
    const char *name;
    const char *value; /* lives as long as the exchange */
};

enum { REPLY_HEADERS = 16, CAPTURES = 3 };

/* A part of the path. Not terminated; lives as long as the exchange. */
struct capture {
    const char *text;
    size_t size;
};

struct reply {
    unsigned status;
    const char *content_type; /* NULL when there is no body */
    struct reply_header headers[REPLY_HEADERS];
    size_t header_count;
    struct buffer body;
};

struct exchange {
    /* Filled by the carrier. */
    struct server *server;
    const struct carrier *carrier;
    const char *method; /* as it was written */
    const char *path;   /* percent-decoded, without the query */
    uint64_t length;    /* of the body as declared, or one of the words above */
    void *room;         /* [room_size], aligned for anything: lent for the route's state, so that most requests need no
                           heap for it; NULL = none */
    size_t room_size;

    /* Filled by the functions below. */
    enum method method_bit;
    const struct route *route;         /* NULL until it is found */
    const struct platform *platform;   /* whose words it is answered in; NULL until the route is found */
    struct capture captures[CAPTURES]; /* what stands in the path where the route has {} */
    void *state;                       /* the route's own */
    struct unpacking *unpacking;       /* of a compressed body, or NULL */
    const uint8_t *unpacked;           /* what was unpacked and not yet taken ... */
    size_t unpacked_size;              /* ... and how much that is */
    bool answered;
    bool untaken; /* for a route's piece to set where it suspends the exchange instead of taking the piece */
    struct reply reply;
    uint64_t received; /* bytes of the body so far, as the route reads them: unpacked */
    uint64_t rows;     /* rows predicted, for the log */
    unsigned model;    /* that predicts, as the embedded metrics know it; 0 = none */
    uint64_t started;  /* when it began, in nanoseconds of the monotonic clock */
    char allow[80];    /* room for the value of Allow */
    char notes[96];    /* room for values that `answered` of the platform writes */
};

void exchange_begin(struct exchange *exchange);

/* Returns false when the exchange was suspended: nothing was taken, and the same piece must come again when it is
 * resumed.
 */
bool exchange_piece(struct exchange *exchange, const void *bytes, size_t size);

/* Returns true when the exchange is answered, false when it was suspended: it must not be touched until it is resumed.
 */
bool exchange_finish(struct exchange *exchange);

void exchange_close(struct exchange *exchange);

/* ---- for the routes ---- */

/* `size` bytes for the route's state, lent by the carrier where it has them; NULL without memory. Not cleared. */
void *exchange_take(const struct exchange *exchange, size_t size);

/* Gives back what exchange_take gave. */
void exchange_give_back(const struct exchange *exchange, void *state);

/* Adds a header to the reply. Both texts must live as long as the exchange; NULL as value adds nothing. */
void exchange_header(struct exchange *exchange, const char *name, const char *value);

/* Answers with what is in reply.body. To be called once. */
void exchange_answer(struct exchange *exchange, unsigned status, const char *content_type);

/* Answers with a sentence and a word, as the route's platform says such things. Does nothing when the exchange is
 * answered already. */
__attribute__((format(printf, 4, 5))) void exchange_fail(struct exchange *exchange, unsigned status, const char *word,
                                                         const char *format, ...);

/* Answers an error of the engine: its status from the one table, its position as "row" and "column", or "byte". */
void exchange_error(struct exchange *exchange, const struct forestd_error *error);

/* The status that an error of this code is answered with. */
unsigned exchange_status(enum forestd_code code);

#endif
