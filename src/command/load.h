/*
 * Load: one request, sent again and again over a number of connections, and how long the answers took.
 *
 * With a rate, requests are due at even times and each is timed from when it was due, not from when a connection was
 * free to send it: an answer that keeps others waiting counts for all of them (no "coordinated omission").
 */
#ifndef COMMAND_LOAD_H
#define COMMAND_LOAD_H

#include "base/error.h"
#include "command/histogram.h"
#include <stdbool.h>
#include <stddef.h>

struct load {
    const char *url;
    const void *body;
    size_t body_size;
    const char *content_type;
    unsigned connections;
    double rate;    /* requests a second over all connections; 0 = each when the one before is answered */
    double seconds; /* how long requests are sent */
};

struct load_result {
    uint64_t answers;  /* with status 200 */
    uint64_t failures; /* any other, and none */
    double seconds;    /* until the last answer */
    double processor;  /* seconds of processor that sending took */
    struct histogram latencies;
};

/* Runs in the caller's thread. Fails when nothing could be sent at all. */
bool load_run(const struct load *load, struct load_result *result, struct forestd_error *error);

#endif
