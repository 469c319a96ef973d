/*
 * Forests that never saw a tree, and bodies fed to decoders in every way that a network can split them.
 */
#ifndef UNIT_CODEC_SUPPORT_H
#define UNIT_CODEC_SUPPORT_H

#include "codec/codec.h"
#include "unit/guard.h"
#include "unit/suite.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A classifier's outside: its features, their names, nothing else. */
static inline struct forest *sample_forest(size_t features, const char *const *names)
{
    struct forest *forest = forest_open(NULL);
    ck_assert_ptr_nonnull(forest);
    forest->features = features;
    forest->outputs = 1;
    forest->names = names;
    if (names)
        ck_assert(forest_index_names(forest, NULL));
    memcpy(forest->version, "0123456789abcdef", 17);
    return forest;
}

/* How a body is cut: two pieces at `first`, or pieces of `step` bytes. */
struct cut {
    size_t first;
    size_t step;
};

static inline bool feed(struct decoder *decoder, const char *body, size_t size, struct cut cut,
                        struct forestd_error *error)
{
    struct guard guard = guard_open(size);
    size_t piece = cut.step ? cut.step : cut.first;
    bool good = true;
    for (size_t at = 0; good && at < size; at += piece) {
        if (at && !cut.step)
            piece = size - at;
        if (piece > size - at || piece == 0)
            piece = size - at;
        good = decoder_feed(decoder, guard_copy(&guard, body + at, piece), piece, error);
    }
    guard_close(&guard);
    return good && decoder_finish(decoder, error);
}

/* The cuts that every body is fed with: whole, at each byte, and in small equal pieces. Returns false after the last.
 */
static inline bool next_cut(size_t size, struct cut *cut)
{
    static const size_t steps[] = {1, 2, 3, 5, 7, 16, 64};
    if (cut->step == 0 && cut->first < size) {
        cut->first++;
        return true;
    }
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (steps[i] > cut->step) {
            cut->step = steps[i];
            return true;
        }
    }
    return false;
}

/* Checks a cell; NaN equals NaN, and 0 is not -0. */
static inline void check_cell(float found, float wanted, const char *body, size_t index)
{
    bool same = isnan(wanted) ? isnan(found) : found == wanted && !signbit(found) == !signbit(wanted);
    ck_assert_msg(same, "cell %zu of %s is %g, not %g", index, body, (double)found, (double)wanted);
}

#endif
