#include "observe/embedded.h"

#include "observe/text.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MODELS = 100, /* whose names are told */
    SERIES = 512, /* pairs of a model and a status that are told apart in a minute; more are not told */
    VALUES = 100, /* in an array, at most */
    OTHERS = MODELS + 1,
    NAME_SIZE = 256 /* of a dimension: its value may have 1024 characters */
};

struct series {
    struct series *next;
    unsigned model;
    unsigned status;
    uint64_t requests;
    uint64_t rows;
    double latencies[VALUES]; /* milliseconds; [requests] of them, VALUES at most */
};

struct embedded {
    struct log *log;
    const char *space;
    unsigned seconds;
    pthread_t teller;
    pthread_mutex_t turn;
    pthread_cond_t over;
    bool ends;
    uint64_t lot;
    char models[MODELS][NAME_SIZE];
    unsigned model_count;
    struct series *first;
    size_t series_count;
};

/* ---- counting ---- */

unsigned embedded_model(struct embedded *embedded, const char *name)
{
    pthread_mutex_lock(&embedded->turn);
    unsigned model = 0;
    while (model < embedded->model_count && strncmp(embedded->models[model], name, NAME_SIZE - 1) != 0)
        model++;
    if (model == embedded->model_count && model < MODELS)
        (void)snprintf(embedded->models[embedded->model_count++], NAME_SIZE, "%s", name);
    pthread_mutex_unlock(&embedded->turn);
    return model + 1;
}

static struct series *series_of(struct embedded *embedded, unsigned model, unsigned status)
{
    struct series *series = embedded->first;
    while (series && (series->model != model || series->status != status))
        series = series->next;
    if (series || embedded->series_count == SERIES)
        return series;
    series = calloc(1, sizeof *series);
    if (!series)
        return NULL;
    *series = (struct series){.next = embedded->first, .model = model, .status = status};
    embedded->first = series;
    embedded->series_count++;
    return series;
}

/* A number below `bound`, by xorshift: what it is for needs no more. */
static uint64_t draw(struct embedded *embedded, uint64_t bound)
{
    embedded->lot ^= embedded->lot << 13;
    embedded->lot ^= embedded->lot >> 7;
    embedded->lot ^= embedded->lot << 17;
    return embedded->lot % bound;
}

void embedded_count(struct embedded *embedded, unsigned model, unsigned status, uint64_t nanoseconds, uint64_t rows)
{
    pthread_mutex_lock(&embedded->turn);
    struct series *series = series_of(embedded, model, status);
    if (series) {
        /* Each of the requests has the same chance to be among the values. */
        uint64_t place = series->requests < VALUES ? series->requests : draw(embedded, series->requests + 1);
        if (place < VALUES)
            series->latencies[place] = (double)nanoseconds * 1e-6;
        series->requests++;
        series->rows += rows;
    }
    pthread_mutex_unlock(&embedded->turn);
}

/* ---- telling ---- */

static bool write_directive(const struct embedded *embedded, struct buffer *text)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return buffer_print(text, NULL, "{\"Timestamp\":%" PRIu64 ",\"CloudWatchMetrics\":[{\"Namespace\":",
                        (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000) &&
           text_escape(text, embedded->space, strlen(embedded->space), NULL) &&
           buffer_print(text, NULL,
                        ",\"Dimensions\":[[\"Model\",\"Status\"]],\"Metrics\":["
                        "{\"Name\":\"Latency\",\"Unit\":\"Milliseconds\"},"
                        "{\"Name\":\"Requests\",\"Unit\":\"Count\"},{\"Name\":\"Rows\",\"Unit\":\"Count\"}]}]}") &&
           buffer_append(text, "", 1, NULL);
}

static bool write_latencies(const struct series *series, struct buffer *text)
{
    uint64_t values = series->requests < VALUES ? series->requests : VALUES;
    bool good = true;
    for (uint64_t i = 0; good && i < values; i++)
        good = buffer_print(text, NULL, "%c%.3f", i ? ',' : '[', series->latencies[i]);
    return good && buffer_append(text, "]", 2, NULL);
}

static void tell(const struct embedded *embedded, const struct series *series)
{
    struct buffer directive = {0};
    struct buffer latencies = {0};
    char status[16];
    const char *model = series->model == 0        ? "none"
                        : series->model == OTHERS ? "others"
                                                  : embedded->models[series->model - 1];
    (void)snprintf(status, sizeof status, "%u", series->status);
    if (write_directive(embedded, &directive) && write_latencies(series, &latencies)) {
        const struct field fields[] = {
            field_json("_aws", (const char *)directive.bytes),
            field_text("Model", model),
            field_text("Status", status),
            field_number("Requests", series->requests),
            field_number("Rows", series->rows),
            field_json("Latency", (const char *)latencies.bytes),
            field_end(),
        };
        log_write(embedded->log, LEVEL_INFO, "measured", fields);
    }
    buffer_close(&directive);
    buffer_close(&latencies);
}

void embedded_tell(struct embedded *embedded)
{
    pthread_mutex_lock(&embedded->turn);
    struct series *series = embedded->first;
    embedded->first = NULL;
    embedded->series_count = 0;
    pthread_mutex_unlock(&embedded->turn);
    while (series) {
        struct series *next = series->next;
        tell(embedded, series);
        free(series);
        series = next;
    }
}

static void *tell_in_turn(void *context)
{
    struct embedded *embedded = context;
    struct timespec due;
    (void)clock_gettime(CLOCK_MONOTONIC, &due);
    pthread_mutex_lock(&embedded->turn);
    while (!embedded->ends) {
        due.tv_sec += embedded->seconds;
        while (!embedded->ends && pthread_cond_timedwait(&embedded->over, &embedded->turn, &due) != ETIMEDOUT) {
        }
        pthread_mutex_unlock(&embedded->turn);
        embedded_tell(embedded);
        pthread_mutex_lock(&embedded->turn);
    }
    pthread_mutex_unlock(&embedded->turn);
    return NULL;
}

/* ---- the beginning and the end ---- */

struct embedded *embedded_open(struct log *log, const char *space, unsigned seconds, struct forestd_error *error)
{
    struct embedded *embedded = calloc(1, sizeof *embedded);
    if (!embedded) {
        error_memory(error, sizeof *embedded, "what is measured");
        return NULL;
    }
    embedded->log = log;
    embedded->space = space;
    embedded->seconds = seconds;
    embedded->lot = 0x9E3779B97F4A7C15;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&embedded->turn, NULL);
    pthread_cond_init(&embedded->over, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (!seconds || pthread_create(&embedded->teller, NULL, tell_in_turn, embedded) == 0)
        return embedded;
    embedded->seconds = 0;
    embedded_close(embedded);
    error_set(error, FORESTD_IO, at_nowhere(), "the system gave no thread to tell what is measured");
    return NULL;
}

void embedded_close(struct embedded *embedded)
{
    if (!embedded)
        return;
    if (embedded->seconds) {
        pthread_mutex_lock(&embedded->turn);
        embedded->ends = true;
        pthread_cond_signal(&embedded->over);
        pthread_mutex_unlock(&embedded->turn);
        (void)pthread_join(embedded->teller, NULL);
    }
    embedded_tell(embedded);
    pthread_cond_destroy(&embedded->over);
    pthread_mutex_destroy(&embedded->turn);
    free(embedded);
}
