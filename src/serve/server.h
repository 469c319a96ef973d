/*
 * What the files of this room, and the carriers, see of the server.
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include "base/budget.h"
#include "observe/embedded.h"
#include "serve/metrics.h"
#include "serve/repository.h"
#include "serve/serve.h"
#include "serve/store.h"
#include "serve/team.h"

struct server {
    struct serve_options options; /* with every 0 replaced by what it stands for */
    struct log *log;
    struct store *store;
    struct team *team;
    struct budget memory; /* what requests hold */
    struct budget models; /* what models hold */
    struct repository repository;
    struct metrics metrics;
    struct embedded *embedded; /* NULL where nothing is measured for CloudWatch */
};

/* Answers every exchange that was left to another thread: those that wait for the team, or for a model. None is left
 * to one any more. */
void server_stop(struct server *server);

#endif
