/*
 * What `forestd inspect` tells, for its two ways of telling it.
 */
#ifndef COMMAND_INSPECT_H
#define COMMAND_INSPECT_H

#include "model/forest.h"
#include "read/report.h"
#include <cjson/cJSON.h>

struct inspection {
    const char *path;
    const struct report *report;
    const struct forest *forest;        /* NULL where forestd does not serve the file: */
    const struct forestd_error *reason; /* why */
    const size_t *splits;               /* [features] splits that ask for each feature; NULL without a forest */
};

/* A label in its own type, exactly. NULL without memory. */
cJSON *label_json(const struct forestd_label *label);

/* The whole as a JSON document on stdout; false without memory. */
bool inspection_print_json(const struct inspection *inspection);

/* The same for people. */
void inspection_print_text(const struct inspection *inspection);

#endif
