#include "unit/forests.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

/* xorshift64*: good enough to vary shapes. */
uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717ULL;
}

static double random_unit(uint64_t *state)
{
    return (double)(random_next(state) >> 11) / 9007199254740992.0;
}

struct growth {
    struct forest *forest;
    const struct recipe *recipe;
    uint64_t state;
    size_t nodes;  /* made so far, all trees */
    size_t leaves; /* made so far, all trees */
};

static void fill_leaf(struct growth *growth, struct node *node, uint32_t self)
{
    struct forest *forest = growth->forest;
    *node = (struct node){.child = {self, self}, .extra = (uint32_t)growth->leaves};
    double *row = forest->leaves + growth->leaves * forest->width;
    uint64_t some = random_next(&growth->state) % (growth->recipe->leaves ? growth->recipe->leaves : UINT32_MAX) + 1;
    uint64_t *state = growth->recipe->leaves ? &some : &growth->state;
    for (size_t i = 0; i < forest->width; i++)
        row[i] = growth->recipe->pure ? 0 : random_unit(state);
    for (size_t i = 0; growth->recipe->pure && i < forest->width; i += growth->recipe->classes)
        row[i + random_next(&growth->state) % growth->recipe->classes] = 1;
    growth->leaves++;
}

/* Some are infinite, as training writes them where it sent only missing values right. */
static double draw_threshold(struct growth *growth, bool missing_right)
{
    bool infinite = growth->recipe->accepts_nan && missing_right && random_next(&growth->state) % 16 == 0;
    return infinite ? HUGE_VAL : (random_unit(&growth->state) - 0.5) * 4;
}

/* Grows the node at `self` of the tree that starts at `first`, children after parents, and returns nothing unused. */
static void grow(struct growth *growth, size_t first, uint32_t self, unsigned depth, size_t room)
{
    struct node *node = &growth->forest->nodes[first + self];
    bool chains = growth->recipe->chains;
    if (depth == 0 || room < 3 || (!chains && random_next(&growth->state) % 8 == 0)) {
        fill_leaf(growth, node, self);
        return;
    }
    uint32_t left = (uint32_t)(growth->nodes - first);
    growth->nodes += 2;
    uint32_t missing_right = (uint32_t)(random_next(&growth->state) & 1);
    *node = (struct node){
        .threshold = draw_threshold(growth, missing_right),
        .child = {left, left + 1},
        .feature = (uint32_t)(random_next(&growth->state) % growth->forest->features),
        .extra = missing_right,
    };
    size_t half = (room - 1) / 2;
    bool turn = random_next(&growth->state) & 1;
    grow(growth, first, left, depth - 1, !chains ? half : turn ? 1 : room - 2);
    grow(growth, first, left + 1, depth - 1, !chains ? half : turn ? room - 2 : 1);
}

static void add_labels(struct forest *forest)
{
    const struct forestd_label **labels = arena_take(&forest->memory, forest->outputs * sizeof(struct forestd_label *));
    ck_assert_ptr_nonnull(labels);
    for (size_t output = 0; output < forest->outputs; output++) {
        struct forestd_label *of = arena_take(&forest->memory, forest->classes[output] * sizeof *of);
        ck_assert_ptr_nonnull(of);
        for (uint32_t i = 0; i < forest->classes[output]; i++)
            of[i] = (struct forestd_label){.kind = FORESTD_INTEGER, .as.integer = i};
        labels[output] = of;
    }
    forest->labels = labels;
}

struct forest *forest_grow(const struct recipe *recipe)
{
    struct forest *forest = forest_open(NULL, NULL);
    ck_assert_ptr_nonnull(forest);
    forest->task = recipe->classes ? FORESTD_CLASSIFIER : FORESTD_REGRESSOR;
    forest->combination = recipe->trees > 1 ? COMBINE_MEAN : COMBINE_SINGLE;
    forest->estimator = recipe->classes ? "RandomForestClassifier" : "RandomForestRegressor";
    forest->release = "1.9.0";
    forest->accepts_nan = recipe->accepts_nan;
    forest->features = recipe->features;
    forest->outputs = recipe->outputs;
    uint32_t *classes = arena_take(&forest->memory, recipe->outputs * sizeof *classes);
    ck_assert_ptr_nonnull(classes);
    for (size_t i = 0; i < recipe->outputs; i++)
        classes[i] = recipe->classes ? recipe->classes : 1;
    forest->classes = classes;
    forest->width = recipe->outputs * classes[0];
    if (recipe->classes)
        add_labels(forest);

    size_t most = recipe->nodes ? recipe->nodes : (size_t)2 << (recipe->depth < 12 ? recipe->depth : 12);
    ck_assert(forest_allocate(forest, recipe->trees, recipe->trees * most, recipe->trees * most, NULL));
    struct growth growth = {.forest = forest, .recipe = recipe, .state = recipe->seed * 2 + 1};
    for (size_t i = 0; i < recipe->trees; i++) {
        size_t first = growth.nodes++;
        grow(&growth, first, 0, recipe->depth, most);
        forest->trees[i] = (struct tree){.first = first, .count = (uint32_t)(growth.nodes - first)};
    }
    forest->node_count = growth.nodes;
    forest->leaf_count = growth.leaves;
    uint32_t *levels = malloc(growth.nodes * sizeof *levels);
    ck_assert_ptr_nonnull(levels);
    for (size_t i = 0; i < recipe->trees; i++)
        ck_assert(forest_prove_tree(forest, i, levels, NULL));
    free(levels);
    return forest;
}

static float draw_cell(const struct forest *forest, uint64_t *state)
{
    uint64_t kind = random_next(state) % 16;
    if (kind == 0 && forest->accepts_nan)
        return NAN;
    if (kind == 1)
        return -0.0F;
    if (kind == 2)
        return 1e-42F;
    if (kind < 10) {
        float threshold = (float)forest->nodes[random_next(state) % forest->node_count].threshold;
        float cell = kind < 6 ? threshold : nextafterf(threshold, kind < 8 ? INFINITY : -INFINITY);
        return isinf(cell) ? FLT_MAX : cell;
    }
    return (float)((random_unit(state) - 0.5) * 6);
}

float *rows_draw(const struct forest *forest, size_t count, uint64_t seed)
{
    float *rows = malloc((count * forest->features + 1) * sizeof *rows);
    ck_assert_ptr_nonnull(rows);
    uint64_t state = seed * 2 + 1;
    for (size_t i = 0; i < count * forest->features; i++)
        rows[i] = draw_cell(forest, &state);
    return rows;
}
