/*
 * The program: which command, with which options. The only place that ends the process.
 */
#include "command/commands.h"

#include "command/nearest.h"
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
    {BENCH, "bench", "PATH", "measure how fast this machine answers with a model",
     "forestd bench model.joblib --slo 50", command_bench},
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

const char *model_address(const struct options *options, struct forestd_error *error)
{
    static const char sagemaker[] = "/opt/ml/model";
    if (options->values[OPTION_MODEL][0])
        return options->values[OPTION_MODEL];
    if (options->argument_count && options->command != PREDICT)
        return options->arguments[0];
    if (options->command == SERVE && access(sagemaker, F_OK) == 0)
        return sagemaker;
    const struct command_row *row = command_table;
    while (row->command != options->command)
        row++;
    error_set(error, FORESTD_ARGUMENT, at_nowhere(),
              "which model? name it: forestd %s --model model.joblib (or set FORESTD_MODEL%s)", row->name,
              options->command == SERVE ? ", or put it in /opt/ml/model" : "");
    return NULL;
}

static int refuse_command(const char *name)
{
    const struct command_row *best = NULL;
    size_t distance = 0;
    for (const struct command_row *row = command_table; row->name; row++) {
        size_t each = word_distance(name, row->name);
        if (!best || each < distance) {
            best = row;
            distance = each;
        }
    }
    struct forestd_error error;
    if (best && word_is_near(name, distance))
        error_set(&error, FORESTD_ARGUMENT, at_nowhere(), "no command '%s': did you mean %s?", name, best->name);
    else
        error_set(&error, FORESTD_ARGUMENT, at_nowhere(), "no command '%s': see forestd --help", name);
    return complain(&error, EXIT_USAGE);
}

static int run(const struct command_row *row, int count, char *const words[])
{
    struct options options;
    struct forestd_error error;
    if (!options_read(&options, row->command, count, words, &error))
        return complain(&error, EXIT_USAGE);
    if (options.help) {
        options.argument_count = 1;
        options.arguments[0] = row->name;
        return command_help(&options);
    }
    return row->run(&options);
}

int main(int count, char *words[])
{
    if (count < 2)
        return run(command_find("serve"), 0, NULL);
    if (strcmp(words[1], "--version") == 0) {
        printf("forestd %s\n", FORESTD_VERSION);
        return EXIT_DONE;
    }
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)
        return run(command_find("help"), count - 2, words + 2);
    if (words[1][0] == '-')
        return run(command_find("serve"), count - 1, words + 1);
    const struct command_row *row = command_find(words[1]);
    return row ? run(row, count - 2, words + 2) : refuse_command(words[1]);
}
