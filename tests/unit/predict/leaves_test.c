#include "predict/leaves.h"

#include "unit/forests.h"
#include "unit/suite.h"
#include <stdlib.h>
#include <string.h>

/* What a forest's leaves shall be: `different` of them, in an order by chance. */
struct sample {
    size_t width;
    size_t leaves;
    uint32_t different;
    bool choices;
};

/* The number `which` in the form of a leaf: all but the last of its numbers are those of many other leaves too. */
static void fill_leaf(double *row, size_t width, uint32_t which)
{
    for (size_t i = 0; i + 1 < width; i++)
        row[i] = 1.0 / (double)(1 + which % (i + 2));
    row[width - 1] = which / 1024.0;
}

/* Leaves have the numbers of their values in the order in which these come first. */
static void try_sample(const struct sample *sample)
{
    struct forest *forest = forest_open(NULL, NULL);
    ck_assert_ptr_nonnull(forest);
    const uint32_t classes[] = {1};
    forest->task = FORESTD_REGRESSOR;
    forest->outputs = 1;
    forest->classes = classes;
    forest->width = sample->width;
    uint32_t *which = malloc(sample->leaves * sizeof *which);
    uint32_t *expected = calloc(sample->different, sizeof *expected);
    ck_assert(which && expected && forest_allocate(forest, 1, 1, sample->leaves, NULL));
    if (sample->choices)
        forest->leaf_choice = calloc(sample->leaves, sizeof *forest->leaf_choice);
    uint64_t state = sample->different;
    for (size_t i = 0; i < sample->leaves; i++) {
        which[i] = (uint32_t)(random_next(&state) >> 11) % sample->different;
        fill_leaf(forest->leaves + i * sample->width, sample->width, sample->choices ? which[i] / 2 : which[i]);
        if (sample->choices)
            forest->leaf_choice[i] = which[i] % 2;
    }
    struct leaves leaves;
    ck_assert(leaves_open(&leaves, forest, NULL));
    ck_assert(!leaves.votes);
    size_t count = 0;
    for (size_t i = 0; i < sample->leaves; i++) {
        if (expected[which[i]] == 0) {
            ck_assert_uint_lt(count, leaves.count);
            ck_assert_uint_eq(leaves.examples[count], i);
            expected[which[i]] = (uint32_t)++count;
        }
        ck_assert_uint_eq(leaves.rows[i], expected[which[i]] - 1);
    }
    ck_assert_uint_eq(leaves.count, count);
    leaves_close(&leaves);
    forest_close(forest);
    free(which);
    free(expected);
}

/* Few and many of them: more than there is room for at first. */
START_TEST(each_leaf_is_kept_once)
{
    const struct sample samples[] = {
        {.width = 1, .leaves = 1, .different = 1},
        {.width = 3, .leaves = 31, .different = 40},
        {.width = 5, .leaves = 33, .different = 2},
        {.width = 1, .leaves = 5000, .different = 600},
        {.width = 2, .leaves = 5000, .different = 5000, .choices = true},
        {.width = 5, .leaves = 100000, .different = 70000},
        {.width = 1, .leaves = 600000, .different = 500000},
        {.width = 2, .leaves = 700000, .different = 3000000, .choices = true},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        try_sample(&samples[i]);
}
END_TEST

/* Zeros of both signs are equal as numbers, and answers with them are not the same bits. */
START_TEST(leaves_differ_by_their_bits)
{
    struct forest *forest = forest_open(NULL, NULL);
    ck_assert_ptr_nonnull(forest);
    forest->task = FORESTD_REGRESSOR;
    forest->outputs = 1;
    forest->width = 1;
    ck_assert(forest_allocate(forest, 1, 1, 4, NULL));
    memcpy(forest->leaves, (const double[]){0.0, -0.0, 0.0, -0.0}, 4 * sizeof(double));
    struct leaves leaves;
    ck_assert(leaves_open(&leaves, forest, NULL));
    ck_assert_uint_eq(leaves.count, 2);
    ck_assert_mem_eq(leaves.rows, ((const uint32_t[]){0, 1, 0, 1}), 4 * sizeof(uint32_t));
    leaves_close(&leaves);
    forest_close(forest);
}
END_TEST

/* The word that `hash` is made of by one round of leaves.c. */
static uint64_t unmix(uint64_t hash)
{
    const uint64_t factor = 0x9E3779B97F4A7C15U;
    uint64_t inverse = factor; /* right in its lowest three bits, and in twice as many each time */
    for (unsigned i = 0; i < 5; i++)
        inverse *= 2 - factor * inverse;
    return (hash ^ hash >> 29 ^ hash >> 58) * inverse;
}

/* A file can be made so that all leaves belong at one place. It takes no longer than others. */
START_TEST(leaves_may_collide)
{
    enum { LEAVES = 1000000 };
    struct forest *forest = forest_open(NULL, NULL);
    ck_assert_ptr_nonnull(forest);
    forest->task = FORESTD_REGRESSOR;
    forest->outputs = 1;
    forest->width = 1;
    ck_assert(forest_allocate(forest, 1, 1, LEAVES, NULL));
    for (uint64_t i = 0; i < LEAVES; i++) {
        uint64_t bits = unmix(unmix(UINT64_C(0x12345678) << 32 | i / 2));
        memcpy(&forest->leaves[i], &bits, sizeof bits);
    }
    struct leaves leaves;
    ck_assert(leaves_open(&leaves, forest, NULL));
    ck_assert_uint_ge(leaves.count, LEAVES / 2);
    for (size_t i = 0; i < LEAVES; i++) {
        ck_assert_uint_lt(leaves.rows[i], leaves.count);
        size_t example = leaves.examples[leaves.rows[i]];
        ck_assert_mem_eq(&forest->leaves[example], &forest->leaves[i], sizeof(double));
    }
    leaves_close(&leaves);
    forest_close(forest);
}
END_TEST

SUITE(leaves, each_leaf_is_kept_once, leaves_differ_by_their_bits, leaves_may_collide)
