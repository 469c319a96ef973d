/*
 * What the two orders of predicting, by_row.c and by_tree.c, share with predict.c, which chooses between them.
 *
 * values: [count][width], written; rows: [count][features], as predict_values has them. Sums become values by sums_finish.
 */
#ifndef PREDICT_WORK_H
#define PREDICT_WORK_H

#include "model/forest.h"
#include "predict/cells.h"
#include "predict/rule.h"

/* What one call works with. */
struct work {
    const struct forest *forest;
    const struct choice *choice;
    struct cells cells; /* where rows go tree by tree */
};

/* The sums of each row alone. keys: scratch, [1 + features], or lanes_stride for lanes: a block of rows has that room */
void predict_singly(const struct work *work, uint32_t *keys, const float *rows, size_t count, double *values);

/* The same without any memory for keys. */
void predict_plainly(const struct forest *forest, const float *rows, size_t count, double *values);

/* Whether splits of the forest ask for missing values and the row has some. */
bool has_missing(const struct forest *forest, const float *row);

/* The values, no sums, of rows with missing values, row by row. keys: as for predict_singly */
void predict_missing(const struct work *work, uint32_t *keys, const float *rows, size_t count, double *values);

/*
 * The same by the forest's twin (predict/twin.h); with `all`, those of the others, too. The choice is that for the twin.
 * False without memory.
 */
bool predict_by_twin(const struct work *work, const float *rows, size_t count, bool all, double *values);

/* The sums of rows through sixteen trees at a time. memory: lanes_bytes for each of `together` rows */
void predict_lanes_trees(const struct work *work, void *memory, size_t together, const float *rows, size_t count,
                         double *values);

/* The sums along chains. memory: chain_slots_size and chain_keys_size, 64-byte aligned */
void predict_by_chain(const struct work *work, void *memory, const float *rows, size_t count, double *values);

/* Fills work->cells. */
void predict_fill(struct work *work, const float *rows, size_t count);

/* Adds what the rows that fill work->cells reach in all trees. values: [count][width] */
void predict_add(const struct work *work, size_t count, double *values);

/* The values, no sums, of rows that all fit into `work->cells`. */
void predict_together(struct work *work, const float *rows, size_t count, double *values);

#endif
