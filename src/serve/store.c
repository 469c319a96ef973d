#include "serve/store.h"

#include "base/error.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATIENCE = 1 }; /* seconds that store_close waits for models that are being read */

struct served {
    struct store *store;
    struct served *next;
    char *name;
    uint64_t version;
    char *address;
    struct forestd_model *model;
    struct forestd_error error;
    atomic_int state;   /* enum server_state; written once, after the model and the error */
    atomic_uint takers; /* the store's own list and the thread that loads are takers too */
};

struct store {
    struct log *log;
    pthread_mutex_t turn; /* guards all below, and `next` */
    pthread_cond_t change;
    struct served *first; /* in the order they were loaded */
    size_t loading;       /* threads */
};

static uint64_t milliseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct store *store_open(struct log *log, struct forestd_error *error)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store) {
        error_memory(error, sizeof *store, "the store");
        return NULL;
    }
    store->log = log;
    pthread_mutex_init(&store->turn, NULL);
    pthread_cond_init(&store->change, NULL);
    return store;
}

/* ---- one model ---- */

static void release(struct served *served)
{
    if (!served)
        return;
    forestd_close(served->model);
    free(served->name);
    free(served->address);
    free(served);
}

static struct served *open_served(const char *name, uint64_t version, const char *address)
{
    struct served *served = calloc(1, sizeof *served);
    if (!served)
        return NULL;
    served->version = version;
    served->name = strdup(name);
    served->address = strdup(address);
    atomic_init(&served->state, SERVER_LOADING);
    atomic_init(&served->takers, 2);
    if (served->name && served->address)
        return served;
    release(served);
    return NULL;
}

void store_give_back(struct served *served)
{
    if (served && atomic_fetch_sub(&served->takers, 1) == 1)
        release(served);
}

const char *served_name(const struct served *served)
{
    return served->name;
}

uint64_t served_version(const struct served *served)
{
    return served->version;
}

const char *served_address(const struct served *served)
{
    return served->address;
}

enum server_state served_state(const struct served *served)
{
    return (enum server_state)atomic_load_explicit(&served->state, memory_order_acquire);
}

const struct forestd_model *served_model(const struct served *served)
{
    return served_state(served) == SERVER_READY ? served->model : NULL;
}

const struct forestd_error *served_error(const struct served *served)
{
    return &served->error;
}

/* ---- loading ---- */

static void report(const struct served *served, uint64_t took)
{
    struct log *log = served->store->log;
    if (!served->model) {
        const struct field fields[] = {field_text("model", served->address),
                                       field_text("code", forestd_code_word(served->error.code)),
                                       field_text("error", served->error.message), field_end()};
        log_line(log, LEVEL_ERROR, "the model cannot be loaded", fields);
        return;
    }
    const struct forestd_summary *about = forestd_describe(served->model);
    const struct field fields[] = {field_text("model", served->address),
                                   field_text("estimator", about->estimator),
                                   field_text("release", about->release),
                                   field_text("version", about->version),
                                   field_number("features", about->features),
                                   field_number("trees", about->trees),
                                   field_number("nodes", about->nodes),
                                   field_number("milliseconds", took),
                                   field_end()};
    log_line(log, LEVEL_INFO, "the model is ready", fields);
}

static void *load(void *context)
{
    struct served *served = context;
    struct store *store = served->store;
    uint64_t start = milliseconds();
    served->model = forestd_open(served->address, &served->error);
    report(served, milliseconds() - start);
    atomic_store_explicit(&served->state, served->model ? SERVER_READY : SERVER_FAILED, memory_order_release);
    store_give_back(served);
    pthread_mutex_lock(&store->turn);
    store->loading--;
    pthread_cond_broadcast(&store->change);
    pthread_mutex_unlock(&store->turn);
    return NULL;
}

static bool is_named(const struct served *served, const char *name, size_t size)
{
    return strlen(served->name) == size && memcmp(served->name, name, size) == 0;
}

/* Where the link to the model is, or the link at the end. Version 0 is the highest. The store is locked. */
static struct served **find(struct store *store, const char *name, size_t size, uint64_t version)
{
    struct served **best = NULL;
    struct served **link = &store->first;
    for (; *link; link = &(*link)->next) {
        bool wanted = size ? is_named(*link, name, size) : !best || strcmp((*link)->name, (*best)->name) == 0;
        if (!wanted || (version && (*link)->version != version))
            continue;
        if (!best || (*link)->version > (*best)->version)
            best = link;
    }
    return best ? best : link;
}

static bool start_thread(struct served *served)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    bool started = pthread_create(&thread, &attributes, load, served) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

/* Puts the model into the list and starts its thread. The store is locked. */
static bool add(struct store *store, struct served *served, struct forestd_error *error)
{
    struct served **link = &store->first;
    for (; *link; link = &(*link)->next)
        if (strcmp((*link)->name, served->name) == 0 && (*link)->version == served->version)
            return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                             "there is a model '%.200s' of this version already: unload it first", served->name);
    served->store = store;
    if (!start_thread(served))
        return error_set(error, FORESTD_IO, at_nowhere(), "the system gave no thread to load the model with");
    store->loading++;
    *link = served;
    return true;
}

bool store_load(struct store *store, const char *name, uint64_t version, const char *address,
                struct forestd_error *error)
{
    struct served *served = open_served(name, version, address);
    if (!served)
        return error_memory(error, sizeof *served, "a model");
    pthread_mutex_lock(&store->turn);
    bool added = add(store, served, error);
    pthread_mutex_unlock(&store->turn);
    if (!added)
        release(served);
    return added;
}

/* ---- use ---- */

struct served *store_take(struct store *store, const char *name, size_t name_size, uint64_t version)
{
    pthread_mutex_lock(&store->turn);
    struct served *served = *find(store, name, name_size, version);
    if (served)
        atomic_fetch_add(&served->takers, 1);
    pthread_mutex_unlock(&store->turn);
    return served;
}

bool store_unload(struct store *store, const char *name, size_t name_size, uint64_t version)
{
    pthread_mutex_lock(&store->turn);
    struct served **link = find(store, name, name_size, version);
    struct served *served = *link;
    if (served)
        *link = served->next;
    pthread_mutex_unlock(&store->turn);
    store_give_back(served);
    return served != NULL;
}

void store_list(struct store *store, bool (*see)(const struct served *served, void *context), void *context)
{
    pthread_mutex_lock(&store->turn);
    for (const struct served *served = store->first; served && see(served, context); served = served->next)
        ;
    pthread_mutex_unlock(&store->turn);
}

/* The state of all; the store is locked. */
static enum server_state whole_state(const struct store *store, const struct served **failed)
{
    enum server_state state = SERVER_READY;
    *failed = NULL;
    for (const struct served *served = store->first; served; served = served->next) {
        if (served_state(served) == SERVER_LOADING)
            return SERVER_LOADING;
        if (served_state(served) == SERVER_FAILED && !*failed) {
            *failed = served;
            state = SERVER_FAILED;
        }
    }
    return state;
}

enum server_state store_state(struct store *store)
{
    const struct served *failed;
    pthread_mutex_lock(&store->turn);
    enum server_state state = whole_state(store, &failed);
    pthread_mutex_unlock(&store->turn);
    return state;
}

enum server_state store_wait(struct store *store, struct forestd_error *error)
{
    const struct served *failed;
    pthread_mutex_lock(&store->turn);
    while (store->loading)
        pthread_cond_wait(&store->change, &store->turn);
    enum server_state state = whole_state(store, &failed);
    if (failed && error)
        *error = failed->error;
    pthread_mutex_unlock(&store->turn);
    return state;
}

/* Whether all threads ended within PATIENCE. */
static bool wait_for_threads(struct store *store)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE;
    pthread_mutex_lock(&store->turn);
    while (store->loading && pthread_cond_timedwait(&store->change, &store->turn, &until) == 0)
        ;
    bool over = !store->loading;
    pthread_mutex_unlock(&store->turn);
    return over;
}

void store_close(struct store *store)
{
    if (!store || !wait_for_threads(store))
        return;
    while (store->first) {
        struct served *served = store->first;
        store->first = served->next;
        store_give_back(served);
    }
    pthread_cond_destroy(&store->change);
    pthread_mutex_destroy(&store->turn);
    free(store);
}
