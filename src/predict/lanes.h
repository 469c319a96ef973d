/*
 * Sixteen walkers in the lanes of one register, for processors with AVX-512: sixteen rows in one tree, or sixteen trees
 * for one row. A step gathers the sixteen slots, and the rows' keys unless a register holds them; it costs less than
 * sixteen steps one by one as long as caches are near.
 *
 * Only narrow plans. Each function may be called where processor.avx512 says so.
 */
#ifndef PREDICT_LANES_H
#define PREDICT_LANES_H

#include "model/plan.h"
#include "predict/cells.h"

#if defined(__x86_64__)
#define LANES_BUILT 1

enum {
    LANES = LANES_ROWS,    /* walkers in a register */
    HEAP_LEVELS = 8,       /* most levels of a tree that lie in registers */
    HEAP_DEEP_LEVELS = 4,  /* those of a tree that is deeper than that */
    LANES_BYTES = 64 << 10 /* most that rows take (lanes_bytes) that go through sixteen trees together */
};

/*
 * The first levels of a tree as a heap, the children of place i at 2 i and 2 i + 1, so that a permutation of registers
 * finds a split by its place. A leaf above the last level goes on as splits that turn left.
 */
struct heap {
    _Alignas(64) uint32_t keys[1 << HEAP_LEVELS];  /* [place], from 1 */
    _Alignas(64) uint32_t cells[1 << HEAP_LEVELS]; /* [place] index of the split's keys in a block, in rows of lanes */
    _Alignas(64) uint32_t exits[1 << HEAP_LEVELS]; /* [path] leaves (see plan.h) where `whole`, else slots */
    _Alignas(64) uint32_t third[16];               /* keys of the third level, by paths of four turns */
    _Alignas(64) uint32_t fourth[16];              /* and of the fourth */
    uint32_t levels;                               /* 4 to HEAP_LEVELS */
    bool whole;                                    /* all leaves are inside */
};

void heap_fill(const struct plan *plan, const struct plan_tree *tree, struct heap *heap);

/* As cells_fill, for cells whose blocks are LANES rows. rows: [count][features] */
void lanes_fill(struct cells *cells, const float *rows, size_t count);

/* Rows of `blocks` blocks from the root to the heap's exits. at: [blocks * LANES], written */
void lanes_heap(const struct heap *heap, const struct cells *cells, size_t first, size_t blocks, uint32_t *at);

/* Further down to the leaves, those that are done being left out in the end. blocks: at most CHUNK_ROWS / LANES */
void lanes_rest(const struct plan *plan, const struct plan_tree *tree, uint32_t walked, const struct cells *cells,
                size_t first, size_t blocks, uint32_t *at);

/* Keys of a row alone, in whole registers: what cells_fill_row fills must have so many. */
static inline size_t lanes_stride(size_t features)
{
    size_t keys = features + 1;
    return keys <= LANES ? LANES : keys <= (size_t)2 * LANES ? (size_t)2 * LANES : (keys + 63) / 64 * 64;
}

/* Bytes of a row's keys, of sixteen leaves for it, and of its place among others. */
static inline size_t lanes_bytes(size_t features)
{
    return (lanes_stride(features) + LANES) * sizeof(uint32_t) + sizeof(size_t);
}

/* Rows' keys, those past the features 0. */
struct lanes_keys {
    const uint32_t *keys; /* [rows][stride] */
    size_t stride;        /* lanes_stride */
    bool missing;         /* some are of missing values which splits ask for */
};

/* `rows` rows down the sixteen trees whose roots are given; absent trees have root 0. leaves: [rows][LANES], written */
void lanes_trees(const struct plan *plan, const struct lanes_keys *keys, size_t rows, const uint32_t roots[LANES],
                 uint32_t *leaves);

/* One row down `count` trees, at most TREES_AT_ONCE. at: [TREES_AT_ONCE + 1], roots, becomes leaves */
void lanes_row(const struct plan *plan, const struct lanes_keys *keys, size_t count, uint32_t *at);

#endif
#endif
