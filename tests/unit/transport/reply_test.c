#include "transport/reply.h"

#include "unit/suite.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

START_TEST(sends_a_whole_reply_and_ends)
{
    int pair[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct exchange exchange = {.reply = {.status = 413, .content_type = "application/json"}};
    exchange_header(&exchange, "Allow", "GET");
    exchange_header(&exchange, "Left-Out", NULL);
    ck_assert(buffer_append(&exchange.reply.body, "{}\n", 3, NULL));
    reply_send(pair[0], &exchange);
    char text[512] = {0};
    ssize_t size = recv(pair[1], text, sizeof text - 1, MSG_WAITALL);
    ck_assert_int_gt(size, 0);
    ck_assert_str_eq(text, "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 3\r\n"
                           "Content-Type: application/json\r\nAllow: GET\r\n\r\n{}\n");
    buffer_close(&exchange.reply.body);
    close(pair[0]);
    close(pair[1]);
}
END_TEST

START_TEST(a_client_that_left_is_no_harm)
{
    int pair[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    close(pair[1]);
    const struct exchange exchange = {.reply = {.status = 400}};
    reply_send(pair[0], &exchange);
    close(pair[0]);
}
END_TEST

SUITE(reply, sends_a_whole_reply_and_ends, a_client_that_left_is_no_harm)
