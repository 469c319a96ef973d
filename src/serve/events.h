/*
 * POST /events: where AWS's Lambda Web Adapter, which turns Lambda's HTTP events into requests, posts all others. It is
 * there where the server runs under Lambda only: an event may name files to be read.
 */
#ifndef SERVE_EVENTS_H
#define SERVE_EVENTS_H

#include "serve/exchange.h"

/* With call_piece and call_close. */
void events_begin(struct exchange *exchange);
bool events_finish(struct exchange *exchange);

#endif
