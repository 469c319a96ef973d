/*
 * The one table of options. Flags, environment variables, --help and the README's table all come from it.
 *
 * An option's value is, in this order: its flag; its environment variable, FORESTD_ and the name in capitals; the variable that
 * a platform sets for the same thing; its usual value. An empty variable counts as absent.
 */
#ifndef COMMAND_OPTIONS_H
#define COMMAND_OPTIONS_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

/* The commands that an option belongs to, as a set. */
enum command {
    SERVE = 1,
    PREDICT = 2,
    INSPECT = 4,
    VERIFY = 8,
    HEALTHCHECK = 16,
    HELP = 32,
    BENCH = 64,
    PACK = 128,
    LAMBDA = 256,
    INVOKE = 512,
};

/* name, flag, value ("" = a switch), platform's variable, usual value, commands, help */
#define OPTIONS(X)                                                                                                     \
    X(MODE, "mode", "PLATFORM", "", "", SERVE,                                                                         \
      "where it runs: http (anywhere), sagemaker, lambda, functions, vertex, azureml, cloudrun or kserve; usually "    \
      "seen by itself, as --explain tells")                                                                            \
    X(MODEL, "model", "PATH", "MODEL_PATH,AIP_STORAGE_URI,AZUREML_MODEL_DIR,MLSERVER_MODEL_URI", "",                   \
      SERVE | PREDICT | INSPECT | VERIFY | BENCH | PACK | LAMBDA,                                                      \
      "the model: a file, an archive, or a folder that holds one, here or at s3://, gs://, azblob:// or https://; "    \
      "serve looks in /opt/ml/model and /mnt/models by itself, and takes "                                             \
      "several: name=PATH, repeated or with a comma between, or a folder of them")                                     \
    X(CACHE, "cache", "", "", "", SERVE | PREDICT | INSPECT | VERIFY | BENCH | PACK | LAMBDA | INVOKE,                 \
      "keep what is fetched from s3://, gs://, azblob:// or https:// in a file under $TMPDIR, for the next start "     \
      "too, "                                                                                                          \
      "and not in memory")                                                                                             \
    X(FETCH_TIMEOUT, "fetch-timeout", "SECONDS", "", "1800",                                                           \
      SERVE | PREDICT | INSPECT | VERIFY | BENCH | PACK | LAMBDA | INVOKE,                                             \
      "how long fetching a model may take in all")                                                                     \
    X(NAME, "name", "NAME", "MLSERVER_MODEL_NAME", "", SERVE,                                                          \
      "what a model is called that was given no name; usually model")                                                  \
    X(MULTI_MODEL, "multi-model", "", "SAGEMAKER_MULTI_MODEL", "", SERVE,                                              \
      "begin without a model: clients load and unload them, by POST and DELETE /models")                               \
    X(HOST, "host", "ADDRESS", "", "0.0.0.0", SERVE, "the address to listen on; :: takes IPv6 and IPv4")               \
    X(PORT, "port", "N",                                                                                               \
      "SAGEMAKER_BIND_TO_PORT,AIP_HTTP_PORT,FUNCTIONS_CUSTOMHANDLER_PORT,FUNCTIONS_HTTPWORKER_PORT,"                   \
      "MLSERVER_HTTP_PORT,PORT",                                                                                       \
      "8080", SERVE | HEALTHCHECK, "the port to listen on, or to ask")                                                 \
    X(HEALTH_ROUTE, "health-route", "PATH", "AIP_HEALTH_ROUTE", "", SERVE, "a further path for GET /health")           \
    X(PREDICT_ROUTE, "predict-route", "PATH", "AIP_PREDICT_ROUTE", "", SERVE, "a further path for POST /predict")      \
    X(THREADS, "threads", "N", "SAGEMAKER_MODEL_SERVER_WORKERS,SAGEMAKER_NUM_MODEL_WORKERS", "0", SERVE | BENCH,       \
      "threads that predict; 0 = the processors that this process may use")                                            \
    X(EVENT_LOOPS, "event-loops", "N", "", "0", SERVE | BENCH,                                                         \
      "threads that carry connections and small predictions; 0 = as many as processors")                               \
    X(ACCEPT, "accept", "TYPE", "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "", SERVE,                                     \
      "the content type to answer in where the question has no Accept; usually the question's own")                    \
    X(OUTPUT, "output", "LIST", "", "", SERVE | PREDICT | LAMBDA | INVOKE,                                             \
      "what to answer where the question does not say: predictions, probabilities, or both with a comma")              \
    X(BATCH, "batch", "", "SAGEMAKER_BATCH", "", SERVE, "batch transform: bodies may be of any size")                  \
    X(MAX_BODY, "max-body", "SIZE", "SAGEMAKER_MAX_REQUEST_SIZE,MAX_CONTENT_LENGTH", "", SERVE,                        \
      "the largest body that is taken; more is answered with 413; usually 100MiB, without bound with --batch")         \
    X(MEMORY, "memory", "SIZE", "", "0", SERVE,                                                                        \
      "what all requests together may hold; more is answered with 503; 0 = a quarter of the container's memory, 1GiB " \
      "at most")                                                                                                       \
    X(MODEL_MEMORY, "model-memory", "SIZE", "", "0", SERVE,                                                            \
      "what all models together may hold, while they are read too; 0 = what the container's memory leaves")            \
    X(QUEUE, "queue", "N", "SAGEMAKER_MODEL_JOB_QUEUE_SIZE", "256", SERVE,                                             \
      "large predictions that may wait for a thread; more are answered 503")                                           \
    X(CORS_ORIGIN, "cors-origin", "ORIGIN", "", "*", SERVE | LAMBDA,                                                   \
      "the origin that browsers may ask from: * is any, none is none")                                                 \
    X(IDLE_TIMEOUT, "idle-timeout", "SECONDS", "", "75", SERVE, "a connection without a byte for so long is closed")   \
    X(DRAIN_TIMEOUT, "drain-timeout", "SECONDS", "", "25", SERVE,                                                      \
      "how long requests that are under way may take to finish after SIGTERM")                                         \
    X(LOG_LEVEL, "log-level", "LEVEL", "SAGEMAKER_CONTAINER_LOG_LEVEL", "info", SERVE | LAMBDA,                        \
      "debug, info, warn or error; or 10, 20, 30, 40")                                                                 \
    X(METRICS_LOG, "metrics-log", "NAMESPACE", "", "", SERVE | LAMBDA,                                                 \
      "tell CloudWatch how many requests and rows there were and how long they took, by log lines in its embedded "    \
      "metric format under this namespace: each minute, in Lambda with each event")                                    \
    X(FROM, "from", "FORMAT", "", "", PREDICT | INVOKE,                                                                \
      "format of the rows: json, jsonl, csv, npy, libsvm, recordio; else the file's name says it, else csv")           \
    X(TO, "to", "FORMAT", "", "", PREDICT, "format of the answers; else as the rows")                                  \
    X(AGAINST, "against", "FILE.npz", "", "", VERIFY, "rows and expected answers, as models/answers.py writes them")   \
    X(OUT, "out", "FILE.forest", "", "", PACK, "the packed file to write; also -o FILE.forest")                        \
    X(ARCHIVE, "archive", "FILE.tar.gz", "", "", PACK,                                                                 \
      "the archive to write, as SageMaker takes it: the packed file, and origin.json, which tells what it comes from") \
    X(ROWS, "rows", "N", "", "1", BENCH, "rows in a request")                                                          \
    X(SLO, "slo", "MS", "", "100", BENCH, "milliseconds that 99 of 100 answers must stay within")                      \
    X(SECONDS, "seconds", "N", "", "1", BENCH, "how long each step of the measurement lasts")                          \
    X(EVENT, "event", "FILE", "", "", LAMBDA, "answer the event in this file, and print the answer")                   \
    X(STREAM, "stream", "", "", "", LAMBDA,                                                                            \
      "stream answers: the function's URL is invoked in the mode RESPONSE_STREAM")                                     \
    X(ROWS_FILE, "rows", "FILE", "", "", INVOKE, "the rows to send, in CSV, JSON, JSON Lines or NPY; - is stdin")      \
    X(EXPECT, "expect", "MODEL", "", "", INVOKE,                                                                       \
      "compare the answers with those of this model, bit for bit: here or at any address that a model may have")       \
    X(CONTENT_TYPE, "content-type", "TYPE", "", "", INVOKE,                                                            \
      "what rows are sent as; usually as the file, and as JSON to lambda, vertex and azureml and with --expect")       \
    X(WANTED, "accept", "TYPE", "", "", INVOKE, "the content type of the answers; usually the endpoint chooses")       \
    X(BATCH_ROWS, "batch", "N", "", "0", INVOKE, "rows in a request; 0 = all of the file")                             \
    X(REPEAT, "repeat", "N", "", "1", INVOKE, "how often all rows are sent; the first answers are printed")            \
    X(CONCURRENCY, "concurrency", "N", "", "1", INVOKE, "requests under way at once")                                  \
    X(TIMEOUT, "timeout", "SECONDS", "", "70", INVOKE, "how long an answer may take")                                  \
    X(RETRIES, "retries", "N", "", "4", INVOKE,                                                                        \
      "further attempts, with growing pauses, where asking again may help: 429, 500, 502, 503, 504, a connection "     \
      "that breaks")                                                                                                   \
    X(KEY, "key", "KEY", "", "", INVOKE,                                                                               \
      "the key or token to bear, for vertex, azureml and https; better said by the variable, which other users do "    \
      "not see")                                                                                                       \
    X(ENDPOINT_URL, "endpoint-url", "URL", "", "", INVOKE,                                                             \
      "ask this server and not the platform's own; AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME, AWS_ENDPOINT_URL_LAMBDA and "   \
      "CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM hold as well")                                                       \
    X(EXPLAIN, "explain", "", "", "", SERVE | BENCH,                                                                   \
      "serve: say what was found out about the place it runs at, and serve nothing; bench: what walks the trees for "  \
      "each number of rows, and why")                                                                                  \
    X(JSON, "json", "", "", "", INSPECT | BENCH | INVOKE, "print a JSON document")                                     \
    X(MARKDOWN, "markdown", "", "", "", HELP, "print the table of options as the README has it")

enum option {
#define OPTION_(name, flag, value, platform, usual, commands, help) OPTION_##name,
    OPTIONS(OPTION_)
#undef OPTION_
        OPTION_COUNT
};

struct option_row {
    const char *flag;
    const char *value;    /* what stands for the value in the help; "" = the option is a switch */
    const char *platform; /* further variables that mean the same, with a comma between; "" = none */
    const char *usual;    /* "" = none */
    unsigned commands;    /* enum command, or-ed */
    const char *help;
};

extern const struct option_row option_table[OPTION_COUNT];

enum { MOST_ARGUMENTS = 16, MOST_GIVEN = 256, VARIABLE_SIZE = 48 };

/* What the user said. Texts belong to argv and the environment. */
struct options {
    enum command command;
    const char *values[OPTION_COUNT]; /* never NULL: the value that holds */
    const char *source[OPTION_COUNT]; /* who said so, for messages: "the command line", "the environment", a platform's
                                            variable; NULL for the usual value */
    const char *arguments[MOST_ARGUMENTS];
    size_t argument_count;
    struct {
        enum option option;
        const char *value;
    } given[MOST_GIVEN]; /* what the command line gave, in order: where an option may be repeated, all its values */
    size_t given_count;
    char variables[OPTION_COUNT][VARIABLE_SIZE]; /* what `source` points to where it is a platform's variable */
    bool named;                                  /* the command was named, and not merely meant */
    bool kserve; /* options came as KServe writes them: --model_name, --model_dir, --http_port */
    bool help;   /* --help was among the flags */
};

/* Reads the flags after the command's name. Fails with FORESTD_ARGUMENT and one line that names the nearest option. */
bool options_read(struct options *options, enum command command, int count, char *const words[],
                  struct forestd_error *error);

/* The option as a whole number between `least` and `most`. */
bool option_number(const struct options *options, enum option option, unsigned long least, unsigned long most,
                   unsigned long *number, struct forestd_error *error);

/* The option as a number of bytes: 4096, 64KiB, 100MiB, 1GiB. */
bool option_bytes(const struct options *options, enum option option, size_t *bytes, struct forestd_error *error);

/* Whether a switch is on: given as a flag, or 1, true, yes or on in the environment. */
bool option_on(const struct options *options, enum option option);

/* The name of the environment variable of an option: FORESTD_MAX_BODY. */
void option_variable(enum option option, char name[VARIABLE_SIZE]);

#endif
