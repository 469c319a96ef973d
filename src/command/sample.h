/*
 * Rows that make a forest work: cells around the thresholds that its splits compare with.
 */
#ifndef COMMAND_SAMPLE_H
#define COMMAND_SAMPLE_H

#include "base/buffer.h"
#include "model/forest.h"

/* Writes `count` rows, the same for each call. rows: [count][features]. */
void sample_rows(const struct forest *forest, size_t count, float *rows);

/* Appends {"instances": [[...], ...]}. rows: [count][features]. */
bool sample_write(const struct forest *forest, const float *rows, size_t count, struct buffer *body,
                  struct forestd_error *error);

#endif
