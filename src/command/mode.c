#include "command/mode.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Every mode, and what it is seen by, in the order of the looking. Of the variables one that is not empty is enough. */
static const struct mode_row {
    enum mode mode;
    const char *word;
    const char *variables[3];
    bool late;
    bool google;
} modes[] = {
    {MODE_SAGEMAKER, "sagemaker", {NULL}, false, false}, /* see find_sagemaker */
    {MODE_LAMBDA, "lambda", {"AWS_LAMBDA_RUNTIME_API"}, false, false},
    {MODE_FUNCTIONS, "functions", {"FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_HTTPWORKER_PORT"}, false, false},
    {MODE_VERTEX, "vertex", {"AIP_HTTP_PORT", "AIP_PREDICT_ROUTE", "AIP_STORAGE_URI"}, false, true},
    {MODE_AZUREML, "azureml", {"AZUREML_MODEL_DIR"}, false, false},
    {MODE_KSERVE, "kserve", {"MLSERVER_MODEL_NAME"}, true, false}, /* and by its arguments */
    {MODE_CLOUDRUN, "cloudrun", {"K_SERVICE", "PORT"}, true, true},
    {MODE_HTTP, "http", {NULL}, false, false},
};

enum { MODES = sizeof modes / sizeof *modes };

static const struct mode_row *row_of(enum mode mode)
{
    const struct mode_row *row = modes;
    while (row->mode != mode)
        row++;
    return row;
}

const char *mode_word(enum mode mode)
{
    return row_of(mode)->word;
}

bool mode_opens_late(enum mode mode)
{
    return row_of(mode)->late;
}

const char *mode_google_project(enum mode mode)
{
    const char *project = getenv("GOOGLE_CLOUD_PROJECT");
    if (!row_of(mode)->google)
        return NULL;
    return project ? project : "";
}

const char *mode_host(enum mode mode)
{
    return mode == MODE_FUNCTIONS ? "127.0.0.1" : "0.0.0.0";
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value;
}

bool mode_under_lambda(void)
{
    return is_set("AWS_LAMBDA_RUNTIME_API");
}

static bool found(struct finding *finding, enum mode mode, const char *what, const char *is)
{
    finding->mode = mode;
    (void)snprintf(finding->reason, sizeof finding->reason, "%s %s", what, is);
    return true;
}

/*
 * SageMaker starts `forestd serve`, and so do people: its folder or a variable of its own must be there too. It goes
 * before Lambda, whose variables may be seen in a serverless endpoint.
 */
static bool find_sagemaker(const struct options *options, struct finding *finding)
{
    static const char *const signs[] = {"SAGEMAKER_BIND_TO_PORT", "SAGEMAKER_MULTI_MODEL", "SAGEMAKER_BATCH",
                                        "SAGEMAKER_SAFE_PORT_RANGE", "AWS_LAMBDA_RUNTIME_API"};
    if (!options->named)
        return false;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (is_set(signs[i]))
            return found(finding, MODE_SAGEMAKER, signs[i], "is set, and the command is serve");
    if (access("/opt/ml/model", F_OK) == 0)
        return found(finding, MODE_SAGEMAKER, "/opt/ml/model", "is there, and the command is serve");
    return false;
}

static bool find_variables(const struct mode_row *row, struct finding *finding)
{
    for (size_t i = 0; i < sizeof row->variables / sizeof *row->variables && row->variables[i]; i++)
        if (is_set(row->variables[i]))
            return found(finding, row->mode, row->variables[i], "is set");
    return false;
}

static bool find_by_word(const char *word, const char *source, struct finding *finding, struct forestd_error *error)
{
    for (size_t i = 0; i < MODES; i++)
        if (strcmp(modes[i].word, word) == 0)
            return found(finding, modes[i].mode, "--mode says so, from", source ? source : "the table");
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                     "--mode: '%s' is none of http, sagemaker, lambda, functions, vertex, azureml, cloudrun, kserve",
                     word);
}

bool mode_find(const struct options *options, struct finding *finding, struct forestd_error *error)
{
    /* AWS's web adapter turns Lambda's events into HTTP before they come here. */
    static const char adapter[] = "/opt/extensions/lambda-adapter";
    const char *word = options->values[OPTION_MODE];
    if (word[0])
        return find_by_word(word, options->source[OPTION_MODE], finding, error);
    if (find_sagemaker(options, finding))
        return true;
    for (size_t i = 0; i < MODES; i++) {
        if (modes[i].mode == MODE_LAMBDA && access(adapter, F_OK) == 0)
            continue;
        if (modes[i].mode == MODE_KSERVE && options->kserve)
            return found(finding, MODE_KSERVE, "KServe's arguments", "were given");
        if (find_variables(&modes[i], finding))
            return true;
    }
    return found(finding, MODE_HTTP, "no platform's variable", "is set");
}

/* ---- what is told ---- */

static void print_option(const struct options *options, const char *what, enum option option, const char *value)
{
    const char *source = options->source[option];
    char own[VARIABLE_SIZE];
    option_variable(option, own);
    if (source && strcmp(source, "the environment") == 0)
        source = own;
    printf("%-9s %s%s%s\n", what, value, source ? ", from " : "", source ? source : "");
}

static void print_models(const struct options *options, const struct serve_options *serve)
{
    const char *source = options->argument_count && options->source[OPTION_MODEL] != options->values[OPTION_MODEL]
                             ? NULL
                             : options->source[OPTION_MODEL];
    for (size_t i = 0; i < serve->model_count; i++) {
        const struct serve_model *model = &serve->models[i];
        printf("%-9s %s%s%s", i ? "" : "model", model->name ? model->name : "", model->name ? " = " : "",
               model->address);
        if (model->version > 1)
            printf(", version %" PRIu64, model->version);
        printf("%s%s\n", source ? ", from " : "", source ? source : "");
    }
    if (serve->multi_model)
        printf("%-9s clients load and unload them: POST and DELETE /models\n", serve->model_count ? "" : "model");
}

void mode_explain(const struct options *options, const struct finding *finding, const struct serve_options *serve)
{
    printf("%-9s %s, because %s\n", "mode", mode_word(finding->mode), finding->reason);
    print_option(options, "port", OPTION_PORT, options->values[OPTION_PORT]);
    print_option(options, "address", OPTION_HOST, serve->host);
    print_models(options, serve);
    if (serve->health_route[0])
        print_option(options, "health", OPTION_HEALTH_ROUTE, serve->health_route);
    if (serve->predict_route[0])
        print_option(options, "predict", OPTION_PREDICT_ROUTE, serve->predict_route);
    printf("%-9s %s\n", "ready",
           mode_opens_late(finding->mode) ? "the port opens when the models are there"
                                          : "the port opens at once; health checks get 503 until the models are there");
    printf("%-9s %s\n", "log",
           mode_google_project(finding->mode) ? "JSON lines on stderr, with severity, httpRequest and trace"
                                              : "JSON lines on stderr");
    printf("%-9s every platform's: GET /openapi.json lists them\n", "routes");
}
