/*
 * The models that are served, by name and version. Each is loaded by a thread of its own, so that the port is open
 * and the others answer meanwhile.
 *
 * Who uses a model takes it, and gives it back; one that was unloaded in between lives until then. Its memory goes in a
 * thread of its own too, never where a request is answered. All functions may be called from any thread.
 */
#ifndef SERVE_STORE_H
#define SERVE_STORE_H

#include "engine/engine.h"
#include "observe/log.h"
#include "serve/serve.h"

struct store;
struct served;

/*
 * An empty store. Models are fetched as `fetching` says, and take their memory from `budget` (or NULL). `log` and
 * `budget` must outlive it. With `alone` no thread is started: store_load returns when the model is loaded.
 */
struct store *store_open(struct log *log, struct budget *budget, const struct forestd_fetching *fetching, bool alone,
                         struct forestd_error *error);

/* What is to be loaded. Texts are copied. */
struct store_order {
    const char *name;
    uint64_t version; /* from 1 */
    const char *address;
    bool needed; /* the server is not ready without it: store_state and store_wait look at these alone */

    /* Called once the model is SERVER_READY or SERVER_FAILED, by the thread that loaded it; NULL: nobody is told. It
     * may call the store. */
    void (*loaded)(struct served *served, void *context);
    void *context;
};

/*
 * Begins to load a model. One for which there is no memory fails with FORESTD_MEMORY. One that does not load stays in the store as SERVER_FAILED until it is unloaded. False, with
 * FORESTD_EXISTS, when there is one of this name and version already.
 */
bool store_load(struct store *store, const struct store_order *order, struct forestd_error *error);

/*
 * The model of this name. Version 0 stands for the highest that is loaded; where none is, for the highest there is. An
 * empty name stands for the only model, whatever its name. NULL with FORESTD_NOT_FOUND when there is none, and with
 * FORESTD_AMBIGUOUS when no name was given and there are several; both messages name those that there are.
 */
struct served *store_take(struct store *store, const char *name, size_t name_size, uint64_t version,
                          struct forestd_error *error);

/* NULL is allowed. */
void store_give_back(struct served *served);

/*
 * Takes the model out of the store: nobody can take it any more. Version 0 stands for all versions. The memory goes
 * when the last who took it gives it back; then, from a thread of the store's, `gone` is called, if it is not NULL.
 * False, with FORESTD_NOT_FOUND, when there is no such model: `gone` is not called.
 */
bool store_unload(struct store *store, const char *name, size_t name_size, uint64_t version,
                  void (*gone)(void *context), void *context, struct forestd_error *error);

/* Of the models that the server needs: SERVER_LOADING while any is being loaded, SERVER_FAILED when one failed; else
 * ready. Takes no lock that is held for long. */
enum server_state store_state(struct store *store);

/* Waits until no needed model is being loaded. Writes the error of the first that failed when it returns SERVER_FAILED.
 */
enum server_state store_wait(struct store *store, struct forestd_error *error);

/* Calls `see` for each model, in the order they came, until it returns false. `see` must not call the store. */
void store_list(struct store *store, bool (*see)(const struct served *served, void *context), void *context);

/* What is known of a model that was taken, or is being listed. */
const char *served_name(const struct served *served);
uint64_t served_version(const struct served *served);
uint64_t served_serial(const struct served *served);     /* from 1, in the order they came */
const char *served_address(const struct served *served); /* without what is secret in it */
enum server_state served_state(const struct served *served);

/* NULL while the state is not SERVER_READY. */
const struct forestd_model *served_model(const struct served *served);

/* Why the state is SERVER_FAILED. */
const struct forestd_error *served_error(const struct served *served);

/*
 * Frees the store; no model may be taken. One that is still being read (from a pipe, from a file system that hangs) is
 * left behind after a second, since reading cannot be interrupted, and then nothing is freed and false comes back: the
 * process has to end without running what others registered for its exit, which the reader may still be using.
 */
bool store_close(struct store *store);

#endif
