#include "serve/repository.h"

#include "base/error.h"
#include "serve/server.h"
#include <stdlib.h>
#include <string.h>

/* A request that waits, and belongs to what it waits for: it is freed when that is over. */
struct waiting {
    struct waiting *next;
    struct exchange *exchange; /* NULL once it is answered */
    struct repository *repository;
    struct store *store;
    repository_answer *answer;
    bool suspended;
    bool over; /* for one that could not be suspended */
    pthread_cond_t change;
};

void repository_open(struct repository *repository)
{
    *repository = (struct repository){0};
    pthread_mutex_init(&repository->turn, NULL);
}

void repository_close(struct repository *repository)
{
    pthread_mutex_destroy(&repository->turn);
}

bool repository_is_open(struct exchange *exchange)
{
    if (exchange->server->options.multi_model)
        return true;
    exchange_fail(exchange, 403, "forbidden",
                  "This server keeps the models that it began with. One that was started with --multi-model, or "
                  "SAGEMAKER_MULTI_MODEL=true, loads and unloads them.");
    return false;
}

/* ---- those that wait ---- */

static void answer_stopping(struct exchange *exchange)
{
    exchange_fail(exchange, 503, "stopping", "The server stops: ask another one.");
}

/* Leaves the exchange aside. NULL, with the exchange answered, when it cannot wait. */
static struct waiting *begin(struct exchange *exchange, repository_answer *answer)
{
    struct repository *repository = &exchange->server->repository;
    struct waiting *waiting = calloc(1, sizeof *waiting);
    struct forestd_error error;
    if (!waiting) {
        error_memory(&error, sizeof *waiting, "a request");
        exchange_error(exchange, &error);
        return NULL;
    }
    waiting->exchange = exchange;
    waiting->repository = repository;
    waiting->store = exchange->server->store;
    waiting->answer = answer;
    waiting->suspended = exchange->carrier->suspend != NULL;
    pthread_cond_init(&waiting->change, NULL);
    pthread_mutex_lock(&repository->turn);
    bool stopping = repository->stopping;
    if (!stopping) {
        if (waiting->suspended)
            exchange->carrier->suspend(exchange);
        waiting->next = repository->first;
        repository->first = waiting;
    }
    pthread_mutex_unlock(&repository->turn);
    if (!stopping)
        return waiting;
    pthread_cond_destroy(&waiting->change);
    free(waiting);
    answer_stopping(exchange);
    return NULL;
}

static void forget(struct waiting *waiting)
{
    pthread_cond_destroy(&waiting->change);
    free(waiting);
}

/* What was waited for is over. */
static void end(struct waiting *waiting, bool suspended, const struct forestd_error *error)
{
    struct repository *repository = waiting->repository;
    pthread_mutex_lock(&repository->turn);
    struct exchange *exchange = waiting->exchange;
    if (exchange) {
        struct waiting **link = &repository->first;
        while (*link != waiting)
            link = &(*link)->next;
        *link = waiting->next;
        waiting->exchange = NULL;
        waiting->answer(exchange, error);
        if (suspended)
            exchange->carrier->resume(exchange);
    }
    waiting->over = true;
    pthread_cond_signal(&waiting->change);
    pthread_mutex_unlock(&repository->turn);
    if (suspended)
        forget(waiting);
}

/* Where the carrier cannot leave an exchange aside, this thread waits. Returns true: it is answered. */
static bool await(struct waiting *waiting)
{
    pthread_mutex_lock(&waiting->repository->turn);
    while (!waiting->over)
        pthread_cond_wait(&waiting->change, &waiting->repository->turn);
    pthread_mutex_unlock(&waiting->repository->turn);
    forget(waiting);
    return true;
}

void repository_stop(struct repository *repository)
{
    pthread_mutex_lock(&repository->turn);
    repository->stopping = true;
    while (repository->first) {
        struct waiting *waiting = repository->first;
        struct exchange *exchange = waiting->exchange;
        repository->first = waiting->next;
        waiting->exchange = NULL;
        answer_stopping(exchange);
        if (waiting->suspended)
            exchange->carrier->resume(exchange);
    }
    pthread_mutex_unlock(&repository->turn);
}

/* ---- loading and unloading ---- */

static void loaded(struct served *served, void *context)
{
    struct waiting *waiting = context;
    const char *name = served_name(served);
    bool failed = served_state(served) == SERVER_FAILED;
    if (failed)
        (void)store_unload(waiting->store, name, strlen(name), served_version(served), NULL, NULL, NULL);
    end(waiting, waiting->suspended, failed ? served_error(served) : NULL);
}

static void unloaded(void *context)
{
    struct waiting *waiting = context;
    end(waiting, waiting->suspended, NULL);
}

bool repository_load(struct exchange *exchange, const char *name, uint64_t version, const char *address,
                     repository_answer *answer)
{
    struct waiting *waiting = begin(exchange, answer);
    if (!waiting)
        return true;
    bool suspended = waiting->suspended;
    struct forestd_error error;
    const struct store_order order = {
        .name = name, .version = version, .address = address, .loaded = loaded, .context = waiting};
    if (!store_load(waiting->store, &order, &error))
        end(waiting, suspended, &error);
    return !suspended && await(waiting);
}

bool repository_unload(struct exchange *exchange, const char *name, size_t name_size, uint64_t version,
                       repository_answer *answer)
{
    struct waiting *waiting = begin(exchange, answer);
    if (!waiting)
        return true;
    bool suspended = waiting->suspended;
    struct forestd_error error;
    if (!store_unload(waiting->store, name, name_size, version, unloaded, waiting, &error))
        end(waiting, suspended, &error);
    return !suspended && await(waiting);
}
