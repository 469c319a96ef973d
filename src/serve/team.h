/*
 * The team: threads that do the work which is too large to be done where a request arrived.
 *
 * A job has three stages: `prepare` (once) says into how many parts the work falls, `part` does one of them (several
 * threads at once), `finish` (once, after all parts) may free the job. Jobs take turns: after each part a thread takes
 * the next job in the line, so that a small job never waits for the end of a large one.
 *
 * Parts of a prediction are rows, never a row's trees. Two threads take 9 us to be woken, do nothing and tell
 * (build/tests/bench/bench_team 2, one core of a server of 2019; from core to core it is more), which is as long as a row
 * takes through 100 trees of 6.3 million nodes (bench_walks, the same core): a row would have to go through thousands of
 * trees to gain from it, and then only while other cores rest.
 */
#ifndef SERVE_TEAM_H
#define SERVE_TEAM_H

#include <stdbool.h>
#include <stddef.h>

struct job {
    size_t (*prepare)(struct job *job); /* 0 = no parts: finish comes next */
    void (*part)(struct job *job, size_t index);
    void (*finish)(struct job *job, bool cancelled); /* cancelled: the team stops, parts may not have been done */

    /* The team's own. */
    struct job *next;
    bool prepared;
    size_t parts; /* how many there are */
    size_t given; /* how many a thread has taken */
    size_t left;  /* how many are not done */
};

struct team;

/* Starts `threads` threads, at a lower priority than the caller. At most `places` jobs are in the team at once. */
struct team *team_open(unsigned threads, size_t places);

/* Jobs that are in the team now. */
size_t team_jobs(struct team *team);

/*
 * Takes a place for one job; false when all are taken, or the team stops. A place that was taken must be used for
 * team_submit.
 */
bool team_reserve(struct team *team);

/* Gives a job, whose three functions are set, to the team. The place comes back when its finish is called. */
void team_submit(struct team *team, struct job *job);

/* Cancels the jobs that are in the team, waits until all are finished, and ends the threads. No job is taken any more.
 */
void team_stop(struct team *team);

/* Stops the team if it still runs, and frees it. NULL is allowed. */
void team_close(struct team *team);

#endif
