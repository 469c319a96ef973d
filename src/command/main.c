/*
 * The program: which command, with which options. The only place that ends the process.
 */
#include "command/commands.h"

#include "command/nearest.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static int run(const struct command_row *row, bool named, int count, char *const words[])
{
    struct options options;
    struct forestd_error error;
    if (!options_read(&options, row->command, count, words, &error))
        return complain(&error, EXIT_USAGE);
    options.named = named;
    if (options.help) {
        options.argument_count = 1;
        options.arguments[0] = row->name;
        return command_help(&options);
    }
    return row->run(&options);
}

/* Lambda may add the handler's name, which is nothing here; every command can still be said, and --explain asked. */
static bool is_function(int count, char *const words[])
{
    for (int i = 1; i < count; i++)
        if (strcmp(words[i], "--explain") == 0)
            return false;
    return lambda_is_asked() && (words[1][0] == '-' || !command_find(words[1]));
}

static int choose(int count, char *words[])
{
    if (count < 2)
        return run(command_find(lambda_is_asked() ? "lambda" : "serve"), false, 0, NULL);
    if (strcmp(words[1], "--version") == 0) {
        printf("forestd %s\n", FORESTD_VERSION);
        return EXIT_DONE;
    }
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)
        return run(command_find("help"), true, count - 2, words + 2);
    if (is_function(count, words))
        return run(command_find("lambda"), true, words[1][0] == '-' ? count - 1 : 0, words + 1);
    if (words[1][0] == '-')
        return run(command_find("serve"), false, count - 1, words + 1);
    const struct command_row *row = command_find(words[1]);
    return row ? run(row, true, count - 2, words + 2) : refuse_command(words[1]);
}

int main(int count, char *words[])
{
    int status = choose(count, words);
    if (status & EXIT_AT_ONCE) {
        (void)fflush(NULL);
        _exit(status & ~EXIT_AT_ONCE);
    }
    return status;
}
