/*
 * A chain: some trees of a plan one behind the other, so that a row that arrives at a leaf goes on at the next tree's
 * root. All rows are then on their way for about as long, however long the single paths are, and ten of them walk side
 * by side without any having to wait. It is for small trees whose leaves are votes for one of two classes, on x86-64
 * processors with AVX2 and BMI2.
 *
 * A leaf's slot becomes a copy of the next tree's root. Votes are read off the way: whoever comes from a leaf of the
 * second class walks the first CHAIN_MARKS levels of the next tree in copies of their own, the marks, which lie before
 * all other slots. So a row that is looked at after every CHAIN_MARKS steps is seen among the marks once for each such
 * vote.
 *
 * A step leads from slot `i` to the 16 lowest bits of `i + step + (key < the row's key)`: it may lead backwards, too.
 */
#ifndef PREDICT_CHAIN_H
#define PREDICT_CHAIN_H

#include "model/plan.h"

#if defined(__x86_64__)
#define CHAIN_BUILT 1

enum {
    CHAIN_MARKS = 4,
    CHAIN_LANES = 10, /* rows whose keys lie side by side: a slot's cell is that of the plan times as many */
    CHAIN_ROWS = 500  /* most that walk it together */
};

struct chain {
    struct slot *slots; /* the marks, the start, the end, and the trees' slots in the plan's order */
    uint16_t start;     /* where every row begins */
    uint16_t end;       /* where it stays */
    uint16_t marks;     /* how many slots are marks */
};

/* Whether the plan's trees are fit for chains. */
bool chain_fits(const struct plan *plan, size_t features);

/* The trees of the chain that begins with tree `first`: as many as it has slots for. */
size_t chain_trees(const struct plan *plan, size_t first);

/* Rows that walk a chain together: their keys are few enough for a near cache. */
size_t chain_rows(size_t features);

/* Bytes that the slots of the plan's largest chain take, and the keys of chain_rows; both are multiples of 64. */
size_t chain_slots_size(const struct plan *plan);
size_t chain_keys_size(size_t features);

/* Links `count` trees. `chain->slots` has chain_slots_size bytes. */
void chain_link(const struct plan *plan, size_t first, size_t count, struct chain *chain);

#endif
#endif
