/*
 * The server: what all ways in share. A carrier (transport/http.h) brings exchanges to it.
 *
 *     struct log log;
 *     log_open(&log, options.log_level, STDERR_FILENO);
 *     block SIGTERM and SIGINT                            every thread below inherits it
 *     server = server_open(&options, &log, &error)        starts the team, begins to load the models
 *     http = http_open(server, &error)                    the port is open; /ping says 503 until the models are there
 *     sigwait(...)
 *     http_drain(http)                                    no new connections; what was accepted is finished
 *     http_close(http), server_close(server), log_close(&log)
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include "base/buffer.h"
#include "base/error.h"
#include "observe/log.h"
#include <forestd/model.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A model to begin with. */
struct serve_model {
    const char *name;    /* NULL or "" = "model" */
    uint64_t version;    /* 0 = 1 */
    const char *address; /* what forestd_open takes */
};

/* Where the server runs: it decides whose words are used where the path does not tell, and nothing else. */
enum mode {
    MODE_HTTP, /* anywhere: a laptop, ECS, Kubernetes */
    MODE_SAGEMAKER,
    MODE_LAMBDA,
    MODE_FUNCTIONS,
    MODE_VERTEX,
    MODE_AZUREML,
    MODE_CLOUDRUN,
    MODE_KSERVE
};

struct server;

/* Answers an event of AWS Lambda's, in the caller's thread, with a document and a status. */
typedef void serve_event(struct server *server, const char *bytes, size_t size, struct buffer *body, unsigned *status);

struct serve_options {
    enum mode mode;
    const char *health_route; /* a path that means /health, and one that means /predict; NULL = none */
    const char *predict_route;
    bool alone;                 /* no thread is started: models are loaded, and all work is done, by who asks */
    const char *google_project; /* log lines of requests are as Google Cloud's logging reads them, for this project; ""
                                   = its name is not known; NULL = they are not */
    const struct serve_model *models; /* [model_count] */
    size_t model_count;
    bool multi_model; /* clients may load and unload models; there may be none to begin with */
    const char *host; /* address to listen on: "0.0.0.0", "::", "127.0.0.1"; NULL = 0.0.0.0 */
    uint16_t port;    /* 0 = any that is free, see http_port */
    unsigned loops;   /* threads that carry connections; 0 = one for each processor that may be used */
    unsigned team;    /* threads that do large predictions; 0 = one for each processor that may be used */
    unsigned
        connections; /* most connections at once; 0 = 10000, less where memory is small; always within RLIMIT_NOFILE */
    bool batch;      /* bodies of any length are expected: max_body is then usually without bound */
    const char *accept;  /* stands for an Accept that a request does not have; NULL or "" = nothing does */
    size_t max_body;     /* bytes of the largest body that is taken; 0 = 100 MiB */
    size_t queue;        /* large predictions that may wait or run at once; 0 = 100 */
    size_t memory;       /* bytes that all requests together may hold; 0 = a quarter of what there is, at most 1 GiB */
    size_t model_memory; /* bytes that all models together may hold; 0 = what is left for them, see serve/memory.h */
    unsigned outputs;    /* what is answered to a request that does not say: enum output; 0 = the dialect's usual */
    const char *cors_origin;   /* Access-Control-Allow-Origin; NULL or "" = the header is not sent */
    unsigned drain_seconds;    /* how long http_drain waits for what was accepted; 0 = 25 */
    unsigned idle_seconds;     /* how long a connection may be silent; 0 = 75 */
    serve_event *answer_event; /* for POST /events; NULL = there are none */
    struct forestd_fetching fetching;
    const char *metrics_space; /* CloudWatch's namespace for lines of metrics in the log; NULL or "" = there are none */
    enum log_level log_level;  /* for the command, which opens the log */
};

/*
 * Starts a server: its team and the threads that load the models. `options`, with all texts, and `log` must outlive it.
 * A model that does not load is no error here: it is logged, and answered with 503. See server_state.
 */
struct server *server_open(const struct serve_options *options, struct log *log, struct forestd_error *error);

enum server_state { SERVER_LOADING, SERVER_READY, SERVER_FAILED };

enum server_state server_state(const struct server *server);

/* Waits until the models are loaded or one has failed. Writes `error` when it returns SERVER_FAILED. */
enum server_state server_wait(struct server *server, struct forestd_error *error);

/* Writes the log lines of what was measured so far, if there are to be any: for a server that is `alone`, whose process
 * may be frozen at any time. Others do so by themselves. */
void server_tell(struct server *server);

/* Frees the server. No carrier may be using it. NULL is allowed. */
bool server_close(struct server *server);

#endif
