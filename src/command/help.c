#include "command/commands.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 30 };

/* The platforms' variables, each with `mark` around it. */
static void print_platforms(const char *names, const char *mark)
{
    while (*names) {
        size_t size = strcspn(names, ",");
        printf(", %s%.*s%s", mark, (int)size, names, mark);
        names += size + (names[size] == ',');
    }
}

static void print_option(enum option option)
{
    const struct option_row *row = &option_table[option];
    char flag[64];
    (void)snprintf(flag, sizeof flag, "--%s %s", row->flag, row->value);
    char variable[VARIABLE_SIZE];
    option_variable(option, variable);
    printf("  %-*s%s", HELP_COLUMN - 2, flag, row->help);
    if (row->usual[0])
        printf(" [%s]", row->usual);
    printf("\n  %-*s%s", HELP_COLUMN - 2, "", variable);
    print_platforms(row->platform, "");
    printf("\n");
}

static void print_command(const struct command_row *row)
{
    printf("usage: forestd %s%s%s\n\n%s\n\n  %s\n", row->name, row->arguments[0] ? " " : "", row->arguments,
           row->summary, row->example);
    bool titled = false;
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (!(option_table[i].commands & row->command))
            continue;
        if (!titled)
            printf("\noptions, each also an environment variable:\n");
        titled = true;
        print_option((enum option)i);
    }
}

static void print_everything(void)
{
    printf("forestd serves scikit-learn's tree ensembles over HTTP: model.joblib in, predictions out, no Python.\n\n");
    for (const struct command_row *row = command_table; row->name; row++)
        printf("  forestd %-12s %s\n", row->name, row->summary);
    printf("\n`forestd` alone is `forestd serve`. `forestd COMMAND --help` tells each command's options.\n"
           "`forestd --version` prints the version.\n");
}

/* The README's table. */
static void print_markdown(void)
{
    printf("| option | variable | usual | for | what it does |\n|---|---|---|---|---|\n");
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_table[i];
        char variable[VARIABLE_SIZE];
        option_variable((enum option)i, variable);
        printf("| `--%s%s%s` | `%s`", row->flag, row->value[0] ? " " : "", row->value, variable);
        print_platforms(row->platform, "`");
        printf(" | %s%s%s |", row->usual[0] ? "`" : "", row->usual, row->usual[0] ? "`" : "");
        const char *between = " ";
        for (const struct command_row *command = command_table; command->name; command++) {
            if (row->commands & command->command) {
                printf("%s%s", between, command->name);
                between = ", ";
            }
        }
        printf(" | %s |\n", row->help);
    }
}

int command_help(const struct options *options)
{
    if (option_on(options, OPTION_MARKDOWN)) {
        print_markdown();
        return EXIT_DONE;
    }
    if (options->argument_count == 0) {
        print_everything();
        return EXIT_DONE;
    }
    const struct command_row *row = command_find(options->arguments[0]);
    if (!row) {
        struct forestd_error error;
        error_set(&error, FORESTD_ARGUMENT, at_nowhere(), "no command '%s': see forestd --help", options->arguments[0]);
        return complain(&error, EXIT_USAGE);
    }
    print_command(row);
    return EXIT_DONE;
}
