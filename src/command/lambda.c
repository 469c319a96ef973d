/*
 * `forestd lambda`: the function itself under AWS Lambda, or one event from a file.
 */
#include "command/commands.h"

#include "base/error.h"
#include "codec/codec.h"
#include "storage/storage.h"
#include "transport/event.h"
#include "transport/lambda.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOCAL_SECONDS = 900 }; /* what an event from a file has time for */

bool lambda_is_asked(void)
{
    const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
    const char *mode = getenv("FORESTD_MODE");
    bool adapter = access("/opt/extensions/lambda-adapter", F_OK) == 0; /* it speaks HTTP to what it starts */
    return api && *api && !adapter && (!mode || !*mode || strcmp(mode, "lambda") == 0);
}

/* Where Lambda unpacks a function's code; a model may lie there. */
static const char *find_model(const struct options *options, struct forestd_error *error)
{
    const char *found = model_address(options, error);
    const char *root = getenv("LAMBDA_TASK_ROOT");
    return found || !root || !*root ? found : root;
}

static bool read_options(const struct options *options, struct serve_model *model, struct serve_options *serve,
                         struct forestd_error *error)
{
    const char *output = options->values[OPTION_OUTPUT];
    serve->alone = true;
    serve->mode = MODE_LAMBDA;
    serve->models = model;
    serve->model_count = 1;
    serve->metrics_space = options->values[OPTION_METRICS_LOG];
    serve->cors_origin = options->values[OPTION_CORS_ORIGIN];
    model->address = find_model(options, error);
    return model->address && fetching_read(options, &serve->fetching, error) &&
           (!output[0] || outputs_read(output, strlen(output), &serve->outputs, error)) &&
           (log_level_read(options->values[OPTION_LOG_LEVEL], &serve->log_level) ||
            error_set(error, FORESTD_ARGUMENT, at_nowhere(), "--log-level: '%s' is not debug, info, warn or error",
                      options->values[OPTION_LOG_LEVEL]));
}

/* The server with its model in it, or NULL. */
static struct server *open_server(const struct serve_options *serve, struct log *log, struct forestd_error *error)
{
    struct server *server = server_open(serve, log, error);
    if (server && server_wait(server, error) == SERVER_READY)
        return server;
    (void)server_close(server);
    return NULL;
}

/* ---- one event from a file ---- */

static int answer_file(const char *path, struct server *server, bool stream)
{
    struct forestd_error error;
    struct artifact artifact;
    if (!storage_fetch(path, NULL, &artifact, &error))
        return complain(&error, EXIT_FAILED);
    struct event_answer answer;
    event_answer(server, (const char *)artifact.bytes, artifact.size, LOCAL_SECONDS, stream, &answer);
    const struct buffer *parts[] = {&answer.body, &answer.prelude, &answer.content};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i]->size)
            printf("%.*s\n", (int)parts[i]->size, (const char *)parts[i]->bytes);
    int status = answer.failed ? EXIT_FAILED : EXIT_DONE;
    event_answer_close(&answer);
    artifact_close(&artifact);
    return status;
}

/* ---- under Lambda ---- */

static int run(const struct serve_options *serve, struct log *log, bool readable, bool stream,
               struct forestd_error *error)
{
    const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
    if (!api || !*api) {
        error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                  "AWS_LAMBDA_RUNTIME_API is not set: Lambda sets it; elsewhere try an event with --event FILE");
        return complain(error, EXIT_USAGE);
    }
    struct forestd_error problem;
    struct lambda *lambda = lambda_open(api, log, &problem);
    if (!lambda)
        return complain(&problem, EXIT_FAILED);
    struct server *server = readable ? open_server(serve, log, error) : NULL;
    if (server) {
        lambda_run(lambda, server, stream, error);
    } else {
        (void)lambda_refuse(lambda, error);
    }
    (void)server_close(server);
    lambda_close(lambda);
    return complain(error, EXIT_FAILED);
}

int command_lambda(const struct options *options)
{
    struct forestd_error error;
    struct serve_model model = {0};
    struct serve_options serve = {0};
    struct log log;
    (void)signal(SIGPIPE, SIG_IGN);
    bool readable = read_options(options, &model, &serve, &error);
    bool stream = option_on(options, OPTION_STREAM);
    const char *event = options->values[OPTION_EVENT];
    int status = EXIT_FAILED;
    log_open(&log, serve.log_level, STDERR_FILENO);
    if (!event[0]) {
        status = run(&serve, &log, readable, stream, &error);
    } else if (!readable) {
        status = complain(&error, EXIT_USAGE);
    } else {
        struct server *server = open_server(&serve, &log, &error);
        status = server ? answer_file(event, server, stream) : complain(&error, EXIT_FAILED);
        (void)server_close(server);
    }
    log_close(&log);
    return status;
}
