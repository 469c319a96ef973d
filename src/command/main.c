/*
 * The program: which command, with which options. The only place that ends the process.
 */
#include "command/commands.h"

#include "command/nearest.h"
#include <stdio.h>
#include <string.h>

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

/* Lambda may add the handler's name, which is nothing here; every command can still be said. */
static bool is_function(char *const words[])
{
    bool handler = words[1][0] != '-' && !command_find(words[1]);
    return lambda_is_asked() && (handler || words[1][0] == '-');
}

int main(int count, char *words[])
{
    if (count < 2)
        return run(command_find(lambda_is_asked() ? "lambda" : "serve"), 0, NULL);
    if (strcmp(words[1], "--version") == 0) {
        printf("forestd %s\n", FORESTD_VERSION);
        return EXIT_DONE;
    }
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)
        return run(command_find("help"), count - 2, words + 2);
    if (is_function(words))
        return run(command_find("lambda"), words[1][0] == '-' ? count - 1 : 0, words + 1);
    if (words[1][0] == '-')
        return run(command_find("serve"), count - 1, words + 1);
    const struct command_row *row = command_find(words[1]);
    return row ? run(row, count - 2, words + 2) : refuse_command(words[1]);
}
