#include "command/inspect.h"

#include "base/number.h"
#include <stdio.h>

/* cJSON's own numbers are doubles, which do not hold every integer. */
static cJSON *integer_json(const struct forestd_label *label)
{
    char text[NUMBER_TEXT_SIZE + 1];
    size_t size = label->kind == FORESTD_INTEGER ? number_write_integer(label->as.integer, text)
                                                 : number_write_natural(label->as.natural, text);
    text[size] = '\0';
    return cJSON_CreateRaw(text);
}

cJSON *label_json(const struct forestd_label *label)
{
    switch (label->kind) {
    case FORESTD_INTEGER:
    case FORESTD_UNSIGNED:
        return integer_json(label);
    case FORESTD_REAL:
        return cJSON_CreateNumber(label->as.real);
    case FORESTD_BOOLEAN:
        return cJSON_CreateBool(label->as.boolean);
    case FORESTD_TEXT:
        break;
    }
    return cJSON_CreateString(label->as.text);
}

static void add_text(cJSON *object, const char *key, const char *text)
{
    if (text && text[0])
        cJSON_AddStringToObject(object, key, text);
}

static void add_count(cJSON *object, const char *key, size_t count)
{
    cJSON_AddNumberToObject(object, key, (double)count);
}

static void add_reason(cJSON *document, const struct forestd_error *reason)
{
    cJSON *refused = cJSON_AddObjectToObject(document, "refused");
    cJSON_AddStringToObject(refused, "error", reason->message);
    cJSON_AddStringToObject(refused, "code", forestd_code_word(reason->code));
    if (reason->where.place == FORESTD_BYTE)
        add_count(refused, "byte", reason->where.first);
    if (reason->where.place == FORESTD_NODE) {
        add_count(refused, "tree", reason->where.first);
        add_count(refused, "node", reason->where.second);
    }
}

static void add_globals(cJSON *document, const struct census *census)
{
    cJSON *globals = cJSON_AddArrayToObject(document, "globals");
    for (size_t i = 0; i < census->count; i++) {
        const struct mention *mention = &census->mentions[i];
        cJSON *global = cJSON_CreateObject();
        cJSON_AddStringToObject(global, "name", mention->title.text);
        add_count(global, "byte", mention->first);
        add_count(global, "count", mention->count);
        cJSON_AddBoolToObject(global, "known", mention->known);
        cJSON_AddItemToArray(globals, global);
    }
    if (census->left_out)
        add_count(document, "globals_left_out", census->left_out);
}

static void add_file(cJSON *document, const struct report *report)
{
    cJSON *sizes = cJSON_AddObjectToObject(document, "sizes");
    add_count(sizes, "packed", report->packed);
    if (report->forest) {
        cJSON_AddStringToObject(document, "format", "forest");
        add_text(document, "scikit_learn", report->release.text);
    }
    if (!report->unpacked)
        return;
    add_count(sizes, "unpacked", report->unpacked);
    add_count(sizes, "arrays", report->arrays);
    cJSON_AddStringToObject(document, "format", report->joblib ? "joblib" : "pickle");
    add_count(document, "protocol", report->protocol);
    cJSON_AddBoolToObject(document, "complete", report->complete);
    if (!report->complete)
        add_count(document, "read", report->read);
    add_text(document, "object", report->object.text);
    add_text(document, "scikit_learn", report->release.text);
    add_text(document, "numpy", report->numpy_release);
    add_text(document, "joblib", report->joblib_release);
    add_globals(document, &report->census);
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
        add_count(feature, "splits", splits[i]);
        cJSON_AddItemToArray(features, feature);
    }
}

static void add_forest(cJSON *document, const struct forest *forest, const size_t *splits)
{
    cJSON_AddStringToObject(document, "estimator", forest->estimator);
    cJSON_AddStringToObject(document, "model_version", forest->version);
    cJSON_AddStringToObject(document, "task", forest->task == FORESTD_CLASSIFIER ? "classifier" : "regressor");
    cJSON_AddBoolToObject(document, "accepts_nan", forest->accepts_nan);
    add_count(document, "trees", forest->tree_count);
    add_count(document, "nodes", forest->node_count);
    add_count(document, "leaves", forest->leaf_count);
    add_count(document, "outputs", forest->outputs);
    cJSON *depths = cJSON_AddArrayToObject(document, "depths");
    for (size_t i = 0; i < forest->tree_count; i++)
        cJSON_AddItemToArray(depths, cJSON_CreateNumber(forest->trees[i].depth));
    add_features(document, forest, splits);
    if (forest->labels)
        add_classes(document, forest);
}

bool inspection_print_json(const struct inspection *inspection)
{
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "file", inspection->path);
    add_text(document, "container", inspection->report->container);
    if (!inspection->forest)
        add_reason(document, inspection->reason);
    add_file(document, inspection->report);
    if (inspection->forest)
        add_forest(document, inspection->forest, inspection->splits);
    char *text = document ? cJSON_Print(document) : NULL;
    if (text)
        printf("%s\n", text);
    cJSON_free(text);
    cJSON_Delete(document);
    return text != NULL;
}
