/*
 * The quickest way from text to float32: many numbers between commas, read side by side.
 */
#ifndef BASE_NUMBER_RUN_H
#define BASE_NUMBER_RUN_H

#include <stddef.h>
#include <stdint.h>

/*
 * Where a run begins in rows of `features` numbers: `column` of them were read. Behind the last number of a row stand `]`, a
 * comma, and `[`.
 */
struct run_place {
    size_t column;
    size_t features;
};

/* Numbers in one row without end. */
#define RUN_PLAIN ((struct run_place){0, SIZE_MAX})

/*
 * Reads numbers each of which a comma follows, as number_scan (base/number_scan.h) reads each, into `values`[0..most).
 * They are plain ones, `-12.5` or `3`, with a space behind a comma or without. Sets `count` to how many were read; behind
 * those, `values` may be anything. Returns where the next begins, or spaces before it.
 *
 * It stops before what it is not sure of, and may stop earlier: what it leaves is for number_scan. Where the processor
 * has no SSE2, it leaves all.
 */
const char *number_run(const char *text, const char *end, struct run_place place, float *values, size_t most,
                       size_t *count);

#endif
