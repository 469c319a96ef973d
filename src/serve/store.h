/*
 * The models that are served, by name and version. Each is loaded by a thread of its own, so that the port is open
 * and the others answer meanwhile.
 *
 * Who uses a model takes it, and gives it back; one that was unloaded in between lives until then. All functions may
 * be called from any thread.
 */
#ifndef SERVE_STORE_H
#define SERVE_STORE_H

#include "engine/engine.h"
#include "observe/log.h"
#include "serve/serve.h"

struct store;
struct served;

/* An empty store. `log` must outlive it. */
struct store *store_open(struct log *log, struct forestd_error *error);

/*
 * Begins to load the model at `address` as `name` and `version`; texts are copied. A model that does not load stays in
 * the store as SERVER_FAILED. False, with FORESTD_ARGUMENT, when there is one of this name and version already.
 */
bool store_load(struct store *store, const char *name, uint64_t version, const char *address,
                struct forestd_error *error);

/* Version 0 stands for the highest there is; an empty name for the first model that was loaded. */
struct served *store_take(struct store *store, const char *name, size_t name_size, uint64_t version);

/* NULL is allowed. */
void store_give_back(struct served *served);

/*
 * Takes the model out of the store: nobody can take it any more. Its memory goes when the last who took it gives it
 * back. False when there is no such model.
 */
bool store_unload(struct store *store, const char *name, size_t name_size, uint64_t version);

/* SERVER_LOADING while any model is being loaded for the first time, SERVER_FAILED when one failed; else ready. */
enum server_state store_state(struct store *store);

/* Waits until no model is being loaded. Writes the error of the first that failed when it returns SERVER_FAILED. */
enum server_state store_wait(struct store *store, struct forestd_error *error);

/* Calls `see` for each model, in the order they were loaded, until it returns false. `see` must not call the store. */
void store_list(struct store *store, bool (*see)(const struct served *served, void *context), void *context);

/* What is known of a model that was taken, or is being listed. */
const char *served_name(const struct served *served);
uint64_t served_version(const struct served *served);
const char *served_address(const struct served *served);
enum server_state served_state(const struct served *served);

/* NULL while the state is not SERVER_READY. */
const struct forestd_model *served_model(const struct served *served);

/* Why the state is SERVER_FAILED. */
const struct forestd_error *served_error(const struct served *served);

/*
 * Frees the store; no model may be taken. One that is still being read (from a pipe, from a file system that hangs) is
 * left behind after a second, since reading cannot be interrupted: the process is about to end.
 */
void store_close(struct store *store);

#endif
