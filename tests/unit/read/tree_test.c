#include "unit/read/support.h"

#include "read/tree.h"

#include <math.h>

/*
 * A Tree as scikit-learn 1.3 and later write it, with the fields that are read: nodes of 32 bytes, one output of two
 * classes.
 */
struct record {
    int64_t left;
    int64_t right;
    int64_t feature;
    double threshold;
    uint8_t missing;
    uint8_t padding[7];
};

#define RECORD                                                                                                         \
    "cnumpy\ndtype\n(S'V40'\nI0\nI1\ntR(I3\nS'|'\nN(t(dS'left_child'\n(" P_DTYPE_(                                     \
        "i8",                                                                                                          \
        "<") "I0\ntsS'right_child'\n(" P_DTYPE_("i8",                                                                  \
                                                "<") "I8\ntsS'feature'\n(" P_DTYPE_("i8",                              \
                                                                                    "<") "I16\ntsS'threshold'"         \
                                                                                         "\n(" P_DTYPE_(               \
                                                                                             "f8",                     \
                                                                                             "<") "I24\nts"            \
                                                                                                  "S'"                 \
                                                                                                  "missing"            \
                                                                                                  "_go_to_"            \
                                                                                                  "left'"              \
                                                                                                  "\n"                 \
                                                                                                  "(" P_DTYPE_(        \
                                                                                                      "u1",            \
                                                                                                      "|") "I32\ntsI4" \
                                                                                                           "0\nI1\nI1" \
                                                                                                           "6\ntb"

enum { NODES = 5 };

static const struct record sound_nodes[NODES] = {
    {1, 4, 1, 0.5, 0, {0}},   {2, 3, 0, (double)INFINITY, 1, {0}}, {-1, -1, -2, -2, 55, {0}}, {-1, -1, -2, -2, 0, {0}},
    {-1, -1, -2, -2, 0, {0}},
};

static const double sound_values[NODES][2] = {{6, 6}, {3, 3}, {1, 3}, {2, 0}, {0, 0}};

/* What a test may change of a sound tree. */
struct making {
    struct record nodes[NODES];
    double values[NODES][2];
    struct pickle type;
    struct array classes;
    uint8_t class_count;
    struct forest *forest;
    struct tree_parts parts;
};

static void make(struct making *making, unsigned minor, struct tree_reading *reading)
{
    memset(making, 0, sizeof *making);
    memcpy(making->nodes, sound_nodes, sizeof sound_nodes);
    memcpy(making->values, sound_values, sizeof sound_values);
    making->type = SOUND(RECORD ".");
    making->class_count = 2;
    struct tree_parts *parts = &making->parts;
    parts->features = 2;
    parts->outputs = 1;
    parts->classes = (struct array){.type = {.kind = 'u', .size = 1},
                                    .dimensions = 1,
                                    .shape = {1},
                                    .stride = {1},
                                    .count = 1,
                                    .size = 1,
                                    .bytes = &making->class_count};
    parts->nodes = (struct array){.dimensions = 1,
                                  .shape = {NODES},
                                  .stride = {sizeof(struct record)},
                                  .count = NODES,
                                  .size = sizeof making->nodes,
                                  .bytes = (const uint8_t *)making->nodes};
    ck_assert(numpy_dtype(&making->type.root, &parts->nodes.type, NULL));
    parts->values = (struct array){.type = {.kind = 'f', .size = 8},
                                   .dimensions = 3,
                                   .shape = {NODES, 1, 2},
                                   .stride = {16, 16, 8},
                                   .count = (size_t)2 * NODES,
                                   .size = sizeof making->values,
                                   .bytes = (const uint8_t *)making->values};
    struct forest *forest = forest_open(NULL, NULL);
    static const uint32_t classes[1] = {2};
    ck_assert_ptr_nonnull(forest);
    forest->features = 2;
    forest->outputs = 1;
    forest->width = 2;
    forest->classes = classes;
    forest->task = FORESTD_CLASSIFIER;
    ck_assert(forest_allocate(forest, 1, NODES, 3, NULL));
    forest->trees[0] = (struct tree){0, NODES, 0};
    making->forest = forest;
    *reading = (struct tree_reading){.forest = forest, .release = {1, minor}};
}

static void unmake(struct making *making)
{
    forest_close(making->forest);
    pickle_close(&making->type);
}

START_TEST(reads_fractions_as_they_are)
{
    struct making making;
    struct tree_reading reading;
    uint32_t levels[NODES];
    make(&making, 9, &reading);
    reading.levels = levels;
    ck_assert_uint_eq(tree_classes(&making.parts, 0), 2);
    ck_assert_uint_eq(tree_leaves(&making.parts), 3);
    ck_assert(tree_fits(&making.parts, making.forest, NULL));
    struct forestd_error error;
    ck_assert_msg(tree_read(&reading, &making.parts, 0, 0, &error), "%s", error.message);
    const struct node *nodes = making.forest->nodes;
    ck_assert_double_eq(nodes[0].threshold, 0.5);
    ck_assert(nodes[0].child[0] == 1 && nodes[0].child[1] == 4 && nodes[0].feature == 1 && nodes[0].extra == 1);
    ck_assert_msg(nodes[1].extra == 0, "a missing value goes left where the file says so");
    ck_assert(nodes[2].child[0] == 2 && nodes[2].extra == 0);
    ck_assert_double_eq(making.forest->leaves[1], 3);
    ck_assert_uint_eq(making.forest->trees[0].depth, 2);
    unmake(&making);
}
END_TEST

START_TEST(makes_fractions_of_weights)
{
    struct making making;
    struct tree_reading reading;
    uint32_t levels[NODES];
    make(&making, 3, &reading);
    reading.levels = levels;
    ck_assert(tree_read(&reading, &making.parts, 0, 0, NULL));
    static const double wanted[6] = {0.25, 0.75, 1, 0, 0, 0};
    for (size_t i = 0; i < 6; i++)
        ck_assert_double_eq(making.forest->leaves[i], wanted[i]);
    unmake(&making);
}
END_TEST

static void break_node(struct making *making, size_t row)
{
    struct record *nodes = making->nodes;
    switch (row) {
    case 0:
        nodes[0].left = 5;
        break;
    case 1:
        nodes[0].right = -1;
        break;
    case 2:
        nodes[1].feature = 2;
        break;
    case 3:
        nodes[1].feature = -2;
        break;
    case 4:
        nodes[0].threshold = (double)NAN;
        break;
    case 5:
        nodes[1].left = 0;
        break;
    case 6:
        nodes[0].right = 2;
        break;
    case 7:
        making->values[3][1] = (double)NAN;
        break;
    default:
        nodes[1].left = nodes[1].right = -1;
        break;
    }
}

START_TEST(names_the_node_that_is_no_part_of_a_tree)
{
    static const struct {
        uint64_t node;
        const char *says;
    } broken[] = {
        {0, "a child is outside the tree"},
        {0, "a child is outside the tree"},
        {1, "its feature is not one"},
        {1, "its feature is not one"},
        {0, "threshold"},
        {1, "come after"},
        {1, "two parents"},
        {3, "a value of the leaf is not finite"},
        {4, "more leaves than splits"},
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct making making;
        struct tree_reading reading;
        uint32_t levels[NODES];
        struct forestd_error error;
        make(&making, 9, &reading);
        reading.levels = levels;
        break_node(&making, i);
        ck_assert_msg(!tree_read(&reading, &making.parts, 0, 0, &error), "row %zu", i);
        ck_assert_int_eq(error.where.place, FORESTD_NODE);
        ck_assert_msg(error.where.second == broken[i].node, "row %zu: %s", i, error.message);
        ck_assert_msg(strstr(error.message, broken[i].says) != NULL, "row %zu: %s", i, error.message);
        unmake(&making);
    }
}
END_TEST

START_TEST(trees_of_one_forest_agree)
{
    struct making making;
    struct tree_reading reading;
    struct forestd_error error;
    make(&making, 9, &reading);
    making.parts.features = 3;
    ck_assert(!tree_fits(&making.parts, making.forest, &error));
    making.parts.features = 2;
    making.parts.outputs = 2;
    ck_assert(!tree_fits(&making.parts, making.forest, &error));
    making.parts.outputs = 1;
    making.class_count = 3;
    ck_assert(!tree_fits(&making.parts, making.forest, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "3 classes"));
    unmake(&making);
}
END_TEST

START_TEST(a_tree_is_found_whole_or_not_at_all)
{
    static const struct {
        const char *pickle;
        const char *says;
    } broken[] = {
        {"N.", "tree_ is not a Tree"},
        {"csklearn.tree._tree\nTree\n)R.", "without its three arguments"},
        {"csklearn.tree._tree\nTree\n(I1\nNI1\ntR.", "n_classes of a Tree"},
        {"csklearn.tree._tree\nTree\n(I1\n" P_ARRAY_("I1\n", P_DTYPE_("u1", "|"), "0", "S'a'\n") "I2\ntR.",
         "n_classes does not fit"},
        {"csklearn.tree._tree\nTree\n(I0\n" P_ARRAY_("I1\n", P_DTYPE_("u1", "|"), "0", "S'a'\n") "I1\ntR.",
         "without features"},
        {"csklearn.tree._tree\nTree\n(I1\n" P_ARRAY_("I1\n", P_DTYPE_("u1", "|"), "0", "S'a'\n") "I1\ntR}b.",
         "the nodes of a Tree"},
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct pickle pickle = sound(broken[i].pickle, strlen(broken[i].pickle));
        struct tree_parts parts;
        struct forestd_error error;
        ck_assert_msg(!tree_find(&pickle.root, &parts, &error), "row %zu", i);
        ck_assert_msg(strstr(error.message, broken[i].says) != NULL, "row %zu: %s", i, error.message);
        pickle_close(&pickle);
    }
}
END_TEST

SUITE(tree, reads_fractions_as_they_are, makes_fractions_of_weights, names_the_node_that_is_no_part_of_a_tree,
      trees_of_one_forest_agree, a_tree_is_found_whole_or_not_at_all)
