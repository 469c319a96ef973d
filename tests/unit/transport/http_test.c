#include "transport/http.h"

#include "transport/connection.h"
#include "unit/suite.h"
#include <arpa/inet.h>
#include <microhttpd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define MODEL TESTS_FOLDER "/../models/model.joblib"
#define QUESTION "{\"instances\": [[0.1, -1.2, 0.3, 1.4, -0.5, 0.6, -0.7, 0.8, -0.9, 1.0]]}"
#define ANSWER "{\"predictions\": [0], \"probabilities\": [[0.78, 0.22]]"
#define POST "POST /invocations HTTP/1.1\r\nHost: here\r\n"

struct house {
    struct log log;
    struct server *server;
    struct http *http;
};

static void open_house(struct house *house, struct serve_options options)
{
    struct forestd_error error;
    static const struct serve_model model = {.address = MODEL};
    options.models = &model;
    options.model_count = 1;
    options.host = "127.0.0.1";
    log_open(&house->log, LEVEL_ERROR, 2);
    house->server = server_open(&options, &house->log, &error);
    ck_assert_ptr_nonnull(house->server);
    ck_assert_int_eq(server_wait(house->server, &error), SERVER_READY);
    house->http = http_open(house->server, &error);
    ck_assert_ptr_nonnull(house->http);
}

static void close_house(struct house *house)
{
    http_close(house->http);
    (void)server_close(house->server);
    log_close(&house->log);
}

static int connect_to(const struct house *house)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(http_port(house->http)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {.tv_sec = 20};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(descriptor, (const struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    return descriptor;
}

static void say(int descriptor, const char *text, size_t size)
{
    ck_assert_int_eq(send(descriptor, text, size, MSG_NOSIGNAL), (ssize_t)size);
}

/* What comes until the server closes, or until `count` replies with `mark` are there. */
static size_t hear(int descriptor, char *text, size_t size, const char *mark, size_t count)
{
    size_t used = 0;
    for (;;) {
        text[used] = '\0';
        size_t found = 0;
        for (const char *at = text; mark && (at = strstr(at, mark)) != NULL; at++)
            found++;
        if (mark && found >= count)
            return used;
        ssize_t more = recv(descriptor, text + used, size - 1 - used, 0);
        if (more <= 0)
            return used;
        used += (size_t)more;
    }
}

static void expect(const char *text, const char *wanted)
{
    ck_assert_msg(strstr(text, wanted) != NULL, "no '%s' in: %s", wanted, text);
}

/* One connection that sends `request` and waits until it hears what is wanted. */
static void exchange_once(const struct house *house, const char *request, size_t size, const char *wanted)
{
    char text[8192];
    int client = connect_to(house);
    say(client, request, size);
    (void)hear(client, text, sizeof text, wanted, 1);
    expect(text, wanted);
    close(client);
}

START_TEST(broken_framing_is_refused_in_json)
{
    static const struct {
        const char *request;
        const char *wanted;
    } cases[] = {
        {POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n[[1]]", "HTTP/1.1 400"},
        {POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n[[1]]", "HTTP/1.1 400"},
/* From 1.0 on libmicrohttpd refuses an encoding that it does not know by itself, with a page of its own. */
#if MHD_VERSION < 0x01000000
        {POST "Transfer-Encoding: gzip\r\n\r\n[[1]]", "HTTP/1.1 501"},
#endif
        {POST "\r\n", "HTTP/1.1 411"},
        {POST "Content-Length: 99999\r\n\r\n", "HTTP/1.1 413"},
        {"GET /nowhere HTTP/1.1\r\nHost: here\r\n\r\n", "HTTP/1.1 404"},
        {"BREW /invocations HTTP/1.1\r\nHost: here\r\n\r\n", "HTTP/1.1 405"},
    };
    struct house house;
    open_house(&house, (struct serve_options){.max_body = 1000});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        exchange_once(&house, cases[i].request, strlen(cases[i].request), cases[i].wanted);
        exchange_once(&house, cases[i].request, strlen(cases[i].request), "{\"error\": ");
    }
    close_house(&house);
}
END_TEST

START_TEST(large_headers_are_refused_in_json)
{
    struct house house;
    open_house(&house, (struct serve_options){0});
    static const size_t sizes[] = {16384, 18000, 20000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *request = malloc(sizes[i] + 256);
        ck_assert_ptr_nonnull(request);
        size_t used = (size_t)sprintf(request, "GET /ping HTTP/1.1\r\nHost: here\r\nX-Large: ");
        memset(request + used, 'x', sizes[i]);
        memcpy(request + used + sizes[i], "\r\n\r\n", 4);
        exchange_once(&house, request, used + sizes[i] + 4, "HTTP/1.1 431");
        exchange_once(&house, request, used + sizes[i] + 4, "headers_too_large");
        free(request);
    }
    close_house(&house);
}
END_TEST

START_TEST(one_connection_carries_many_requests)
{
    struct house house;
    open_house(&house, (struct serve_options){0});
    char text[16384];
    char request[512];
    int size = snprintf(request, sizeof request, POST "Content-Length: %zu\r\n\r\n%s", strlen(QUESTION), QUESTION);
    int client = connect_to(&house);
    for (int i = 0; i < 3; i++) { /* one after another, each byte for itself */
        for (int at = 0; at < size; at++)
            say(client, request + at, 1);
        (void)hear(client, text, sizeof text, ANSWER, 1);
        expect(text, "HTTP/1.1 200");
    }
    for (int i = 0; i < 10; i++) /* and without waiting */
        say(client, request, (size_t)size);
    (void)hear(client, text, sizeof text, ANSWER, 10);
    ck_assert_ptr_null(strstr(text, "HTTP/1.1 4"));
    close(client);
    close_house(&house);
}
END_TEST

START_TEST(a_body_over_the_limit_is_refused_before_its_end)
{
    struct house house;
    open_house(&house, (struct serve_options){.max_body = 1000});
    char text[4096];
    char piece[1100];
    memset(piece, ' ', sizeof piece);
    int client = connect_to(&house);
    static const char headers[] = POST "Transfer-Encoding: chunked\r\n\r\n44c\r\n"; /* 1100 */
    say(client, headers, sizeof headers - 1);
    say(client, piece, sizeof piece);
    (void)hear(client, text, sizeof text, "}\n", 1);
    expect(text, "HTTP/1.1 413");
    close(client);
    close_house(&house);
}
END_TEST

START_TEST(who_leaves_in_the_middle_leaves_nothing_behind)
{
    struct house house;
    open_house(&house, (struct serve_options){0});
    static const char half[] = POST "Content-Length: 500000\r\n\r\n{\"instances\": [[0.1, 0.2";
    for (int i = 0; i < 50; i++) {
        int client = connect_to(&house);
        say(client, half, sizeof half - 1 - (size_t)i % 40);
        close(client);
    }
    static const char whole[] = "GET /ping HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
    exchange_once(&house, whole, sizeof whole - 1, "HTTP/1.1 200");
    ck_assert(http_drain(house.http));
    close_house(&house);
}
END_TEST

START_TEST(an_end_that_comes_with_the_last_bytes_is_seen)
{
    struct house house;
    open_house(&house, (struct serve_options){0});
    static const char request[] = "GET /ping HTTP/1.1\r\nHost: here\r\n\r\n";
    for (int i = 0; i < 5; i++) {
        char text[1024];
        int client = connect_to(&house);
        say(client, request, sizeof request - 1);
        (void)shutdown(client, SHUT_WR);
        (void)hear(client, text, sizeof text, NULL, 0); /* until the server closes */
        expect(text, "HTTP/1.1 200");
        close(client);
    }
    close_house(&house);
}
END_TEST

/* A large request is under way when the server is told to stop: it is answered, and the connection ends. */
START_TEST(draining_finishes_what_was_accepted)
{
    enum { ROWS = 20000 };
    static const char line[] = "0.1,-1.2,0.3,1.4,-0.5,0.6,-0.7,0.8,-0.9,1.0\n";
    struct house house;
    open_house(&house, (struct serve_options){.team = 2});
    const size_t size = (size_t)ROWS * 4;
    char *text = malloc(size);
    ck_assert_ptr_nonnull(text);
    int client = connect_to(&house);
    int used =
        snprintf(text, size, POST "Content-Type: text/csv\r\nContent-Length: %zu\r\n\r\n", ROWS * (sizeof line - 1));
    say(client, text, (size_t)used);
    for (int i = 0; i < ROWS; i++)
        say(client, line, sizeof line - 1);
    while (!atomic_load(&house.http->in_flight))
        (void)sched_yield();
    ck_assert(http_drain(house.http));
    size_t heard = hear(client, text, size, NULL, 0);
    expect(text, "HTTP/1.1 200");
    ck_assert_uint_gt(heard, (size_t)ROWS * 2);
    free(text);
    close(client);
    close_house(&house);
}
END_TEST

SUITE(http, broken_framing_is_refused_in_json, large_headers_are_refused_in_json, one_connection_carries_many_requests,
      a_body_over_the_limit_is_refused_before_its_end, who_leaves_in_the_middle_leaves_nothing_behind,
      an_end_that_comes_with_the_last_bytes_is_seen, draining_finishes_what_was_accepted)
