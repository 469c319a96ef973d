/*
 * The log's line on an exchange that is over: invocations one by one for those who look for trouble, failures always,
 * health polls never.
 */
#ifndef SERVE_RECORD_H
#define SERVE_RECORD_H

#include "serve/exchange.h"

/* `nanoseconds` is how long it took. */
void record_exchange(const struct exchange *exchange, uint64_t nanoseconds);

#endif
