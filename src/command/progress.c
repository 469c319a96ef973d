#include "command/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const double QUIET_SECONDS = 1.0;
static const double BETWEEN_SECONDS = 0.2;
enum { BAR = 30 };

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void progress_open(struct progress *progress, uint64_t total)
{
    *progress = (struct progress){.shown = isatty(STDERR_FILENO) == 1, .total = total};
    progress->started = progress->last = now();
}

void progress_show(struct progress *progress, uint64_t bytes, uint64_t rows)
{
    if (!progress->shown)
        return;
    double time = now();
    double passed = time - progress->started;
    if (passed < QUIET_SECONDS || time - progress->last < BETWEEN_SECONDS)
        return;
    progress->last = time;
    progress->drawn = true;
    if (progress->total) {
        double part = (double)bytes / (double)progress->total;
        int full = part > 1 ? BAR : (int)(part * BAR);
        (void)fprintf(stderr, "\r[%.*s%*s] %3.0f %%  ", full, "==============================", BAR - full, "",
                      part > 1 ? 100.0 : part * 100);
    } else {
        (void)fprintf(stderr, "\r%8.1f MB  ", (double)bytes / 1e6);
    }
    (void)fprintf(stderr, "%llu rows, %.0f rows/s ", (unsigned long long)rows, (double)rows / passed);
}

void progress_close(struct progress *progress)
{
    if (progress->drawn)
        (void)fprintf(stderr, "\r%79s\r", "");
    progress->drawn = false;
}
