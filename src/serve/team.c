#include "serve/team.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NICENESS = 5 /* more than the threads that carry connections */ };

struct team {
    pthread_mutex_t turn; /* guards everything below, and the jobs' own fields */
    pthread_cond_t work;  /* there is a job in the line, or the team stops */
    struct job *first;    /* the line: jobs that have something to be taken */
    struct job *last;
    size_t limit;  /* places that there are */
    size_t places; /* that are free */
    bool stopping;
    unsigned threads;
    pthread_t ids[];
};

static void enqueue(struct team *team, struct job *job)
{
    job->next = NULL;
    if (team->last)
        team->last->next = job;
    else
        team->first = job;
    team->last = job;
    pthread_cond_signal(&team->work);
}

static struct job *dequeue(struct team *team)
{
    struct job *job = team->first;
    team->first = job->next;
    if (!team->first)
        team->last = NULL;
    return job;
}

/* The functions below are called with `turn` held, and release it while the job's own function runs. */

static void finish(struct team *team, struct job *job)
{
    bool cancelled = team->stopping;
    /* The place is free before the client hears of it: one who waits for an answer and then asks again finds it. */
    team->places++;
    pthread_mutex_unlock(&team->turn);
    job->finish(job, cancelled);
    pthread_mutex_lock(&team->turn);
}

static void take_part(struct team *team, struct job *job)
{
    size_t index = job->given++;
    if (job->given < job->parts)
        enqueue(team, job);
    if (!team->stopping) {
        pthread_mutex_unlock(&team->turn);
        job->part(job, index);
        pthread_mutex_lock(&team->turn);
    }
    if (--job->left == 0)
        finish(team, job);
}

static void prepare(struct team *team, struct job *job)
{
    size_t parts = 0;
    job->prepared = true;
    if (!team->stopping) {
        pthread_mutex_unlock(&team->turn);
        parts = job->prepare(job);
        pthread_mutex_lock(&team->turn);
    }
    job->parts = parts;
    job->left = parts;
    /* It has waited once: a small job is not to wait again before its only part. */
    if (parts)
        take_part(team, job);
    else
        finish(team, job);
}

static void *member(void *context)
{
    struct team *team = context;
    /* Where it is refused, the team merely competes with the threads that carry connections. */
    id_t self = (id_t)gettid();
    (void)setpriority(PRIO_PROCESS, self, getpriority(PRIO_PROCESS, self) + NICENESS);
    pthread_mutex_lock(&team->turn);
    while (team->first || !team->stopping) {
        if (!team->first) {
            pthread_cond_wait(&team->work, &team->turn);
            continue;
        }
        struct job *job = dequeue(team);
        if (job->prepared)
            take_part(team, job);
        else
            prepare(team, job);
    }
    pthread_mutex_unlock(&team->turn);
    return NULL;
}

struct team *team_open(unsigned threads, size_t places)
{
    struct team *team = calloc(1, sizeof *team + threads * sizeof *team->ids);
    if (!team)
        return NULL;
    pthread_mutex_init(&team->turn, NULL);
    pthread_cond_init(&team->work, NULL);
    team->limit = places;
    team->places = places;
    while (team->threads < threads && pthread_create(&team->ids[team->threads], NULL, member, team) == 0)
        team->threads++;
    if (threads && !team->threads) {
        team_close(team);
        return NULL;
    }
    return team;
}

size_t team_jobs(struct team *team)
{
    pthread_mutex_lock(&team->turn);
    size_t jobs = team->limit - team->places;
    pthread_mutex_unlock(&team->turn);
    return jobs;
}

bool team_reserve(struct team *team)
{
    pthread_mutex_lock(&team->turn);
    bool good = !team->stopping && team->places;
    if (good)
        team->places--;
    pthread_mutex_unlock(&team->turn);
    return good;
}

void team_submit(struct team *team, struct job *job)
{
    job->prepared = false;
    job->given = 0;
    pthread_mutex_lock(&team->turn);
    bool late = team->stopping;
    if (late)
        team->places++;
    else
        enqueue(team, job);
    pthread_mutex_unlock(&team->turn);
    if (late)
        job->finish(job, true);
}

void team_stop(struct team *team)
{
    pthread_mutex_lock(&team->turn);
    team->stopping = true;
    pthread_cond_broadcast(&team->work);
    pthread_mutex_unlock(&team->turn);
    for (unsigned i = 0; i < team->threads; i++)
        pthread_join(team->ids[i], NULL);
    team->threads = 0;
}

void team_close(struct team *team)
{
    if (!team)
        return;
    team_stop(team);
    pthread_cond_destroy(&team->work);
    pthread_mutex_destroy(&team->turn);
    free(team);
}
