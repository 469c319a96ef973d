/*
 * fetch ADDRESS [TIMES]: how long it takes to bring an object here, and how much memory, for tests/bench/fetching.
 */
#include "storage/storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int count, char *words[])
{
    int times = count > 2 ? (int)strtol(words[2], NULL, 10) : 1;
    if (count < 2)
        return 2;
    for (int i = 0; i < times; i++) {
        struct artifact artifact;
        struct forestd_error error;
        double start = seconds();
        if (!storage_fetch(words[1], NULL, &artifact, &error)) {
            (void)fprintf(stderr, "%s\n", error.message);
            return 1;
        }
        double took = seconds() - start;
        struct rusage usage;
        (void)getrusage(RUSAGE_SELF, &usage);
        printf("%.4f s, %zu bytes, %.1f MiB beside them at most\n", took, artifact.size,
               (double)usage.ru_maxrss / 1024 - (double)artifact.size / 1048576);
        artifact_close(&artifact);
    }
    return 0;
}
