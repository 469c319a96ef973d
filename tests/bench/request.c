/*
 * What a JSON request of many rows costs over HTTP on loopback, beside the prediction of the same rows in process.
 *
 *     bench_request MODEL [rows] [rounds]
 *
 * The server has one processor, the client another; predictions alone run on the server's, in turns with the requests.
 * Prints medians: of the prediction; of the time from a request's first byte to its answer's last; and of both in
 * processor time, the request's that of all threads but the client's, which others on the machine disturb less. The bar,
 * for 1000 rows: at most 1.5 times the prediction.
 */
#include "command/sample.h"
#include "engine/engine.h"
#include "serve/server.h"
#include "transport/http.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WARM = 5, SERVER = 0, CLIENT = 1 };

static void stop(const char *what)
{
    (void)fprintf(stderr, "bench_request: %s\n", what);
    exit(EXIT_FAILURE);
}

static double seconds(clockid_t clock)
{
    struct timespec time;
    (void)clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Processor time of all threads but this. */
static double others_processor(void)
{
    return seconds(CLOCK_PROCESS_CPUTIME_ID) - seconds(CLOCK_THREAD_CPUTIME_ID);
}

/* For this thread, and those that it starts. */
static void use_processor(size_t which)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(which, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

static int compare(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static double median(double *times, size_t count)
{
    qsort(times, count, sizeof *times, compare);
    return times[count / 2];
}

/* ---- the client ---- */

static int connect_to(uint16_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0 || connect(descriptor, (const struct sockaddr *)&address, sizeof address) != 0)
        stop("the server cannot be reached");
    return descriptor;
}

static void send_all(int descriptor, const struct buffer *text)
{
    for (size_t at = 0; at < text->size;) {
        ssize_t sent = send(descriptor, text->bytes + at, text->size - at, MSG_NOSIGNAL);
        if (sent <= 0)
            stop("the request could not be sent");
        at += (size_t)sent;
    }
}

static size_t receive_some(int descriptor, char *text, size_t room)
{
    ssize_t more = recv(descriptor, text, room, 0);
    if (more <= 0)
        stop("no answer came");
    return (size_t)more;
}

/* Reads one answer, which must be of status 200. */
static void receive(int descriptor)
{
    static const char length[] = "\r\nContent-Length: ";
    static char text[64 * 1024];
    size_t size = 0;
    const char *end = NULL;
    while (!end) {
        size += receive_some(descriptor, text + size, sizeof text - 1 - size);
        text[size] = '\0';
        end = strstr(text, "\r\n\r\n");
    }
    const char *said = strstr(text, length);
    if (strncmp(text, "HTTP/1.1 200", 12) != 0 || !said)
        stop(text);
    size_t whole = (size_t)(end + 4 - text) + strtoul(said + sizeof length - 1, NULL, 10);
    while (size < whole)
        size += receive_some(descriptor, text, sizeof text);
}

/* ---- the server and what it is asked ---- */

static struct buffer write_request(const struct forest *forest, const float *cells, size_t rows)
{
    struct forestd_error error;
    struct buffer body = {0};
    struct buffer request = {0};
    if (!sample_write(forest, cells, rows, &body, &error) ||
        !buffer_print(&request, &error,
                      "POST /invocations HTTP/1.1\r\nHost: forestd\r\nContent-Type: application/json\r\n"
                      "Content-Length: %zu\r\n\r\n",
                      body.size) ||
        !buffer_append(&request, body.bytes, body.size, &error))
        stop(error.message);
    buffer_close(&body);
    return request;
}

/* [rounds] each */
struct times {
    double *alone;
    double *alone_processor;
    double *request;
    double *request_processor;
};

static void measure(const struct forestd_model *model, const float *cells, size_t rows, size_t rounds, uint16_t port,
                    const struct times *times)
{
    struct forestd_error error;
    const struct forest *forest = model->forest;
    struct buffer request = write_request(forest, cells, rows);
    double *values = malloc(rows * forest->width * sizeof *values);
    uint32_t *choices = malloc(rows * forest->outputs * sizeof *choices);
    if (!values || !choices)
        stop("no memory");
    int descriptor = connect_to(port);
    for (size_t round = 0; round < WARM + rounds; round++) {
        size_t at = round < WARM ? 0 : round - WARM;
        use_processor(SERVER);
        double start = seconds(CLOCK_MONOTONIC);
        double processor = seconds(CLOCK_THREAD_CPUTIME_ID);
        if (!forestd_predict(model, cells, rows, values, choices, &error))
            stop(error.message);
        times->alone[at] = seconds(CLOCK_MONOTONIC) - start;
        times->alone_processor[at] = seconds(CLOCK_THREAD_CPUTIME_ID) - processor;
        use_processor(CLIENT);
        start = seconds(CLOCK_MONOTONIC);
        processor = others_processor();
        send_all(descriptor, &request);
        receive(descriptor);
        times->request[at] = seconds(CLOCK_MONOTONIC) - start;
        times->request_processor[at] = others_processor() - processor;
    }
    close(descriptor);
    printf("%zu rows, %zu bytes of JSON", rows, request.size);
    buffer_close(&request);
    free(values);
    free(choices);
}

static void compare_medians(const char *what, double *alone, double *request, size_t rounds)
{
    double one = median(alone, rounds);
    double other = median(request, rounds);
    printf("  %-15s prediction %8.0f us   request %8.0f us   %.2f times\n", what, one * 1e6, other * 1e6, other / one);
}

static void run(const char *path, size_t rows, size_t rounds)
{
    struct forestd_error error;
    struct log log;
    log_open(&log, LEVEL_ERROR, STDERR_FILENO);
    const struct serve_model served = {.address = path};
    const struct serve_options options = {
        .models = &served, .model_count = 1, .host = "127.0.0.1", .team = 1, .loops = 1};
    struct forestd_model *model = forestd_open(path, &error);
    struct server *server = model ? server_open(&options, &log, &error) : NULL;
    bool ready = server && server_wait(server, &error) == SERVER_READY;
    struct http *http = ready ? http_open(server, &error) : NULL;
    if (!http)
        stop(error.message);
    float *cells = calloc(rows * model->forest->features, sizeof *cells);
    double *memory = calloc(rounds * 4, sizeof *memory);
    if (!cells || !memory)
        stop("no memory");
    const struct times times = {memory, memory + rounds, memory + 2 * rounds, memory + 3 * rounds};
    sample_rows(model->forest, rows, cells);
    measure(model, cells, rows, rounds, http_port(http), &times);
    printf(", medians of %zu rounds:\n", rounds);
    compare_medians("time", times.alone, times.request, rounds);
    compare_medians("processor time", times.alone_processor, times.request_processor, rounds);
    free(cells);
    free(memory);
    http_close(http);
    (void)server_close(server);
    forestd_close(model);
    log_close(&log);
}

int main(int count, char **arguments)
{
    size_t rows = count > 2 ? strtoul(arguments[2], NULL, 10) : 1000;
    size_t rounds = count > 3 ? strtoul(arguments[3], NULL, 10) : 200;
    if (count < 2 || !rows || !rounds)
        stop("which model?");
    use_processor(SERVER);
    run(arguments[1], rows, rounds);
    return EXIT_SUCCESS;
}
