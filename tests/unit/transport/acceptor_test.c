#include "transport/acceptor.h"

#include "unit/suite.h"
#include <arpa/inet.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct seen {
    atomic_uint accepted;
    atomic_bool full;
    atomic_uint seconds;
    unsigned before; /* how many of them came before the first connection */
    unsigned wanted;
};

static void accepted(void *context, int descriptor, const struct sockaddr *address, socklen_t size)
{
    struct seen *seen = context;
    (void)address;
    (void)size;
    if (atomic_load(&seen->accepted) == 0)
        seen->before = atomic_load(&seen->seconds);
    atomic_fetch_add(&seen->accepted, 1);
    close(descriptor);
}

static bool full(void *context)
{
    return atomic_load(&((struct seen *)context)->full);
}

static void second(void *context)
{
    atomic_fetch_add(&((struct seen *)context)->seconds, 1);
}

static bool needed(void *context)
{
    struct seen *seen = context;
    return atomic_load(&seen->seconds) < seen->wanted;
}

static int connect_to(uint16_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(descriptor, 0);
    if (connect(descriptor, (const struct sockaddr *)&address, sizeof address) == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

static void wait_for(struct seen *seen, unsigned count)
{
    const struct timespec moment = {0, 1000000};
    for (int i = 0; i < 5000 && atomic_load(&seen->accepted) < count; i++)
        (void)nanosleep(&moment, NULL);
    ck_assert_uint_eq(atomic_load(&seen->accepted), count);
}

START_TEST(accepts_what_came_before_it_started_too)
{
    struct forestd_error error;
    struct seen seen = {0};
    const struct acceptor_events events = {accepted, full, second, needed, &seen};
    struct acceptor *acceptor = acceptor_open("127.0.0.1", 0, &error);
    ck_assert_ptr_nonnull(acceptor);
    uint16_t port = acceptor_port(acceptor);
    ck_assert_uint_ne(port, 0);
    int early = connect_to(port);
    ck_assert(acceptor_start(acceptor, &events, &error));
    int late = connect_to(port);
    wait_for(&seen, 2);
    acceptor_stop(acceptor);
    ck_assert_int_lt(connect_to(port), 0);
    close(early);
    close(late);
    acceptor_close(acceptor);
}
END_TEST

START_TEST(who_is_full_lets_them_wait)
{
    struct forestd_error error;
    struct seen seen = {.full = true};
    const struct acceptor_events events = {accepted, full, second, needed, &seen};
    struct acceptor *acceptor = acceptor_open("127.0.0.1", 0, &error);
    ck_assert_ptr_nonnull(acceptor);
    ck_assert(acceptor_start(acceptor, &events, &error));
    int client = connect_to(acceptor_port(acceptor));
    const struct timespec moment = {0, 100000000};
    (void)nanosleep(&moment, NULL);
    ck_assert_uint_eq(atomic_load(&seen.accepted), 0);
    atomic_store(&seen.full, false);
    wait_for(&seen, 1);
    close(client);
    acceptor_close(acceptor);
}
END_TEST

START_TEST(sleeps_when_there_is_nothing_to_look_after)
{
    struct forestd_error error;
    struct seen seen = {.wanted = 2};
    const struct acceptor_events events = {accepted, full, second, needed, &seen};
    struct acceptor *acceptor = acceptor_open("127.0.0.1", 0, &error);
    ck_assert_ptr_nonnull(acceptor);
    ck_assert(acceptor_start(acceptor, &events, &error));
    const struct timespec moment = {1, 200000000};
    (void)nanosleep(&moment, NULL);
    ck_assert_uint_eq(atomic_load(&seen.seconds), 0);
    int client = connect_to(acceptor_port(acceptor));
    wait_for(&seen, 1);
    ck_assert_uint_eq(seen.before, 1);
    (void)nanosleep(&moment, NULL);
    (void)nanosleep(&moment, NULL);
    ck_assert_uint_eq(atomic_load(&seen.seconds), 2);
    close(client);
    acceptor_close(acceptor);
}
END_TEST

START_TEST(says_what_is_wrong_with_an_address)
{
    struct forestd_error error;
    ck_assert_ptr_null(acceptor_open("no.such.host.invalid", 0, &error));
    ck_assert_int_eq(error.code, FORESTD_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(error.message, "no.such.host.invalid"));
    struct acceptor *first = acceptor_open("127.0.0.1", 0, &error);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(acceptor_open("127.0.0.1", acceptor_port(first), &error));
    ck_assert_int_eq(error.code, FORESTD_IO);
    ck_assert_ptr_nonnull(strstr(error.message, "in use"));
    acceptor_close(first);
    acceptor_close(NULL);
}
END_TEST

SUITE(acceptor, accepts_what_came_before_it_started_too, who_is_full_lets_them_wait,
      sleeps_when_there_is_nothing_to_look_after, says_what_is_wrong_with_an_address)
