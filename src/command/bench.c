/*
 * `forestd bench`: how fast this machine answers with a model, and what an operator may ask of it.
 */
#include "command/bench.h"

#include "command/commands.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

static double milliseconds(uint64_t nanoseconds)
{
    return (double)nanoseconds / 1e6;
}

/* The number for target tracking. */
static double requests_a_minute(const struct bench_service *service)
{
    return service->capacity * 60 * BENCH_SAFETY;
}

/* The most connections at which p99 stayed within the slo; 0 where it never did. */
static unsigned requests_at_once(const struct bench_service *service)
{
    unsigned most = 0;
    for (size_t i = 0; i < BENCH_CONNECTIONS; i++) {
        const struct bench_step *step = &service->steps[i];
        if (!step->failures && milliseconds(step->p99) <= service->slo)
            most = step->connections;
    }
    return most;
}

static double rows_a_second(const struct bench_walks *walks)
{
    return 1e9 / walks->row_time[walks->count - 1];
}

static void print_walks(const struct bench_walks *walks, bool explain)
{
    printf("Prediction alone, one core\n\n  %8s %14s\n", "rows", "ns a row");
    for (size_t i = 0; i < walks->count; i++) {
        printf("  %8zu %14.0f", walks->rows[i], walks->row_time[i]);
        if (explain)
            printf("   %s: %s", walks->walk[i], walks->why[i]);
        printf("\n");
    }
    printf("\n");
}

static void print_service(const struct bench_service *service)
{
    printf("Over HTTP on loopback, %zu row%s a request; the sender shares the processors\n\n", service->rows,
           service->rows == 1 ? "" : "s");
    printf("  %11s %10s   %10s %9s %9s %9s %9s\n", "connections", "answers/s", "at", "p50 ms", "p90 ms", "p99 ms",
           "p99.9 ms");
    for (size_t i = 0; i < BENCH_CONNECTIONS; i++) {
        const struct bench_step *step = &service->steps[i];
        printf("  %11u %10.0f   %8.0f/s %9.3f %9.3f %9.3f %9.3f", step->connections, step->rate, step->steady,
               milliseconds(step->p50), milliseconds(step->p90), milliseconds(step->p99), milliseconds(step->p999));
        if (step->failures)
            printf("   %llu failed", (unsigned long long)step->failures);
        printf("\n");
    }
    printf("\n  Latencies are counted from when a request was due, at %.0f %% of the answers a second beside them.\n"
           "  The server spends %.1f us of processor on a request.\n\n",
           BENCH_SHARE * 100, service->processor * 1e6);
}

static void print_advice(const struct bench_walks *walks, const struct bench_service *service)
{
    printf("For the operator: what an instance like this takes, as terraform/ names it\n\n");
    if (service->capacity > 0)
        printf("  requests_per_minute = %.0f\n"
               "      %.0f/s was the most at which p99 stayed within %.0f ms (it was %.2f ms), times the safety factor "
               "%.1f\n"
               "  concurrency = %u\n"
               "      the most connections of the table whose p99 stayed within that\n",
               requests_a_minute(service), service->capacity, service->slo, milliseconds(service->p99), BENCH_SAFETY,
               requests_at_once(service));
    else
        printf("  requests_per_minute = 0\n      p99 was above %.0f ms at every rate: send fewer rows a request\n",
               service->slo);
    printf("  rows a second per core: %.0f\n", rows_a_second(walks));
}

static cJSON *walks_json(const struct bench_walks *walks)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < walks->count; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddNumberToObject(item, "rows", (double)walks->rows[i]);
        cJSON_AddNumberToObject(item, "nanoseconds_a_row", walks->row_time[i]);
        cJSON_AddStringToObject(item, "walk", walks->walk[i]);
        cJSON_AddStringToObject(item, "why", walks->why[i]);
        cJSON_AddItemToArray(list, item);
    }
    return list;
}

static cJSON *service_json(const struct bench_service *service)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < BENCH_CONNECTIONS; i++) {
        const struct bench_step *step = &service->steps[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddNumberToObject(item, "connections", step->connections);
        cJSON_AddNumberToObject(item, "answers_a_second", step->rate);
        cJSON_AddNumberToObject(item, "steady_rate", step->steady);
        cJSON_AddNumberToObject(item, "p50_ms", milliseconds(step->p50));
        cJSON_AddNumberToObject(item, "p90_ms", milliseconds(step->p90));
        cJSON_AddNumberToObject(item, "p99_ms", milliseconds(step->p99));
        cJSON_AddNumberToObject(item, "p999_ms", milliseconds(step->p999));
        cJSON_AddNumberToObject(item, "failures", (double)step->failures);
        cJSON_AddItemToArray(list, item);
    }
    return list;
}

static int print_json(const struct bench_walks *walks, const struct bench_service *service)
{
    cJSON *document = cJSON_CreateObject();
    cJSON_AddItemToObject(document, "prediction", walks_json(walks));
    cJSON_AddNumberToObject(document, "rows_a_request", (double)service->rows);
    cJSON_AddItemToObject(document, "http", service_json(service));
    cJSON_AddNumberToObject(document, "processor_us_a_request", service->processor * 1e6);
    cJSON_AddNumberToObject(document, "slo_ms", service->slo);
    cJSON_AddNumberToObject(document, "p99_ms_at_capacity", milliseconds(service->p99));
    cJSON_AddNumberToObject(document, "capacity_a_second", service->capacity);
    cJSON_AddNumberToObject(document, "safety_factor", BENCH_SAFETY);
    cJSON_AddNumberToObject(document, "requests_a_minute_per_instance", requests_a_minute(service));
    cJSON_AddNumberToObject(document, "requests_at_once_per_instance", requests_at_once(service));
    cJSON_AddNumberToObject(document, "rows_a_second_per_core", rows_a_second(walks));
    char *text = cJSON_Print(document);
    cJSON_Delete(document);
    if (!text)
        return EXIT_FAILED;
    printf("%s\n", text);
    free(text);
    return EXIT_DONE;
}

static bool read_wish(const struct options *options, struct bench_wish *wish, struct forestd_error *error)
{
    return option_number(options, OPTION_ROWS, 1, 100000, &wish->rows, error) &&
           option_number(options, OPTION_SLO, 1, 60000, &wish->slo, error) &&
           option_number(options, OPTION_SECONDS, 1, 3600, &wish->seconds, error) &&
           option_number(options, OPTION_THREADS, 0, 1024, &wish->team, error) &&
           option_number(options, OPTION_EVENT_LOOPS, 0, 1024, &wish->loops, error);
}

int command_bench(const struct options *options)
{
    struct forestd_error error;
    struct bench_wish wish;
    struct bench_walks walks = {0};
    struct bench_service service = {0};
    const char *address = read_wish(options, &wish, &error) ? model_address(options, &error) : NULL;
    if (!address)
        return complain(&error, EXIT_USAGE);
    struct forestd_model *model = model_open(options, address, &error);
    if (!model)
        return complain(&error, EXIT_FAILED);
    bool json = option_on(options, OPTION_JSON);
    bool good = bench_walks(model, &walks, &error);
    if (good && !json)
        print_walks(&walks, option_on(options, OPTION_EXPLAIN));
    (void)fflush(stdout);
    good = good && bench_service(model, address, &wish, &service, &error);
    forestd_close(model);
    if (!good)
        return complain(&error, EXIT_FAILED);
    if (json)
        return print_json(&walks, &service);
    print_service(&service);
    print_advice(&walks, &service);
    return EXIT_DONE;
}
