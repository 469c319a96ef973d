/*
 * What the server counts, and GET /metrics, which tells it in Prometheus' text format (version 0.0.4).
 *
 * Threads: counting takes no lock and no memory. A reader sees each number as it was at some moment during its request;
 * a histogram's count is the sum of what its buckets held, so that the two always agree.
 */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H

#include "serve/exchange.h"
#include <stdatomic.h>
#include <time.h>

enum {
    METRICS_ROUTES = 64,   /* rows of the route table, the last for paths that it does not have */
    METRICS_STATUSES = 24, /* statuses that are told apart, the last for all others */
    METRICS_BUCKETS = 16   /* of the histogram, the last without bound */
};

struct metrics {
    time_t started;                           /* seconds since 1970 */
    atomic_uint in_flight;                    /* exchanges that have begun and are not over */
    atomic_ullong rows;                       /* predicted */
    atomic_ullong asked;                      /* bytes of bodies, unpacked */
    atomic_ullong told;                       /* bytes of answers */
    atomic_ullong nanoseconds;                /* that the exchanges in `durations` took, all together */
    atomic_ullong durations[METRICS_BUCKETS]; /* exchanges whose route reads a body, by how long they took */
    atomic_ullong answers[METRICS_ROUTES][METRICS_STATUSES];
};

void metrics_begin(struct metrics *metrics);

/* An exchange is over, after `nanoseconds`. */
void metrics_count(struct metrics *metrics, const struct exchange *exchange, uint64_t nanoseconds);

/* The route. */
void metrics_tell(struct exchange *exchange);

#endif
