#include "serve/exchange.h"

#include "serve/server.h"
#include "unit/suite.h"
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MODEL TESTS_FOLDER "/../models/model.joblib"

static const char row[] = "[0.1, -1.2, 0.3, 1.4, -0.5, 0.6, -0.7, 0.8, -0.9, 1.0]";

/* A carrier of texts: headers and parameters are pairs that end with NULL. */
struct letter {
    struct exchange exchange; /* first: an exchange is a letter */
    const char *const *headers;
    const char *const *parameters;
    bool suspended;
    sem_t resumed;
};

static const char *find(const char *const *pairs, const char *name)
{
    for (; pairs && *pairs; pairs += 2)
        if (strcasecmp(pairs[0], name) == 0)
            return pairs[1];
    return NULL;
}

static const char *header(const struct exchange *exchange, const char *name)
{
    return find(((const struct letter *)exchange)->headers, name);
}

static const char *parameter(const struct exchange *exchange, const char *name)
{
    return find(((const struct letter *)exchange)->parameters, name);
}

static void suspend(struct exchange *exchange)
{
    ((struct letter *)exchange)->suspended = true;
}

static void resume(struct exchange *exchange)
{
    sem_post(&((struct letter *)exchange)->resumed);
}

static const struct carrier patient = {header, parameter, NULL, NULL};
static const struct carrier busy = {header, parameter, suspend, resume};

static struct server *serve(struct serve_options options)
{
    static struct log log;
    struct forestd_error error;
    log_open(&log, LEVEL_ERROR, 2);
    options.models = &(const struct serve_model){.address = MODEL};
    options.model_count = 1;
    struct server *server = server_open(&options, &log, &error);
    ck_assert_ptr_nonnull(server);
    ck_assert_int_eq(server_wait(server, &error), SERVER_READY);
    return server;
}

/* Carries a whole request, its body in pieces of `step` bytes. The letter is closed by the caller. */
static void carry(struct letter *letter, struct server *server, const char *method, const char *path, const void *body,
                  size_t size, size_t step)
{
    struct exchange *exchange = &letter->exchange;
    exchange->server = server;
    exchange->carrier = exchange->carrier ? exchange->carrier : &patient;
    exchange->method = method;
    exchange->path = path;
    exchange->length = exchange->length ? exchange->length : size;
    sem_init(&letter->resumed, 0, 0);
    exchange_begin(exchange);
    for (size_t at = 0; at < size; at += step)
        exchange_piece(exchange, (const char *)body + at, size - at < step ? size - at : step);
    if (!exchange_finish(exchange))
        while (sem_wait(&letter->resumed) != 0)
            ;
    ck_assert(exchange->answered);
}

static void ask(struct letter *letter, struct server *server, const char *method, const char *path, const char *body)
{
    carry(letter, server, method, path, body, strlen(body), 4096);
}

static const char *answered_header(const struct letter *letter, const char *name)
{
    const struct reply *reply = &letter->exchange.reply;
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcasecmp(reply->headers[i].name, name) == 0)
            return reply->headers[i].value;
    return NULL;
}

static void expect(const struct letter *letter, unsigned status, const char *content_type, const char *text)
{
    const struct reply *reply = &letter->exchange.reply;
    int size = (int)reply->body.size;
    const char *body = reply->body.size ? (const char *)reply->body.bytes : "";
    ck_assert_msg(reply->status == status, "%u: %.*s", reply->status, size, body);
    if (content_type)
        ck_assert_str_eq(reply->content_type, content_type);
    else
        ck_assert_ptr_null(reply->content_type);
    ck_assert_msg(reply->body.size >= strlen(text) && memmem(body, reply->body.size, text, strlen(text)), "%.*s", size,
                  body);
}

START_TEST(ping_is_empty)
{
    struct server *server = serve((struct serve_options){0});
    static const char *const methods[] = {"GET", "HEAD", "POST"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        struct letter letter = {0};
        ask(&letter, server, methods[i], "/ping", "");
        expect(&letter, 200, NULL, "");
        ck_assert_uint_eq(letter.exchange.reply.body.size, 0);
        exchange_close(&letter.exchange);
    }
    (void)server_close(server);
}
END_TEST

START_TEST(paths_and_methods)
{
    struct server *server = serve((struct serve_options){.cors_origin = "https://here.example"});
    struct letter nowhere = {0};
    ask(&nowhere, server, "GET", "/nowhere", "");
    expect(&nowhere, 404, "application/json", "/invocations");
    exchange_close(&nowhere.exchange);

    struct letter wrong = {0};
    ask(&wrong, server, "DELETE", "/invocations", "");
    expect(&wrong, 405, "application/json", "method_not_allowed");
    ck_assert_str_eq(answered_header(&wrong, "Allow"), "POST, OPTIONS");
    exchange_close(&wrong.exchange);

    static const char *const headers[] = {"Access-Control-Request-Headers", "x-mine", NULL};
    struct letter preflight = {.headers = headers};
    ask(&preflight, server, "OPTIONS", "/invocations", "");
    expect(&preflight, 204, NULL, "");
    ck_assert_str_eq(answered_header(&preflight, "Access-Control-Allow-Origin"), "https://here.example");
    ck_assert_str_eq(answered_header(&preflight, "Access-Control-Allow-Headers"), "x-mine");
    exchange_close(&preflight.exchange);
    (void)server_close(server);
}
END_TEST

START_TEST(any_cut_of_a_body_is_answered_alike)
{
    struct server *server = serve((struct serve_options){0});
    char body[256];
    int size = snprintf(body, sizeof body, "{\"instances\": [%s]}", row);
    for (size_t step = 1; step <= (size_t)size; step++) {
        struct letter letter = {0};
        carry(&letter, server, "POST", "/invocations", body, (size_t)size, step);
        expect(&letter, 200, "application/json", "{\"predictions\": [0], \"probabilities\": [[0.78, 0.22]], ");
        ck_assert_uint_eq(letter.exchange.rows, 1);
        exchange_close(&letter.exchange);
    }
    (void)server_close(server);
}
END_TEST

START_TEST(what_is_asked_for)
{
    struct server *server = serve((struct serve_options){0});
    static const char *const headers[] = {"content-type",
                                          "text/csv; charset=utf-8",
                                          "ACCEPT",
                                          "application/json",
                                          "X-Amzn-SageMaker-Custom-Attributes",
                                          "trace=7",
                                          NULL};
    static const char *const parameters[] = {"output", "probabilities", NULL};
    struct letter letter = {.headers = headers, .parameters = parameters};
    ask(&letter, server, "POST", "/invocations", "0.1,-1.2,0.3,1.4,-0.5,0.6,-0.7,0.8,-0.9,1.0\n");
    expect(&letter, 200, "application/json", "[[0.78, 0.22]]");
    ck_assert_str_eq(answered_header(&letter, "x-amzn-sagemaker-custom-attributes"), "trace=7");
    exchange_close(&letter.exchange);
    (void)server_close(server);
}
END_TEST

/* A body of the Open Inference Protocol: JSON, and ten float32 behind it. */
START_TEST(tensors_in_any_cut)
{
    struct server *server = serve((struct serve_options){0});
    static const float cells[] = {0.1F, -1.2F, 0.3F, 1.4F, -0.5F, 0.6F, -0.7F, 0.8F, -0.9F, 1.0F};
    static const char json[] =
        "{\"id\": \"7\", \"inputs\": [{\"name\": \"x\", \"shape\": [1, 10], \"datatype\": \"FP32\", "
        "\"parameters\": {\"binary_data_size\": 40}}], \"outputs\": [{\"name\": \"predict\"}, "
        "{\"name\": \"predict_proba\", \"parameters\": {\"binary_data\": true}}]}";
    static const char said[] =
        "{\"model_name\": \"model\", \"model_version\": \"1\", \"id\": \"7\", \"outputs\": [{\"name\": "
        "\"predict\", \"datatype\": \"INT64\", \"shape\": [1], \"data\": [0]}, {\"name\": "
        "\"predict_proba\", \"datatype\": \"FP64\", \"shape\": [1, 2], \"parameters\": "
        "{\"binary_data_size\": 16}}]}";
    char body[sizeof json - 1 + sizeof cells];
    char length[8];
    char said_length[8];
    (void)snprintf(length, sizeof length, "%zu", sizeof json - 1);
    (void)snprintf(said_length, sizeof said_length, "%zu", sizeof said - 1);
    memcpy(body, json, sizeof json - 1);
    memcpy(body + sizeof json - 1, cells, sizeof cells);
    const char *const headers[] = {"inference-header-content-length", length, NULL};
    for (size_t step = 1; step <= sizeof body; step++) {
        struct letter letter = {.headers = headers};
        carry(&letter, server, "POST", "/v2/models/model/versions/1/infer", body, sizeof body, step);
        expect(&letter, 200, "application/octet-stream", said);
        ck_assert_str_eq(answered_header(&letter, "Inference-Header-Content-Length"), said_length);
        ck_assert_uint_eq(letter.exchange.reply.body.size, sizeof said - 1 + 2 * sizeof(double));
        exchange_close(&letter.exchange);
    }
    struct letter without = {0};
    carry(&without, server, "POST", "/v2/models/model/infer", body, sizeof body, sizeof body);
    expect(&without, 400, "application/json", "Inference-Header-Content-Length");
    exchange_close(&without.exchange);
    (void)server_close(server);
}
END_TEST

/* A path whose version is no number is not one of the model's. */
START_TEST(versions_in_paths)
{
    struct server *server = serve((struct serve_options){0});
    static const struct {
        const char *path;
        unsigned status;
    } paths[] = {{"/v2/models/model/versions/1/ready", 200},
                 {"/v2/models/model/versions/01/ready", 404},
                 {"/v2/models/model/versions/2/ready", 404},
                 {"/v2/models/model/versions/-1/ready", 404},
                 {"/v2/models/model/versions/1000000000000000000000/ready", 404}};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct letter letter = {0};
        ask(&letter, server, "GET", paths[i].path, "");
        expect(&letter, paths[i].status, "application/json", "");
        exchange_close(&letter.exchange);
    }
    (void)server_close(server);
}
END_TEST

START_TEST(refusals)
{
    static const char *const image[] = {"Content-Type", "image/png", NULL};
    static const char *const wants_image[] = {"Accept", "image/png", NULL};
    static const char *const nonsense[] = {"output", "nonsense", NULL};
    static const struct {
        unsigned status;
        const char *body;
        const char *text;
        const char *const *headers;
        const char *const *parameters;
        uint64_t length;
    } cases[] = {
        {400, "{\"instances\": []}", "No instances provided", NULL, NULL, 0},
        {400, "{\"instances\": [[1, 2]]}", "\"row\": 0", NULL, NULL, 0},
        {400, "{\"instances\": [[1, 2", "\"code\"", NULL, NULL, 0},
        {400, "{]", "\"byte\": 1", NULL, NULL, 0},
        {400, "[[1e39, 0, 0, 0, 0, 0, 0, 0, 0, 0]]", "\"column\": 0", NULL, NULL, 0},
        {400, "[[1]]", "nonsense", NULL, nonsense, 0},
        {415, "x", "text/csv", image, NULL, 0},
        {406, "[[1]]", "application/x-npy", wants_image, NULL, 0},
        {411, "", "Content-Length", NULL, NULL, EXCHANGE_NO_LENGTH},
        {413, "", "larger than the 1000 bytes", NULL, NULL, 1001},
    };
    struct server *server = serve((struct serve_options){.max_body = 1000});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct letter letter = {.headers = cases[i].headers, .parameters = cases[i].parameters};
        letter.exchange.length = cases[i].length;
        ask(&letter, server, "POST", "/invocations", cases[i].body);
        expect(&letter, cases[i].status, "application/json", cases[i].text);
        exchange_close(&letter.exchange);
    }
    /* In chunks nobody knows before it is there. */
    struct letter letter = {.exchange.length = EXCHANGE_CHUNKED};
    char body[1200];
    memset(body, ' ', sizeof body);
    carry(&letter, server, "POST", "/invocations", body, sizeof body, 100);
    expect(&letter, 413, "application/json", "\"error\"");
    exchange_close(&letter.exchange);
    ck_assert_uint_eq(atomic_load(&server->memory.left), server->options.memory);
    (void)server_close(server);
}
END_TEST

/* ---- large requests ---- */

enum { MANY = 30000 };

static char *many_rows(size_t *size)
{
    static const char line[] = "0.1,-1.2,0.3,1.4,-0.5,0.6,-0.7,0.8,-0.9,1.0\n";
    char *body = malloc(MANY * (sizeof line - 1));
    ck_assert_ptr_nonnull(body);
    for (size_t i = 0; i < MANY; i++)
        memcpy(body + i * (sizeof line - 1), line, sizeof line - 1);
    *size = MANY * (sizeof line - 1);
    return body;
}

static const char *const csv[] = {"Content-Type", "text/csv", NULL};

START_TEST(the_team_answers_large_requests)
{
    struct server *server = serve((struct serve_options){.team = 3});
    size_t size = 0;
    char *body = many_rows(&size);
    struct letter alone = {.headers = csv};
    struct letter shared = {.headers = csv, .exchange.carrier = &busy};
    carry(&alone, server, "POST", "/invocations", body, size, 10007);
    carry(&shared, server, "POST", "/invocations", body, size, 10007);
    ck_assert(!alone.suspended && shared.suspended);
    const struct buffer *left = &alone.exchange.reply.body;
    const struct buffer *right = &shared.exchange.reply.body;
    ck_assert_uint_eq(left->size, (size_t)MANY * 2);
    ck_assert_uint_eq(left->size, right->size);
    ck_assert_mem_eq(left->bytes, right->bytes, left->size);
    exchange_close(&alone.exchange);
    exchange_close(&shared.exchange);
    ck_assert_uint_eq(atomic_load(&server->memory.left), server->options.memory);
    free(body);
    (void)server_close(server);
}
END_TEST

START_TEST(small_requests_stay_where_they_arrived)
{
    struct server *server = serve((struct serve_options){0});
    struct letter letter = {.headers = csv, .exchange.carrier = &busy};
    ask(&letter, server, "POST", "/invocations", "0.1,-1.2,0.3,1.4,-0.5,0.6,-0.7,0.8,-0.9,1.0");
    ck_assert(!letter.suspended);
    expect(&letter, 200, "text/csv", "0");
    exchange_close(&letter.exchange);
    (void)server_close(server);
}
END_TEST

START_TEST(a_full_team_refuses_at_once)
{
    struct server *server = serve((struct serve_options){.queue = 1});
    size_t size = 0;
    char *body = many_rows(&size);
    ck_assert(team_reserve(server->team));
    struct letter letter = {.headers = csv, .exchange.carrier = &busy};
    carry(&letter, server, "POST", "/invocations", body, size, size);
    ck_assert(!letter.suspended);
    expect(&letter, 503, "application/json", "busy");
    ck_assert_str_eq(answered_header(&letter, "Retry-After"), "1");
    exchange_close(&letter.exchange);
    ck_assert_uint_eq(atomic_load(&server->memory.left), server->options.memory);
    free(body);
    (void)server_close(server);
}
END_TEST

START_TEST(a_team_that_stops_answers_too)
{
    struct server *server = serve((struct serve_options){0});
    size_t size = 0;
    char *body = many_rows(&size);
    team_stop(server->team);
    struct letter letter = {.headers = csv, .exchange.carrier = &busy};
    carry(&letter, server, "POST", "/invocations", body, size, size);
    expect(&letter, 503, "application/json", "\"error\"");
    exchange_close(&letter.exchange);
    free(body);
    (void)server_close(server);
}
END_TEST

START_TEST(without_memory_it_is_asked_to_come_again)
{
    struct server *server = serve((struct serve_options){.memory = 100000});
    size_t size = 0;
    char *body = many_rows(&size);
    struct letter letter = {.headers = csv};
    carry(&letter, server, "POST", "/invocations", body, size, size);
    expect(&letter, 503, "application/json", "memory");
    ck_assert_ptr_nonnull(answered_header(&letter, "Retry-After"));
    exchange_close(&letter.exchange);
    ck_assert_uint_eq(atomic_load(&server->memory.left), server->options.memory);
    free(body);
    (void)server_close(server);
}
END_TEST

START_TEST(a_model_that_does_not_load_is_503)
{
    static struct log log;
    struct forestd_error error;
    log_open(&log, LEVEL_ERROR, -1);
    const struct serve_model missing = {.address = "/nowhere/model.joblib"};
    const struct serve_options options = {.models = &missing, .model_count = 1};
    struct server *server = server_open(&options, &log, &error);
    ck_assert_ptr_nonnull(server);
    ck_assert_int_eq(server_wait(server, &error), SERVER_FAILED);
    static const char *const paths[] = {"/ping", "/invocations"};
    for (size_t i = 0; i < 2; i++) {
        struct letter letter = {0};
        ask(&letter, server, "POST", paths[i], "[[1]]");
        expect(&letter, 503, "application/json", "failed");
        exchange_close(&letter.exchange);
    }
    (void)server_close(server);
}
END_TEST

SUITE(exchange, ping_is_empty, paths_and_methods, any_cut_of_a_body_is_answered_alike, what_is_asked_for,
      tensors_in_any_cut, versions_in_paths, refusals, the_team_answers_large_requests,
      small_requests_stay_where_they_arrived, a_full_team_refuses_at_once, a_team_that_stops_answers_too,
      without_memory_it_is_asked_to_come_again, a_model_that_does_not_load_is_503)
