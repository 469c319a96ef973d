/*
 * What `forestd invoke` tells when it is done.
 */
#ifndef COMMAND_INVOKE_REPORT_H
#define COMMAND_INVOKE_REPORT_H

#include "command/invoke_expect.h"
#include "command/invoke_send.h"

struct invoke_report {
    const char *target;
    const struct invoke_measure *measure;
    size_t requests;                        /* of a round */
    size_t rows;                            /* of a round; 0 = not known */
    const char *model;                      /* that was expected; NULL = none */
    const struct invoke_expected *expected; /* where there is a model */
    const struct forestd_error *error;      /* what ended it; NULL = nothing did */
};

/* "12 requests, ...; latency p50 ..." on stderr. */
void invoke_report_latency(const struct invoke_report *report);

/* "1000 rows equal MODEL bit for bit (predictions and probabilities)" on stdout. */
void invoke_report_equal(const struct invoke_report *report);

/* All of it as a JSON document on stdout; false without memory. */
bool invoke_report_json(const struct invoke_report *report);

#endif
