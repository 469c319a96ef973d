#include "transport/acceptor.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BACKLOG = 4096, PAUSE = 20 /* milliseconds before it tries again after a refusal */ };

struct acceptor {
    int listening;
    int stop; /* eventfd: readable when the thread is to end */
    struct acceptor_events events;
    pthread_t thread;
    bool running;
};

static int listen_at(const struct addrinfo *at)
{
    int descriptor = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -1;
    int on = 1;
    (void)setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* :: means every address, IPv4 ones too. */
    int off = 0;
    if (at->ai_family == AF_INET6)
        (void)setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(descriptor, at->ai_addr, at->ai_addrlen) == 0 && listen(descriptor, BACKLOG) == 0)
        return descriptor;
    int why = errno;
    close(descriptor);
    errno = why;
    return -1;
}

static int listen_on(const char *host, uint16_t port, struct forestd_error *error)
{
    char service[8];
    (void)snprintf(service, sizeof service, "%u", (unsigned)port);
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int failure = getaddrinfo(host, service, &hints, &found);
    if (failure) {
        error_set(error, FORESTD_ARGUMENT, at_nowhere(), "%s is no address to listen on: %s", host,
                  gai_strerror(failure));
        return -1;
    }
    int descriptor = listen_at(found);
    if (descriptor < 0)
        error_set(error, FORESTD_IO, at_nowhere(), "cannot listen on %s port %u: %s", host, (unsigned)port,
                  strerror(errno));
    freeaddrinfo(found);
    return descriptor;
}

struct acceptor *acceptor_open(const char *host, uint16_t port, struct forestd_error *error)
{
    struct acceptor *acceptor = calloc(1, sizeof *acceptor);
    if (!acceptor) {
        error_memory(error, sizeof *acceptor, "the acceptor");
        return NULL;
    }
    acceptor->stop = -1;
    acceptor->listening = listen_on(host, port, error);
    if (acceptor->listening >= 0) {
        acceptor->stop = eventfd(0, EFD_CLOEXEC);
        if (acceptor->stop < 0)
            error_set(error, FORESTD_IO, at_nowhere(), "no event descriptor: %s", strerror(errno));
    }
    if (acceptor->stop < 0) {
        acceptor_close(acceptor);
        return NULL;
    }
    return acceptor;
}

uint16_t acceptor_port(const struct acceptor *acceptor)
{
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } address = {.six = {.sin6_port = 0}};
    socklen_t size = sizeof address;
    if (getsockname(acceptor->listening, &address.any, &size) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.six.sin6_port : address.four.sin_port);
}

/* Accepts until nobody waits. Returns false when the system has no more descriptors. */
static bool accept_all(struct acceptor *acceptor)
{
    const struct acceptor_events *events = &acceptor->events;
    while (!events->full(events->context)) {
        struct sockaddr_storage address;
        socklen_t size = sizeof address;
        int descriptor = accept4(acceptor->listening, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0)
            events->accepted(events->context, descriptor, (struct sockaddr *)&address, size);
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            return true;
        else if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO)
            return false;
    }
    return false;
}

static void *run(void *context)
{
    struct acceptor *acceptor = context;
    struct pollfd waits[2] = {{.fd = acceptor->stop, .events = POLLIN}, {.fd = acceptor->listening, .events = POLLIN}};
    bool good = true;
    bool needed = false;
    for (;;) {
        /* Where nothing can be accepted the socket stays readable: look away for a moment. */
        int ready = poll(waits, good ? 2 : 1, !good ? PAUSE : needed ? 1000 : -1);
        acceptor->events.second(acceptor->events.context);
        if (waits[0].revents)
            break;
        if (ready >= 0)
            good = accept_all(acceptor);
        needed = acceptor->events.needed(acceptor->events.context);
    }
    (void)accept_all(acceptor);
    return NULL;
}

bool acceptor_start(struct acceptor *acceptor, const struct acceptor_events *events, struct forestd_error *error)
{
    acceptor->events = *events;
    if (pthread_create(&acceptor->thread, NULL, run, acceptor) != 0)
        return error_set(error, FORESTD_IO, at_nowhere(), "the system gave no thread to accept connections with");
    acceptor->running = true;
    return true;
}

void acceptor_stop(struct acceptor *acceptor)
{
    if (acceptor->running) {
        const uint64_t one = 1;
        while (write(acceptor->stop, &one, sizeof one) < 0 && errno == EINTR)
            ;
        pthread_join(acceptor->thread, NULL);
        acceptor->running = false;
    }
    if (acceptor->listening >= 0)
        close(acceptor->listening);
    acceptor->listening = -1;
}

void acceptor_close(struct acceptor *acceptor)
{
    if (!acceptor)
        return;
    acceptor_stop(acceptor);
    if (acceptor->stop >= 0)
        close(acceptor->stop);
    free(acceptor);
}
