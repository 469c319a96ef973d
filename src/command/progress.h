/*
 * A line on the terminal for work that takes long. Nothing is shown where stderr is no terminal, or in the first second.
 */
#ifndef COMMAND_PROGRESS_H
#define COMMAND_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;     /* stderr is a terminal */
    bool drawn;     /* a line stands there and must be wiped */
    uint64_t total; /* bytes to come in all; 0 = not known */
    double started; /* seconds of the monotonic clock */
    double last;    /* when it was drawn last */
};

void progress_open(struct progress *progress, uint64_t total);

/* `bytes` of the total are read, `rows` are answered. */
void progress_show(struct progress *progress, uint64_t bytes, uint64_t rows);

/* Wipes the line. */
void progress_close(struct progress *progress);

#endif
