#include "serve/events.h"

#include "base/error.h"
#include "serve/call.h"
#include "serve/server.h"

void events_begin(struct exchange *exchange)
{
    /* What an event itself asks for is no event again. */
    if (exchange->server->options.answer_event && exchange->carrier->suspend)
        call_begin(exchange);
    else
        exchange_fail(exchange, 404, "not_found",
                      "Events are answered under AWS Lambda alone. POST /invocations predicts.");
}

static void answer(struct exchange *exchange, struct buffer *text)
{
    struct buffer *body = &exchange->reply.body;
    unsigned status = 200;
    exchange->server->options.answer_event(exchange->server, (const char *)text->bytes, text->size, body, &status);
    buffer_close(text);
    exchange_answer(exchange, status, body->size ? "application/json" : NULL);
}

bool events_finish(struct exchange *exchange)
{
    return call_finish(exchange, answer);
}
