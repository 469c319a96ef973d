/*
 * The engine's public face, from inside: storage, read and predict behind the functions of include/forestd.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "model/forest.h"
#include <forestd/forestd.h>

struct forestd_model {
    struct forest *forest; /* proved; owned */
    struct forestd_summary summary;
};

#endif
