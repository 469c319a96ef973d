#include "engine/engine.h"

#include "base/candidate.h"
#include "model/packed.h"
#include "predict/planner.h"
#include "predict/predict.h"
#include "read/read.h"
#include <stdlib.h>
#include <sys/mman.h>

static struct forestd_summary summarize(const struct forest *forest)
{
    size_t depth = 0;
    for (size_t i = 0; i < forest->tree_count; i++)
        if (forest->trees[i].depth > depth)
            depth = forest->trees[i].depth;
    return (struct forestd_summary){
        .task = forest->task,
        .estimator = forest->estimator,
        .release = forest->release,
        .version = forest->version,
        .features = forest->features,
        .outputs = forest->outputs,
        .width = forest->width,
        .trees = forest->tree_count,
        .nodes = forest->node_count,
        .leaves = forest->leaf_count,
        .depth = depth,
        .accepts_nan = forest->accepts_nan,
        .named = forest->names != NULL,
    };
}

/* Bytes that laying out the forest takes at most, with what is needed only meanwhile. */
static size_t plan_bound(const struct forest *forest)
{
    enum { NODE = 20, LEAF = 24, TREE = 96, PAGE = 2 << 20 };
    return forest->node_count * NODE + forest->leaf_count * (forest->width * sizeof(double) + LEAF) +
           forest->tree_count * TREE + PAGE;
}

/* Without memory for a plan the forest is walked by its nodes. */
static void lay_out(struct forest *forest)
{
    struct budget *budget = forest->memory.budget;
    size_t bound = plan_bound(forest);
    if (!budget_take(budget, bound))
        return;
    size_t kept = forest_plan(forest, NULL) ? forest->plan->bytes : 0;
    kept = kept < bound ? kept : bound;
    forest->claimed += kept;
    budget_give_back(budget, bound - kept);
}

/* The model of a forest, which it takes over; a packed one is laid out already. NULL is passed on. */
static struct forestd_model *open_model(struct forest *forest, struct forestd_error *error)
{
    if (!forest)
        return NULL;
    struct forestd_model *model = malloc(sizeof *model);
    if (!model) {
        error_memory(error, sizeof *model, "a model");
        forest_close(forest);
        return NULL;
    }
    if (!forest->plan)
        lay_out(forest);
    *model = (struct forestd_model){.forest = forest, .summary = summarize(forest)};
    return model;
}

/* All of a packed file is read at once, to be proved, and then in any order. Either advice may be unknown here. */
static void packed_prefetch(const struct artifact *artifact)
{
    void *bytes = (void *)(uintptr_t)artifact->bytes;
    (void)madvise(bytes, artifact->size, MADV_NORMAL);
#ifdef MADV_POPULATE_READ
    (void)madvise(bytes, artifact->size, MADV_POPULATE_READ);
#endif
}

/* A packed file is mapped and stays so; any other is read and let go. */
static struct forestd_model *open_artifact(struct artifact *artifact, struct budget *budget,
                                           struct forestd_error *error)
{
    struct forest *forest = NULL;
    if (content_of(artifact->bytes, artifact->size) != CONTENT_PACKED) {
        forest = forest_read(artifact->bytes, artifact->size, artifact->path, budget, error);
        artifact_close(artifact); /* before the forest is laid out, which takes memory too */
        *artifact = (struct artifact){0};
        return open_model(forest, error);
    }
    packed_prefetch(artifact);
    forest = packed_open(artifact->bytes, artifact->size, false, budget, error);
    if (!forest)
        error_prefix(error, artifact->path);
    struct forestd_model *model = open_model(forest, error);
    if (model) {
        model->artifact = *artifact;
        *artifact = (struct artifact){0};
    }
    return model;
}

struct forestd_model *forestd_open_bytes(const void *bytes, size_t size, const char *name, struct forestd_error *error)
{
    return open_model(forest_read(bytes, size, name, NULL, error), error);
}

struct forestd_model *engine_open(const char *address, const struct forestd_fetching *fetching, struct budget *budget,
                                  struct forestd_error *error)
{
    struct artifact artifact;
    const struct storage_options options = {fetching && fetching->cache, fetching ? fetching->seconds : 0, budget};
    if (!storage_fetch(address, &options, &artifact, error))
        return NULL;
    struct forestd_model *model = open_artifact(&artifact, budget, error);
    artifact_close(&artifact);
    return model;
}

struct forestd_model *forestd_open(const char *path, struct forestd_error *error)
{
    return engine_open(path, NULL, NULL, error);
}

struct forestd_model *forestd_open_fetching(const char *path, const struct forestd_fetching *fetching,
                                            struct forestd_error *error)
{
    return engine_open(path, fetching, NULL, error);
}

void forestd_close(struct forestd_model *model)
{
    if (!model)
        return;
    forest_close(model->forest);
    artifact_close(&model->artifact);
    free(model);
}

const struct forestd_summary *forestd_describe(const struct forestd_model *model)
{
    return &model->summary;
}

const char *forestd_feature_name(const struct forestd_model *model, size_t feature)
{
    const struct forest *forest = model->forest;
    return forest->names && feature < forest->features ? forest->names[feature] : NULL;
}

size_t forestd_class_count(const struct forestd_model *model, size_t output)
{
    const struct forest *forest = model->forest;
    return forest->labels && output < forest->outputs ? forest->classes[output] : 0;
}

const struct forestd_label *forestd_class_label(const struct forestd_model *model, size_t output, size_t index)
{
    return index < forestd_class_count(model, output) ? &model->forest->labels[output][index] : NULL;
}

bool forestd_predict(const struct forestd_model *model, const float *rows, size_t count, double *values,
                     uint32_t *choices, struct forestd_error *error)
{
    const struct forest *forest = model->forest;
    const struct choice choice = rule_choose(forest, count);
    /* As many rows at once as go through the trees together: they are in the cache when they are predicted. */
    for (size_t first = 0; first < count; first += choice.rows) {
        size_t some = count - first < choice.rows ? count - first : choice.rows;
        const float *from = rows + first * forest->features;
        double *to = values + first * forest->width;
        if (!rows_check(forest, from, some, first, error))
            return false;
        predict_values_by(&choice, forest, from, some, to);
        if (choices && forest->task == FORESTD_CLASSIFIER)
            predict_choices(forest, from, to, some, choices + first * forest->outputs);
    }
    return true;
}
