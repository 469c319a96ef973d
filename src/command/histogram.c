#include "command/histogram.h"

/* Classes are one nanosecond wide up to HISTOGRAM_FINE, and from there on 64 for each doubling. */
static unsigned class_of(uint64_t nanoseconds)
{
    unsigned doublings = 0;
    while (nanoseconds >> doublings >= (uint64_t)2 * HISTOGRAM_FINE)
        doublings++;
    unsigned index = doublings * HISTOGRAM_FINE + (unsigned)(nanoseconds >> doublings);
    return index < HISTOGRAM_CLASSES ? index : HISTOGRAM_CLASSES - 1;
}

/* The longest duration of a class. */
static uint64_t end_of(unsigned index)
{
    if (index < 2 * HISTOGRAM_FINE)
        return index;
    unsigned doublings = index / HISTOGRAM_FINE - 1;
    uint64_t place = index - doublings * HISTOGRAM_FINE;
    return ((place + 1) << doublings) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t nanoseconds)
{
    histogram->counts[class_of(nanoseconds)]++;
    histogram->total++;
    if (nanoseconds > histogram->most)
        histogram->most = nanoseconds;
}

uint64_t histogram_quantile(const struct histogram *histogram, double quantile)
{
    if (!histogram->total)
        return 0;
    double wanted = quantile * (double)histogram->total;
    uint64_t seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_CLASSES; i++) {
        seen += histogram->counts[i];
        if ((double)seen >= wanted && seen) {
            uint64_t end = end_of(i);
            return end < histogram->most ? end : histogram->most;
        }
    }
    return histogram->most;
}
