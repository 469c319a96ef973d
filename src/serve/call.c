#include "serve/call.h"

#include "base/error.h"
#include "serve/server.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SMALL = 128 * 1024 }; /* bytes of a body that is answered where it arrived */

struct call {
    struct job job; /* first: a job is a call */
    struct exchange *exchange;
    struct buffer text;
    call_answer *answer;
};

void call_begin(struct exchange *exchange)
{
    struct call *call = calloc(1, sizeof *call);
    struct forestd_error error;
    if (!call) {
        error_memory(&error, sizeof *call, "a request");
        exchange_error(exchange, &error);
        return;
    }
    call->exchange = exchange;
    call->text.budget = &exchange->server->memory;
    exchange->state = call;
}

void call_piece(struct exchange *exchange, const void *bytes, size_t size)
{
    struct call *call = exchange->state;
    struct forestd_error error;
    if (!buffer_append(&call->text, bytes, size, &error))
        exchange_error(exchange, &error);
}

cJSON *call_document(struct exchange *exchange, struct buffer *text)
{
    cJSON *document = text->size ? cJSON_ParseWithLength((const char *)text->bytes, text->size) : NULL;
    buffer_close(text);
    if (!document)
        exchange_fail(exchange, 400, forestd_code_word(FORESTD_SYNTAX), "The body must be a JSON document.");
    return document;
}

static void answer(struct call *call)
{
    call->answer(call->exchange, &call->text);
}

static size_t prepare_job(struct job *job)
{
    (void)job;
    return 1;
}

static void do_part(struct job *job, size_t index)
{
    (void)index;
    answer((struct call *)job);
}

static void finish_job(struct job *job, bool cancelled)
{
    struct exchange *exchange = ((struct call *)job)->exchange;
    if (cancelled)
        exchange_fail(exchange, 503, "stopping", "The server stops: ask another one.");
    exchange->carrier->resume(exchange);
}

bool call_finish(struct exchange *exchange, call_answer *how)
{
    struct call *call = exchange->state;
    struct team *team = exchange->server->team;
    call->answer = how;
    if (!exchange->carrier->suspend || call->text.size <= SMALL) {
        answer(call);
        return true;
    }
    if (!team_reserve(team)) {
        exchange_header(exchange, "Retry-After", "1");
        exchange_fail(exchange, 503, "busy", "The server is busy with large requests: ask again in a moment.");
        return true;
    }
    call->job = (struct job){.prepare = prepare_job, .part = do_part, .finish = finish_job};
    exchange->carrier->suspend(exchange);
    team_submit(team, &call->job);
    return false;
}

void call_close(struct exchange *exchange)
{
    struct call *call = exchange->state;
    if (!call)
        return;
    buffer_close(&call->text);
    free(call);
    exchange->state = NULL;
}

/* ---- the request inside ---- */

/* A member in any case, as text: the first of several. */
static const char *find(const cJSON *members, const char *name)
{
    const cJSON *member = members ? cJSON_GetObjectItem(members, name) : NULL;
    if (cJSON_IsArray(member))
        member = cJSON_GetArrayItem(member, 0);
    return cJSON_GetStringValue(member);
}

static const char *find_header(const struct exchange *exchange, const char *name)
{
    return find(((const struct inner *)exchange)->headers, name);
}

static const char *find_parameter(const struct exchange *exchange, const char *name)
{
    return find(((const struct inner *)exchange)->parameters, name);
}

static const struct carrier carrier = {find_header, find_parameter, NULL, NULL};

void inner_run(struct inner *inner, struct server *server, const char *method, const char *path, const void *body,
               size_t size)
{
    struct exchange *exchange = &inner->exchange;
    *exchange =
        (struct exchange){.server = server, .carrier = &carrier, .method = method, .path = path, .length = size};
    exchange_begin(exchange);
    if (size && !exchange->answered)
        exchange_piece(exchange, body, size);
    (void)exchange_finish(exchange);
}

void inner_close(struct inner *inner)
{
    exchange_close(&inner->exchange);
}
