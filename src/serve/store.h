/*
 * The models that are served: now one. It is loaded by a thread of its own, so that the port is open meanwhile.
 */
#ifndef SERVE_STORE_H
#define SERVE_STORE_H

#include "model/forest.h"
#include "observe/log.h"
#include "serve/serve.h"

struct store;

/* Begins to load the model at `address`, which must outlive the store. */
struct store *store_open(const char *address, struct log *log, struct forestd_error *error);

enum server_state store_state(const struct store *store);

/* The forest, or NULL while the state is not SERVER_READY. It lives until store_close. */
const struct forest *store_forest(const struct store *store);

/* Waits until loading is over. Writes `error` when it failed. */
enum server_state store_wait(struct store *store, struct forestd_error *error);

/*
 * Frees the store. One whose model is still being read (from a pipe, from a file system that hangs) is left behind
 * after a second, since reading cannot be interrupted: the process is about to end.
 */
void store_close(struct store *store);

#endif
