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

#endif
