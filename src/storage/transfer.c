#include "storage/transfer.h"

#include "cloud/refusal.h"
#include "storage/follower.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum {
    STREAMS = 8,           /* connections at once */
    LEAST_PIECE = 8 << 20, /* bytes that are worth a request of their own */
    MOST_PIECE = 64 << 20,
    PIECES = 24,       /* of an object between these bounds */
    GROWTH = 16 << 20, /* steps by which an object of unknown size gets its memory */
    TELLING = 1 << 20, /* bytes after which the checksum's thread is told */
    FAILURES = 6,      /* in a row, without PROGRESS between them */
    PROGRESS = 1 << 16,
    LESSONS = 4,
    ATTEMPTS = 4, /* at the object in one state */
    REFUSAL_LIMIT = 64 * 1024,
    USUAL_SECONDS = 1800,
    ALONE_MS = 150, /* after which the first connection's speed is known */
    WORTH_MS = 500, /* that it would still take for others to help: near by, one is fastest */
    TICK_MS = 1000
};

enum stream_state { IDLE, WAITING, ASKED };

/* A connection and the bytes that it has to bring. */
struct stream {
    struct http_call call;
    struct transfer *transfer;
    enum stream_state state;
    bool part;     /* asked for with Range */
    bool accepted; /* the answer is the object's bytes */
    uint64_t at;   /* the next byte */
    uint64_t end;  /* behind the last; UINT64_MAX = not known yet */
    uint64_t failed_at;
    unsigned failures;
    int64_t not_before; /* milliseconds, for WAITING */
};

enum verdict { GOING, CHANGED, FAILED, FOUND };

struct transfer {
    struct source *source;
    const char *key;
    const char *name;
    const struct transfer_options *options;
    struct target *target;
    struct stream streams[STREAMS]; /* the first begins with the whole object */
    struct follower *follower;
    struct checksum checksum;
    char pin[PIN_SIZE];
    uint64_t size; /* UINT64_MAX = not known */
    uint64_t back; /* where the parts from the end begin */
    uint64_t piece;
    uint64_t told; /* bytes that the follower knows of */
    bool begun;    /* the first answer's headers were read */
    bool parts;    /* the server gives parts */
    bool partless; /* it was asked for a part, and gave all */
    bool broken;   /* what ended the last attempt was no change */
    unsigned lessons;
    int64_t begun_at; /* milliseconds */
    int64_t deadline;
    enum verdict verdict;
    long status;
    struct forestd_error *error;
};

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool fail(struct transfer *transfer)
{
    transfer->verdict = FAILED;
    return false;
}

/* Bytes from the object's first on without a hole: what all unfinished streams are beyond. */
static uint64_t reached(const struct transfer *transfer)
{
    uint64_t least = transfer->size;
    for (size_t i = 0; i < STREAMS; i++) {
        const struct stream *stream = &transfer->streams[i];
        if (stream->state != IDLE && stream->at < least)
            least = stream->at;
    }
    return least;
}

static void tell(struct transfer *transfer)
{
    uint64_t there = transfer->follower ? reached(transfer) : 0;
    if (there < transfer->told + TELLING && there != transfer->size)
        return;
    if (transfer->follower && there > transfer->told) {
        follower_reach(transfer->follower, (size_t)there);
        transfer->told = there;
    }
}

/* "bytes 0-99/1000": the first byte and the size; false where it is no such text or the size is not said. */
static bool read_content_range(const char *text, uint64_t *first, uint64_t *size)
{
    char *end = NULL;
    if (!text || strncasecmp(text, "bytes ", 6) != 0)
        return false;
    *first = strtoull(text + 6, &end, 10);
    const char *slash = strchr(end, '/');
    if (*end != '-' || !slash || slash[1] == '*')
        return false;
    *size = strtoull(slash + 1, &end, 10);
    return *end == '\0';
}

static bool open_target(struct transfer *transfer)
{
    bool known = transfer->size != UINT64_MAX;
    bool found = false;
    if (known && transfer->size == 0) {
        error_set(transfer->error, FORESTD_FORMAT, at_byte(0), "%s: it is empty: put the model there again",
                  transfer->name);
        return fail(transfer);
    }
    bool good = transfer->options->cache && known
                    ? target_open_cache(transfer->target, transfer->name, transfer->pin, (size_t)transfer->size, &found,
                                        transfer->error)
                    : target_open_memory(transfer->target, known ? (size_t)transfer->size : GROWTH,
                                         transfer->options->budget, transfer->error);
    if (!good) {
        error_prefix(transfer->error, transfer->name);
        return fail(transfer);
    }
    if (transfer->checksum.kind != CHECKSUM_NONE && known) {
        transfer->follower = follower_open(&transfer->checksum, transfer->target->bytes, transfer->error);
        if (!transfer->follower)
            return fail(transfer);
    }
    if (!found)
        return true;
    transfer->verdict = FOUND;
    return false;
}

/* The headers of the first answer: size, state, checksum, and whether parts can be had. */
static bool begin(struct stream *stream)
{
    struct transfer *transfer = stream->transfer;
    const struct http_call *call = &stream->call;
    const char *length = call_header(call, "Content-Length");
    const char *ranges = call_header(call, "Accept-Ranges");
    const char *packed = call_header(call, "Transfer-Encoding");
    transfer->source->pin(call, transfer->pin);
    transfer->parts = !transfer->partless && (transfer->source->parts || (ranges && strcasecmp(ranges, "bytes") == 0));
    transfer->checksum = checksum_find(call, transfer->source->address->place == PLACE_S3);
    transfer->size = length && !packed ? strtoull(length, NULL, 10) : UINT64_MAX;
    if (transfer->size != UINT64_MAX && transfer->size > SIZE_MAX / 2) {
        error_set(transfer->error, FORESTD_LIMIT, at_nowhere(), "%s: its size is said to be %s bytes", transfer->name,
                  length);
        return fail(transfer);
    }
    stream->end = transfer->size;
    transfer->back = transfer->size;
    transfer->piece = transfer->size / PIECES;
    transfer->piece = transfer->piece < LEAST_PIECE ? LEAST_PIECE : transfer->piece;
    transfer->piece = transfer->piece > MOST_PIECE ? MOST_PIECE : transfer->piece;
    transfer->begun = true;
    transfer->begun_at = milliseconds();
    return open_target(transfer);
}

/* The headers of an answer with a part: it must be this part of the same object. */
static bool continues(struct stream *stream)
{
    struct transfer *transfer = stream->transfer;
    char pin[PIN_SIZE];
    uint64_t first = 0;
    uint64_t size = 0;
    transfer->source->pin(&stream->call, pin);
    bool same = read_content_range(call_header(&stream->call, "Content-Range"), &first, &size) && first == stream->at &&
                size == transfer->size && strcmp(pin, transfer->pin) == 0;
    if (!same)
        transfer->verdict = CHANGED;
    return same;
}

static bool on_head(struct http_call *call)
{
    struct stream *stream = call->context;
    struct transfer *transfer = stream->transfer;
    bool first = !transfer->begun;
    stream->accepted = true;
    if (call->status == 200 && first)
        return begin(stream);
    if (call->status == 206 && stream->part)
        return continues(stream);
    if (call->status == 200 && stream->part) {
        /* It knows no parts after all. */
        transfer->parts = false;
        transfer->partless = true;
        return false;
    }
    stream->accepted = false;
    return true;
}

static bool keep_refusal(struct http_call *call, const uint8_t *bytes, size_t size)
{
    size_t room = call->body_read.size < REFUSAL_LIMIT ? REFUSAL_LIMIT - call->body_read.size : 0;
    (void)buffer_append(&call->body_read, bytes, size < room ? size : room, NULL);
    return true;
}

static bool on_bytes(struct http_call *call, const uint8_t *bytes, size_t size)
{
    struct stream *stream = call->context;
    struct transfer *transfer = stream->transfer;
    struct target *target = transfer->target;
    if (!stream->accepted)
        return keep_refusal(call, bytes, size);
    if (stream->at + size > target->size && transfer->size == UINT64_MAX &&
        !target_grow(target, target->size + GROWTH + size, transfer->error)) {
        error_prefix(transfer->error, transfer->name);
        return fail(transfer);
    }
    uint64_t room = stream->end - stream->at;
    size_t taken = size < room ? size : (size_t)room;
    memcpy(target->bytes + stream->at, bytes, taken);
    stream->at += taken;
    tell(transfer);
    /* Where it meets the parts from the end, the first stream has brought what it had to. */
    bool meets = !stream->part && stream->at == stream->end && stream->end < transfer->size;
    return taken == size && !meets;
}

static void start(struct stream *stream)
{
    struct transfer *transfer = stream->transfer;
    call_forget(&stream->call);
    stream->call = (struct http_call){.on_head = on_head, .on_bytes = on_bytes, .context = stream};
    stream->part = transfer->begun;
    stream->accepted = false;
    const struct wish wish = {.key = transfer->key,
                              .pin = transfer->begun ? transfer->pin : "",
                              .part = stream->part,
                              .first = stream->at,
                              .last = stream->end - 1};
    if (!transfer->source->prepare(transfer->source, &wish, &stream->call, transfer->error)) {
        error_prefix(transfer->error, transfer->name);
        (void)fail(transfer);
        return;
    }
    stream->call.on_head = on_head;
    stream->call.on_bytes = on_bytes;
    stream->call.context = stream;
    stream->state = ASKED;
    call_open(transfer->source->client, &stream->call);
}

/* Whether the first connection would take so long by itself that others are worth their while. */
static bool is_slow(const struct transfer *transfer)
{
    const struct stream *first = &transfer->streams[0];
    uint64_t took = (uint64_t)(milliseconds() - transfer->begun_at);
    return took >= ALONE_MS && (first->end - first->at) * took > first->at * WORTH_MS;
}

/* Gives idle streams parts from the end, while what is left for the first one is large. */
static void share(struct transfer *transfer)
{
    struct stream *first = &transfer->streams[0];
    if (!transfer->begun || !transfer->parts || transfer->size == UINT64_MAX || !transfer->pin[0] || !is_slow(transfer))
        return;
    for (size_t i = 1; i < STREAMS && transfer->verdict == GOING; i++) {
        struct stream *stream = &transfer->streams[i];
        if (stream->state != IDLE || first->state == IDLE || first->end - first->at < 2 * transfer->piece)
            continue;
        stream->end = transfer->back;
        transfer->back -= transfer->piece;
        stream->at = transfer->back;
        first->end = transfer->back;
        stream->failures = 0;
        stream->failed_at = stream->at;
        start(stream);
    }
}

static bool give_up(struct stream *stream)
{
    struct transfer *transfer = stream->transfer;
    const struct source *source = transfer->source;
    transfer->status = stream->call.outcome == HTTP_DONE ? stream->call.status : 0;
    refusal_error(&stream->call, transfer->name, source->used(source), transfer->error);
    if (transfer->begun && transfer->error && stream->call.outcome != HTTP_DONE) {
        char prefix[80];
        (void)snprintf(prefix, sizeof prefix, "at byte %" PRIu64 " of %" PRIu64 ", after %d attempts", stream->at,
                       transfer->size, FAILURES);
        error_prefix(transfer->error, prefix);
    }
    return fail(transfer);
}

/* Puts the stream aside until its next attempt. A server without parts is asked for all of it again. */
static void retry(struct stream *stream, unsigned wait)
{
    struct transfer *transfer = stream->transfer;
    if (transfer->begun && (!transfer->parts || transfer->size == UINT64_MAX || !transfer->pin[0])) {
        transfer->verdict = CHANGED;
        transfer->broken = true;
        return;
    }
    stream->state = WAITING;
    stream->not_before = milliseconds() + wait;
}

static bool is_whole(const struct stream *stream)
{
    if (stream->transfer->size == UINT64_MAX)
        return stream->call.outcome == HTTP_DONE;
    return stream->at == stream->end;
}

/* What becomes of a stream whose call is over. */
static void settle(struct stream *stream)
{
    struct transfer *transfer = stream->transfer;
    struct http_call *call = &stream->call;
    if (transfer->verdict != GOING)
        return;
    if (stream->accepted && is_whole(stream)) {
        if (transfer->size == UINT64_MAX)
            transfer->size = stream->at;
        stream->state = IDLE;
        return;
    }
    bool refused = call->outcome == HTTP_DONE && !stream->accepted;
    /* The object that the pin names is no more. */
    if (refused && stream->part && (call->status == 412 || call->status == 416 || call->status == 404)) {
        transfer->verdict = CHANGED;
        return;
    }
    if (refused && transfer->lessons < LESSONS && transfer->source->learn(transfer->source, call)) {
        transfer->lessons++;
        retry(stream, 0);
        return;
    }
    if (stream->at >= stream->failed_at + PROGRESS)
        stream->failures = 0;
    stream->failed_at = stream->at;
    if (stream->accepted && call->outcome != HTTP_REFUSED) {
        call->outcome = HTTP_BROKEN;
        if (!call->reason[0])
            (void)snprintf(call->reason, sizeof call->reason, "the answer ended early");
    }
    if (!refusal_passes(call) || ++stream->failures == FAILURES) {
        (void)give_up(stream);
        return;
    }
    retry(stream, refusal_wait(call, stream->failures - 1));
}

/* Starts what waited long enough; returns how long the next one has to. */
static int wake(struct transfer *transfer)
{
    int64_t now = milliseconds();
    int64_t next = transfer->begun ? transfer->begun_at + ALONE_MS - now : ALONE_MS;
    if (next <= 0 || next > TICK_MS)
        next = TICK_MS;
    for (size_t i = 0; i < STREAMS && transfer->verdict == GOING; i++) {
        struct stream *stream = &transfer->streams[i];
        if (stream->state != WAITING)
            continue;
        if (stream->not_before <= now)
            start(stream);
        else if (stream->not_before - now < next)
            next = stream->not_before - now;
    }
    return (int)next;
}

static bool busy(const struct transfer *transfer)
{
    for (size_t i = 0; i < STREAMS; i++)
        if (transfer->streams[i].state != IDLE)
            return true;
    return false;
}

static void stop(struct transfer *transfer)
{
    for (size_t i = 0; i < STREAMS; i++) {
        struct stream *stream = &transfer->streams[i];
        if (stream->state == ASKED && stream->call.handle)
            call_done(transfer->source->client, &stream->call);
        call_forget(&stream->call);
        stream->state = IDLE;
    }
}

/* One attempt at the object in one state. */
static void attempt(struct transfer *transfer)
{
    for (size_t i = 0; i < STREAMS; i++)
        transfer->streams[i] = (struct stream){.transfer = transfer};
    transfer->streams[0].end = UINT64_MAX;
    transfer->size = UINT64_MAX;
    transfer->begun = false;
    transfer->broken = false;
    transfer->told = 0;
    transfer->verdict = GOING;
    transfer->status = 0;
    start(&transfer->streams[0]);
    while (transfer->verdict == GOING && busy(transfer)) {
        int patience = wake(transfer);
        struct http_call *call = transfer->verdict == GOING ? client_next(transfer->source->client, patience) : NULL;
        if (call) {
            struct stream *stream = call->context;
            settle(stream);
        }
        if (transfer->verdict == GOING)
            share(transfer);
        if (transfer->verdict == GOING && milliseconds() > transfer->deadline) {
            error_set(transfer->error, FORESTD_IO, at_nowhere(),
                      "%s: not there after %u seconds: allow more with --fetch-timeout", transfer->name,
                      transfer->options->seconds ? transfer->options->seconds : USUAL_SECONDS);
            (void)fail(transfer);
        }
    }
    if (transfer->verdict == FAILED || transfer->verdict == CHANGED) {
        stop(transfer);
        follower_close(transfer->follower);
        transfer->follower = NULL;
        target_close(transfer->target);
    }
}

/* All bytes are there: are they the right ones? */
static bool prove(struct transfer *transfer)
{
    bool good = true;
    stop(transfer);
    if (transfer->follower) {
        if (transfer->told < transfer->size)
            follower_reach(transfer->follower, (size_t)transfer->size);
        good = follower_check(transfer->follower, transfer->name, transfer->error);
        transfer->follower = NULL;
    } else if (transfer->checksum.kind != CHECKSUM_NONE) {
        struct checking *checking = checking_begin(&transfer->checksum, transfer->error);
        if (checking)
            checking_add(checking, transfer->target->bytes, (size_t)transfer->size);
        good = checking && checking_end(checking, transfer->name, transfer->error);
    }
    return good;
}

static void pause_before(int attempts)
{
    const struct http_call nothing = {.outcome = HTTP_BROKEN};
    unsigned wait = refusal_wait(&nothing, (unsigned)attempts);
    const struct timespec pause = {wait / 1000, (long)(wait % 1000) * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* Attempts until the object is there as it should be. */
static bool fetch(struct transfer *transfer)
{
    for (int attempts = 0;; attempts++) {
        bool last = attempts + 1 == ATTEMPTS;
        attempt(transfer);
        if (transfer->verdict == FAILED)
            return false;
        if (transfer->verdict != CHANGED) {
            bool found = transfer->verdict == FOUND;
            bool good = prove(transfer);
            if (good)
                return target_keep(transfer->target, transfer->error);
            /* A file of the cache that went bad makes room for a new one; other bytes get a second chance. */
            if (found)
                (void)unlink(transfer->target->path);
            target_close(transfer->target);
            if (last || (!found && attempts > 0))
                return false;
        } else if (last) {
            return error_set(transfer->error, FORESTD_IO, at_nowhere(), "%s: it %s %d times while it was fetched: %s",
                             transfer->name, transfer->broken ? "broke off" : "changed", ATTEMPTS,
                             transfer->broken ? "is its server well?" : "try again when it is written");
        }
        pause_before(attempts);
    }
}

bool transfer(struct source *source, const char *key, const char *name, const struct transfer_options *options,
              struct target *target, size_t *size, long *status, struct forestd_error *error)
{
    struct forestd_error ignored;
    struct transfer *transfer = calloc(1, sizeof *transfer);
    unsigned seconds = options->seconds ? options->seconds : USUAL_SECONDS;
    *target = (struct target){.file = -1};
    *status = 0;
    if (!transfer)
        return error_memory(error, sizeof *transfer, "a transfer");
    transfer->source = source;
    transfer->key = key;
    transfer->name = name;
    transfer->options = options;
    transfer->target = target;
    transfer->error = error ? error : &ignored;
    transfer->deadline = milliseconds() + (int64_t)seconds * 1000;
    bool good = fetch(transfer);
    if (!good)
        target_close(target);
    *size = (size_t)transfer->size;
    *status = transfer->status;
    free(transfer);
    return good;
}
