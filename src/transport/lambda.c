#include "transport/lambda.h"

#include "base/error.h"
#include "transport/event.h"
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    EVENT_MOST = 64 << 20, /* bytes of an event; Lambda itself sends 6 MiB at most */
    CONNECT_MILLISECONDS = 1000,
    POST_SECONDS = 30,
    SILENT_BYTES = 1,    /* an event that has begun comes at this many bytes a second */
    SILENT_SECONDS = 30, /* or is given up after so long */
    PATIENCE = 3,        /* times in a row that /next may fail */
    HEADER_SIZE = 256
};

static const double NO_DEADLINE = 900; /* seconds: the longest that Lambda gives a function */

struct lambda {
    const char *api;
    struct log *log;
    CURL *handle;
    struct curl_slist *plain;  /* headers of every answer */
    struct curl_slist *error;  /* of every error */
    struct curl_slist *stream; /* of every answer that is streamed */

    /* The event at hand. */
    struct buffer event;
    char id[HEADER_SIZE];
    char trace[HEADER_SIZE];
    double deadline; /* seconds since 1970; 0 = none was said */

    /* The answer on its way. */
    struct buffer heard; /* what the API replied */
    const struct event_answer *streamed;
    size_t sent; /* of the streamed bytes */
};

/* ---- what libcurl calls ---- */

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
    return buffer_append(context, bytes, size * count, NULL) ? size * count : 0;
}

/* Copies the value of a header line if it is `name`'s. */
static bool take_header(const char *line, size_t size, const char *name, char value[HEADER_SIZE])
{
    size_t length = strlen(name);
    if (size <= length || strncasecmp(line, name, length) != 0 || line[length] != ':')
        return false;
    const char *from = line + length + 1;
    const char *end = line + size;
    while (from < end && *from == ' ')
        from++;
    while (end > from && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
        end--;
    size_t kept = (size_t)(end - from) < HEADER_SIZE - 1 ? (size_t)(end - from) : HEADER_SIZE - 1;
    memcpy(value, from, kept);
    value[kept] = '\0';
    return true;
}

static size_t take_headers(char *line, size_t size, size_t count, void *context)
{
    struct lambda *lambda = context;
    char number[HEADER_SIZE];
    if (take_header(line, size * count, "Lambda-Runtime-Deadline-Ms", number))
        lambda->deadline = strtod(number, NULL) / 1000;
    else if (!take_header(line, size * count, "Lambda-Runtime-Aws-Request-Id", lambda->id))
        (void)take_header(line, size * count, "Lambda-Runtime-Trace-Id", lambda->trace);
    return size * count;
}

/* Copies what of `part` lies at `*from` behind what was sent before; parts lie one after another. */
static size_t give_part(const void *part, size_t size, size_t *from, char *bytes, size_t room)
{
    if (*from >= size) {
        *from -= size;
        return 0;
    }
    size_t kept = size - *from < room ? size - *from : room;
    memcpy(bytes, (const char *)part + *from, kept);
    *from = 0;
    return kept;
}

/* A streamed answer: the prelude, eight zero bytes, the content. */
static size_t give_stream(char *bytes, size_t size, size_t count, void *context)
{
    static const char zeros[8];
    struct lambda *lambda = context;
    const struct event_answer *answer = lambda->streamed;
    size_t room = size * count;
    size_t from = lambda->sent;
    size_t given = give_part(answer->prelude.bytes, answer->prelude.size, &from, bytes, room);
    given += give_part(zeros, sizeof zeros, &from, bytes + given, room - given);
    if (answer->content.size)
        given += give_part(answer->content.bytes, answer->content.size, &from, bytes + given, room - given);
    lambda->sent += given;
    return given;
}

/* ---- calls ---- */

/* What the Runtime API is asked. */
enum call { CALL_NEXT, CALL_RESPONSE, CALL_ERROR, CALL_INIT_ERROR };

static void set_url(struct lambda *lambda, enum call call)
{
    static const char *const before[] = {"invocation/next", "invocation/", "invocation/", "init/error"};
    static const char *const after[] = {"", "/response", "/error", ""};
    char url[1024];
    (void)snprintf(url, sizeof url, "http://%s/2018-06-01/runtime/%s%s%s", lambda->api, before[call],
                   after[call][0] ? lambda->id : "", after[call]);
    curl_easy_setopt(lambda->handle, CURLOPT_URL, url);
}

/* The status, or 0 with `error` when there was no whole answer. */
static long perform(struct lambda *lambda, struct forestd_error *error)
{
    long status = 0;
    lambda->heard.size = 0;
    CURLcode code = curl_easy_perform(lambda->handle);
    if (code != CURLE_OK) {
        error_set(error, FORESTD_IO, at_nowhere(), "the Runtime API at %s: %s", lambda->api, curl_easy_strerror(code));
        return 0;
    }
    curl_easy_getinfo(lambda->handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static void forget_event(struct lambda *lambda)
{
    lambda->event.size = 0;
    lambda->id[0] = lambda->trace[0] = '\0';
    lambda->deadline = 0;
}

static long fetch(struct lambda *lambda, struct forestd_error *error)
{
    forget_event(lambda);
    set_url(lambda, CALL_NEXT);
    CURL *handle = lambda->handle;
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_headers);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, lambda);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &lambda->event);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, 0L); /* the sandbox sleeps in this call, for hours if need be */
    long status = perform(lambda, error);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, NULL);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, NULL);
    return status;
}

static long post(struct lambda *lambda, enum call call, struct curl_slist *headers, const struct buffer *body,
                 struct forestd_error *error)
{
    CURL *handle = lambda->handle;
    set_url(lambda, call);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &lambda->heard);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, (long)POST_SECONDS);
    if (body) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->size);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body->size ? (const char *)body->bytes : "");
    } else {
        lambda->sent = 0;
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, NULL);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)-1);
        curl_easy_setopt(handle, CURLOPT_READFUNCTION, give_stream);
        curl_easy_setopt(handle, CURLOPT_READDATA, lambda);
        curl_easy_setopt(handle, CURLOPT_POST, 1L);
    }
    return perform(lambda, error);
}

/* ---- one event ---- */

static double seconds_since(clockid_t clock, double start)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9 - start;
}

static double seconds_left(const struct lambda *lambda)
{
    return lambda->deadline > 0 ? -seconds_since(CLOCK_REALTIME, lambda->deadline) : NO_DEADLINE;
}

static void report(const struct lambda *lambda, const struct event_answer *answer, double took)
{
    bool wrong = answer->failed || answer->status >= 500;
    enum log_level level = wrong ? LEVEL_WARN : LEVEL_DEBUG;
    if (!log_wants(lambda->log, level))
        return;
    double left = seconds_left(lambda);
    const struct field fields[] = {field_text("request_id", lambda->id),
                                   field_text("trace_id", lambda->trace[0] ? lambda->trace : NULL),
                                   field_text("event", answer->shape),
                                   field_number("status", answer->status),
                                   field_number("microseconds", (uint64_t)(took * 1e6)),
                                   field_number("milliseconds_left", left > 0 ? (uint64_t)(left * 1000) : 0),
                                   field_text("answer", wrong && answer->body.size < 2048 && answer->body.size
                                                            ? (const char *)answer->body.bytes
                                                            : NULL),
                                   field_end()};
    log_line(lambda->log, level, wrong ? "an event failed" : "answered an event", fields);
}

static void refuse_large(struct event_answer *answer)
{
    static const char why[] = "The answer is larger than the 6291556 bytes that Lambda takes: send fewer rows at once, "
                              "or ask for NPY.";
    static const char reply[] = "{\"statusCode\": 413, \"headers\": {\"Content-Type\": \"application/json\"}, "
                                "\"body\": \"{\\\"error\\\": \\\"%s\\\", \\\"code\\\": \\\"limit\\\"}\", "
                                "\"isBase64Encoded\": false}";
    bool http = answer->body.size > 14 && memcmp(answer->body.bytes, "{\"statusCode\":", 14) == 0;
    event_fail(answer, "Forestd.limit", "%s", why);
    if (!http)
        return;
    answer->failed = false;
    answer->status = 413;
    buffer_close(&answer->body);
    (void)buffer_print(&answer->body, NULL, reply, why);
}

/* Whether the loop goes on. */
static bool deliver(struct lambda *lambda, struct event_answer *answer, struct forestd_error *error)
{
    long status;
    (void)buffer_append(&answer->body, "", 1, NULL); /* ends as a text, for the log */
    answer->body.size -= answer->body.size ? 1 : 0;
    if (answer->failed) {
        status = post(lambda, CALL_ERROR, lambda->error, &answer->body, error);
    } else if (answer->prelude.size) {
        lambda->streamed = answer;
        status = post(lambda, CALL_RESPONSE, lambda->stream, NULL, error);
    } else {
        status = post(lambda, CALL_RESPONSE, lambda->plain, &answer->body, error);
    }
    if (status / 100 == 2)
        return true;
    if (status)
        error_set(error, FORESTD_IO, at_nowhere(), "the Runtime API at %s took no answer to %s: status %ld, %.*s",
                  lambda->api, lambda->id, status, (int)(lambda->heard.size < 300 ? lambda->heard.size : 300),
                  lambda->heard.size ? (const char *)lambda->heard.bytes : "");
    const struct field fields[] = {field_text("request_id", lambda->id), field_text("error", error->message),
                                   field_end()};
    log_line(lambda->log, LEVEL_ERROR, "an answer was not delivered", fields);
    return status != 500; /* by its contract the process is to end then */
}

static bool answer_event(struct lambda *lambda, struct server *server, bool stream, struct forestd_error *error)
{
    struct event_answer answer;
    double start = seconds_since(CLOCK_MONOTONIC, 0);
    event_answer(server, (const char *)lambda->event.bytes, lambda->event.size, seconds_left(lambda), stream, &answer);
    server_tell(server);
    if (answer.body.size > LAMBDA_ANSWER_MOST)
        refuse_large(&answer);
    bool goes_on = deliver(lambda, &answer, error);
    report(lambda, &answer, seconds_since(CLOCK_MONOTONIC, start));
    event_answer_close(&answer);
    return goes_on;
}

/* What there is of an event that broke off is not answered, but its sender is told. */
static void give_up(struct lambda *lambda)
{
    struct event_answer answer = {.shape = "broken"};
    struct forestd_error error;
    event_fail(&answer, "Forestd.BrokenEvent", "The event did not arrive whole.");
    (void)deliver(lambda, &answer, &error);
    event_answer_close(&answer);
}

void lambda_run(struct lambda *lambda, struct server *server, bool stream, struct forestd_error *error)
{
    unsigned failures = 0;
    while (failures < PATIENCE) {
        long status = fetch(lambda, error);
        if (status == 200 && lambda->id[0]) {
            failures = 0;
            if (!answer_event(lambda, server, stream, error))
                return;
            continue;
        }
        failures++;
        if (status)
            error_set(error, FORESTD_IO, at_nowhere(), "the Runtime API at %s gave no event: status %ld%s", lambda->api,
                      status, status == 200 ? " without a Lambda-Runtime-Aws-Request-Id" : "");
        else if (lambda->id[0])
            give_up(lambda);
    }
}

/* ---- start and end ---- */

bool lambda_refuse(struct lambda *lambda, const struct forestd_error *why)
{
    struct event_answer answer = {.shape = "init"};
    struct forestd_error error;
    char type[64];
    (void)snprintf(type, sizeof type, "Forestd.%.40s", forestd_code_word(why->code));
    event_fail(&answer, type, "%s", why->message);
    long status = post(lambda, CALL_INIT_ERROR, lambda->error, &answer.body, &error);
    event_answer_close(&answer);
    return status / 100 == 2;
}

struct lambda *lambda_open(const char *api, struct log *log, struct forestd_error *error)
{
    struct lambda *lambda = calloc(1, sizeof *lambda);
    CURL *handle = lambda ? curl_easy_init() : NULL;
    if (!handle) {
        error_set(error, FORESTD_MEMORY, at_nowhere(), "%s",
                  lambda ? curl_easy_strerror(CURLE_FAILED_INIT) : "no memory");
        free(lambda);
        return NULL;
    }
    *lambda = (struct lambda){.api = api, .log = log, .handle = handle, .event = {.limit = EVENT_MOST}};
    static const char json[] = "Content-Type: application/json";
    static const char failed[] = "Lambda-Runtime-Function-Error-Type: Unhandled";
    lambda->plain = curl_slist_append(curl_slist_append(NULL, json), "Expect:");
    lambda->error = curl_slist_append(curl_slist_append(curl_slist_append(NULL, json), "Expect:"), failed);
    lambda->stream = curl_slist_append(NULL, "Content-Type: application/vnd.awslambda.http-integration-response");
    lambda->stream = curl_slist_append(lambda->stream, "Lambda-Runtime-Function-Response-Mode: streaming");
    lambda->stream = curl_slist_append(curl_slist_append(lambda->stream, "Transfer-Encoding: chunked"), "Expect:");
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MILLISECONDS);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "forestd/" FORESTD_VERSION);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    return lambda;
}

void lambda_close(struct lambda *lambda)
{
    if (!lambda)
        return;
    curl_easy_cleanup(lambda->handle);
    curl_slist_free_all(lambda->plain);
    curl_slist_free_all(lambda->error);
    curl_slist_free_all(lambda->stream);
    buffer_close(&lambda->event);
    buffer_close(&lambda->heard);
    free(lambda);
}
