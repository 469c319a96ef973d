#include "serve/team.h"

#include "unit/suite.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PARTS = 64 };

/* A job that counts what is done with it. */
struct work {
    struct job job; /* first: a job is a work */
    size_t wanted;  /* parts */
    sem_t *gate;    /* each part waits here; NULL = none does */
    atomic_uint done[PARTS];
    atomic_uint finished;
    atomic_bool cancelled;
    sem_t over;
};

static size_t prepare(struct job *job)
{
    return ((struct work *)job)->wanted;
}

static void part(struct job *job, size_t index)
{
    struct work *work = (struct work *)job;
    if (work->gate)
        while (sem_wait(work->gate) != 0)
            ;
    atomic_fetch_add(&work->done[index], 1);
}

static void finish(struct job *job, bool cancelled)
{
    struct work *work = (struct work *)job;
    atomic_store(&work->cancelled, cancelled);
    atomic_fetch_add(&work->finished, 1);
    sem_post(&work->over);
}

static void work_open(struct work *work, size_t parts, sem_t *gate)
{
    *work = (struct work){.job = {.prepare = prepare, .part = part, .finish = finish}, .wanted = parts, .gate = gate};
    sem_init(&work->over, 0, 0);
}

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
}

START_TEST(does_every_part_once_and_then_finishes)
{
    struct team *team = team_open(3, 2);
    ck_assert_ptr_nonnull(team);
    for (size_t parts = 0; parts <= PARTS; parts += 16) {
        struct work work;
        work_open(&work, parts, NULL);
        ck_assert(team_reserve(team));
        team_submit(team, &work.job);
        wait_for(&work.over);
        ck_assert_uint_eq(atomic_load(&work.finished), 1);
        ck_assert(!atomic_load(&work.cancelled));
        for (size_t i = 0; i < PARTS; i++)
            ck_assert_uint_eq(atomic_load(&work.done[i]), i < parts ? 1 : 0);
    }
    team_close(team);
}
END_TEST

START_TEST(refuses_more_jobs_than_places)
{
    struct team *team = team_open(1, 2);
    sem_t gate;
    sem_init(&gate, 0, 0);
    struct work first;
    struct work second;
    work_open(&first, 1, &gate);
    work_open(&second, 1, &gate);
    ck_assert(team_reserve(team));
    team_submit(team, &first.job);
    ck_assert(team_reserve(team));
    team_submit(team, &second.job);
    ck_assert(!team_reserve(team));
    sem_post(&gate);
    wait_for(&first.over);
    ck_assert(team_reserve(team)); /* its place is free before its finish is called */
    sem_post(&gate);
    wait_for(&second.over);
    team_close(team);
}
END_TEST

/* One thread, a long job before a short one: the short one waits for a part, not for the job. */
START_TEST(jobs_take_turns)
{
    struct team *team = team_open(1, 2);
    sem_t gate;
    sem_init(&gate, 0, 0);
    struct work large;
    struct work small;
    work_open(&large, PARTS, &gate);
    work_open(&small, 1, NULL);
    ck_assert(team_reserve(team) && team_reserve(team));
    team_submit(team, &large.job);
    team_submit(team, &small.job);
    sem_post(&gate);
    sem_post(&gate);
    wait_for(&small.over);
    ck_assert_uint_eq(atomic_load(&large.finished), 0);
    for (size_t i = 0; i < PARTS; i++)
        sem_post(&gate);
    wait_for(&large.over);
    team_close(team);
}
END_TEST

START_TEST(stopping_cancels_what_waits)
{
    struct team *team = team_open(1, 3);
    sem_t gate;
    sem_init(&gate, 0, 0);
    struct work works[3];
    for (size_t i = 0; i < 3; i++) {
        work_open(&works[i], 2, &gate);
        ck_assert(team_reserve(team));
        team_submit(team, &works[i].job);
    }
    for (size_t i = 0; i < 6; i++)
        sem_post(&gate);
    team_stop(team);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(atomic_load(&works[i].finished), 1);
    ck_assert(!team_reserve(team));
    team_close(team);
}
END_TEST

START_TEST(a_place_that_was_taken_before_the_stop_is_cancelled)
{
    struct team *team = team_open(1, 1);
    struct work work;
    work_open(&work, 1, NULL);
    ck_assert(team_reserve(team));
    team_stop(team);
    team_submit(team, &work.job);
    ck_assert_uint_eq(atomic_load(&work.finished), 1);
    ck_assert(atomic_load(&work.cancelled));
    ck_assert_uint_eq(atomic_load(&work.done[0]), 0);
    team_close(team);
}
END_TEST

struct seen {
    struct job job;
    int caller; /* niceness */
    int member;
    sem_t over;
};

static size_t no_parts(struct job *job)
{
    ((struct seen *)job)->member = getpriority(PRIO_PROCESS, (id_t)gettid());
    return 0;
}

static void see_finish(struct job *job, bool cancelled)
{
    (void)cancelled;
    sem_post(&((struct seen *)job)->over);
}

START_TEST(its_threads_give_way_to_the_callers)
{
    struct team *team = team_open(1, 1);
    struct seen seen = {.job = {.prepare = no_parts, .finish = see_finish},
                        .caller = getpriority(PRIO_PROCESS, (id_t)gettid())};
    sem_init(&seen.over, 0, 0);
    ck_assert(team_reserve(team));
    team_submit(team, &seen.job);
    wait_for(&seen.over);
    ck_assert_int_ge(seen.member, seen.caller < 15 ? seen.caller + 1 : seen.caller);
    team_close(team);
}
END_TEST

/* Many threads give jobs to few: run under ThreadSanitizer. */
struct crowd {
    struct team *team;
    atomic_uint done;
    atomic_uint refused;
};

enum { CALLERS = 8, EACH = 50 };

static void *crowd_member(void *context)
{
    struct crowd *crowd = context;
    for (size_t i = 0; i < EACH; i++) {
        struct work work;
        work_open(&work, i % 5, NULL);
        if (!team_reserve(crowd->team)) {
            atomic_fetch_add(&crowd->refused, 1);
            continue;
        }
        team_submit(crowd->team, &work.job);
        wait_for(&work.over);
        atomic_fetch_add(&crowd->done, 1);
    }
    return NULL;
}

START_TEST(serves_many_callers)
{
    struct crowd crowd = {.team = team_open(2, 4)};
    pthread_t callers[CALLERS];
    for (size_t i = 0; i < CALLERS; i++)
        ck_assert_int_eq(pthread_create(&callers[i], NULL, crowd_member, &crowd), 0);
    for (size_t i = 0; i < CALLERS; i++)
        ck_assert_int_eq(pthread_join(callers[i], NULL), 0);
    ck_assert_uint_eq(atomic_load(&crowd.done) + atomic_load(&crowd.refused), (size_t)CALLERS * EACH);
    ck_assert_uint_ge(atomic_load(&crowd.done), EACH);
    team_close(crowd.team);
}
END_TEST

SUITE(team, does_every_part_once_and_then_finishes, refuses_more_jobs_than_places, jobs_take_turns,
      stopping_cancels_what_waits, a_place_that_was_taken_before_the_stop_is_cancelled,
      its_threads_give_way_to_the_callers, serves_many_callers)
