/*
 * What the processor that runs the program has.
 */
#ifndef BASE_PROCESSOR_H
#define BASE_PROCESSOR_H

#include <stdbool.h>
#include <stddef.h>

struct processor {
    bool avx2;         /* and BMI2, which all processors with AVX2 have but a few of VIA's */
    bool avx512;       /* and gathers that are quicker than loads one by one: measured on Intel's of 2023 */
    size_t near_cache; /* bytes of the cache that one core has to itself */
};

/* Cheap enough to be asked once for each model. */
struct processor processor_look(void);

#endif
