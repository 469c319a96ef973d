/*
 * `forestd serve`: the server from its first moment to its last, and the signals that end it.
 */
#include "command/commands.h"

#include "base/number.h"
#include "codec/codec.h"
#include "command/mode.h"
#include "command/models.h"
#include "serve/server.h"
#include "transport/event.h"
#include "transport/http.h"
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    MOST_THREADS = 1024,
    MOST_QUEUE = 1000000,
    MOST_SECONDS = 86400,
    SHOWN_CELLS = 16, /* a longer row than this is not shown in the banner's example */
};

static bool read_log_level(const struct options *options, enum log_level *level, struct forestd_error *error)
{
    /* Python's numbers for them, as SageMaker's own containers take them */
    static const char *const numbers[][2] = {{"10", "debug"}, {"20", "info"}, {"30", "warn"}, {"40", "error"}};
    const char *word = options->values[OPTION_LOG_LEVEL];
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(word, numbers[i][0]) == 0)
            word = numbers[i][1];
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
        (options->values[OPTION_MAX_BODY][0] && !option_bytes(options, OPTION_MAX_BODY, &serve->max_body, error)) ||
        !option_bytes(options, OPTION_MEMORY, &serve->memory, error) ||
        !option_bytes(options, OPTION_MODEL_MEMORY, &serve->model_memory, error))
        return false;
    serve->port = (uint16_t)port;
    serve->team = (unsigned)team;
    serve->loops = (unsigned)loops;
    serve->queue = queue;
    serve->idle_seconds = (unsigned)idle;
    serve->drain_seconds = (unsigned)drain;
    return true;
}

/* The model's place where SageMaker's folder is not /opt/ml, for the caller to free; NULL where it is. */
static char *find_base(void)
{
    const char *base = getenv("SAGEMAKER_BASE_DIR");
    char *path = NULL;
    if (!base || !*base || asprintf(&path, "%s/model", base) < 0)
        return NULL;
    if (access(path, F_OK) == 0)
        return path;
    free(path);
    return NULL;
}

/* Where there is none, the error says how to name one, unless clients are to bring them. */
static bool read_models(const struct options *options, struct models *models, struct serve_options *serve,
                        struct forestd_error *error)
{
    serve->multi_model = option_on(options, OPTION_MULTI_MODEL);
    bool named = options->values[OPTION_MODEL][0] || options->argument_count;
    char *base = find_base();
    const char *usual = base;
    if (!serve->multi_model && !named && !usual)
        usual = model_address(options, error);
    bool good = (serve->multi_model || named || usual) &&
                models_read(models, options, serve->multi_model ? NULL : usual, error);
    free(base);
    if (!good)
        return false;
    serve->models = models->list;
    serve->model_count = models->count;
    return true;
}

static bool read_accept(const struct options *options, struct serve_options *serve, struct forestd_error *error)
{
    enum format format;
    serve->accept = options->values[OPTION_ACCEPT];
    return !serve->accept[0] || format_of_accept(serve->accept, FORMAT_JSON, &format) ||
           error_set(error, FORESTD_ARGUMENT, at_nowhere(), "--accept: '%s' is not written here, these are: %s",
                     serve->accept, format_answer_list());
}

/* What KServe's own server for scikit-learn is told so. */
static bool asks_for_probabilities(void)
{
    const char *value = getenv("PREDICT_PROBA");
    return value && strcasecmp(value, "true") == 0;
}

static bool read_options(const struct options *options, struct models *models, struct serve_options *serve,
                         struct forestd_error *error)
{
    const char *output = options->values[OPTION_OUTPUT];
    serve->host = options->source[OPTION_HOST] ? options->values[OPTION_HOST] : mode_host(serve->mode);
    serve->google_project = mode_google_project(serve->mode);
    serve->health_route = options->values[OPTION_HEALTH_ROUTE];
    serve->predict_route = options->values[OPTION_PREDICT_ROUTE];
    if (!output[0] && asks_for_probabilities())
        serve->outputs = OUTPUT_PROBABILITIES;
    serve->answer_event = mode_under_lambda() ? event_serve : NULL;
    serve->metrics_space = options->values[OPTION_METRICS_LOG];
    serve->cors_origin = options->values[OPTION_CORS_ORIGIN];
    serve->batch = option_on(options, OPTION_BATCH);
    if (!read_accept(options, serve, error) || !read_numbers(options, serve, error) ||
        !read_log_level(options, &serve->log_level, error) || !fetching_read(options, &serve->fetching, error) ||
        (output[0] && !outputs_read(output, strlen(output), &serve->outputs, error)))
        return false;
    return read_models(options, models, serve, error);
}

/* A row that can be copied: a cell for each feature, near the middle of its thresholds. */
static void print_row(const struct forest *forest)
{
    if (forest->features > SHOWN_CELLS) {
        printf("%zu numbers", forest->features);
        return;
    }
    for (size_t i = 0; i < forest->features; i++)
        printf("%s%.1f", i ? ", " : "", i % 2 ? -0.5 : 0.5);
}

static void print_curl(const struct forest *forest, const char *name, const char *host, unsigned port)
{
    bool anywhere = strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
    printf("\n  curl %s:%u", anywhere ? "localhost" : host, port);
    if (name)
        printf("/models/%s/invoke", name);
    else
        printf("/invocations");
    printf(" -H 'Content-Type: application/json' -d '{\"instances\": [[");
    print_row(forest);
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

static void print_forest(const struct forest *forest)
{
    printf("           %s, scikit-learn %s, version %s\n  trees    %zu, %zu nodes\n  features %zu\n", forest->estimator,
           forest->release, forest->version, forest->tree_count, forest->node_count, forest->features);
    if (forest->labels) {
        printf("  classes  ");
        print_classes(forest);
        printf("\n");
    } else {
        printf("  targets  %zu\n", forest->outputs);
    }
}

/* One of several. Clients may be loading more already. */
static bool print_served(const struct served *served, void *context)
{
    (void)context;
    const struct forestd_model *model = served_model(served);
    if (!model)
        return true;
    const struct forestd_summary *about = forestd_describe(model);
    printf("  model    %s, version %" PRIu64
           ": %s\n           %s, scikit-learn %s, %zu trees, %zu features, version %s\n",
           served_name(served), served_version(served), served_address(served), about->estimator, about->release,
           about->trees, about->features, about->version);
    return true;
}

static void print_banner(struct server *server, const struct serve_options *serve, unsigned port)
{
    const char *name = serve->model_count > 1 ? serve->models[0].name : NULL;
    struct served *served = store_take(server->store, name ? name : "", name ? strlen(name) : 0, 0, NULL);
    const struct forestd_model *model = served ? served_model(served) : NULL;
    printf("forestd %s\n\n", FORESTD_VERSION);
    if (model && serve->model_count == 1) {
        printf("  model    %s\n", served_address(served));
        print_forest(model->forest);
    } else {
        store_list(server->store, print_served, NULL);
    }
    if (serve->multi_model)
        printf("  models   POST /models loads more\n");
    printf("  address  http://%s:%u\n", serve->host, port);
    if (model)
        print_curl(model->forest, name, serve->host, port);
    store_give_back(served);
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

/* Whether all models are there; false when a signal came first or, with an error, when one cannot be loaded. */
static bool wait_for_models(struct server *server, const sigset_t *signals, bool *stopped, struct forestd_error *error)
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

/* The port is opened here unless it is open already. Platforms that collect the output want nothing but log lines. */
static int serve_until_stopped(struct server *server, struct http **http, const struct serve_options *serve,
                               const sigset_t *signals)
{
    struct forestd_error error;
    bool stopped = false;
    if (!wait_for_models(server, signals, &stopped, &error) && !stopped)
        return complain(&error, EXIT_FAILED);
    if (!stopped && !*http)
        *http = http_open(server, &error);
    if (!stopped && !*http)
        return complain(&error, EXIT_FAILED);
    if (!stopped) {
        if (serve->mode == MODE_HTTP)
            print_banner(server, serve, http_port(*http));
        int received = 0;
        (void)sigwait(signals, &received);
    }
    if (*http)
        (void)http_drain(*http);
    return EXIT_DONE;
}

static int serve_models(const struct serve_options *serve)
{
    struct forestd_error error;
    sigset_t signals = block_signals();
    struct log log;
    log_open(&log, serve->log_level, STDERR_FILENO);
    int status = EXIT_FAILED;
    struct server *server = server_open(serve, &log, &error);
    bool late = mode_opens_late(serve->mode);
    struct http *http = server && !late ? http_open(server, &error) : NULL;
    if (http || (server && late))
        status = serve_until_stopped(server, &http, serve, &signals);
    else
        status = complain(&error, EXIT_FAILED);
    http_close(http);
    bool over = server_close(server);
    log_close(&log);
    return over ? status : status | EXIT_AT_ONCE;
}

int command_serve(const struct options *options)
{
    struct forestd_error error;
    struct serve_options serve = {0};
    struct models models = {0};
    struct finding finding;
    int status = EXIT_USAGE;
    bool good = mode_find(options, &finding, &error);
    serve.mode = good ? finding.mode : MODE_HTTP;
    bool explain = good && option_on(options, OPTION_EXPLAIN);
    good = good && read_options(options, &models, &serve, &error);
    if (explain)
        mode_explain(options, &finding, &serve);
    if (!good)
        (void)complain(&error, EXIT_USAGE);
    else
        status = explain ? EXIT_DONE : serve_models(&serve);
    models_close(&models);
    return status;
}
