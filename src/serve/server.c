#include "serve/server.h"

#include "base/error.h"
#include "base/processors.h"
#include "serve/memory.h"
#include <stdint.h>
#include <stdlib.h>

static void fill_in(struct serve_options *options)
{
    if (!options->host || !*options->host)
        options->host = "0.0.0.0";
    if (!options->loops)
        options->loops = processors();
    if (!options->team)
        options->team = processors();
    struct shares shares = memory_share(memory_read("").limit);
    if (!options->connections)
        options->connections = shares.connections;
    if (!options->max_body)
        options->max_body = options->batch ? SIZE_MAX : (size_t)100 << 20;
    if (!options->queue)
        options->queue = 100;
    if (!options->memory)
        options->memory = shares.requests;
    if (!options->model_memory)
        options->model_memory = shares.models;
    if (!options->drain_seconds)
        options->drain_seconds = 25;
    if (!options->idle_seconds)
        options->idle_seconds = 75;
}

enum { METRICS_SECONDS = 60 };

static bool load_models(struct server *server, struct forestd_error *error)
{
    bool good = true;
    for (size_t i = 0; good && i < server->options.model_count; i++) {
        const struct serve_model *model = &server->options.models[i];
        const struct store_order order = {.name = model->name && *model->name ? model->name : "model",
                                          .version = model->version ? model->version : 1,
                                          .address = model->address,
                                          .needed = true};
        good = store_load(server->store, &order, error);
    }
    return good;
}

struct server *server_open(const struct serve_options *options, struct log *log, struct forestd_error *error)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server) {
        error_memory(error, sizeof *server, "the server");
        return NULL;
    }
    server->options = *options;
    fill_in(&server->options);
    server->log = log;
    server->metrics.started = time(NULL);
    budget_open(&server->memory, server->options.memory);
    budget_open(&server->models, server->options.model_memory);
    repository_open(&server->repository);
    if (options->metrics_space && *options->metrics_space)
        server->embedded = embedded_open(log, options->metrics_space, options->alone ? 0 : METRICS_SECONDS, error);
    if (options->metrics_space && *options->metrics_space && !server->embedded) {
        (void)server_close(server);
        return NULL;
    }
    if (!options->alone)
        server->team = team_open(server->options.team, server->options.queue);
    if (!server->team && !options->alone)
        error_set(error, FORESTD_IO, at_nowhere(), "the system gave no threads for the team");
    else
        server->store = store_open(log, &server->models, &server->options.fetching, options->alone, error);
    if (!server->store || !load_models(server, error)) {
        (void)server_close(server);
        return NULL;
    }
    return server;
}

void server_tell(struct server *server)
{
    if (server->embedded)
        embedded_tell(server->embedded);
}

enum server_state server_state(const struct server *server)
{
    return store_state(server->store);
}

enum server_state server_wait(struct server *server, struct forestd_error *error)
{
    return store_wait(server->store, error);
}

void server_stop(struct server *server)
{
    if (server->team)
        team_stop(server->team);
    repository_stop(&server->repository);
}

bool server_close(struct server *server)
{
    if (!server)
        return true;
    team_close(server->team);
    bool over = store_close(server->store);
    repository_close(&server->repository);
    embedded_close(server->embedded);
    if (over)
        free(server);
    return over;
}
