/*
 * Durations, counted in classes that are narrow in proportion: a quantile is right to within 1.6 %.
 */
#ifndef COMMAND_HISTOGRAM_H
#define COMMAND_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_FINE = 64, HISTOGRAM_CLASSES = 40 * HISTOGRAM_FINE };

struct histogram {
    uint64_t counts[HISTOGRAM_CLASSES];
    uint64_t total;
    uint64_t most; /* nanoseconds of the longest */
};

void histogram_add(struct histogram *histogram, uint64_t nanoseconds);

/* The duration in nanoseconds that the share `quantile` of all, 0 to 1, does not exceed; 0 when there are none. */
uint64_t histogram_quantile(const struct histogram *histogram, double quantile);

#endif
