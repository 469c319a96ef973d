/*
 * Events: what AWS Lambda hands to a function, and what it takes back.
 *
 * An event that carries an HTTP request (API Gateway, a function's URL, a load balancer) becomes an exchange, as a
 * request on a connection does, and is answered in the shape of who sent it. Other events hold a question, or several,
 * where HTTP has a body. The shapes are those of Amazon's published documents; event_shapes names them.
 */
#ifndef TRANSPORT_EVENT_H
#define TRANSPORT_EVENT_H

#include "base/buffer.h"
#include "serve/server.h"
#include <stdbool.h>
#include <stddef.h>

/* What became of an event. */
struct event_answer {
    struct buffer body; /* what goes back: a JSON document. The caller closes it */
    bool failed;        /* the body is Lambda's own error object: errorMessage, errorType */
    unsigned status;    /* of the reply in it, for the log */
    const char *shape;  /* what the event was taken for, for the log */

    /* Set for one HTTP request: the reply alone, for response streaming. */
    struct buffer
        prelude; /* {"statusCode": …, "headers": {…}}; empty = the shape cannot be streamed. The caller closes it */
    struct buffer content; /* the reply's body as it is. The caller closes it */
};

/*
 * Answers the event in `bytes`[0..size), in the caller's thread. `seconds` is how long there is left for it. With
 * `stream`, a single HTTP request is answered in prelude and content, and `body` stays empty. An event that nobody
 * knows, and any other failure, is told in the answer.
 */
void event_answer(struct server *server, const char *bytes, size_t size, double seconds, bool stream,
                  struct event_answer *answer);

/* The same as a server by HTTP needs it (serve_event): what fails is told with a status. */
void event_serve(struct server *server, const char *bytes, size_t size, struct buffer *body, unsigned *status);

void event_answer_close(struct event_answer *answer);

/* Replaces the answer by an error object. */
__attribute__((format(printf, 3, 4))) void event_fail(struct event_answer *answer, const char *type, const char *format,
                                                      ...);

/* One sentence with all shapes that are understood. */
extern const char event_shapes[];

#endif
