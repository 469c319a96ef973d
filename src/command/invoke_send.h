/*
 * Requests to an endpoint, several at a time, each asked again while that may help, and how long the answers took.
 */
#ifndef COMMAND_INVOKE_SEND_H
#define COMMAND_INVOKE_SEND_H

#include "command/histogram.h"
#include "command/invoke_rows.h"
#include "command/invoke_service.h"

struct invoke_sending {
    struct invoke_service *service;
    const struct invoke_body *bodies; /* [count] */
    size_t count;
    size_t repeat;        /* how often all of them are sent */
    unsigned concurrency; /* requests under way at once */
    unsigned retries;     /* further attempts at a request */
    unsigned timeout_ms;  /* of an attempt */
    /* Takes the answer to `bodies[index]` in round `round`, from 0; in any order. False ends it all. */
    bool (*take)(void *context, size_t index, size_t round, const struct invoke_reply *reply,
                 struct forestd_error *error);
    void *context;
};

struct invoke_measure {
    uint64_t answers;
    uint64_t retries;
    double seconds;             /* from the first request to the last answer */
    struct histogram latencies; /* of the attempts that were answered, waits between attempts aside */
};

/* Runs in the caller's thread. Fails with the first request that nobody answers, and ends those that are under way. */
bool invoke_send(const struct invoke_sending *sending, struct invoke_measure *measure, struct forestd_error *error);

#endif
