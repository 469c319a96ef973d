/*
 * The commands of the program, one file each. Each returns the program's exit status: 0 done, 1 it could not be done,
 * 2 wrong usage.
 */
#ifndef COMMAND_COMMANDS_H
#define COMMAND_COMMANDS_H

#include "command/options.h"
#include <forestd/model.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Added to a status when a thread is still at work: the process ends without exit handlers, which would free under it. */
enum { EXIT_AT_ONCE = 256 };

int command_serve(const struct options *options);
int command_predict(const struct options *options);
int command_inspect(const struct options *options);
int command_verify(const struct options *options);
int command_pack(const struct options *options);
int command_bench(const struct options *options);
int command_lambda(const struct options *options);
int command_invoke(const struct options *options);
int command_healthcheck(const struct options *options);
int command_help(const struct options *options);

struct command_row {
    enum command command;
    const char *name;
    const char *arguments; /* what stands behind the name in the usage line */
    const char *summary;
    const char *example;
    int (*run)(const struct options *options);
};

/* Ends with a row whose name is NULL. */
extern const struct command_row command_table[];

/* Whether AWS Lambda started the program, which then is the function. */
bool lambda_is_asked(void);

/* The row of a command's name, or NULL. */
const struct command_row *command_find(const char *name);

/* Prints `error` as the program's one line on stderr and returns `status`. */
int complain(const struct forestd_error *error, int status);

/* How --cache and --fetch-timeout say that a model is fetched. */
bool fetching_read(const struct options *options, struct forestd_fetching *fetching, struct forestd_error *error);

/* Opens the model at `address`, fetched as the options say. */
struct forestd_model *model_open(const struct options *options, const char *address, struct forestd_error *error);

/* The model that --model names, or the one that stands where a platform puts it; NULL with an error that says how to name one. */
const char *model_address(const struct options *options, struct forestd_error *error);

#endif
