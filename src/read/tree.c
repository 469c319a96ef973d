#include "read/tree.h"

#include "base/bytes.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool damaged(struct forestd_error *error, const char *what)
{
    return error_set(error, FORESTD_FORMAT, at_nowhere(),
                     "%s; the file is damaged, or no release of scikit-learn "
                     "wrote it: save the model again",
                     what);
}

uint32_t tree_classes(const struct tree_parts *parts, size_t output)
{
    struct value count;
    if (!numpy_element(&parts->classes, output, NULL, &count, NULL) || count.kind != VALUE_INTEGER ||
        count.as.integer < 1 || count.as.integer > UINT32_MAX)
        return 0;
    return (uint32_t)count.as.integer;
}

size_t tree_leaves(const struct tree_parts *parts)
{
    return parts->nodes.count / 2 + 1;
}

/* The arguments of Tree(): features, classes of each output, outputs. */
static bool find_arguments(const struct value *arguments, struct tree_parts *parts, struct forestd_error *error)
{
    int64_t outputs = 0;
    if (sequence_count(arguments) != 3 || !numpy_integer(sequence_at(arguments, 0), &parts->features) ||
        !numpy_integer(sequence_at(arguments, 2), &outputs))
        return damaged(error, "a Tree without its three arguments");
    if (!numpy_array(sequence_at(arguments, 1), &parts->classes, error))
        return error_prefix(error, "n_classes of a Tree");
    const struct array *classes = &parts->classes;
    if (classes->dimensions != 1 || !strchr("iu", classes->type.kind) || outputs < 1 ||
        classes->count != (uint64_t)outputs)
        return damaged(error, "a Tree whose n_classes does not fit its n_outputs");
    parts->outputs = (size_t)outputs;
    if (parts->features < 1 || parts->features > UINT32_MAX)
        return damaged(error, "a Tree without features");
    return true;
}

static bool check_arrays(const struct tree_parts *parts, struct forestd_error *error)
{
    const struct array *nodes = &parts->nodes;
    const struct array *values = &parts->values;
    if (nodes->dimensions != 1 || !nodes->type.fields)
        return damaged(error, "the nodes of a Tree are not a list of records");
    if (values->dimensions != 3 || values->type.kind != 'f' || values->type.size != 8)
        return damaged(error, "the values of a Tree are not float64 in three dimensions");
    if (nodes->count < 1 || nodes->count > UINT32_MAX || values->shape[0] != nodes->count ||
        values->shape[1] != parts->outputs)
        return damaged(error, "the nodes and the values of a Tree do not fit each other");
    if (nodes->count % 2 == 0)
        return damaged(error, "a Tree of an even number of nodes cannot have two children at each split");
    size_t most = 0;
    for (size_t i = 0; i < parts->outputs; i++) {
        size_t classes = tree_classes(parts, i);
        if (classes == 0)
            return damaged(error, "a Tree with an output of no classes");
        most = classes > most ? classes : most;
    }
    if (values->shape[2] != most)
        return damaged(error, "the values of a Tree do not fit its classes");
    return true;
}

bool tree_find(const struct value *object, struct tree_parts *parts, struct forestd_error *error)
{
    memset(parts, 0, sizeof *parts);
    if (!value_means(object, MEANS_TREE))
        return damaged(error, "tree_ is not a Tree");
    if (!find_arguments(&object->as.object->arguments, parts, error))
        return false;
    if (!numpy_array(state_find(object, "nodes"), &parts->nodes, error))
        return error_prefix(error, "the nodes of a Tree");
    if (!numpy_array(state_find(object, "values"), &parts->values, error))
        return error_prefix(error, "the values of a Tree");
    int64_t count = 0;
    const struct value *node_count = state_find(object, "node_count");
    if (node_count && (!numpy_integer(node_count, &count) || (uint64_t)count != parts->nodes.count))
        return damaged(error, "node_count of a Tree is not the number of its nodes");
    if (state_find(object, "value_samples"))
        return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                         "a tree of a fork of scikit-learn (it keeps the samples of its leaves): train it with "
                         "scikit-learn itself");
    return check_arrays(parts, error);
}

bool tree_fits(const struct tree_parts *parts, const struct forest *forest, struct forestd_error *error)
{
    if ((uint64_t)parts->features != forest->features)
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "it has %" PRId64 " features and the first tree has %zu",
                         parts->features, forest->features);
    if (parts->outputs != forest->outputs)
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "it has %zu outputs and the model has %zu",
                         parts->outputs, forest->outputs);
    for (size_t i = 0; i < parts->outputs; i++)
        if (tree_classes(parts, i) != forest->classes[i])
            return error_set(error, FORESTD_FORMAT, at_nowhere(),
                             "output %zu has %" PRIu32 " classes in it and %" PRIu32 " in the model", i,
                             tree_classes(parts, i), forest->classes[i]);
    return true;
}

/* Where the fields of a node lie. */
struct layout {
    struct field left;
    struct field right;
    struct field feature;
    struct field threshold;
    size_t missing; /* offset of the byte missing_go_to_left; 0 before 1.3, when there was none */
    size_t stride;
};

static const struct layout plain = {
    {0, 'i', false, 8}, {8, 'i', false, 8}, {16, 'i', false, 8}, {24, 'f', false, 8}, 0, 56};
static const struct layout with_missing = {
    {0, 'i', false, 8}, {8, 'i', false, 8}, {16, 'i', false, 8}, {24, 'f', false, 8}, 56, 64};

static bool same_field(const struct field *one, const struct field *other)
{
    return one->offset == other->offset && one->big == other->big && one->size == other->size;
}

static bool same_layout(const struct layout *one, const struct layout *other)
{
    return same_field(&one->left, &other->left) && same_field(&one->right, &other->right) &&
           same_field(&one->feature, &other->feature) && same_field(&one->threshold, &other->threshold) &&
           one->missing == other->missing && one->stride == other->stride;
}

static bool is_index(const struct field *field)
{
    return field->kind == 'i' && (field->size == 4 || field->size == 8);
}

static bool find_layout(const struct array *nodes, const struct release *release, struct layout *layout,
                        struct forestd_error *error)
{
    const struct dtype *type = &nodes->type;
    struct field missing = {0};
    if (!dtype_field(type, "left_child", &layout->left, error) ||
        !dtype_field(type, "right_child", &layout->right, error) ||
        !dtype_field(type, "feature", &layout->feature, error) ||
        !dtype_field(type, "threshold", &layout->threshold, error))
        return error_prefix(error, "the nodes of a Tree");
    if (!is_index(&layout->left) || !is_index(&layout->right) || !is_index(&layout->feature) ||
        layout->threshold.kind != 'f' || layout->threshold.size != 8)
        return damaged(error, "the nodes of a Tree have fields of other types than scikit-learn's");
    if (release_from(release, 1, 3)) {
        if (!dtype_field(type, "missing_go_to_left", &missing, error))
            return error_prefix(error, "the nodes of a Tree");
        if (missing.size != 1 || missing.offset == 0)
            return damaged(error, "missing_go_to_left of a Tree's nodes is not a byte");
    }
    layout->missing = missing.offset;
    layout->stride = nodes->stride[0];
    return true;
}

/* numpy's sum of one row (pairwise_sum in its loops_utils.h): eight sums side by side, and halves where it is long. */
static double row_sum(const double *row, size_t count)
{
    double sum = 0;
    if (count < 8) {
        for (size_t i = 0; i < count; i++)
            sum += row[i];
        return sum;
    }
    if (count > 128) {
        size_t half = count / 2;
        half -= half % 8;
        return row_sum(row, half) + row_sum(row + half, count - half);
    }
    double sums[8];
    memcpy(sums, row, sizeof sums);
    size_t i = 8;
    for (; i < count - count % 8; i += 8)
        for (size_t k = 0; k < 8; k++)
            sums[k] += row[i + k];
    sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    for (; i < count; i++)
        sum += row[i];
    return sum;
}

static size_t largest(const double *row, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (row[i] > row[best])
            best = i;
    return best;
}

/* Copies the values of one output of node `node`; false when one is not finite. */
static bool copy_values(const struct array *values, size_t node, size_t output, double *row, size_t count)
{
    const uint8_t *from = values->bytes + node * values->stride[0] + output * values->stride[1];
    double total = 0;
    for (size_t i = 0; i < count; i++) {
        row[i] = bytes_real(from + i * values->stride[2], values->type.big);
        total += row[i] * 0;
    }
    return total == 0;
}

/* Weights to fractions, as predict_proba did up to 1.3. Returns false when that gives no finite numbers. */
static bool make_fractions(double *row, size_t count, bool *moved)
{
    double sum = row_sum(row, count);
    if (sum == 0)
        sum = 1;
    size_t before = largest(row, count);
    double total = 0;
    for (size_t i = 0; i < count; i++) {
        row[i] /= sum;
        total += row[i] * 0;
    }
    *moved = *moved || largest(row, count) != before;
    return total == 0;
}

static bool read_leaf(struct tree_reading *reading, const struct array *values, size_t node, size_t leaf)
{
    struct forest *forest = reading->forest;
    double *row = forest->leaves + leaf * forest->width;
    bool weights = forest->task == FORESTD_CLASSIFIER && !release_from(&reading->release, 1, 4);
    bool finite = true;
    for (size_t output = 0; output < forest->outputs; output++) {
        size_t count = forest->classes[output];
        finite = copy_values(values, node, output, row, count) && finite;
        if (weights)
            finite = make_fractions(row, count, &reading->choices) && finite;
        row += count;
    }
    return finite;
}

static bool bad_node(struct forestd_error *error, size_t tree, size_t node, const char *what)
{
    return error_set(error, FORESTD_FOREST, at_node(tree, node),
                     "tree %zu, node %zu: %s; the file is damaged: write it again with scikit-learn", tree, node, what);
}

static inline __attribute__((always_inline)) int64_t field_integer(const uint8_t *node, const struct field *field)
{
    return bytes_integer(node + field->offset, field->size, field->big);
}

/*
 * Reads the nodes in one pass. It is inlined once for each usual layout, where the offsets are then constants, and once
 * for any other.
 */
static inline __attribute__((always_inline)) bool read_nodes(struct tree_reading *reading,
                                                             const struct tree_parts *parts,
                                                             const struct layout *layout, size_t index, size_t leaf,
                                                             struct forestd_error *error)
{
    const struct tree *tree = &reading->forest->trees[index];
    struct node *nodes = reading->forest->nodes + tree->first;
    const size_t end = leaf + tree_leaves(parts);
    const uint64_t features = reading->forest->features;
    const uint8_t *from = parts->nodes.bytes;
    for (uint32_t i = 0; i < tree->count; i++, from += layout->stride) {
        int64_t left = field_integer(from, &layout->left);
        int64_t right = field_integer(from, &layout->right);
        if (left == -1 && right == -1) {
            if (leaf == end)
                return bad_node(error, index, i, "more leaves than splits can lead to");
            if (!read_leaf(reading, &parts->values, i, leaf))
                return bad_node(error, index, i, "a value of the leaf is not finite");
            nodes[i] = (struct node){0, {i, i}, 0, (uint32_t)leaf++};
            continue;
        }
        int64_t feature = field_integer(from, &layout->feature);
        double threshold = bytes_real(from + layout->threshold.offset, layout->threshold.big);
        if (left < 0 || left >= tree->count || right < 0 || right >= tree->count)
            return bad_node(error, index, i, "a child is outside the tree");
        if (feature < 0 || (uint64_t)feature >= features)
            return bad_node(error, index, i, "its feature is not one of the model's");
        /* Before 1.3 no split was for missing values alone. */
        if (!layout->missing && isinf(threshold))
            return bad_node(error, index, i, "its threshold is not finite");
        uint32_t away = layout->missing && from[layout->missing] ? 0 : 1;
        nodes[i] = (struct node){threshold, {(uint32_t)left, (uint32_t)right}, (uint32_t)feature, away};
    }
    return leaf == end || bad_node(error, index, 0, "fewer leaves than its splits need");
}

bool tree_read(struct tree_reading *reading, const struct tree_parts *parts, size_t index, size_t leaf,
               struct forestd_error *error)
{
    struct layout layout;
    bool good = false;
    if (!find_layout(&parts->nodes, &reading->release, &layout, error))
        return false;
    if (same_layout(&layout, &with_missing))
        good = read_nodes(reading, parts, &with_missing, index, leaf, error);
    else if (same_layout(&layout, &plain))
        good = read_nodes(reading, parts, &plain, index, leaf, error);
    else
        good = read_nodes(reading, parts, &layout, index, leaf, error);
    return good && forest_prove_tree(reading->forest, index, reading->levels, error);
}

bool tree_choose(struct forest *forest, const struct tree_parts *parts, struct forestd_error *error)
{
    size_t most = parts->values.shape[2];
    size_t size = forest->leaf_count * forest->outputs * sizeof *forest->leaf_choice;
    if (!forest_claim(forest, size, error))
        return false;
    double *row = malloc(most * sizeof *row);
    forest->leaf_choice = malloc(size);
    bool good = row && forest->leaf_choice;
    for (size_t i = 0; good && i < forest->node_count; i++) {
        const struct node *node = &forest->nodes[i];
        if (node->child[0] != i)
            continue;
        for (size_t output = 0; output < forest->outputs; output++) {
            (void)copy_values(&parts->values, i, output, row, forest->classes[output]);
            forest->leaf_choice[node->extra * forest->outputs + output] =
                (uint32_t)largest(row, forest->classes[output]);
        }
    }
    free(row);
    return good || error_memory(error, size, "the choices of a tree's leaves");
}
