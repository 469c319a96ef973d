/*
 * The parts of `forestd bench`, and what they measured.
 */
#ifndef COMMAND_BENCH_H
#define COMMAND_BENCH_H

#include "base/error.h"
#include "command/histogram.h"
#include "command/options.h"
#include "engine/engine.h"

enum { BENCH_BATCHES = 5, BENCH_CONNECTIONS = 4, BENCH_SEARCH = 7 };

/* What the options ask for. */
struct bench_wish {
    unsigned long rows;    /* in a request */
    unsigned long slo;     /* milliseconds that p99 must stay within */
    unsigned long seconds; /* that each step lasts */
    unsigned long team;    /* threads that predict; 0 = the processors */
    unsigned long loops;   /* event loops; 0 = the processors */
};

/* Predictions in the caller's thread, one core. */
struct bench_walks {
    size_t count;                    /* of the batches below: fewer where the largest would take too much memory */
    size_t rows[BENCH_BATCHES];      /* in one call */
    double row_time[BENCH_BATCHES];  /* nanoseconds a row, the fastest of many calls */
    const char *walk[BENCH_BATCHES]; /* what walks them */
    const char *why[BENCH_BATCHES];  /* and why */
};

/* Requests over HTTP on loopback, `connections` at once. */
struct bench_step {
    unsigned connections;
    double rate;   /* answers a second, each connection asking as soon as it is answered */
    double steady; /* requests a second during which the latencies below were taken: SHARE of `rate` */
    uint64_t p50;  /* nanoseconds, from when a request was due to its answer */
    uint64_t p90;
    uint64_t p99;
    uint64_t p999;
    uint64_t failures;
};

struct bench_service {
    size_t rows; /* in a request */
    struct bench_step steps[BENCH_CONNECTIONS];
    double processor; /* seconds of processor that the server spends on one request */
    double slo;       /* milliseconds */
    double capacity;  /* requests a second, the most at which p99 stayed within the slo */
    uint64_t p99;     /* nanoseconds, there */
    unsigned processors;
};

/* What is left for traffic that comes unevenly, and until another instance has started. */
#define BENCH_SAFETY 0.7

/* Of what was reached without a pause; latencies are taken there. */
#define BENCH_SHARE 0.7

bool bench_walks(const struct forestd_model *model, struct bench_walks *walks, struct forestd_error *error);

/* Serves the model at `address` to itself. `model` is the same, for the rows. */
bool bench_service(const struct forestd_model *model, const char *address, const struct bench_wish *wish,
                   struct bench_service *service, struct forestd_error *error);

#endif
