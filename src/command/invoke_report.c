#include "command/invoke_report.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static double milliseconds(const struct histogram *latencies, double quantile)
{
    return (double)histogram_quantile(latencies, quantile) / 1e6;
}

static double rate(const struct invoke_measure *measure)
{
    return measure->seconds > 0 ? (double)measure->answers / measure->seconds : 0;
}

void invoke_report_latency(const struct invoke_report *report)
{
    const struct invoke_measure *measure = report->measure;
    const struct histogram *latencies = &measure->latencies;
    if (!measure->answers)
        return;
    (void)fprintf(stderr,
                  "%" PRIu64
                  " request%s in %.3f s, %.1f requests/s; latency p50 %.3f ms, p90 %.3f ms, p99 %.3f ms, max "
                  "%.3f ms; %" PRIu64 " retried\n",
                  measure->answers, measure->answers == 1 ? "" : "s", measure->seconds, rate(measure),
                  milliseconds(latencies, 0.5), milliseconds(latencies, 0.9), milliseconds(latencies, 0.99),
                  (double)latencies->most / 1e6, measure->retries);
}

void invoke_report_equal(const struct invoke_report *report)
{
    const struct invoke_expected *expected = report->expected;
    printf("%s: %zu row%s equal%s %s bit for bit (%s%s%s)\n", report->target, report->rows,
           report->rows == 1 ? "" : "s", report->rows == 1 ? "s" : "", report->model,
           expected->predictions ? "predictions" : "", expected->predictions && expected->probabilities ? " and " : "",
           expected->probabilities ? "probabilities" : "");
}

static void add_comparison(const struct invoke_report *report, cJSON *document)
{
    const struct invoke_expected *expected = report->expected;
    const struct forestd_error *error = report->error;
    cJSON_AddStringToObject(document, "expected", report->model);
    cJSON_AddStringToObject(document, "version", expected->forest->version);
    cJSON_AddBoolToObject(document, "equal", !error);
    cJSON *compared = cJSON_AddArrayToObject(document, "compared");
    if (expected->predictions)
        cJSON_AddItemToArray(compared, cJSON_CreateString("predictions"));
    if (expected->probabilities)
        cJSON_AddItemToArray(compared, cJSON_CreateString("probabilities"));
}

bool invoke_report_json(const struct invoke_report *report)
{
    const struct invoke_measure *measure = report->measure;
    const struct histogram *latencies = &measure->latencies;
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "target", report->target);
    cJSON_AddNumberToObject(document, "requests", (double)measure->answers);
    cJSON_AddNumberToObject(document, "retries", (double)measure->retries);
    if (report->rows)
        cJSON_AddNumberToObject(document, "rows", (double)report->rows);
    cJSON_AddNumberToObject(document, "seconds", measure->seconds);
    cJSON_AddNumberToObject(document, "requests_a_second", rate(measure));
    cJSON_AddNumberToObject(document, "p50_ms", milliseconds(latencies, 0.5));
    cJSON_AddNumberToObject(document, "p90_ms", milliseconds(latencies, 0.9));
    cJSON_AddNumberToObject(document, "p99_ms", milliseconds(latencies, 0.99));
    cJSON_AddNumberToObject(document, "max_ms", (double)latencies->most / 1e6);
    if (report->expected)
        add_comparison(report, document);
    if (report->error) {
        cJSON_AddStringToObject(document, "error", report->error->message);
        cJSON_AddStringToObject(document, "code", forestd_code_word(report->error->code));
    }
    if (report->error && report->error->where.place == FORESTD_CELL)
        cJSON_AddNumberToObject(document, "row", (double)report->error->where.first);
    char *text = cJSON_Print(document);
    cJSON_Delete(document);
    if (text)
        printf("%s\n", text);
    free(text);
    return text != NULL;
}
