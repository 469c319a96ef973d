/*
 * Strips: thirty-two rows that go through a tree together, for x86-64 processors with AVX2 and BMI2. The first levels of
 * the tree are compared densely, the others walked by eight interleaved rows.
 *
 * Each function may be called where processor.avx2 says so.
 */
#ifndef PREDICT_STRIPS_H
#define PREDICT_STRIPS_H

#include "model/plan.h"
#include "predict/cells.h"

#if defined(__x86_64__)
#define STRIPS_BUILT 1

enum { TOP_LEVELS = 4, TOP_SPLITS = (1 << TOP_LEVELS) - 1 };

/*
 * The first levels of a tree, all of whose splits are compared for all rows, without going anywhere. A leaf above the
 * last level goes on as splits whose both sides come out at it.
 */
struct top {
    int32_t keys[TOP_SPLITS + 1];   /* [place] for signed comparison; the children of place i are 2 i and 2 i + 1 */
    uint32_t cells[TOP_SPLITS + 1]; /* [place] the byte at which the split's keys lie in a strip's `ordered` */
    /* [byte, the lowest first][path] slots; the highest bit of a path is its first turn */
    _Alignas(16) uint8_t exits[4][1 << TOP_LEVELS];
};

void top_fill(const struct plan *plan, uint32_t root, struct top *top);

/* As cells_fill, for cells whose blocks are strips; a row behind all has a sentinel, too. rows: [count][features] */
void strips_fill(struct cells *cells, const float *rows, size_t count);

/* Rows of `strips` strips from the root to the exits of the top. at: [strips * STRIP_ROWS], written */
void strips_top(const struct top *top, const struct cells *cells, size_t first, size_t strips, uint32_t *at);

/* Further down by `levels`. */
void strips_walk(const struct plan *plan, const struct cells *cells, size_t first, size_t strips, uint32_t levels,
                 uint32_t *at);

/* And down to the leaves, those that are done being left out. at: one more than the rows, for scratch */
void strips_rest(const struct plan *plan, const struct cells *cells, size_t first, size_t strips, uint32_t *at);

#endif
#endif
