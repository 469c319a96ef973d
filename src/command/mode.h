/*
 * Where the program runs, as its environment tells. It decides the port (by the platforms' variables of the option
 * table), when that is opened, the form of log lines, and in whose words unknown paths are refused; everything is
 * answered everywhere.
 */
#ifndef COMMAND_MODE_H
#define COMMAND_MODE_H

#include "command/options.h"
#include "serve/serve.h"

struct finding {
    enum mode mode;
    char reason[160]; /* such as "AIP_HTTP_PORT is set" */
};

/* Fails when --mode names none. */
bool mode_find(const struct options *options, struct finding *finding, struct forestd_error *error);

const char *mode_word(enum mode mode);

/*
 * Whether the port is opened only when the models are there: where a platform takes an open port for readiness, requests
 * would come too early.
 */
bool mode_opens_late(enum mode mode);

/* Whether the process runs as a Lambda function, whatever the mode: by HTTP it does so behind AWS's web adapter. */
bool mode_under_lambda(void);

/* The address that is listened on where no option says another. */
const char *mode_host(enum mode mode);

/* The project that log lines for Google Cloud's logging belong to, "" when it is not known; NULL where they are not for
 * it. */
const char *mode_google_project(enum mode mode);

/* Prints what was found out, for `forestd serve --explain`. */
void mode_explain(const struct options *options, const struct finding *finding, const struct serve_options *serve);

#endif
