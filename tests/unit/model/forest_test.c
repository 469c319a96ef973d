#include "model/forest.h"
#include "unit/suite.h"

#include <math.h>
#include <string.h>

/* A tree of five nodes: a split, whose left child is a split with two leaves, and a leaf. */
static struct forest *sound_forest(void)
{
    struct forest *forest = forest_open(NULL, NULL);
    ck_assert_ptr_nonnull(forest);
    forest->features = 2;
    forest->outputs = 1;
    forest->width = 1;
    ck_assert(forest_allocate(forest, 1, 5, 3, NULL));
    const struct node nodes[5] = {
        {.threshold = 0.5, .child = {1, 4}, .feature = 1},
        {.threshold = (double)INFINITY, .child = {2, 3}, .extra = 1},
        {.child = {2, 2}, .extra = 0},
        {.child = {3, 3}, .extra = 1},
        {.child = {4, 4}, .extra = 2},
    };
    memcpy(forest->nodes, nodes, sizeof nodes);
    forest->trees[0] = (struct tree){.first = 0, .count = 5};
    return forest;
}

START_TEST(proves_a_tree_and_knows_its_depth)
{
    struct forest *forest = sound_forest();
    uint32_t levels[5];
    ck_assert(forest_prove_tree(forest, 0, levels, NULL));
    ck_assert_uint_eq(forest->trees[0].depth, 2);
    forest_close(forest);
}
END_TEST

/* Each way to break the sound tree: which node, what it becomes, and the node that the proof must name. */
START_TEST(refuses_what_is_not_a_tree)
{
    const struct {
        uint32_t node;
        struct node becomes;
        uint32_t named;
        const char *why;
    } broken[] = {
        {0, {.threshold = 0.5, .child = {1, 4}, .feature = 2}, 0, "feature"},
        {0, {.threshold = (double)NAN, .child = {1, 4}}, 0, "threshold"},
        {0, {.threshold = -(double)INFINITY, .child = {1, 4}}, 0, "threshold"},
        {0, {.threshold = 1, .child = {0, 4}}, 0, "does not come after"},
        {1, {.threshold = 1, .child = {0, 3}}, 1, "does not come after"},
        {1, {.threshold = 1, .child = {2, 5}}, 1, "outside"},
        {1, {.threshold = 1, .child = {2, 4}}, 1, "two parents"},
        {1, {.threshold = 1, .child = {3, 3}}, 1, "two parents"},
        {1, {.threshold = 1, .child = {2, 3}, .extra = 2}, 1, "neither side"},
        {1, {.child = {1, 1}}, 2, "no parent"},
        {4, {.child = {4, 4}, .extra = 3}, 4, "no row of values"},
        {4, {.child = {4, 4}, .feature = 1}, 4, "no row of values"},
        {0, {.child = {0, 0}}, 1, "no parent"},
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct forest *forest = sound_forest();
        forest->nodes[broken[i].node] = broken[i].becomes;
        struct forestd_error error;
        uint32_t levels[5];
        ck_assert(!forest_prove_tree(forest, 0, levels, &error));
        ck_assert_int_eq(error.code, FORESTD_FOREST);
        ck_assert_uint_eq(error.where.second, broken[i].named);
        ck_assert_msg(strstr(error.message, broken[i].why) != NULL, "%zu: %s", i, error.message);
        forest_close(forest);
    }
}
END_TEST

START_TEST(finds_features_by_name)
{
    struct forest *forest = forest_open(NULL, NULL);
    static const char *const names[4] = {"petal", "age", "\xC3\xBC", "age of house"};
    forest->features = 4;
    forest->names = names;
    ck_assert(forest_index_names(forest, NULL));
    for (size_t i = 0; i < 4; i++)
        for (size_t guess = 0; guess <= 4; guess++)
            ck_assert_uint_eq(forest_feature(forest, names[i], strlen(names[i]), guess), i);
    ck_assert_uint_eq(forest_feature(forest, "ag", 2, 1), 4);
    ck_assert_uint_eq(forest_feature(forest, "age\0", 4, 1), 4);
    ck_assert_uint_eq(forest_feature(forest, "", 0, 0), 4);
    forest_close(forest);
}
END_TEST

START_TEST(refuses_one_name_twice)
{
    struct forest *forest = forest_open(NULL, NULL);
    static const char *const names[3] = {"a", "b", "a"};
    struct forestd_error error;
    forest->features = 3;
    forest->names = names;
    ck_assert(!forest_index_names(forest, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "'a'"));
    forest_close(forest);
}
END_TEST

SUITE(forest, proves_a_tree_and_knows_its_depth, refuses_what_is_not_a_tree, finds_features_by_name,
      refuses_one_name_twice)
