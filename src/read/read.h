/*
 * Files to forests: the only face of this room.
 *
 * bytes -> unpack (compression, archives) -> pickle (objects) -> numpy (arrays) -> scikit-learn (forest)
 */
#ifndef READ_READ_H
#define READ_READ_H

#include "model/forest.h"
#include "read/report.h"
#include <stddef.h>
#include <stdint.h>

/*
 * Reads the model in `bytes`[0..size), of any kind that forestd takes: a pickle or joblib file, compressed or not, or a
 * tar or zip archive that holds one. `name` begins every message. Returns a proved forest that refers to none of the
 * bytes, for the caller to close; NULL and `error` when it cannot be read. Memory is taken from `budget` (or NULL)
 * before it is taken from the system: what the forest holds until it is closed, the rest until the function returns.
 */
struct forest *forest_read(const uint8_t *bytes, size_t size, const char *name, struct budget *budget,
                           struct forestd_error *error);

/* The same, and fills `report` with what is in the file, however far it can be read. */
struct forest *forest_inspect(const uint8_t *bytes, size_t size, const char *name, struct report *report,
                              struct forestd_error *error);

#endif
