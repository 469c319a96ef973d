/*
 * `forestd inspect`: what is in a model's file, without running any of it.
 */
#include "command/inspect.h"

#include "command/commands.h"
#include "read/read.h"
#include "storage/storage.h"
#include <stdlib.h>

/* Splits of each feature: [features], for the caller to free; NULL without memory. */
static size_t *count_splits(const struct forest *forest)
{
    size_t *splits = calloc(forest->features, sizeof *splits);
    if (splits && !forest->nodes)
        plan_count_splits(forest->plan, splits);
    for (size_t i = 0; splits && forest->nodes && i < forest->tree_count; i++) {
        const struct node *nodes = forest->nodes + forest->trees[i].first;
        for (uint32_t k = 0; k < forest->trees[i].count; k++)
            if (nodes[k].child[0] != k)
                splits[nodes[k].feature]++;
    }
    return splits;
}

static bool print(const struct inspection *inspection, bool json)
{
    if (json)
        return inspection_print_json(inspection);
    inspection_print_text(inspection);
    return true;
}

static int inspect(const struct artifact *artifact, struct report *report, bool json)
{
    struct forestd_error error;
    struct forest *forest = forest_inspect(artifact->bytes, artifact->size, artifact->path, report, &error);
    size_t *splits = forest ? count_splits(forest) : NULL;
    struct inspection inspection = {artifact->path, report, forest, &error, splits};
    bool served = forest != NULL;
    bool good = (!served || splits) && print(&inspection, json);
    free(splits);
    forest_close(forest);
    if (!good)
        error_memory(&error, 0, "the report");
    return good && served ? EXIT_DONE : complain(&error, EXIT_FAILED);
}

int command_inspect(const struct options *options)
{
    struct forestd_error error;
    struct artifact artifact;
    const char *address = model_address(options, &error);
    struct forestd_fetching fetching;
    if (!address || !fetching_read(options, &fetching, &error))
        return complain(&error, EXIT_USAGE);
    const struct storage_options wanted = {fetching.cache, fetching.seconds, NULL};
    if (!storage_fetch(address, &wanted, &artifact, &error))
        return complain(&error, EXIT_FAILED);
    int status = EXIT_FAILED;
    struct report *report = malloc(sizeof *report);
    if (report) {
        status = inspect(&artifact, report, option_on(options, OPTION_JSON));
    } else {
        error_memory(&error, sizeof *report, "the report");
        complain(&error, status);
    }
    free(report);
    artifact_close(&artifact);
    return status;
}
