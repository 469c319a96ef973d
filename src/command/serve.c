/*
 * `forestd serve`: the server from its first moment to its last, and the signals that end it.
 */
#include "command/commands.h"

#include "base/number.h"
#include "codec/codec.h"
#include "serve/server.h"
#include "transport/http.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    MOST_THREADS = 1024,
    MOST_QUEUE = 1000000,
    MOST_SECONDS = 86400,
    SHOWN_CELLS = 16, /* a longer row than this is not shown in the banner's example */
};

static bool read_log_level(const struct options *options, enum log_level *level, struct forestd_error *error)
{
    const char *word = options->values[OPTION_LOG_LEVEL];
    return log_level_read(word, level) || error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                                                    "--log-level: '%s' is not debug, info, warn or error", word);
}

static bool read_numbers(const struct options *options, struct serve_options *serve, struct forestd_error *error)
{
    unsigned long port = 0;
    unsigned long team = 0;
    unsigned long loops = 0;
    unsigned long queue = 0;
    unsigned long idle = 0;
    unsigned long drain = 0;
    if (!option_number(options, OPTION_PORT, 0, UINT16_MAX, &port, error) ||
        !option_number(options, OPTION_THREADS, 0, MOST_THREADS, &team, error) ||
        !option_number(options, OPTION_EVENT_LOOPS, 0, MOST_THREADS, &loops, error) ||
        !option_number(options, OPTION_QUEUE, 1, MOST_QUEUE, &queue, error) ||
        !option_number(options, OPTION_IDLE_TIMEOUT, 1, MOST_SECONDS, &idle, error) ||
        !option_number(options, OPTION_DRAIN_TIMEOUT, 1, MOST_SECONDS, &drain, error) ||
        !option_bytes(options, OPTION_MAX_BODY, &serve->max_body, error) ||
        !option_bytes(options, OPTION_MEMORY, &serve->memory, error))
        return false;
    serve->port = (uint16_t)port;
    serve->team = (unsigned)team;
    serve->loops = (unsigned)loops;
    serve->queue = queue;
    serve->idle_seconds = (unsigned)idle;
    serve->drain_seconds = (unsigned)drain;
    return true;
}

static bool read_options(const struct options *options, struct serve_options *serve, struct forestd_error *error)
{
    const char *output = options->values[OPTION_OUTPUT];
    serve->host = options->values[OPTION_HOST];
    serve->cors_origin = options->values[OPTION_CORS_ORIGIN];
    if (!read_numbers(options, serve, error) || !read_log_level(options, &serve->log_level, error) ||
        (output[0] && !outputs_read(output, strlen(output), &serve->outputs, error)))
        return false;
    serve->model = model_address(options, error);
    return serve->model != NULL;
}

/* A row that can be copied: a cell for each feature, near the middle of its thresholds. */
static void print_curl(const struct forest *forest, const char *host, unsigned port)
{
    bool anywhere = strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
    printf("\n  curl %s:%u/invocations -H 'Content-Type: application/json' -d '{\"instances\": [[",
           anywhere ? "localhost" : host, port);
    if (forest->features > SHOWN_CELLS) {
        printf("%zu numbers", forest->features);
    } else {
        for (size_t i = 0; i < forest->features; i++)
            printf("%s%.1f", i ? ", " : "", i % 2 ? -0.5 : 0.5);
    }
    printf("]]}'\n\n");
}

static void print_label(const struct forestd_label *label)
{
    char text[NUMBER_TEXT_SIZE];
    size_t size = 0;
    switch (label->kind) {
    case FORESTD_INTEGER:
        size = number_write_integer(label->as.integer, text);
        break;
    case FORESTD_UNSIGNED:
        size = number_write_natural(label->as.natural, text);
        break;
    case FORESTD_REAL:
        size = number_write(label->as.real, text);
        break;
    case FORESTD_BOOLEAN:
        printf("%s", label->as.boolean ? "true" : "false");
        return;
    case FORESTD_TEXT:
        printf("%s", label->as.text);
        return;
    }
    printf("%.*s", (int)size, text);
}

static void print_classes(const struct forest *forest)
{
    enum { SHOWN_CLASSES = 8 };
    for (size_t output = 0; output < forest->outputs; output++) {
        printf("%s", output ? " | " : "");
        for (uint32_t i = 0; i < forest->classes[output] && i < SHOWN_CLASSES; i++) {
            printf("%s", i ? ", " : "");
            print_label(&forest->labels[output][i]);
        }
        if (forest->classes[output] > SHOWN_CLASSES)
            printf(", ... (%u)", forest->classes[output]);
    }
}

static void print_banner(const struct forest *forest, const struct serve_options *serve, unsigned port)
{
    printf("forestd %s\n\n  model    %s\n           %s, scikit-learn %s, version %s\n"
           "  trees    %zu, %zu nodes\n  features %zu\n",
           FORESTD_VERSION, serve->model, forest->estimator, forest->release, forest->version, forest->tree_count,
           forest->node_count, forest->features);
    if (forest->labels) {
        printf("  classes  ");
        print_classes(forest);
    } else {
        printf("  targets  %zu", forest->outputs);
    }
    printf("\n  address  http://%s:%u\n", serve->host, port);
    print_curl(forest, serve->host, port);
    (void)fflush(stdout);
}

/* The signals that end the server are blocked in every thread and taken here, which also works as a container's process 1. */
static sigset_t block_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return signals;
}

/* Whether the model is there; false when a signal came first or, with an error, when it cannot be loaded. */
static bool wait_for_model(struct server *server, const sigset_t *signals, bool *stopped, struct forestd_error *error)
{
    const struct timespec moment = {.tv_nsec = 5000000};
    while (server_state(server) == SERVER_LOADING) {
        if (sigtimedwait(signals, NULL, &moment) > 0) {
            *stopped = true;
            return false;
        }
    }
    return server_wait(server, error) == SERVER_READY;
}

static int serve_until_stopped(struct server *server, struct http *http, const struct serve_options *serve,
                               const sigset_t *signals)
{
    struct forestd_error error;
    bool stopped = false;
    if (!wait_for_model(server, signals, &stopped, &error) && !stopped)
        return complain(&error, EXIT_FAILED);
    if (!stopped) {
        struct served *served = store_take(server->store, "", 0, 0);
        if (served)
            print_banner(served_model(served)->forest, serve, http_port(http));
        store_give_back(served);
        int received = 0;
        (void)sigwait(signals, &received);
    }
    (void)http_drain(http);
    return EXIT_DONE;
}

int command_serve(const struct options *options)
{
    struct forestd_error error;
    struct serve_options serve = {0};
    if (!read_options(options, &serve, &error))
        return complain(&error, EXIT_USAGE);
    sigset_t signals = block_signals();
    struct log log;
    log_open(&log, serve.log_level, STDERR_FILENO);
    int status = EXIT_FAILED;
    struct server *server = server_open(&serve, &log, &error);
    struct http *http = server ? http_open(server, &error) : NULL;
    if (http)
        status = serve_until_stopped(server, http, &serve, &signals);
    else
        status = complain(&error, EXIT_FAILED);
    http_close(http);
    server_close(server);
    log_close(&log);
    return status;
}
