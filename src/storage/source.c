#include "storage/source.h"

#include "cloud/refusal.h"
#include "cloud/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ATTEMPTS = 6, LESSONS = 3, PAGE_LIMIT = 32 * 1024 * 1024, CALL_MS = 60000 };

static void pause_for(unsigned milliseconds)
{
    const struct timespec pause = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* Asks until there is an answer with status 200 or 206, or no use in asking. */
static bool ask(struct source *source, const struct wish *wish, size_t limit, struct http_call *call, const char *what,
                struct forestd_error *error)
{
    unsigned failures = 0;
    unsigned lessons = 0;
    for (;;) {
        *call = (struct http_call){0};
        if (!source->prepare(source, wish, call, error))
            return error_prefix(error, what);
        call->total_ms = CALL_MS;
        call_ask(source->client, call, limit);
        bool whole = call->outcome == HTTP_DONE;
        if (whole && (call->status == 200 || call->status == 206))
            return true;
        bool learned = whole && lessons++ < LESSONS && source->learn(source, call);
        if (!learned && (!refusal_passes(call) || ++failures == ATTEMPTS))
            return refusal_error(call, what, source->used(source), error);
        if (!learned)
            pause_for(refusal_wait(call, failures - 1));
        call_forget(call);
    }
}

bool source_list(struct source *source, const char *prefix, size_t limit, struct listing *listing,
                 struct forestd_error *error)
{
    const char *shown = source->address->shown;
    struct http_call call = {0};
    bool good = true;
    do {
        const struct wish wish = {.prefix = prefix, .page = listing->next ? listing->next : ""};
        good = ask(source, &wish, PAGE_LIMIT, &call, shown, error);
        if (good && !source->read_page(&call, listing, error))
            good = error_prefix(error, shown);
        call_forget(&call);
        if (good && listing->count > limit)
            good = error_set(error, FORESTD_LIMIT, at_nowhere(),
                             "%s: more than %zu objects to search: name the model's own", shown, limit);
    } while (good && listing->next);
    return good;
}

bool source_head(struct source *source, const char *key, uint8_t *bytes, size_t *size, struct forestd_error *error)
{
    const struct wish wish = {.key = key, .pin = "", .part = true, .first = 0, .last = *size - 1};
    struct http_call call = {0};
    bool good = ask(source, &wish, *size, &call, source->address->shown, error);
    /* An empty object has no first byte to give. */
    bool empty = !good && call.outcome == HTTP_DONE && call.status == 416;
    size_t length = good && call.body_read.size < *size ? call.body_read.size : *size;
    if (good && length)
        memcpy(bytes, call.body_read.bytes, length);
    *size = good ? length : 0;
    call_forget(&call);
    return good || empty;
}

void pin_by_etag(const struct http_call *call, char pin[PIN_SIZE])
{
    const char *etag = call_header(call, "ETag");
    const char *changed = call_header(call, "Last-Modified");
    pin[0] = '\0';
    if (etag && *etag && strncmp(etag, "W/", 2) != 0 && strlen(etag) < PIN_SIZE)
        (void)snprintf(pin, PIN_SIZE, "%s", etag);
    else if (changed && strlen(changed) < PIN_SIZE)
        (void)snprintf(pin, PIN_SIZE, "%s", changed);
}

bool pin_match(const struct wish *wish, struct http_headers *headers, struct forestd_error *error)
{
    return wish->pin[0] != '"' || headers_add(headers, error, "If-Match", "%s", wish->pin);
}

bool add_range(const struct wish *wish, struct http_headers *headers, struct forestd_error *error)
{
    return !wish->part || headers_add(headers, error, "Range", "bytes=%" PRIu64 "-%" PRIu64, wish->first, wish->last);
}
