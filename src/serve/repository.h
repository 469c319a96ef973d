/*
 * Loading and unloading models as a request asks, whatever the platform: the request waits aside until it is done.
 */
#ifndef SERVE_REPOSITORY_H
#define SERVE_REPOSITORY_H

#include "serve/exchange.h"
#include "serve/store.h"
#include <pthread.h>

struct waiting;

/* The requests that wait. One belongs to each server. */
struct repository {
    pthread_mutex_t turn;
    struct waiting *first;
    bool stopping;
};

void repository_open(struct repository *repository);

/* Whether clients may load and unload models here. If not, the exchange is answered. */
bool repository_is_open(struct exchange *exchange);

/* Says how it went: `error` is NULL when all is well. Answers the exchange. */
typedef void repository_answer(struct exchange *exchange, const struct forestd_error *error);

/*
 * Loads a model; one that does not load is unloaded at once. To be called where a route's finish ends: returns what it
 * returns. `answer` is called once, by any thread.
 */
bool repository_load(struct exchange *exchange, const char *name, uint64_t version, const char *address,
                     repository_answer *answer);

/* Unloads a model, as store_unload understands it; answers when its memory is gone. */
bool repository_unload(struct exchange *exchange, const char *name, size_t name_size, uint64_t version,
                       repository_answer *answer);

/* Answers all that wait with 503, and those that come later. */
void repository_stop(struct repository *repository);

/* Nothing may wait any more. */
void repository_close(struct repository *repository);

#endif
