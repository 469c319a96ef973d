/*
 * `forestd inspect`: what is in a model's file, without running any of it.
 */
#include "command/commands.h"

#include "engine/engine.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Splits of each feature: [features], for the caller to free; NULL without memory. */
static size_t *count_splits(const struct forest *forest)
{
    size_t *splits = calloc(forest->features, sizeof *splits);
    for (size_t i = 0; splits && i < forest->tree_count; i++) {
        const struct node *nodes = forest->nodes + forest->trees[i].first;
        for (uint32_t k = 0; k < forest->trees[i].count; k++)
            if (nodes[k].child[0] != k)
                splits[nodes[k].feature]++;
    }
    return splits;
}

static cJSON *label_json(const struct forestd_label *label)
{
    switch (label->kind) {
    case FORESTD_INTEGER:
        return cJSON_CreateNumber((double)label->as.integer);
    case FORESTD_UNSIGNED:
        return cJSON_CreateNumber((double)label->as.natural);
    case FORESTD_REAL:
        return cJSON_CreateNumber(label->as.real);
    case FORESTD_BOOLEAN:
        return cJSON_CreateBool(label->as.boolean);
    case FORESTD_TEXT:
        break;
    }
    return cJSON_CreateString(label->as.text);
}

static void add_classes(cJSON *document, const struct forest *forest)
{
    cJSON *classes = cJSON_AddArrayToObject(document, "classes");
    for (size_t output = 0; output < forest->outputs; output++) {
        cJSON *of = cJSON_CreateArray();
        for (uint32_t i = 0; i < forest->classes[output]; i++)
            cJSON_AddItemToArray(of, label_json(&forest->labels[output][i]));
        cJSON_AddItemToArray(classes, of);
    }
}

static void add_features(cJSON *document, const struct forest *forest, const size_t *splits)
{
    cJSON *features = cJSON_AddArrayToObject(document, "features");
    for (size_t i = 0; i < forest->features; i++) {
        cJSON *feature = cJSON_CreateObject();
        if (forest->names)
            cJSON_AddStringToObject(feature, "name", forest->names[i]);
        cJSON_AddNumberToObject(feature, "splits", (double)splits[i]);
        cJSON_AddItemToArray(features, feature);
    }
}

static void add_depths(cJSON *document, const struct forest *forest)
{
    cJSON *depths = cJSON_AddArrayToObject(document, "depths");
    for (size_t i = 0; i < forest->tree_count; i++)
        cJSON_AddItemToArray(depths, cJSON_CreateNumber(forest->trees[i].depth));
}

static cJSON *describe(const struct forestd_model *model, const size_t *splits)
{
    const struct forest *forest = model->forest;
    const struct forestd_summary *about = &model->summary;
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "estimator", about->estimator);
    cJSON_AddStringToObject(document, "scikit_learn", about->release);
    cJSON_AddStringToObject(document, "model_version", about->version);
    cJSON_AddStringToObject(document, "task", about->task == FORESTD_CLASSIFIER ? "classifier" : "regressor");
    cJSON_AddBoolToObject(document, "accepts_nan", about->accepts_nan);
    cJSON_AddNumberToObject(document, "trees", (double)about->trees);
    cJSON_AddNumberToObject(document, "nodes", (double)about->nodes);
    cJSON_AddNumberToObject(document, "leaves", (double)about->leaves);
    cJSON_AddNumberToObject(document, "outputs", (double)about->outputs);
    add_depths(document, forest);
    add_features(document, forest, splits);
    if (forest->labels)
        add_classes(document, forest);
    return document;
}

static bool print_json(const struct forestd_model *model, const size_t *splits)
{
    cJSON *document = describe(model, splits);
    char *text = document ? cJSON_Print(document) : NULL;
    if (text)
        printf("%s\n", text);
    cJSON_free(text);
    cJSON_Delete(document);
    return text != NULL;
}

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

static void print_text(const struct forestd_model *model, const size_t *splits)
{
    const struct forest *forest = model->forest;
    const struct forestd_summary *about = &model->summary;
    size_t shallowest = about->depth;
    size_t sum = 0;
    for (size_t i = 0; i < forest->tree_count; i++) {
        sum += forest->trees[i].depth;
        if (forest->trees[i].depth < shallowest)
            shallowest = forest->trees[i].depth;
    }
    printf("estimator     %s (%s)\nscikit-learn  %s\nversion       %s\n", about->estimator,
           about->task == FORESTD_CLASSIFIER ? "classifier" : "regressor", about->release, about->version);
    printf("trees         %zu\nnodes         %zu, of which %zu leaves\ndepth         %zu to %zu, mean %.1f\n",
           about->trees, about->nodes, about->leaves, shallowest, about->depth, (double)sum / (double)about->trees);
    printf("missing       %s\noutputs       %zu\n", about->accepts_nan ? "accepted" : "refused", about->outputs);
    if (forest->labels)
        print_labels(forest);
    printf("features      %zu%s\n  used        ", about->features, about->named ? ", named" : "");
    print_features(forest, splits, true);
    printf("  never used  ");
    print_features(forest, splits, false);
}

int command_inspect(const struct options *options)
{
    struct forestd_error error;
    const char *address = model_address(options, &error);
    if (!address)
        return complain(&error, EXIT_USAGE);
    struct forestd_model *model = forestd_open(address, &error);
    if (!model)
        return complain(&error, EXIT_FAILED);
    size_t *splits = count_splits(model->forest);
    bool good = splits != NULL;
    if (good && option_on(options, OPTION_JSON))
        good = print_json(model, splits);
    else if (good)
        print_text(model, splits);
    free(splits);
    forestd_close(model);
    if (good)
        return EXIT_DONE;
    error_memory(&error, 0, "the report");
    return complain(&error, EXIT_FAILED);
}
