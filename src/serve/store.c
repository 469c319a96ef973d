#include "serve/store.h"

#include "base/error.h"
#include "serve/memory.h"
#include "storage/storage.h"
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATIENCE = 1 }; /* seconds that store_close waits for its threads */

/* Those that one call unloaded, until the memory of the last is gone. */
struct farewell {
    atomic_size_t left;
    void (*gone)(void *context);
    void *context;
};

struct served {
    struct store *store;
    struct served *next;
    char *name;
    uint64_t version;
    uint64_t serial;
    char *address;
    char *shown; /* the address without what is secret in it */
    bool needed;
    void (*loaded)(struct served *served, void *context);
    void *context;
    struct forestd_model *model;
    struct forestd_error error;
    atomic_int state;   /* enum server_state; written once, after the model and the error */
    atomic_uint takers; /* the store's own list and the thread that loads are takers too */
    struct farewell *farewell;
};

struct store {
    struct log *log;
    struct budget *budget;
    struct forestd_fetching fetching;
    bool alone;
    pthread_mutex_t trimming; /* one thread at a time: where another malloc stands in for it, glibc's begins there */
    pthread_mutex_t turn;     /* guards all below, and `next` */
    pthread_cond_t change;
    struct served *first; /* in the order they came */
    uint64_t serial;      /* of the last that came */
    size_t threads;       /* that load or free */
};

static uint64_t milliseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct store *store_open(struct log *log, struct budget *budget, const struct forestd_fetching *fetching, bool alone,
                         struct forestd_error *error)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store) {
        error_memory(error, sizeof *store, "the store");
        return NULL;
    }
    store->log = log;
    store->budget = budget;
    store->fetching = *fetching;
    store->alone = alone;
    pthread_mutex_init(&store->trimming, NULL);
    pthread_mutex_init(&store->turn, NULL);
    pthread_cond_init(&store->change, NULL);
    return store;
}

/* ---- threads ---- */

static bool start_thread(struct store *store, void *(*run)(void *context), void *context)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_mutex_lock(&store->turn);
    store->threads++;
    pthread_mutex_unlock(&store->turn);
    if (store->alone) {
        (void)run(context);
        return true;
    }
    pthread_t thread;
    bool started = pthread_create(&thread, &attributes, run, context) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

/* The last thing that a thread does with the store. */
static void end_thread(struct store *store)
{
    pthread_mutex_lock(&store->turn);
    store->threads--;
    pthread_cond_broadcast(&store->change);
    pthread_mutex_unlock(&store->turn);
}

/* ---- one model ---- */

static void release(struct served *served)
{
    forestd_close(served->model);
    free(served->name);
    free(served->address);
    free(served->shown);
    free(served);
}

static struct served *open_served(const struct store_order *order)
{
    struct served *served = calloc(1, sizeof *served);
    if (!served)
        return NULL;
    served->name = strdup(order->name);
    served->version = order->version;
    served->address = strdup(order->address);
    served->shown = storage_show(order->address);
    served->needed = order->needed;
    served->loaded = order->loaded;
    served->context = order->context;
    atomic_init(&served->state, SERVER_LOADING);
    atomic_init(&served->takers, 2);
    if (served->name && served->address && served->shown)
        return served;
    release(served);
    return NULL;
}

static void say_farewell(struct farewell *farewell)
{
    if (!farewell || atomic_fetch_sub(&farewell->left, 1) != 1)
        return;
    if (farewell->gone)
        farewell->gone(farewell->context);
    free(farewell);
}

/* Gives a model's memory to the system, in a thread of its own: there may be much of it. */
static void *bury(void *context)
{
    struct served *served = context;
    struct store *store = served->store;
    struct farewell *farewell = served->farewell;
    release(served);
    pthread_mutex_lock(&store->trimming);
    (void)malloc_trim(0); /* the small things too */
    pthread_mutex_unlock(&store->trimming);
    say_farewell(farewell);
    end_thread(store);
    return NULL;
}

/* Gives back what was taken `times`. */
static void give_back(struct served *served, unsigned times)
{
    if (atomic_fetch_sub(&served->takers, times) == times && !start_thread(served->store, bury, served))
        (void)bury(served);
}

void store_give_back(struct served *served)
{
    if (served)
        give_back(served, 1);
}

const char *served_name(const struct served *served)
{
    return served->name;
}

uint64_t served_version(const struct served *served)
{
    return served->version;
}

uint64_t served_serial(const struct served *served)
{
    return served->serial;
}

const char *served_address(const struct served *served)
{
    return served->shown;
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
        const struct field fields[] = {field_text("model", served->shown),
                                       field_text("code", forestd_code_word(served->error.code)),
                                       field_text("error", served->error.message), field_end()};
        log_line(log, LEVEL_ERROR, "the model cannot be loaded", fields);
        return;
    }
    const struct forestd_summary *about = forestd_describe(served->model);
    const struct field fields[] = {field_text("model", served->shown),
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

/*
 * What models hold is counted, but others may take of the same memory: near the end of it nothing more is begun, so
 * that no load can get the process killed.
 */
static bool has_room(struct forestd_error *error)
{
    struct memory memory = memory_read("");
    return memory.room >= memory.limit / 16 || error_memory(error, memory.limit / 16, "another model");
}

static void *load(void *context)
{
    struct served *served = context;
    struct store *store = served->store;
    uint64_t start = milliseconds();
    if (has_room(&served->error))
        served->model = engine_open(served->address, &store->fetching, store->budget, &served->error);
    report(served, milliseconds() - start);
    enum server_state state = served->model ? SERVER_READY : SERVER_FAILED;
    pthread_mutex_lock(&store->turn); /* so that who waits misses no change */
    atomic_store_explicit(&served->state, state, memory_order_release);
    pthread_cond_broadcast(&store->change);
    pthread_mutex_unlock(&store->turn);
    if (served->loaded)
        served->loaded(served, served->context);
    store_give_back(served);
    end_thread(store);
    return NULL;
}

static bool is_named(const struct served *served, const char *name, size_t size)
{
    return strlen(served->name) == size && memcmp(served->name, name, size) == 0;
}

/* Puts the model at the end of the list, unless there is one like it. */
static bool add(struct store *store, struct served *served, struct forestd_error *error)
{
    pthread_mutex_lock(&store->turn);
    struct served **link = &store->first;
    while (*link && (strcmp((*link)->name, served->name) != 0 || (*link)->version != served->version))
        link = &(*link)->next;
    bool good = !*link;
    if (good) {
        served->serial = ++store->serial;
        *link = served;
    }
    pthread_mutex_unlock(&store->turn);
    return good ||
           error_set(error, FORESTD_EXISTS, at_nowhere(),
                     "Model '%.200s' is here already: unload it first to load another in its place.", served->name);
}

/* Takes one model out of the list again; false when somebody did so before. */
static bool take_out(struct store *store, const struct served *served)
{
    pthread_mutex_lock(&store->turn);
    struct served **link = &store->first;
    while (*link && *link != served)
        link = &(*link)->next;
    bool there = *link != NULL;
    if (there)
        *link = served->next;
    pthread_mutex_unlock(&store->turn);
    return there;
}

bool store_load(struct store *store, const struct store_order *order, struct forestd_error *error)
{
    struct served *served = open_served(order);
    if (!served)
        return error_memory(error, sizeof *served, "a model");
    served->store = store;
    if (!add(store, served, error)) {
        release(served);
        return false;
    }
    if (start_thread(store, load, served))
        return true;
    end_thread(store);
    give_back(served, take_out(store, served) ? 2 : 1);
    return error_set(error, FORESTD_IO, at_nowhere(), "The system gave no thread to load the model with.");
}

/* ---- use ---- */

/* Whether `left` is rather what version 0 stands for. */
static bool is_better(const struct served *left, const struct served *right)
{
    bool ready = served_state(left) == SERVER_READY;
    if (ready != (served_state(right) == SERVER_READY))
        return ready;
    return left->version > right->version;
}

/* The store is locked, in what follows. An empty name is that of the first model. */
static struct served *find(const struct store *store, const char *name, size_t size, uint64_t version)
{
    struct served *best = NULL;
    for (struct served *served = store->first; served; served = served->next) {
        bool wanted = size ? is_named(served, name, size) : strcmp(served->name, store->first->name) == 0;
        if (wanted && (!version || served->version == version) && (!best || is_better(served, best)))
            best = served;
    }
    return best;
}

static bool has_one_name(const struct store *store)
{
    for (const struct served *served = store->first; served; served = served->next)
        if (strcmp(served->name, store->first->name) != 0)
            return false;
    return true;
}

/* Writes the models' names, each once and as many as fit. */
static void list_names(const struct store *store, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (const struct served *served = store->first; served; served = served->next) {
        const struct served *same = store->first;
        while (strcmp(same->name, served->name) != 0)
            same = same->next;
        if (same != served)
            continue;
        if (used + strlen(served->name) + sizeof ", ..." >= size) {
            (void)snprintf(text + used, size - used, ", ...");
            return;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", served->name);
    }
}

/* Writes the versions of a model, as many as fit. */
static void list_versions(const struct store *store, const char *name, size_t size, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (const struct served *served = store->first; served && used < room; served = served->next)
        if (strlen(served->name) == size && memcmp(served->name, name, size) == 0)
            used += (size_t)snprintf(text + used, room - used, "%s%" PRIu64, used ? ", " : "", served->version);
}

static void refuse(const struct store *store, const char *name, size_t size, uint64_t version,
                   struct forestd_error *error)
{
    char names[600];
    if (version && find(store, name, size, 0))
        list_versions(store, name, size, names, sizeof names);
    else
        list_names(store, names, sizeof names);
    int shown = size < 200 ? (int)size : 200;
    if (!store->first)
        error_set(error, FORESTD_NOT_FOUND, at_nowhere(), "No model is loaded here: POST /models loads one.");
    else if (!size && !has_one_name(store))
        error_set(error, FORESTD_AMBIGUOUS, at_nowhere(), "Several models are here: name one of %s.", names);
    else if (version && find(store, name, size, 0))
        error_set(error, FORESTD_NOT_FOUND, at_nowhere(),
                  "There is no version %" PRIu64 " of model '%.*s' here; there is: %s.", version, shown, name, names);
    else
        error_set(error, FORESTD_NOT_FOUND, at_nowhere(), "There is no model '%.*s' here; there is: %s.", shown, name,
                  names);
}

struct served *store_take(struct store *store, const char *name, size_t name_size, uint64_t version,
                          struct forestd_error *error)
{
    pthread_mutex_lock(&store->turn);
    struct served *served = NULL;
    if (name_size || has_one_name(store))
        served = find(store, name, name_size, version);
    if (served)
        atomic_fetch_add(&served->takers, 1);
    else
        refuse(store, name, name_size, version, error);
    pthread_mutex_unlock(&store->turn);
    return served;
}

/* Takes those that are meant out of the store's list, into one of their own. */
static struct served *pull(struct store *store, const char *name, size_t size, uint64_t version, size_t *count)
{
    struct served *pulled = NULL;
    for (struct served **link = &store->first; *link;) {
        struct served *served = *link;
        if (!is_named(served, name, size) || (version && served->version != version)) {
            link = &served->next;
            continue;
        }
        *link = served->next;
        served->next = pulled;
        pulled = served;
        ++*count;
    }
    return pulled;
}

bool store_unload(struct store *store, const char *name, size_t name_size, uint64_t version,
                  void (*gone)(void *context), void *context, struct forestd_error *error)
{
    struct farewell *farewell = malloc(sizeof *farewell);
    if (!farewell)
        return error_memory(error, sizeof *farewell, "unloading");
    size_t count = 0;
    pthread_mutex_lock(&store->turn);
    struct served *pulled = pull(store, name, name_size, version, &count);
    if (!count)
        refuse(store, name, name_size, version, error);
    pthread_mutex_unlock(&store->turn);
    if (!count) {
        free(farewell);
        return false;
    }
    atomic_init(&farewell->left, count);
    farewell->gone = gone;
    farewell->context = context;
    while (pulled) {
        struct served *served = pulled;
        pulled = served->next;
        served->farewell = farewell;
        store_give_back(served);
    }
    return true;
}

void store_list(struct store *store, bool (*see)(const struct served *served, void *context), void *context)
{
    pthread_mutex_lock(&store->turn);
    for (const struct served *served = store->first; served && see(served, context); served = served->next)
        ;
    pthread_mutex_unlock(&store->turn);
}

/* The state of those that are needed; the store is locked. */
static enum server_state whole_state(const struct store *store, const struct served **failed)
{
    enum server_state state = SERVER_READY;
    *failed = NULL;
    for (const struct served *served = store->first; served; served = served->next) {
        if (!served->needed)
            continue;
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
    enum server_state state = whole_state(store, &failed);
    while (state == SERVER_LOADING) {
        pthread_cond_wait(&store->change, &store->turn);
        state = whole_state(store, &failed);
    }
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
    while (store->threads && pthread_cond_timedwait(&store->change, &store->turn, &until) == 0)
        ;
    bool over = !store->threads;
    pthread_mutex_unlock(&store->turn);
    return over;
}

bool store_close(struct store *store)
{
    if (!store)
        return true;
    if (!wait_for_threads(store))
        return false;
    while (store->first) {
        struct served *served = store->first;
        store->first = served->next;
        release(served);
    }
    pthread_cond_destroy(&store->change);
    pthread_mutex_destroy(&store->turn);
    pthread_mutex_destroy(&store->trimming);
    free(store);
    return true;
}
