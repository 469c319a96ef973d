#include "read/sklearn.h"

#include "read/labels.h"
#include "read/release.h"
#include "read/tree.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct estimator {
    const char *name;
    const char *tree; /* class of the trees in it; its own name where it is one tree */
    enum forestd_task task;
};

static const struct estimator estimators[] = {
    {"RandomForestClassifier", "DecisionTreeClassifier", FORESTD_CLASSIFIER},
    {"RandomForestRegressor", "DecisionTreeRegressor", FORESTD_REGRESSOR},
    {"ExtraTreesClassifier", "ExtraTreeClassifier", FORESTD_CLASSIFIER},
    {"ExtraTreesRegressor", "ExtraTreeRegressor", FORESTD_REGRESSOR},
    {"DecisionTreeClassifier", "DecisionTreeClassifier", FORESTD_CLASSIFIER},
    {"DecisionTreeRegressor", "DecisionTreeRegressor", FORESTD_REGRESSOR},
    {"ExtraTreeClassifier", "ExtraTreeClassifier", FORESTD_CLASSIFIER},
    {"ExtraTreeRegressor", "ExtraTreeRegressor", FORESTD_REGRESSOR},
};

static const struct estimator *find_estimator(const struct value *value)
{
    if (!value_means(value, MEANS_ESTIMATOR))
        return NULL;
    for (size_t i = 0; i < sizeof estimators / sizeof *estimators; i++)
        if (strcmp(estimators[i].name, value->as.object->type->name) == 0)
            return &estimators[i];
    return NULL;
}

/* Where the trees of a model are. */
struct source {
    const struct estimator *estimator;
    const struct value *root;
    const struct value *trees; /* a list of tree estimators; NULL where the root is the one tree */
    size_t count;
    struct release release;
};

static const struct value *source_tree(const struct source *source, size_t index)
{
    return source->trees ? sequence_at(source->trees, index) : source->root;
}

/* "tree 17 of 100: " before a message about a tree of a forest. */
static bool in_tree(const struct source *source, size_t index, struct forestd_error *error)
{
    char prefix[64];
    if (!source->trees || (error && error->where.place == FORESTD_NODE))
        return false;
    (void)snprintf(prefix, sizeof prefix, "tree %zu of %zu", index, source->count);
    return error_prefix(error, prefix);
}

/* A file that holds something else: says what, and where a model lies in it. */
static bool refuse_root(const struct value *root, struct forestd_error *error)
{
    bool dict = root->kind == VALUE_DICT;
    size_t count = dict ? root->as.items->count / 2 : sequence_count(root);
    for (size_t i = 0; i < count && i < STATE_KEYS; i++) {
        const struct value *value = dict ? &root->as.items->values[2 * i + 1] : sequence_at(root, i);
        const struct value *key = dict ? &root->as.items->values[2 * i] : NULL;
        const struct estimator *inner = find_estimator(value);
        if (!inner)
            continue;
        char place[QUOTE_SIZE + 8];
        if (key && key->kind == VALUE_TEXT)
            (void)snprintf(place, sizeof place, "'%s'", text_quote(key->as.bytes, key->size).text);
        else
            (void)snprintf(place, sizeof place, "%zu", i);
        return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                         "the file holds a %s with a %s in it: save that alone, as joblib.dump(x[%s], path)",
                         value_title(root).text, inner->name, place);
    }
    return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                     "the file holds a %s, not a model: save a RandomForest, ExtraTrees, DecisionTree or ExtraTree "
                     "classifier or regressor of scikit-learn with joblib.dump",
                     value_title(root).text);
}

static bool find_source(const struct value *root, struct source *source, struct forestd_error *error)
{
    source->root = root;
    source->estimator = find_estimator(root);
    if (!source->estimator)
        return refuse_root(root, error);
    if (root->as.object->state.kind == VALUE_DICT && root->as.object->state.as.items->count > 2UL * STATE_KEYS)
        return error_set(error, FORESTD_UNSUPPORTED, at_byte(root->as.object->byte),
                         "the %s has more than %d attributes: save one without additions of your own",
                         source->estimator->name, STATE_KEYS);
    if (!release_read(root, &source->release, error))
        return false;
    source->count = 1;
    bool forest = strcmp(source->estimator->name, source->estimator->tree) != 0;
    const char *fitted = forest ? "estimators_" : "tree_";
    const struct value *trees = state_find(root, fitted);
    if (!trees)
        return error_set(error, FORESTD_UNSUPPORTED, at_byte(root->as.object->byte),
                         "the %s is not fitted (it has no %s): call fit before saving it", source->estimator->name,
                         fitted);
    if (!forest)
        return true;
    source->trees = trees;
    source->count = sequence_count(trees);
    return source->count || error_set(error, FORESTD_FORMAT, at_byte(root->as.object->byte),
                                      "estimators_ of the %s is not a list of trees", source->estimator->name);
}

static bool find_tree(const struct source *source, size_t index, struct tree_parts *parts, struct forestd_error *error)
{
    const struct value *tree = source_tree(source, index);
    const struct value *object = state_find(tree, "tree_");
    if (!value_means(tree, MEANS_ESTIMATOR) || strcmp(tree->as.object->type->name, source->estimator->tree) != 0) {
        error_set(error, FORESTD_FORMAT, at_nowhere(), "a %s where a %s is expected", value_title(tree).text,
                  source->estimator->tree);
        return in_tree(source, index, error);
    }
    if (!object) {
        error_set(error, FORESTD_FORMAT, at_byte(tree->as.object->byte), "the %s is not fitted (it has no tree_)",
                  source->estimator->tree);
        return in_tree(source, index, error);
    }
    return tree_find(object, parts, error) || in_tree(source, index, error);
}

/* Counts of the whole, from all trees. */
struct counts {
    size_t nodes;
    size_t leaves;
    size_t largest; /* nodes of the largest tree */
    size_t bytes;   /* of nodes and values, counted once for each reference to them */
};

static bool count_trees(const struct source *source, size_t size, struct counts *counts, struct forestd_error *error)
{
    struct tree_parts parts;
    for (size_t i = 0; i < source->count; i++) {
        if (!find_tree(source, i, &parts, error))
            return false;
        counts->nodes += parts.nodes.count;
        counts->leaves += tree_leaves(&parts);
        counts->bytes += parts.nodes.size + parts.values.size;
        if (parts.nodes.count > counts->largest)
            counts->largest = parts.nodes.count;
        if (counts->bytes > size)
            return error_set(error, FORESTD_FORMAT, at_nowhere(),
                             "tree %zu of %zu: the trees up to here are larger than the file, which must have one tree "
                             "more than once: it is damaged, or made to harm",
                             i, source->count);
    }
    return true;
}

/* Features, outputs and classes, as the first tree has them; the sizes were checked against the file's by its values.
 */
static bool read_shape(const struct source *source, struct forest *forest, struct forestd_error *error)
{
    struct tree_parts parts;
    if (!find_tree(source, 0, &parts, error))
        return false;
    forest->features = (size_t)parts.features;
    forest->outputs = parts.outputs;
    uint32_t *classes = arena_take(&forest->memory, parts.outputs * sizeof *classes);
    if (!classes)
        return error_memory(error, parts.outputs * sizeof *classes, "the outputs of a forest");
    for (size_t i = 0; i < parts.outputs; i++) {
        classes[i] = tree_classes(&parts, i);
        forest->width += classes[i];
        if (forest->task == FORESTD_REGRESSOR && classes[i] != 1)
            return error_set(error, FORESTD_FORMAT, at_nowhere(), "the trees of a regressor have classes");
    }
    forest->classes = classes;
    return true;
}

/* `n_classes_` is a number, or with several outputs a list or an array of them. */
static bool check_class_counts(const struct source *source, const struct forest *forest, struct forestd_error *error)
{
    const struct value *counts = state_find(source->root, "n_classes_");
    struct array array;
    int64_t count = 0;
    bool good = counts != NULL;
    if (good && forest->outputs == 1 && numpy_integer(counts, &count)) {
        good = count == (int64_t)forest->classes[0];
    } else if (good && value_is_sequence(counts)) {
        good = sequence_count(counts) == forest->outputs;
        for (size_t i = 0; good && i < forest->outputs; i++)
            good = numpy_integer(sequence_at(counts, i), &count) && count == (int64_t)forest->classes[i];
    } else if (good) {
        good = numpy_array(counts, &array, NULL) && array.dimensions == 1 && array.count == forest->outputs;
        for (size_t i = 0; good && i < forest->outputs; i++) {
            struct value element;
            good = numpy_element(&array, i, &(struct arena){.limit = 1}, &element, NULL) &&
                   element.kind == VALUE_INTEGER && element.as.integer == (int64_t)forest->classes[i];
        }
    }
    return good || error_set(error, FORESTD_FORMAT, at_byte(source->root->as.object->byte),
                             "n_classes_ of the %s does not fit its trees; the file is damaged: save the model again",
                             source->estimator->name);
}

static bool read_labels(const struct source *source, struct forest *forest, struct forestd_error *error)
{
    const struct value *classes = state_find(source->root, "classes_");
    if (!check_class_counts(source, forest, error))
        return false;
    if (!classes)
        return error_set(error, FORESTD_FORMAT, at_byte(source->root->as.object->byte), "the %s has no classes_",
                         source->estimator->name);
    bool listed = value_is_sequence(classes);
    if ((listed ? sequence_count(classes) : 1) != forest->outputs)
        return error_set(error, FORESTD_FORMAT, at_byte(source->root->as.object->byte),
                         "classes_ of the %s does not fit its %zu outputs", source->estimator->name, forest->outputs);
    forest->labels = arena_take(&forest->memory, forest->outputs * sizeof *forest->labels);
    if (!forest->labels)
        return error_memory(error, forest->outputs * sizeof *forest->labels, "class labels");
    for (size_t i = 0; i < forest->outputs; i++) {
        const struct value *list = listed ? sequence_at(classes, i) : classes;
        forest->labels[i] = labels_read(forest, list, forest->classes[i], error);
        if (!forest->labels[i])
            return false;
    }
    return true;
}

static bool check_outputs(const struct source *source, const struct forest *forest, struct forestd_error *error)
{
    int64_t outputs = 0;
    int64_t features = 0;
    const struct value *n_outputs = state_find(source->root, "n_outputs_");
    const struct value *n_features = state_find(source->root, "n_features_in_");
    if (!n_features)
        n_features = state_find(source->root, "n_features_");
    if (!numpy_integer(n_outputs, &outputs) || (uint64_t)outputs != forest->outputs)
        return error_set(error, FORESTD_FORMAT, at_byte(source->root->as.object->byte),
                         "n_outputs_ of the %s does not fit its trees", source->estimator->name);
    if (!numpy_integer(n_features, &features) || (uint64_t)features != forest->features)
        return error_set(error, FORESTD_FORMAT, at_byte(source->root->as.object->byte),
                         "n_features_in_ of the %s does not fit its trees", source->estimator->name);
    return true;
}

static bool read_trees(const struct source *source, const struct counts *counts, struct forest *forest,
                       struct forestd_error *error)
{
    struct tree_reading reading = {.forest = forest, .release = source->release};
    struct tree_parts parts;
    size_t first = 0;
    size_t leaf = 0;
    reading.levels = malloc(counts->largest * sizeof *reading.levels);
    if (!reading.levels)
        return error_memory(error, counts->largest * sizeof *reading.levels, "proving a tree");
    bool good = true;
    for (size_t i = 0; good && i < source->count; i++) {
        good = find_tree(source, i, &parts, error);
        if (!good)
            break;
        forest->trees[i] = (struct tree){first, (uint32_t)parts.nodes.count, 0};
        good = (tree_fits(&parts, forest, error) && tree_read(&reading, &parts, i, leaf, error)) ||
               in_tree(source, i, error);
        first += parts.nodes.count;
        leaf += tree_leaves(&parts);
    }
    free(reading.levels);
    if (good && reading.choices && forest->combination == COMBINE_SINGLE)
        good = tree_choose(forest, &parts, error);
    return good;
}

static bool read_identity(const struct source *source, struct forest *forest, struct forestd_error *error)
{
    const struct value *release = state_find(source->root, "_sklearn_version");
    forest->task = source->estimator->task;
    forest->combination = source->trees ? COMBINE_MEAN : COMBINE_SINGLE;
    forest->estimator = source->estimator->name;
    forest->release = arena_text(&forest->memory, (const char *)release->as.bytes, release->size);
    return forest->release || error_memory(error, release->size, "a forest");
}

static bool fill_forest(const struct pickle *pickle, size_t size, struct forest *forest, struct forestd_error *error)
{
    struct source source = {0};
    struct counts counts = {.largest = 1};
    /* Texts of the file that are referred to often must not be copied without end. */
    forest->memory.limit = ((size_t)1 << 20) + (size < SIZE_MAX / 16 ? 8 * size : SIZE_MAX / 2);
    if (!find_source(&pickle->root, &source, error) || !read_identity(&source, forest, error) ||
        !count_trees(&source, size, &counts, error) || !read_shape(&source, forest, error) ||
        !check_outputs(&source, forest, error))
        return false;
    if (forest->task == FORESTD_CLASSIFIER && !read_labels(&source, forest, error))
        return false;
    const struct value *names = state_find(source.root, "feature_names_in_");
    if (names && names->kind != VALUE_NONE && !names_read(forest, names, error))
        return false;
    if (!forest_allocate(forest, source.count, counts.nodes, counts.leaves, error) ||
        !read_trees(&source, &counts, forest, error))
        return false;
    forest->accepts_nan = release_accepts_nan(&source.release, source.trees != NULL, source_tree(&source, 0));
    return true;
}

struct forest *sklearn_forest(const struct pickle *pickle, size_t size, struct budget *budget,
                              struct forestd_error *error)
{
    struct forest *forest = forest_open(budget, error);
    if (!forest || fill_forest(pickle, size, forest, error))
        return forest;
    forest_close(forest);
    return NULL;
}
