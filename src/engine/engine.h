/*
 * The engine's public face, from inside: storage, read and predict behind the functions of include/forestd.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "model/forest.h"
#include "storage/storage.h"
#include <forestd/forestd.h>

struct forestd_model {
    struct forest *forest;    /* proved; owned */
    struct artifact artifact; /* the file that a packed forest lies in; else none */
    struct forestd_summary summary;
};

/*
 * As forestd_open_fetching. All memory that the model needs, while it is read and afterwards, is taken from `budget` (or NULL)
 * before it is taken from the system; the model's own goes back when it is closed. FORESTD_MEMORY when it is not there.
 */
struct forestd_model *engine_open(const char *address, const struct forestd_fetching *fetching, struct budget *budget,
                                  struct forestd_error *error);

#endif
