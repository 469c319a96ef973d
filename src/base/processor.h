/*
 * What the processor that runs the program has.
 */
#ifndef BASE_PROCESSOR_H
#define BASE_PROCESSOR_H

#include <stdbool.h>
#include <stddef.h>

struct processor {
    bool avx2;
    size_t near_cache; /* bytes of the cache that one core has to itself */
};

/* Cheap enough to be asked once for each model. */
struct processor processor_look(void);

#endif
