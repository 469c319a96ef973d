/*
 * Which walk for how many rows of which forest on which processor: the one place where that is decided.
 *
 * Nothing here changes a result, only how long it takes.
 */
#ifndef PREDICT_RULE_H
#define PREDICT_RULE_H

#include "model/forest.h"

enum way {
    WAY_PORTABLE,    /* by the forest's nodes: it has no plan */
    WAY_TREES,       /* row by row, trees interleaved, all levels */
    WAY_TREES_REST,  /* the same, trees that are done left out */
    WAY_TREES_FAR,   /* the same, one level at a time for all trees, asking ahead */
    WAY_ROWS,        /* tree by tree, rows interleaved, all levels */
    WAY_ROWS_REST,   /* the same, rows that are done left out */
    WAY_STRIPS,      /* tree by tree, the top levels densely and then rows interleaved */
    WAY_STRIPS_REST, /* the same, rows that are done left out */
    WAY_CHAIN,       /* row by row along a chain of the trees, rows interleaved */
    WAY_LANES_TREES, /* by sixteen trees, row by row, in the lanes of a register */
    WAY_LANES_ROWS,  /* tree by tree, sixteen rows in the lanes of a register */
    WAYS
};

struct choice {
    enum way way;
    bool touch;         /* each tree is read into the cache before it is walked */
    size_t rows;        /* that go through all trees together */
    const char *reason; /* a sentence */
};

/* What predict_values does with `count` rows of the forest, on the processor that its plan names. */
struct choice rule_choose(const struct forest *forest, size_t count);

/*
 * The same for `count` rows with missing values among the rows of a call: how they go through the forest's twin
 * (predict/twin.h), tree by tree. False where it does not pay: they go row by row.
 */
bool rule_choose_twin(const struct forest *forest, size_t count, struct choice *choice);

/* Rows in a block of cells (predict/cells.h) where they go tree by tree. */
size_t choice_block_rows(const struct choice *choice);

/* Whether the forest's plan and the processor that it names have what the choice needs. */
bool choice_possible(const struct choice *choice, const struct forest *forest);

/* "rows, dense top", such as `forestd bench --explain` prints. */
const char *choice_name(const struct choice *choice);

#endif
