/*
 * The text of one cell, as CSV and LIBSVM's format have it.
 */
#ifndef CODEC_CELL_H
#define CODEC_CELL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The value of `text`[0..size), without spaces around it: a number; nothing, `nan` or `NA` for a missing value; `inf`,
 * `infinity`. Case and a sign do not matter. False when it is none of these.
 */
bool cell_read(const char *text, size_t size, float *value);

#endif
