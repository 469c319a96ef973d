#include "command/commands.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct command_row command_table[] = {
    {SERVE, "serve", "[--model PATH]", "answer predictions over HTTP", "forestd serve --model model.joblib --port 8080",
     command_serve},
    {PREDICT, "predict", "--model PATH [INPUT]", "predict the rows of a file, or of stdin, to stdout",
     "forestd predict --model model.joblib rows.csv --output probabilities > answers.csv", command_predict},
    {INSPECT, "inspect", "PATH", "tell what is in a model's file, without running any of it",
     "forestd inspect model.joblib --json", command_inspect},
    {VERIFY, "verify", "PATH --against FILE.npz", "compare a model's answers with expected ones, bit for bit",
     "python3 models/answers.py model.joblib -o expected.npz && forestd verify model.joblib --against expected.npz",
     command_verify},
    {PACK, "pack", "PATH -o FILE.forest | --archive FILE.tar.gz",
     "write a model as the file that forestd starts from at once",
     "forestd pack model.joblib -o model.forest && forestd serve model.forest", command_pack},
    {BENCH, "bench", "PATH", "measure how fast this machine answers with a model",
     "forestd bench model.joblib --slo 50", command_bench},
    {LAMBDA, "lambda", "[--model PATH] [--event FILE]", "be an AWS Lambda function, or answer one event from a file",
     "forestd lambda --model model.joblib --event event.json", command_lambda},
    {INVOKE, "invoke", "TARGET --rows FILE", "ask an endpoint, wherever it is, and compare its answers with a model's",
     "forestd invoke sagemaker://churn --rows rows.csv --expect model.joblib", command_invoke},
    {HEALTHCHECK, "healthcheck", "[--port N]", "ask a running server whether it is ready",
     "forestd healthcheck --port 8080", command_healthcheck},
    {HELP, "help", "[COMMAND]", "tell about the program or one command", "forestd help serve", command_help},
    {0, NULL, NULL, NULL, NULL, NULL},
};

const struct command_row *command_find(const char *name)
{
    for (const struct command_row *row = command_table; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

int complain(const struct forestd_error *error, int status)
{
    (void)fprintf(stderr, "forestd: %s\n", error->message);
    return status;
}

bool fetching_read(const struct options *options, struct forestd_fetching *fetching, struct forestd_error *error)
{
    unsigned long seconds = 0;
    if (!option_number(options, OPTION_FETCH_TIMEOUT, 1, 86400, &seconds, error))
        return false;
    *fetching = (struct forestd_fetching){option_on(options, OPTION_CACHE), (unsigned)seconds};
    return true;
}

struct forestd_model *model_open(const struct options *options, const char *address, struct forestd_error *error)
{
    struct forestd_fetching fetching;
    return fetching_read(options, &fetching, error) ? forestd_open_fetching(address, &fetching, error) : NULL;
}

const char *model_address(const struct options *options, struct forestd_error *error)
{
    static const char *const places[] = {"/opt/ml/model", "/mnt/models"}; /* SageMaker, KServe */
    struct forestd_fetching fetching;
    if (!fetching_read(options, &fetching, error))
        return NULL;
    bool argument = options->argument_count && options->command != PREDICT;
    bool platform = options->source[OPTION_MODEL] == options->variables[OPTION_MODEL];
    if (options->values[OPTION_MODEL][0] && !(argument && platform))
        return options->values[OPTION_MODEL];
    if (argument)
        return options->arguments[0];
    for (size_t i = 0; options->command == SERVE && i < sizeof places / sizeof *places; i++)
        if (access(places[i], F_OK) == 0)
            return places[i];
    const struct command_row *row = command_table;
    while (row->command != options->command)
        row++;
    error_set(error, FORESTD_ARGUMENT, at_nowhere(),
              "which model? name it: forestd %s --model model.joblib (or set FORESTD_MODEL%s)", row->name,
              options->command == SERVE ? ", or put it in /opt/ml/model" : "");
    return NULL;
}
