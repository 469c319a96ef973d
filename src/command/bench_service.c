#include "command/bench.h"

#include "base/error.h"
#include "command/load.h"
#include "command/progress.h"
#include "command/sample.h"
#include "serve/server.h"
#include "transport/http.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct bench {
    struct server *server;
    struct http *http;
    struct buffer body;
    char url[64];
    double seconds; /* a step */
    struct progress progress;
    uint64_t steps; /* done */
    struct load_result result;
};

static const unsigned connections[BENCH_CONNECTIONS] = {1, 4, 16, 64};

static double processor_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
}

/* One step of load; the result lies in bench->result. */
static bool send_load(struct bench *bench, unsigned wanted, double rate, struct forestd_error *error)
{
    const struct load load = {.url = bench->url,
                              .body = bench->body.bytes,
                              .body_size = bench->body.size,
                              .content_type = "application/json",
                              .connections = wanted,
                              .rate = rate,
                              .seconds = bench->seconds};
    progress_show(&bench->progress, bench->steps++, 0);
    return load_run(&load, &bench->result, error);
}

static bool measure_step(struct bench *bench, struct bench_step *step, double *processor, struct forestd_error *error)
{
    double before = processor_seconds();
    if (!send_load(bench, step->connections, 0, error))
        return false;
    double requests = (double)(bench->result.answers + bench->result.failures);
    *processor = (processor_seconds() - before - bench->result.processor) / requests;
    step->rate = (double)bench->result.answers / bench->result.seconds;
    step->failures = bench->result.failures;
    step->steady = step->rate * BENCH_SHARE;
    if (step->steady <= 0)
        return error_set(error, FORESTD_IO, at_nowhere(), "%s: no request was answered with 200", bench->url);
    if (!send_load(bench, step->connections, step->steady, error))
        return false;
    const struct histogram *latencies = &bench->result.latencies;
    step->p50 = histogram_quantile(latencies, 0.5);
    step->p90 = histogram_quantile(latencies, 0.9);
    step->p99 = histogram_quantile(latencies, 0.99);
    step->p999 = histogram_quantile(latencies, 0.999);
    step->failures += bench->result.failures;
    return true;
}

/* The highest rate at which p99 stays within the slo, by halving the interval that it is in. */
static bool search(struct bench *bench, struct bench_service *service, struct forestd_error *error)
{
    double low = 0;
    double high = 0;
    for (size_t i = 0; i < BENCH_CONNECTIONS; i++)
        high = service->steps[i].rate > high ? service->steps[i].rate : high;
    double rate = high;
    for (int i = 0; i < BENCH_SEARCH; i++) {
        if (!send_load(bench, connections[BENCH_CONNECTIONS - 1], rate, error))
            return false;
        uint64_t p99 = histogram_quantile(&bench->result.latencies, 0.99);
        if (!bench->result.failures && (double)p99 <= service->slo * 1e6) {
            low = rate;
            service->p99 = p99;
        } else {
            high = rate;
        }
        rate = (low + high) / 2;
    }
    service->capacity = low;
    return true;
}

static bool open_bench(struct bench *bench, const struct serve_options *serve, struct log *log,
                       struct forestd_error *error)
{
    (void)signal(SIGPIPE, SIG_IGN);
    bench->server = server_open(serve, log, error);
    if (!bench->server || server_wait(bench->server, error) != SERVER_READY)
        return false;
    bench->http = http_open(bench->server, error);
    if (!bench->http)
        return false;
    (void)snprintf(bench->url, sizeof bench->url, "http://127.0.0.1:%u/invocations", http_port(bench->http));
    return true;
}

static void close_bench(struct bench *bench)
{
    http_close(bench->http);
    (void)server_close(bench->server);
    buffer_close(&bench->body);
}

static bool write_body(const struct forest *forest, size_t rows, struct buffer *body, struct forestd_error *error)
{
    float *cells = calloc(rows * forest->features, sizeof *cells);
    if (!cells)
        return error_memory(error, rows * forest->features * sizeof *cells, "rows to send");
    sample_rows(forest, rows, cells);
    bool good = sample_write(forest, cells, rows, body, error);
    free(cells);
    return good;
}

static bool measure(struct bench *bench, struct bench_service *service, struct forestd_error *error)
{
    double total = 0;
    progress_open(&bench->progress, 2 * BENCH_CONNECTIONS + BENCH_SEARCH);
    for (size_t i = 0; i < BENCH_CONNECTIONS; i++) {
        double processor = 0;
        service->steps[i].connections = connections[i];
        if (!measure_step(bench, &service->steps[i], &processor, error))
            return false;
        total += processor;
    }
    service->processor = total / BENCH_CONNECTIONS;
    return search(bench, service, error);
}

bool bench_service(const struct forestd_model *model, const char *address, const struct bench_wish *wish,
                   struct bench_service *service, struct forestd_error *error)
{
    service->rows = wish->rows;
    service->slo = (double)wish->slo;
    const struct serve_model served = {.address = address};
    struct serve_options serve = {.models = &served,
                                  .model_count = 1,
                                  .host = "127.0.0.1",
                                  .team = (unsigned)wish->team,
                                  .loops = (unsigned)wish->loops,
                                  .log_level = LEVEL_ERROR};
    struct bench bench = {.seconds = (double)wish->seconds};
    struct log log;
    log_open(&log, serve.log_level, STDERR_FILENO);
    bool good = write_body(model->forest, wish->rows, &bench.body, error) && open_bench(&bench, &serve, &log, error) &&
                measure(&bench, service, error);
    if (good)
        service->processors = bench.server->options.loops;
    progress_close(&bench.progress);
    close_bench(&bench);
    log_close(&log);
    return good;
}
