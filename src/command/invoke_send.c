#include "command/invoke_send.h"

#include "cloud/refusal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TICK_MS = 1000, CONNECT_MS = 10000 };

static const size_t ANSWER_LIMIT = (size_t)1 << 30;

enum errand_state { IDLE, WAITING, ASKED };

/* A request on its way. */
struct errand {
    struct http_call call;
    enum errand_state state;
    size_t index;
    size_t round;
    unsigned failures;
    uint64_t started;    /* nanoseconds */
    uint64_t not_before; /* likewise, for WAITING */
};

struct volley {
    const struct invoke_sending *sending;
    struct invoke_measure *measure;
    struct errand *errands; /* [sending->concurrency] */
    uint64_t begun;         /* requests, out of count * repeat */
    struct forestd_error *error;
};

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static bool keep_bytes(struct http_call *call, const uint8_t *bytes, size_t size)
{
    return buffer_append(&call->body_read, bytes, size, NULL);
}

/* The rows of a request, for messages about it, where there are several requests. */
static bool say_rows(const struct volley *volley, const struct errand *errand)
{
    const struct invoke_body *body = &volley->sending->bodies[errand->index];
    char rows[96];
    if (volley->sending->count == 1)
        return false;
    (void)snprintf(rows, sizeof rows, "rows %zu to %zu", body->first, body->first + body->rows - 1);
    return error_prefix(volley->error, rows);
}

static bool start(struct volley *volley, struct errand *errand)
{
    const struct invoke_sending *sending = volley->sending;
    const struct invoke_body *body = &sending->bodies[errand->index];
    call_forget(&errand->call);
    errand->call = (struct http_call){.connect_ms = CONNECT_MS,
                                      .silence_ms = sending->timeout_ms,
                                      .total_ms = sending->timeout_ms,
                                      .on_bytes = keep_bytes,
                                      .context = errand};
    if (!invoke_prepare(sending->service, body->bytes.bytes, body->bytes.size, &errand->call, volley->error))
        return false;
    errand->call.body_read.limit = ANSWER_LIMIT;
    errand->state = ASKED;
    errand->started = now();
    call_open(sending->service->client, &errand->call);
    return true;
}

/* Starts what waited long enough and what there is room for; `*wait` is how long the next that waits has to. */
static bool start_all(struct volley *volley, int *wait)
{
    const struct invoke_sending *sending = volley->sending;
    uint64_t all = (uint64_t)sending->count * sending->repeat;
    *wait = TICK_MS;
    for (unsigned i = 0; i < sending->concurrency; i++) {
        struct errand *errand = &volley->errands[i];
        uint64_t moment = errand->state == WAITING ? now() : 0;
        if (errand->state == WAITING && errand->not_before > moment) {
            uint64_t left = (errand->not_before - moment) / 1000000 + 1;
            *wait = left < (uint64_t)*wait ? (int)left : *wait;
            continue;
        }
        if (errand->state == IDLE && volley->begun < all) {
            errand->index = volley->begun % sending->count;
            errand->round = volley->begun / sending->count;
            errand->failures = 0;
            errand->state = WAITING;
            volley->begun++;
        }
        if (errand->state == WAITING && !start(volley, errand))
            return false;
    }
    return true;
}

static bool busy(const struct volley *volley)
{
    for (unsigned i = 0; i < volley->sending->concurrency; i++)
        if (volley->errands[i].state != IDLE)
            return true;
    return volley->begun < (uint64_t)volley->sending->count * volley->sending->repeat;
}

static bool take(struct volley *volley, struct errand *errand, const struct invoke_reply *reply, uint64_t took)
{
    const struct invoke_sending *sending = volley->sending;
    errand->state = IDLE;
    volley->measure->answers++;
    histogram_add(&volley->measure->latencies, took);
    if (sending->take(sending->context, errand->index, errand->round, reply, volley->error))
        return true;
    error_prefix(volley->error, sending->service->target->text);
    return false;
}

static bool give_up(struct volley *volley, const struct errand *errand)
{
    if (errand->failures > 1 && volley->error) {
        size_t used = strlen(volley->error->message);
        (void)snprintf(volley->error->message + used, sizeof volley->error->message - used, ", after %u attempts",
                       errand->failures);
    }
    (void)say_rows(volley, errand);
    return false;
}

/* What becomes of a request whose call is over. */
static bool settle(struct volley *volley, struct errand *errand)
{
    const struct invoke_sending *sending = volley->sending;
    struct invoke_reply reply = {0};
    uint64_t moment = now();
    /* Texts are read up to a 0, which is not counted. */
    errand->call.body_read.limit = ANSWER_LIMIT + 1;
    if (buffer_append(&errand->call.body_read, "", 1, NULL))
        errand->call.body_read.size--;
    if (errand->call.outcome == HTTP_STOPPED)
        (void)snprintf(errand->call.reason, sizeof errand->call.reason, "the answer is longer than %zu bytes",
                       ANSWER_LIMIT);
    enum invoke_verdict verdict = invoke_take(sending->service, &errand->call, &reply, volley->error);
    bool good = true;
    if (verdict == INVOKE_TAKEN) {
        good = take(volley, errand, &reply, moment - errand->started);
    } else if (++errand->failures > sending->retries || verdict == INVOKE_REFUSED) {
        good = give_up(volley, errand);
    } else {
        errand->state = WAITING;
        errand->not_before = moment + (uint64_t)refusal_wait(&errand->call, errand->failures - 1) * 1000000;
        volley->measure->retries++;
    }
    invoke_reply_close(&reply);
    return good;
}

static bool run(struct volley *volley)
{
    struct http_client *client = volley->sending->service->client;
    while (busy(volley)) {
        int wait = 0;
        if (!start_all(volley, &wait))
            return false;
        struct http_call *call = client_next(client, wait);
        if (call && !settle(volley, call->context))
            return false;
    }
    return true;
}

static void close_errands(struct volley *volley)
{
    for (unsigned i = 0; i < volley->sending->concurrency; i++) {
        struct errand *errand = &volley->errands[i];
        if (errand->state == ASKED && errand->call.handle)
            call_done(volley->sending->service->client, &errand->call);
        call_forget(&errand->call);
    }
    free(volley->errands);
}

bool invoke_send(const struct invoke_sending *sending, struct invoke_measure *measure, struct forestd_error *error)
{
    struct forestd_error here;
    struct volley volley = {.sending = sending, .measure = measure, .error = error ? error : &here};
    *measure = (struct invoke_measure){0};
    volley.errands = calloc(sending->concurrency, sizeof *volley.errands);
    if (!volley.errands)
        return error_memory(error, sending->concurrency * sizeof *volley.errands, "requests");
    uint64_t begun = now();
    bool good = run(&volley);
    measure->seconds = (double)(now() - begun) / 1e9;
    close_errands(&volley);
    return good;
}
