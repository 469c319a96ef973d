/*
 * XXH3-64 of what comes in pieces, with what the processor has: xxhash.h takes the registers that it is compiled for.
 */
#ifndef MODEL_CHECKSUM_H
#define MODEL_CHECKSUM_H

#include "base/processor.h"
#include <stddef.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* For processors with AVX2. */
void checksum_add_avx2(XXH3_state_t *state, const void *bytes, size_t size);

static inline void checksum_add(XXH3_state_t *state, const struct processor *processor, const void *bytes, size_t size)
{
    if (processor->avx2)
        checksum_add_avx2(state, bytes, size);
    else
        (void)XXH3_64bits_update(state, bytes, size);
}

#endif
