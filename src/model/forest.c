#include "model/forest.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct forest *forest_open(struct budget *budget, struct forestd_error *error)
{
    struct forest *forest = calloc(1, sizeof *forest);
    if (!forest)
        error_memory(error, sizeof *forest, "a forest");
    else
        forest->memory.budget = budget;
    return forest;
}

bool forest_claim(struct forest *forest, size_t bytes, struct forestd_error *error)
{
    if (!budget_take(forest->memory.budget, bytes))
        return error_memory(error, bytes, "a forest");
    forest->claimed += bytes;
    return true;
}

void forest_close(struct forest *forest)
{
    if (!forest)
        return;
    free(forest->trees);
    free(forest->nodes);
    free(forest->leaves);
    free(forest->leaf_choice);
    budget_give_back(forest->memory.budget, forest->claimed);
    plan_close(forest->plan);
    free(forest->bytes);
    arena_close(&forest->memory);
    free(forest);
}

/* `count` things of `size` bytes each, not zeroed; one byte where there are none, so that NULL always means failure. */
static void *take(struct forest *forest, size_t count, size_t size, struct forestd_error *error)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        error_set(error, FORESTD_LIMIT, at_nowhere(), "a forest of %zu x %zu bytes is more than memory can hold", count,
                  size);
        return NULL;
    }
    if (!forest_claim(forest, bytes, error))
        return NULL;
    void *things = malloc(bytes ? bytes : 1);
    if (!things)
        error_memory(error, bytes, "a forest");
    return things;
}

bool forest_allocate(struct forest *forest, size_t trees, size_t nodes, size_t leaves, struct forestd_error *error)
{
    if (nodes > UINT32_MAX)
        return error_set(error, FORESTD_LIMIT, at_nowhere(), "a forest of %zu nodes: forestd reads up to %" PRIu32,
                         nodes, UINT32_MAX);
    size_t row = forest->width * sizeof(double);
    forest->trees = take(forest, trees, sizeof *forest->trees, error);
    forest->nodes = forest->trees ? take(forest, nodes, sizeof *forest->nodes, error) : NULL;
    forest->leaves = forest->nodes ? take(forest, leaves, row, error) : NULL;
    forest->tree_count = trees;
    forest->node_count = nodes;
    forest->leaf_count = leaves;
    return forest->leaves != NULL;
}

static bool bad_node(struct forestd_error *error, size_t tree, uint32_t node, const char *what)
{
    return error_set(error, FORESTD_FOREST, at_node(tree, node),
                     "tree %zu, node %" PRIu32 ": %s; the file is damaged: write it again with scikit-learn", tree,
                     node, what);
}

static bool prove_split(const struct forest *forest, const struct tree *tree, uint32_t index, const char **why)
{
    const struct node *node = &forest->nodes[tree->first + index];
    if (node->feature >= forest->features)
        *why = "its feature is not one of the model's";
    else if (isnan(node->threshold) || node->threshold == -HUGE_VAL)
        *why = "its threshold is not a number";
    else if (node->child[0] <= index || node->child[1] <= index)
        *why = "a child does not come after it";
    else if (node->child[0] >= tree->count || node->child[1] >= tree->count)
        *why = "a child is outside the tree";
    else if (node->extra > 1)
        *why = "a missing value goes to neither side";
    else
        return true;
    return false;
}

/* Gives `child` its level; false when it has one already: another parent. */
static bool place_child(uint32_t *levels, uint32_t child, uint32_t level)
{
    if (levels[child])
        return false;
    levels[child] = level;
    return true;
}

/* One pass is enough: children come after parents, so a node's level (1 at the root, 0 = no parent yet) is known when
 * met. */
bool forest_prove_tree(struct forest *forest, size_t index, uint32_t *levels, struct forestd_error *error)
{
    struct tree *tree = &forest->trees[index];
    if (tree->count == 0 || tree->first > forest->node_count || tree->count > forest->node_count - tree->first)
        return bad_node(error, index, 0, "the tree is empty or does not lie inside the forest");
    const struct node *nodes = forest->nodes + tree->first;
    memset(levels, 0, tree->count * sizeof *levels);
    levels[0] = 1;
    uint32_t deepest = 1;
    for (uint32_t i = 0; i < tree->count; i++) {
        const struct node *node = &nodes[i];
        if (levels[i] == 0)
            return bad_node(error, index, i, "it has no parent");
        if (levels[i] > deepest)
            deepest = levels[i];
        if (node->child[0] == i && node->child[1] == i) {
            if (node->feature != 0 || node->extra >= forest->leaf_count)
                return bad_node(error, index, i, "the leaf has no row of values");
            continue;
        }
        const char *why = NULL;
        if (!prove_split(forest, tree, i, &why))
            return bad_node(error, index, i, why);
        if (!place_child(levels, node->child[0], levels[i] + 1) || !place_child(levels, node->child[1], levels[i] + 1))
            return bad_node(error, index, i, "a child of it has two parents");
    }
    tree->depth = deepest - 1;
    return true;
}

struct name_key {
    const char *text;
    size_t size;
};

static int compare_name(const char *name, struct name_key key)
{
    int order = strncmp(name, key.text, key.size);
    return order ? order : name[key.size] != '\0';
}

static int compare_indexes(const void *left, const void *right, void *context)
{
    const char *const *names = context;
    return strcmp(names[*(const uint32_t *)left], names[*(const uint32_t *)right]);
}

bool forest_index_names(struct forest *forest, struct forestd_error *error)
{
    uint32_t *order = arena_take(&forest->memory, forest->features * sizeof *order);
    if (!order)
        return error_memory(error, forest->features * sizeof *order, "feature names");
    for (size_t i = 0; i < forest->features; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, forest->features, sizeof *order, compare_indexes, (void *)(uintptr_t)forest->names);
    for (size_t i = 1; i < forest->features; i++) {
        if (strcmp(forest->names[order[i - 1]], forest->names[order[i]]) == 0)
            return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                             "two features are called '%s': rows could not be told apart by name",
                             forest->names[order[i]]);
    }
    forest->names_order = order;
    return true;
}

size_t forest_feature(const struct forest *forest, const char *name, size_t size, size_t guess)
{
    struct name_key key = {name, size};
    if (!forest->names || memchr(name, '\0', size))
        return forest->features;
    if (guess < forest->features && compare_name(forest->names[guess], key) == 0)
        return guess;
    size_t low = 0;
    size_t high = forest->features;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint32_t column = forest->names_order[middle];
        int order = compare_name(forest->names[column], key);
        if (order == 0)
            return column;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return forest->features;
}
