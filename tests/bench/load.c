/*
 * How long a model takes from the bytes of its file in memory to a proved forest, and what memory that takes at most. A
 * packed file is mapped, which is part of its time.
 *
 *     bench_load MODEL...
 *
 * One line a model: nodes; milliseconds, the best of several runs (the file is in the page cache: reading the disk is not
 * measured); the peak of the process's memory over what it had before, which is the program itself; the bytes of the
 * file once unpacked; and the one by the other. Each model is opened in a process of its own. tests/bench/loading makes models, and measures joblib.load beside it.
 */
#include "base/candidate.h"
#include "engine/engine.h"
#include "read/unpack.h"
#include "storage/storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 50, ENOUGH = 5 /* seconds */ };

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void stop(const struct forestd_error *error)
{
    (void)fprintf(stderr, "bench_load: %s\n", error->message);
    exit(EXIT_FAILURE);
}

/* Opens the model at `path` and closes it; returns its nodes. */
static size_t open_once(const char *path)
{
    struct forestd_error error;
    struct forestd_model *model = forestd_open(path, &error);
    if (!model)
        stop(&error);
    size_t nodes = forestd_describe(model)->nodes;
    forestd_close(model);
    return nodes;
}

/* Seconds that the model takes from bytes in memory; a packed one from its path. */
static double open_best(const struct artifact *artifact)
{
    struct forestd_error error;
    const bool packed = content_of(artifact->bytes, artifact->size) == CONTENT_PACKED;
    double best = 1e9;
    double start = now();
    for (int i = 0; i < RUNS && now() - start < ENOUGH; i++) {
        double before = now();
        struct forestd_model *model = packed
                                          ? forestd_open(artifact->path, &error)
                                          : forestd_open_bytes(artifact->bytes, artifact->size, artifact->path, &error);
        double took = now() - before;
        if (!model)
            stop(&error);
        forestd_close(model);
        best = took < best ? took : best;
    }
    return best;
}

static void measure(const char *path)
{
    struct forestd_error error;
    struct artifact artifact;
    struct unpacked unpacked;
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    double before = (double)usage.ru_maxrss * 1024;
    size_t nodes = open_once(path);
    (void)getrusage(RUSAGE_SELF, &usage);
    double peak = (double)usage.ru_maxrss * 1024 - before;
    if (!storage_fetch(path, NULL, &artifact, &error) ||
        !unpack(artifact.bytes, artifact.size, NULL, &unpacked, &error))
        stop(&error);
    double size = (double)unpacked.size;
    unpacked_close(&unpacked);
    double seconds = open_best(&artifact);
    printf("%-40s %9zu nodes %10.2f ms   peak %8.1f MB over %.1f, file %8.1f MB: %.2f\n", path, nodes, seconds * 1e3,
           peak / 1e6, before / 1e6, size / 1e6, peak / size);
    artifact_close(&artifact);
}

int main(int count, char *words[])
{
    int status = EXIT_SUCCESS;
    for (int i = 1; i < count; i++) {
        (void)fflush(stdout);
        pid_t child = fork();
        int how = 0;
        if (child == 0) {
            measure(words[i]);
            return EXIT_SUCCESS;
        }
        if (child < 0 || waitpid(child, &how, 0) != child || how != 0)
            status = EXIT_FAILURE;
    }
    return status;
}
