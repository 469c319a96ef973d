#include "serve/store.h"

#include "base/error.h"
#include "engine/engine.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { PATIENCE = 1 }; /* seconds that store_close waits for a model that is being read */

struct store {
    atomic_int state; /* enum server_state; written once, after everything below it */
    struct forestd_model *model;
    struct forestd_error error;
    const char *address;
    struct log *log;
    pthread_mutex_t turn; /* guards `over` */
    pthread_cond_t change;
    bool over;
    pthread_t thread;
};

static uint64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void report(struct store *store, uint64_t took)
{
    if (!store->model) {
        const struct field fields[] = {field_text("model", store->address),
                                       field_text("code", forestd_code_word(store->error.code)),
                                       field_text("error", store->error.message), field_end()};
        log_line(store->log, LEVEL_ERROR, "the model cannot be loaded", fields);
        return;
    }
    const struct forestd_summary *about = forestd_describe(store->model);
    const struct field fields[] = {field_text("model", store->address),
                                   field_text("estimator", about->estimator),
                                   field_text("release", about->release),
                                   field_text("version", about->version),
                                   field_number("features", about->features),
                                   field_number("trees", about->trees),
                                   field_number("nodes", about->nodes),
                                   field_number("milliseconds", took),
                                   field_end()};
    log_line(store->log, LEVEL_INFO, "the model is ready", fields);
}

static void *load(void *context)
{
    struct store *store = context;
    uint64_t start = milliseconds();
    store->model = forestd_open(store->address, &store->error);
    report(store, milliseconds() - start);
    atomic_store_explicit(&store->state, store->model ? SERVER_READY : SERVER_FAILED, memory_order_release);
    pthread_mutex_lock(&store->turn);
    store->over = true;
    pthread_cond_broadcast(&store->change);
    pthread_mutex_unlock(&store->turn);
    return NULL;
}

static void release(struct store *store)
{
    forestd_close(store->model);
    pthread_cond_destroy(&store->change);
    pthread_mutex_destroy(&store->turn);
    free(store);
}

struct store *store_open(const char *address, struct log *log, struct forestd_error *error)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store) {
        error_memory(error, sizeof *store, "the store");
        return NULL;
    }
    atomic_init(&store->state, SERVER_LOADING);
    store->address = address;
    store->log = log;
    pthread_mutex_init(&store->turn, NULL);
    pthread_cond_init(&store->change, NULL);
    if (pthread_create(&store->thread, NULL, load, store) != 0) {
        error_set(error, FORESTD_IO, at_nowhere(), "the system gave no thread to load the model with");
        release(store);
        return NULL;
    }
    return store;
}

enum server_state store_state(const struct store *store)
{
    return (enum server_state)atomic_load_explicit(&store->state, memory_order_acquire);
}

const struct forest *store_forest(const struct store *store)
{
    return store_state(store) == SERVER_READY ? store->model->forest : NULL;
}

enum server_state store_wait(struct store *store, struct forestd_error *error)
{
    pthread_mutex_lock(&store->turn);
    while (!store->over)
        pthread_cond_wait(&store->change, &store->turn);
    pthread_mutex_unlock(&store->turn);
    enum server_state state = store_state(store);
    if (state == SERVER_FAILED && error)
        *error = store->error;
    return state;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE;
    pthread_mutex_lock(&store->turn);
    while (!store->over && pthread_cond_timedwait(&store->change, &store->turn, &until) == 0)
        ;
    bool over = store->over;
    pthread_mutex_unlock(&store->turn);
    if (!over) {
        pthread_detach(store->thread);
        return;
    }
    pthread_join(store->thread, NULL);
    release(store);
}
