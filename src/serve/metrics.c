#include "serve/metrics.h"

#include "base/error.h"
#include "serve/routes.h"
#include "serve/server.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const unsigned short statuses[METRICS_STATUSES] = {200, 204, 400, 403, 404, 405, 406, 408, 409, 411, 413,
                                                          415, 422, 424, 431, 500, 501, 502, 503, 504, 507};

static const uint64_t bounds[METRICS_BUCKETS - 1] = {50000,     100000,    250000,    500000,     1000000,
                                                     2500000,   5000000,   10000000,  25000000,   50000000,
                                                     100000000, 250000000, 500000000, 1000000000, 10000000000};

/* ---- counting ---- */

static void add(atomic_ullong *counter, uint64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static uint64_t get(const atomic_ullong *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_begin(struct metrics *metrics)
{
    atomic_fetch_add_explicit(&metrics->in_flight, 1, memory_order_relaxed);
}

static size_t route_index(const struct route *route)
{
    size_t count;
    const struct route *table = route_table(&count);
    for (size_t i = 0; i < count && i < METRICS_ROUTES - 1; i++)
        if (route == &table[i])
            return i;
    return METRICS_ROUTES - 1;
}

static size_t status_index(unsigned status)
{
    size_t i = 0;
    while (i < METRICS_STATUSES - 1 && statuses[i] != status)
        i++;
    return i;
}

void metrics_count(struct metrics *metrics, const struct exchange *exchange, uint64_t nanoseconds)
{
    atomic_fetch_sub_explicit(&metrics->in_flight, 1, memory_order_relaxed);
    if (!exchange->answered)
        return;
    add(&metrics->answers[route_index(exchange->route)][status_index(exchange->reply.status)], 1);
    if (!exchange->route || !exchange->route->piece)
        return;
    size_t bucket = 0;
    while (bucket < METRICS_BUCKETS - 1 && nanoseconds > bounds[bucket])
        bucket++;
    add(&metrics->durations[bucket], 1);
    add(&metrics->nanoseconds, nanoseconds);
    add(&metrics->rows, exchange->reply.status == 200 ? exchange->rows : 0);
    add(&metrics->asked, exchange->received);
    add(&metrics->told, exchange->reply.body.size);
}

/* ---- telling ---- */

static bool head(struct buffer *text, const char *name, const char *type, const char *help)
{
    return buffer_print(text, NULL, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static bool number(struct buffer *text, const char *name, const char *type, const char *help, uint64_t value)
{
    return head(text, name, type, help) && buffer_print(text, NULL, "%s %" PRIu64 "\n", name, value);
}

/* A label's value, in quotes. */
static bool quote(struct buffer *text, const char *value)
{
    bool good = buffer_append(text, "\"", 1, NULL);
    for (; good && *value; value++) {
        if (*value == '\n')
            good = buffer_append(text, "\\n", 2, NULL);
        else
            good = (*value != '"' && *value != '\\') || buffer_append(text, "\\", 1, NULL);
        good = good && (*value == '\n' || buffer_append(text, value, 1, NULL));
    }
    return good && buffer_append(text, "\"", 1, NULL);
}

static bool tell_answers(struct buffer *text, const struct metrics *metrics)
{
    size_t count;
    const struct route *table = route_table(&count);
    bool good = head(text, "forestd_requests_total", "counter", "Requests that were answered, by route and status.");
    for (size_t i = 0; good && i < METRICS_ROUTES; i++) {
        for (size_t k = 0; good && k < METRICS_STATUSES; k++) {
            uint64_t answers = get(&metrics->answers[i][k]);
            if (!answers)
                continue;
            good = buffer_print(text, NULL, "forestd_requests_total{route=") &&
                   quote(text, i < count ? table[i].path : "") &&
                   (statuses[k] ? buffer_print(text, NULL, ",status=\"%u\"} ", statuses[k])
                                : buffer_print(text, NULL, ",status=\"other\"} ")) &&
                   buffer_print(text, NULL, "%" PRIu64 "\n", answers);
        }
    }
    return good;
}

static bool tell_durations(struct buffer *text, const struct metrics *metrics)
{
    uint64_t count = 0;
    bool good = head(text, "forestd_request_duration_seconds", "histogram",
                     "From a request's headers to its answer's end, for routes that take a body.");
    for (size_t i = 0; good && i < METRICS_BUCKETS; i++) {
        count += get(&metrics->durations[i]);
        good =
            i < METRICS_BUCKETS - 1
                ? buffer_print(text, NULL, "forestd_request_duration_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
                               (double)bounds[i] * 1e-9, count)
                : buffer_print(text, NULL, "forestd_request_duration_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", count);
    }
    return good &&
           buffer_print(text, NULL, "forestd_request_duration_seconds_sum %.9f\nforestd_request_duration_seconds_count",
                        (double)get(&metrics->nanoseconds) * 1e-9) &&
           buffer_print(text, NULL, " %" PRIu64 "\n", count);
}

struct telling {
    struct buffer *text;
    bool good;
};

static bool see_model(const struct served *served, void *context)
{
    static const char *const words[] = {
        [SERVER_LOADING] = "loading", [SERVER_READY] = "ready", [SERVER_FAILED] = "failed"};
    struct telling *telling = context;
    struct buffer *text = telling->text;
    const struct forestd_model *model = served_model(served);
    telling->good =
        buffer_print(text, NULL, "forestd_model_info{model=") && quote(text, served_name(served)) &&
        buffer_print(text, NULL, ",version=\"%" PRIu64 "\",state=\"%s\",model_version=\"%s\"} 1\n",
                     served_version(served), words[served_state(served)], model ? model->forest->version : "");
    return telling->good;
}

static bool tell_models(struct buffer *text, struct store *store)
{
    struct telling telling = {text, head(text, "forestd_model_info", "gauge", "The models that are served.")};
    if (telling.good)
        store_list(store, see_model, &telling);
    return telling.good;
}

/* Pages in memory: the second number of the file. */
static uint64_t resident_bytes(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file)
        return 0;
    if (fscanf(file, "%*u %llu", &pages) != 1) // NOLINT(cert-err34-c): the kernel's own number
        pages = 0;
    (void)fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void metrics_tell(struct exchange *exchange)
{
    struct server *server = exchange->server;
    const struct metrics *metrics = &server->metrics;
    struct buffer *text = &exchange->reply.body;
    bool good =
        head(text, "forestd_build_info", "gauge", "The program.") &&
        buffer_print(text, NULL, "forestd_build_info{version=\"%s\"} 1\n", FORESTD_VERSION) &&
        tell_models(text, server->store) && tell_answers(text, metrics) && tell_durations(text, metrics) &&
        number(text, "forestd_requests_in_flight", "gauge", "Requests that are not over, this one included.",
               atomic_load_explicit(&metrics->in_flight, memory_order_relaxed)) &&
        number(text, "forestd_team_jobs", "gauge", "Large predictions that run or wait.",
               server->team ? team_jobs(server->team) : 0) &&
        number(text, "forestd_team_jobs_limit", "gauge", "Most of them; one more is answered with 503.",
               server->options.queue) &&
        number(text, "forestd_request_memory_free_bytes", "gauge", "What requests may still hold.",
               atomic_load_explicit(&server->memory.left, memory_order_relaxed)) &&
        number(text, "forestd_rows_total", "counter", "Rows predicted.", get(&metrics->rows)) &&
        number(text, "forestd_request_bytes_total", "counter", "Bytes of requests' bodies, unpacked.",
               get(&metrics->asked)) &&
        number(text, "forestd_response_bytes_total", "counter", "Bytes of answers to them.", get(&metrics->told)) &&
        number(text, "process_start_time_seconds", "gauge", "When the server began, since 1970.",
               (uint64_t)metrics->started) &&
        number(text, "process_resident_memory_bytes", "gauge", "What the process has in memory.", resident_bytes());
    struct forestd_error error;
    if (good) {
        exchange_answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8");
        return;
    }
    buffer_close(text);
    error_memory(&error, 0, "the counters");
    exchange_error(exchange, &error);
}
