/*
 * `forestd invoke`: rows of a file to an endpoint, wherever it is, and its answers to stdout; or, with --expect, whether
 * they are a model's own bits.
 */
#include "command/commands.h"

#include "command/invoke_report.h"
#include "engine/engine.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CONCURRENCY = 256 };

struct work {
    const struct options *options;
    struct invoke_target target;
    struct invoke_settings settings;
    struct invoke_asking asking;
    struct invoke_sending sending;
    struct http_client *client;
    struct invoke_service service;
    struct invoke_rows rows;
    struct forestd_model *model; /* NULL = none is expected */
    struct invoke_expected expected;
    struct invoke_measure measure;
    unsigned outputs;    /* that answers are to have; 0 = the usual ones */
    bool quiet;          /* answers are not printed */
    struct buffer *kept; /* [rows.count] answers of the first round that wait for those before them */
    size_t printed;      /* answers */
};

/* ---- what is asked for ---- */

static const char *value_of(const struct options *options, enum option option)
{
    return options->values[option];
}

/* The file's format, by --from or its name. */
static bool choose_from(struct work *work, const char *path, struct forestd_error *error)
{
    const char *word = value_of(work->options, OPTION_FROM);
    char name[32];
    work->asking.from = FORMAT_CSV;
    (void)snprintf(name, sizeof name, "x.%s", word);
    if (word[0] && !format_of_path(name, &work->asking.from))
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "--from: no format '%s': json, jsonl, csv or npy",
                         word);
    if (!word[0])
        (void)format_of_path(path, &work->asking.from);
    return true;
}

/* Whether a format's bodies can be written here. */
static bool is_written(enum format format)
{
    return format == FORMAT_JSON || format == FORMAT_LINES || format == FORMAT_CSV || format == FORMAT_NPY;
}

/* What is sent: as --content-type says, else JSON where the platform or the comparison wants it, else as the file. */
static bool choose_to(struct work *work, struct forestd_error *error)
{
    const char *type = value_of(work->options, OPTION_CONTENT_TYPE);
    enum target_kind kind = work->target.kind;
    bool wants_json = kind == TARGET_LAMBDA || kind == TARGET_VERTEX || kind == TARGET_AZUREML || work->asking.model ||
                      work->asking.outputs;
    enum format *to = &work->asking.to;
    bool known = format_of_content_type(type, to) && *to != FORMAT_SNIFFED;
    if (!type[0])
        *to = wants_json ? FORMAT_JSON : work->asking.from;
    work->asking.as_it_is = !work->asking.model && !work->asking.batch && !work->asking.outputs &&
                            (type[0] && !known ? true : *to == work->asking.from);
    if (!work->asking.as_it_is && ((type[0] && !known) || !is_written(*to)))
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                         "rows are not written as %s: as application/json, application/jsonlines, text/csv or "
                         "application/x-npy",
                         type[0] ? type : format_content_type(*to));
    work->asking.object = kind == TARGET_VERTEX && *to == FORMAT_JSON;
    work->settings.content_type = type[0] ? type : format_content_type(*to);
    work->settings.json = *to == FORMAT_JSON && (!type[0] || known);
    return true;
}

/* What answers are to have, and where that is said. Bodies of CSV and NPY cannot, addresses of our own choice can. */
static bool choose_outputs(struct work *work, struct forestd_error *error)
{
    const char *output = value_of(work->options, OPTION_OUTPUT);
    if (output[0] && !outputs_read(output, strlen(output), &work->outputs, error))
        return false;
    const char *type = value_of(work->options, OPTION_CONTENT_TYPE);
    enum format format = FORMAT_JSON;
    bool documents =
        !type[0] || (format_of_content_type(type, &format) && (format == FORMAT_JSON || format == FORMAT_LINES));
    bool classifier = work->model && work->model->forest->task == FORESTD_CLASSIFIER;
    if (documents && !work->outputs && classifier)
        work->outputs = OUTPUT_PREDICTIONS | OUTPUT_PROBABILITIES;
    if (documents)
        work->asking.outputs = work->outputs;
    else if (work->outputs && work->target.kind != TARGET_HTTP)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                         "--output: rows in %s cannot ask for it: leave --content-type away", type);
    else
        work->settings.output = output;
    return true;
}

static bool read_numbers(struct work *work, struct forestd_error *error)
{
    const struct options *options = work->options;
    unsigned long batch = 0;
    unsigned long repeat = 0;
    unsigned long concurrency = 0;
    unsigned long retries = 0;
    unsigned long seconds = 0;
    if (!option_number(options, OPTION_BATCH_ROWS, 0, 1000000000, &batch, error) ||
        !option_number(options, OPTION_REPEAT, 1, 1000000000, &repeat, error) ||
        !option_number(options, OPTION_CONCURRENCY, 1, MOST_CONCURRENCY, &concurrency, error) ||
        !option_number(options, OPTION_RETRIES, 0, 100, &retries, error) ||
        !option_number(options, OPTION_TIMEOUT, 1, 3600, &seconds, error))
        return false;
    work->asking.batch = batch;
    work->sending.repeat = repeat;
    work->sending.concurrency = (unsigned)concurrency;
    work->sending.retries = (unsigned)retries;
    work->sending.timeout_ms = (unsigned)seconds * 1000;
    return true;
}

/* Everything that can be wrong with the command line. */
static bool prepare(struct work *work, struct forestd_error *error)
{
    const struct options *options = work->options;
    const char *path = value_of(options, OPTION_ROWS_FILE);
    if (options->argument_count != 1)
        return error_set(
            error, FORESTD_ARGUMENT, at_nowhere(),
            "%s: forestd invoke sagemaker://ENDPOINT --rows rows.csv (lambda://, vertex://, azureml:// and "
            "http(s):// as well)",
            options->argument_count ? "one endpoint at a time" : "which endpoint?");
    if (!path[0])
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "which rows? forestd invoke %.200s --rows rows.csv",
                         options->arguments[0]);
    work->settings.endpoint = value_of(options, OPTION_ENDPOINT_URL);
    work->settings.key = value_of(options, OPTION_KEY);
    work->settings.accept = value_of(options, OPTION_WANTED);
    work->settings.output = "";
    work->quiet = value_of(options, OPTION_EXPECT)[0] || option_on(options, OPTION_JSON);
    return invoke_target_read(options->arguments[0], &work->target, error) && choose_from(work, path, error) &&
           read_numbers(work, error);
}

/* ---- answers ---- */

static bool write_out(const void *bytes, size_t size, struct forestd_error *error)
{
    size_t done = 0;
    while (done < size) {
        ssize_t part = write(STDOUT_FILENO, (const char *)bytes + done, size - done);
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return error_set(error, FORESTD_IO, at_nowhere(), "stdout: %s", strerror(errno));
        done += (size_t)part;
    }
    return true;
}

/* Answers come in any order, and are printed in that of the rows. */
static bool print_answer(struct work *work, size_t index, const struct invoke_reply *reply, struct forestd_error *error)
{
    enum format format = FORMAT_JSON;
    bool text = format_of_content_type(reply->content_type, &format) && format != FORMAT_NPY;
    bool ends = reply->size && reply->bytes[reply->size - 1] == '\n';
    struct buffer *kept = &work->kept[index];
    if (!buffer_append(kept, reply->bytes, reply->size, error) ||
        (text && !ends && !buffer_append(kept, "\n", 1, error)))
        return false;
    if (kept->size == 0)
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "the answer is empty");
    while (work->printed < work->rows.count && work->kept[work->printed].size) {
        struct buffer *next = &work->kept[work->printed++];
        if (!write_out(next->bytes, next->size, error))
            return false;
        buffer_close(next);
    }
    return true;
}

/* How many rows were answered. */
static size_t answered(const struct invoke_answer *answer)
{
    return answer->predictions.rows ? answer->predictions.rows : answer->probabilities.rows;
}

static bool check_answer(struct work *work, const struct invoke_body *body, const struct invoke_reply *reply,
                         struct forestd_error *error)
{
    const struct invoke_wanted wanted = {.content_type = reply->content_type,
                                         .outputs = work->outputs,
                                         .predictions = work->model ? work->model->forest->outputs : 0};
    struct invoke_answer answer;
    bool good = invoke_answer_read(&answer, &wanted, reply->bytes, reply->size, error);
    if (good && work->model)
        good = invoke_compare(&work->expected, &answer, body->first, body->rows, error);
    else if (good && body->rows != ROWS_UNKNOWN && answered(&answer) != body->rows)
        good = error_set(error, FORESTD_FORMAT, at_row(body->first), "%zu answers for %zu rows, from row %zu on",
                         answered(&answer), body->rows, body->first);
    invoke_answer_close(&answer);
    return good;
}

static bool take_answer(void *context, size_t index, size_t round, const struct invoke_reply *reply,
                        struct forestd_error *error)
{
    struct work *work = context;
    const struct invoke_body *body = &work->rows.bodies[index];
    enum format format = FORMAT_JSON;
    /* What is sent as it is may be answered in any way; but what is said to be JSON must be. */
    bool known = reply->content_type && format_of_content_type(reply->content_type, &format);
    if ((work->model || body->rows != ROWS_UNKNOWN || (known && format == FORMAT_JSON)) &&
        !check_answer(work, body, reply, error))
        return false;
    return work->quiet || round > 0 || print_answer(work, index, reply, error);
}

/* ---- the run ---- */

static bool run(struct work *work, struct forestd_error *error)
{
    const char *expect = value_of(work->options, OPTION_EXPECT);
    work->model = expect[0] ? model_open(work->options, expect, error) : NULL;
    work->asking.model = work->model ? work->model->forest : NULL;
    if ((expect[0] && !work->model) || !choose_outputs(work, error) || !choose_to(work, error))
        return false;
    work->client = client_open(NULL, error);
    if (!work->client || !invoke_service_open(&work->service, &work->target, &work->settings, work->client, error) ||
        !invoke_rows_open(&work->rows, value_of(work->options, OPTION_ROWS_FILE), &work->asking, error))
        return false;
    if (work->model && !invoke_expect(&work->expected, work->asking.model, work->rows.matrix, error))
        return error_prefix(error, value_of(work->options, OPTION_ROWS_FILE));
    work->kept = calloc(work->rows.count, sizeof *work->kept);
    if (!work->kept)
        return error_memory(error, work->rows.count * sizeof *work->kept, "answers");
    work->sending.service = &work->service;
    work->sending.bodies = work->rows.bodies;
    work->sending.count = work->rows.count;
    work->sending.take = take_answer;
    work->sending.context = work;
    return invoke_send(&work->sending, &work->measure, error);
}

static int report(const struct work *work, bool good, const struct forestd_error *error)
{
    const struct invoke_report report = {.target = work->target.text,
                                         .measure = &work->measure,
                                         .requests = work->rows.count,
                                         .rows = work->rows.matrix ? work->rows.matrix->rows : 0,
                                         .model = work->model ? value_of(work->options, OPTION_EXPECT) : NULL,
                                         .expected = work->model ? &work->expected : NULL,
                                         .error = good ? NULL : error};
    invoke_report_latency(&report);
    if (option_on(work->options, OPTION_JSON))
        good = invoke_report_json(&report) && good;
    else if (good && work->model)
        invoke_report_equal(&report);
    if (good)
        return EXIT_DONE;
    return complain(error, error->code == FORESTD_ARGUMENT ? EXIT_USAGE : EXIT_FAILED);
}

static void close_work(struct work *work)
{
    for (size_t i = 0; work->kept && i < work->rows.count; i++)
        buffer_close(&work->kept[i]);
    free(work->kept);
    invoke_expected_close(&work->expected);
    invoke_rows_close(&work->rows);
    invoke_service_close(&work->service);
    client_close(work->client);
    forestd_close(work->model);
    invoke_target_close(&work->target);
}

int command_invoke(const struct options *options)
{
    struct forestd_error error = {0};
    struct work work = {.options = options};
    int status = EXIT_USAGE;
    if (!prepare(&work, &error))
        status = complain(&error, EXIT_USAGE);
    else
        status = report(&work, run(&work, &error), &error);
    close_work(&work);
    return status;
}
