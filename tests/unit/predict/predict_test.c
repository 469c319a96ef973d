#include "predict/predict.h"
#include "unit/forests.h"
#include "unit/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The definition, written once more as plainly as can be: one row, one tree after another, one node after another. */
static void predict_plainly(const struct forest *forest, const float *row, double *values)
{
    for (size_t i = 0; i < forest->width; i++)
        values[i] = 0;
    for (size_t i = 0; i < forest->tree_count; i++) {
        const struct node *nodes = forest->nodes + forest->trees[i].first;
        uint32_t at = 0;
        while (nodes[at].child[0] != at) {
            float cell = row[nodes[at].feature];
            bool right = isnan(cell) ? nodes[at].extra == 1 : !((double)cell <= nodes[at].threshold);
            at = nodes[at].child[right];
        }
        for (size_t k = 0; k < forest->width; k++)
            values[k] += forest->leaves[nodes[at].extra * forest->width + k];
    }
    if (forest->combination == COMBINE_MEAN)
        for (size_t i = 0; i < forest->width; i++)
            values[i] /= (double)forest->tree_count;
}

static void compare(const struct recipe *recipe, size_t count)
{
    struct forest *forest = forest_grow(recipe);
    float *rows = rows_draw(forest, count, recipe->seed + count);
    double *values = malloc((count * forest->width + 1) * sizeof *values);
    double *expected = malloc(forest->width * sizeof *expected);
    predict_values(forest, rows, count, values);
    for (size_t i = 0; i < count; i++) {
        predict_plainly(forest, rows + i * forest->features, expected);
        ck_assert_mem_eq(values + i * forest->width, expected, forest->width * sizeof *expected);
    }
    free(expected);
    free(values);
    free(rows);
    forest_close(forest);
}

START_TEST(equals_the_plain_definition)
{
    const size_t counts[] = {0, 1, 2, 7, 8, 9, 64, 255, 256, 257, 700};
    const struct recipe recipes[] = {
        {.trees = 1, .features = 1, .outputs = 1, .classes = 2, .depth = 0, .seed = 1},
        {.trees = 1, .features = 3, .outputs = 1, .classes = 1, .depth = 3, .seed = 2},
        {.trees = 7, .features = 4, .outputs = 1, .classes = 2, .depth = 9, .seed = 3},
        {.trees = 8, .features = 2, .outputs = 2, .classes = 3, .depth = 30, .seed = 4, .accepts_nan = true},
        {.trees = 9, .features = 30, .outputs = 1, .classes = 0, .depth = 12, .seed = 5, .accepts_nan = true},
        {.trees = 100, .features = 10, .outputs = 3, .classes = 0, .depth = 6, .seed = 6},
        {.trees = 20, .features = 5, .outputs = 1, .classes = 150, .depth = 8, .seed = 7, .accepts_nan = true},
    };
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++)
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
            compare(&recipes[i], counts[k]);
}
END_TEST

START_TEST(chooses_the_first_of_the_largest)
{
    struct recipe recipe = {.trees = 2, .features = 1, .outputs = 2, .classes = 3, .depth = 0, .seed = 1};
    struct forest *forest = forest_grow(&recipe);
    const float row[1] = {0};
    const double values[6] = {0.25, 0.5, 0.5, 0.0, 0.0, 0.0};
    uint32_t choices[2];
    predict_choices(forest, row, values, 1, choices);
    ck_assert_uint_eq(choices[0], 1);
    ck_assert_uint_eq(choices[1], 0);
    forest_close(forest);
}
END_TEST

START_TEST(refuses_what_scikit_learn_refuses)
{
    struct recipe recipe = {.trees = 2, .features = 2, .outputs = 1, .classes = 2, .depth = 2, .seed = 1};
    struct forest *forest = forest_grow(&recipe);
    struct forestd_error error;
    const float infinite[4] = {1, 2, 3, INFINITY};
    ck_assert(!rows_check(forest, infinite, 2, 10, &error));
    ck_assert_int_eq(error.code, FORESTD_VALUE);
    ck_assert_uint_eq(error.where.first, 11);
    ck_assert_uint_eq(error.where.second, 1);
    const float missing[2] = {NAN, 1};
    ck_assert(!rows_check(forest, missing, 1, 0, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "missing (NaN)"));
    forest->accepts_nan = true;
    ck_assert(rows_check(forest, missing, 1, 0, &error));
    forest_close(forest);
}
END_TEST

SUITE(predict, equals_the_plain_definition, chooses_the_first_of_the_largest, refuses_what_scikit_learn_refuses)
