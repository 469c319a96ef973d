#include "storage/follower.h"

#include <pthread.h>
#include <stdlib.h>

enum { STEP = 1 << 20 }; /* bytes that are reckoned between two looks at what has come */

struct follower {
    struct checking *checking;
    const uint8_t *bytes;
    pthread_t thread;
    pthread_mutex_t turn; /* guards what follows */
    pthread_cond_t change;
    size_t reached;
    bool over; /* no more will come */
    bool given_up;
};

static void *follow(void *context)
{
    struct follower *follower = context;
    size_t done = 0;
    pthread_mutex_lock(&follower->turn);
    for (;;) {
        while (follower->reached == done && !follower->over && !follower->given_up)
            pthread_cond_wait(&follower->change, &follower->turn);
        if (follower->given_up || follower->reached == done)
            break;
        size_t size = follower->reached - done < STEP ? follower->reached - done : STEP;
        pthread_mutex_unlock(&follower->turn);
        checking_add(follower->checking, follower->bytes + done, size);
        done += size;
        pthread_mutex_lock(&follower->turn);
    }
    pthread_mutex_unlock(&follower->turn);
    return NULL;
}

struct follower *follower_open(const struct checksum *expected, const uint8_t *bytes, struct forestd_error *error)
{
    struct follower *follower = calloc(1, sizeof *follower);
    if (!follower) {
        error_memory(error, sizeof *follower, "a checksum");
        return NULL;
    }
    follower->bytes = bytes;
    follower->checking = checking_begin(expected, error);
    if (!follower->checking) {
        free(follower);
        return NULL;
    }
    pthread_mutex_init(&follower->turn, NULL);
    pthread_cond_init(&follower->change, NULL);
    if (pthread_create(&follower->thread, NULL, follow, follower) == 0)
        return follower;
    error_set(error, FORESTD_IO, at_nowhere(), "the system gave no thread to reckon a checksum with");
    (void)checking_end(follower->checking, "", NULL);
    pthread_cond_destroy(&follower->change);
    pthread_mutex_destroy(&follower->turn);
    free(follower);
    return NULL;
}

void follower_reach(struct follower *follower, size_t size)
{
    pthread_mutex_lock(&follower->turn);
    follower->reached = size;
    pthread_cond_signal(&follower->change);
    pthread_mutex_unlock(&follower->turn);
}

static struct checking *end(struct follower *follower, bool give_up)
{
    pthread_mutex_lock(&follower->turn);
    follower->over = true;
    follower->given_up = give_up;
    pthread_cond_signal(&follower->change);
    pthread_mutex_unlock(&follower->turn);
    pthread_join(follower->thread, NULL);
    pthread_cond_destroy(&follower->change);
    pthread_mutex_destroy(&follower->turn);
    struct checking *checking = follower->checking;
    free(follower);
    return checking;
}

bool follower_check(struct follower *follower, const char *name, struct forestd_error *error)
{
    return checking_end(end(follower, false), name, error);
}

void follower_close(struct follower *follower)
{
    if (follower)
        (void)checking_end(end(follower, true), "", NULL);
}
