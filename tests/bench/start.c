/*
 * How long a server takes from exec to its first right answer: the time until a request that is tried again and again
 * is answered with 200.
 *
 *     start RUNS PORT PROGRAM [ARGUMENT ...]
 *
 * PROGRAM must listen on PORT. One row of ten features goes to /invocations. Prints milliseconds: the least, the median,
 * the greatest.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char request[] = "POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                              "Content-Length: 59\r\nConnection: close\r\n\r\n"
                              "{\"instances\": [[0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5.0]]}";

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Whether the server answers with 200 now. */
static bool ask(unsigned short port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char reply[13] = {0};
    bool good = descriptor >= 0 && connect(descriptor, (const struct sockaddr *)&address, sizeof address) == 0 &&
                send(descriptor, request, sizeof request - 1, MSG_NOSIGNAL) == (ssize_t)(sizeof request - 1) &&
                recv(descriptor, reply, sizeof reply - 1, MSG_WAITALL) > 0 && strcmp(reply, "HTTP/1.1 200") == 0;
    if (descriptor >= 0)
        close(descriptor);
    return good;
}

/* One start; less than 0 when the program does not answer. */
static double start(unsigned short port, char **words)
{
    const double patience = 10000;
    pid_t child = 0;
    double begun = milliseconds();
    if (posix_spawnp(&child, words[0], NULL, NULL, words, environ) != 0)
        return -1;
    double took = 0;
    while (!ask(port) && took < patience) {
        const struct timespec moment = {0, 20000};
        (void)nanosleep(&moment, NULL);
        took = milliseconds() - begun;
    }
    took = milliseconds() - begun;
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    return took < patience ? took : -1;
}

static int order(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int count, char **words)
{
    size_t runs = count > 3 ? strtoul(words[1], NULL, 10) : 0;
    double *times = runs ? malloc(runs * sizeof *times) : NULL;
    if (!times)
        return 2;
    for (size_t i = 0; i < runs; i++) {
        times[i] = start((unsigned short)strtoul(words[2], NULL, 10), words + 3);
        if (times[i] < 0) {
            (void)fprintf(stderr, "start: %s does not answer\n", words[3]);
            free(times);
            return 1;
        }
    }
    qsort(times, runs, sizeof *times, order);
    printf("%.2f %.2f %.2f\n", times[0], times[runs / 2], times[runs - 1]);
    free(times);
    return 0;
}
