#include "command/inspect.h"

#include <stdio.h>

/* The features with or without splits, by name where there are names. */
static void print_features(const struct forest *forest, const size_t *splits, bool used)
{
    const char *between = "";
    for (size_t i = 0; i < forest->features; i++) {
        if ((splits[i] > 0) != used)
            continue;
        if (forest->names)
            printf("%s%s", between, forest->names[i]);
        else
            printf("%s%zu", between, i);
        if (used)
            printf(" (%zu)", splits[i]);
        between = ", ";
    }
    printf("%s\n", between[0] ? "" : "none");
}

static void print_labels(const struct forest *forest)
{
    for (size_t output = 0; output < forest->outputs; output++) {
        printf("classes       ");
        for (uint32_t i = 0; i < forest->classes[output]; i++) {
            cJSON *label = label_json(&forest->labels[output][i]);
            char *text = cJSON_PrintUnformatted(label);
            printf("%s%s", i ? ", " : "", text ? text : "?");
            cJSON_free(text);
            cJSON_Delete(label);
        }
        printf("\n");
    }
}

static void print_forest(const struct forest *forest, const size_t *splits)
{
    size_t shallowest = forest->trees[0].depth;
    size_t deepest = 0;
    size_t sum = 0;
    for (size_t i = 0; i < forest->tree_count; i++) {
        size_t depth = forest->trees[i].depth;
        sum += depth;
        if (depth < shallowest)
            shallowest = depth;
        if (depth > deepest)
            deepest = depth;
    }
    printf("estimator     %s (%s)\nversion       %s\n", forest->estimator,
           forest->task == FORESTD_CLASSIFIER ? "classifier" : "regressor", forest->version);
    printf("trees         %zu\nnodes         %zu, of which %zu leaves\ndepth         %zu to %zu, mean %.1f\n",
           forest->tree_count, forest->node_count, forest->leaf_count, shallowest, deepest,
           (double)sum / (double)forest->tree_count);
    printf("missing       %s\noutputs       %zu\n", forest->accepts_nan ? "accepted" : "refused", forest->outputs);
    if (forest->labels)
        print_labels(forest);
    printf("features      %zu%s\n  used        ", forest->features, forest->names ? ", named" : "");
    print_features(forest, splits, true);
    printf("  never used  ");
    print_features(forest, splits, false);
}

static void print_release(const char *library, const char *release)
{
    if (release && release[0])
        printf("%-14s%s\n", library, release);
}

static void print_globals(const struct census *census)
{
    size_t unknown = 0;
    for (size_t i = 0; i < census->count; i++)
        unknown += census->mentions[i].known ? 0 : 1;
    printf("globals       %zu, of which %zu unknown to forestd; none is ever called\n", census->count, unknown);
    for (size_t i = 0; i < census->count; i++) {
        const struct mention *mention = &census->mentions[i];
        printf("  %s %s, %zu time%s, first at byte %zu\n", mention->known ? "       " : "unknown", mention->title.text,
               mention->count, mention->count == 1 ? "" : "s", mention->first);
    }
    if (census->left_out)
        printf("  and others, %zu times\n", census->left_out);
}

static void print_file(const struct report *report)
{
    printf("size          %zu bytes", report->packed);
    if (report->unpacked && report->container[0])
        printf(", unpacked %zu", report->unpacked);
    if (report->unpacked)
        printf(", of which arrays %zu", report->arrays);
    printf("\n");
    if (report->container[0])
        printf("container     %s\n", report->container);
    if (report->forest) {
        printf("format        packed forest, version %u\n", report->forest);
        print_release("scikit-learn", report->release.text);
    }
    if (!report->unpacked)
        return;
    printf("format        %s, protocol %u\n", report->joblib ? "joblib" : "pickle", report->protocol);
    if (!report->complete)
        printf("read          %zu bytes of %zu, and then no further\n", report->read, report->unpacked);
    print_release("object", report->object.text);
    print_release("scikit-learn", report->release.text);
    print_release("numpy", report->numpy_release);
    print_release("joblib", report->joblib_release);
}

void inspection_print_text(const struct inspection *inspection)
{
    printf("file          %s\n", inspection->path);
    if (!inspection->forest)
        printf("refused       %s\n", inspection->reason->message);
    print_file(inspection->report);
    if (inspection->forest)
        print_forest(inspection->forest, inspection->splits);
    if (inspection->report->unpacked)
        print_globals(&inspection->report->census);
}
