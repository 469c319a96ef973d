/*
 * What it costs to give work to the team (serve/team.h) that sleeps: microseconds from giving a job to its first part, and
 * until all its parts, which do nothing, are done and the giver knows. The median and the 90th percentile.
 *
 *     taskset -c 0 build/tests/bench/bench_team [threads]
 *
 * There are as many parts as threads. On one processor the threads take turns; waking another one costs more.
 */
#include "serve/team.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 3000, REST = 100000 /* nanoseconds: until the team sleeps again */ };

struct work {
    struct job job; /* first: a job is a work */
    size_t parts;
    double began;
    sem_t over;
};

static double microseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static size_t prepare(struct job *job)
{
    struct work *work = (struct work *)job;
    work->began = microseconds();
    return work->parts;
}

static void part(struct job *job, size_t index)
{
    (void)job;
    (void)index;
}

static void finish(struct job *job, bool cancelled)
{
    (void)cancelled;
    sem_post(&((struct work *)job)->over);
}

static int order(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static void show(const char *what, double *times)
{
    qsort(times, RUNS, sizeof *times, order);
    printf("%-20s %6.1f us %6.1f us\n", what, times[RUNS / 2], times[RUNS * 9 / 10]);
}

int main(int count, char **words)
{
    unsigned threads = count > 1 ? (unsigned)strtoul(words[1], NULL, 10) : 1;
    static double first[RUNS];
    static double all[RUNS];
    struct work work = {.job = {.prepare = prepare, .part = part, .finish = finish}, .parts = threads};
    struct team *team = threads ? team_open(threads, 1) : NULL;
    if (!team)
        return 2;
    sem_init(&work.over, 0, 0);
    for (size_t i = 0; i < RUNS; i++) {
        const struct timespec moment = {0, REST};
        (void)nanosleep(&moment, NULL);
        double given = microseconds();
        if (!team_reserve(team))
            return 2;
        team_submit(team, &work.job);
        while (sem_wait(&work.over) != 0)
            ;
        all[i] = microseconds() - given;
        first[i] = work.began - given;
    }
    show("to the first part", first);
    show("all parts and back", all);
    team_close(team);
    return 0;
}
