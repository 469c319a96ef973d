/*
 * Every way that this processor has against the portable one, bit for bit, on forests of all shapes. FORESTD_TEST_ROWS
 * says how many rows in all; 100000 where it does not, fewer where the build watches each access. Ten million take
 * CK_TIMEOUT_MULTIPLIER=100 as well. FORESTD_TEST_EVERY_WAY=1 is for a processor that has them all: none may be left out.
 */
#include "predict/chain.h"
#include "predict/planner.h"
#include "predict/portable.h"
#include "predict/predict.h"
#include "unit/forests.h"
#include "unit/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef FORESTD_WATCHED
enum { WATCHED = 1 };
#else
enum { WATCHED = 0 };
#endif

struct question {
    const struct forest *forest;
    const float *rows;
    size_t count;
    const double *expected;
    double *values;
};

static void compare(const struct question *question, const struct choice *choice)
{
    size_t numbers = question->count * question->forest->width;
    memset(question->values, 0xEE, numbers * sizeof *question->values);
    predict_values_by(choice, question->forest, question->rows, question->count, question->values);
    size_t i = 0;
    while (i < numbers && memcmp(&question->values[i], &question->expected[i], sizeof(double)) == 0)
        i++;
    if (i < numbers) /* an assertion is no matter of nanoseconds */
        ck_abort_msg("%s: row %zu of %zu, number %zu is %.17g and not %.17g", choice_name(choice),
                     i / question->forest->width, question->count, i % question->forest->width, question->values[i],
                     question->expected[i]);
}

static void compare_usual(const struct question *question)
{
    struct choice usual = rule_choose(question->forest, question->count);
    compare(question, &usual);
}

/* Every way that the forest's processor has. Those are noted in `tried`. */
static void compare_all(const struct question *question, bool tried[WAYS])
{
    compare_usual(question);
    for (enum way way = WAY_TREES; way < WAYS; way++) {
        for (unsigned k = 0; k < 2; k++) {
            struct choice choice = {.way = way, .touch = k, .rows = question->count};
            if (!choice_possible(&choice, question->forest))
                continue;
            tried[way] = true;
            compare(question, &choice);
            choice.rows = k ? 48 : 8;
            compare(question, &choice);
        }
    }
}

enum { MISSING_TURN = 24 }; /* rows after which it is other rows' turn to have missing values, or to have none */

/*
 * Rows with missing values lie among rows without, so that both kinds of blocks are met: the first `turns` of every `of`
 * turns have some.
 */
static void clear_missing(const struct forest *forest, size_t turns, size_t of, float *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; i / MISSING_TURN % of >= turns && k < forest->features; k++)
            if (isnan(rows[i * forest->features + k]))
                rows[i * forest->features + k] = 0;
}

static size_t try_missing(const struct recipe *recipe, size_t turns, size_t of, size_t count, bool tried[WAYS])
{
    struct forest *forest = forest_grow(recipe);
    ck_assert(forest_plan(forest, NULL));
    uint32_t *heights = calloc(forest->node_count / 2 + 2, sizeof *heights);
    for (size_t i = 0; i < forest->tree_count; i++)
        ck_assert(plan_prove_tree(forest->plan, forest->features, i, heights, NULL));
    float *rows = rows_draw(forest, count, recipe->seed);
    clear_missing(forest, turns, of, rows, count);
    double *expected = malloc((count * forest->width + 1) * sizeof *expected);
    double *values = malloc((count * forest->width + 1) * sizeof *values);
    ck_assert(heights && expected && values);
    predict_portably(forest, rows, count, expected);
    const struct question question = {forest, rows, count, expected, values};
    struct processor *processor = &forest->plan->processor;
    compare_all(&question, tried);
    processor->avx512 = false;
    compare_usual(&question);
    *processor = (struct processor){.near_cache = processor->near_cache};
    compare_all(&question, tried);
    free(values);
    free(expected);
    free(rows);
    free(heights);
    forest_close(forest);
    return count;
}

static size_t try_forest(const struct recipe *recipe, size_t count, bool tried[WAYS])
{
    return try_missing(recipe, 1, 2, count, tried);
}

static size_t rows_wanted(void)
{
    const char *text = getenv("FORESTD_TEST_ROWS");
    return text ? strtoul(text, NULL, 10) : WATCHED ? 5000 : 100000;
}

/* Fewer rows where each costs more, but still some blocks and a part of one. */
static size_t rows_affordable(size_t rows)
{
    return WATCHED && rows > 40 ? 40 + (rows - 40) / 16 : rows;
}

/* A shape that costs about as much as another: few trees where they are large. */
static struct recipe draw_recipe(uint64_t *state)
{
    static const size_t trees[] = {1, 2, 3, 7, 8, 9, 20, 100, 500, 2000};
    static const size_t features[] = {1, 2, 5, 10, 30, 100, 1000, 5000};
    static const uint32_t classes[] = {0, 0, 1, 2, 2, 2, 3, 4, 5, 6, 10, 17, 300};
    static const unsigned depths[] = {0, 1, 2, 3, 4, 5, 6, 8, 12, 20, 60};
    struct recipe recipe = {
        .trees = trees[random_next(state) % 10],
        .features = features[random_next(state) % 8],
        .outputs = random_next(state) % 5 ? 1 : 1 + random_next(state) % 3,
        .classes = classes[random_next(state) % 13],
        .depth = depths[random_next(state) % 11],
        .accepts_nan = random_next(state) % 2,
        .chains = random_next(state) % 4 == 0,
        .pure = random_next(state) % 2,
        .leaves = random_next(state) % 2 ? 0 : 1 + (uint32_t)(random_next(state) % 50),
        .seed = random_next(state) >> 1,
    };
    recipe.pure = recipe.pure && recipe.classes;
    recipe.nodes = 1 + random_next(state) % (recipe.trees > 50 || recipe.classes > 10 ? 200 : 4000);
    return recipe;
}

START_TEST(all_ways_give_the_same_bits)
{
    static const size_t counts[] = {1, 2, 7, 8, 9, 15, 16, 17, 33, 64, 100, 255, 256, 257, 600};
    uint64_t state = 12345;
    size_t rows = 0;
    bool tried[WAYS] = {false};
    for (size_t wanted = rows_wanted(); rows < wanted;) {
        struct recipe recipe = draw_recipe(&state);
        size_t count = counts[random_next(&state) % 15];
        /* Ten comparisons and more for each row: what is slow is tried on fewer rows. */
        while (count > 1 &&
               (count * recipe.trees * (recipe.classes + recipe.depth + 1) > 200000 || count * recipe.features > 50000))
            count /= 2;
        rows += try_forest(&recipe, count, tried);
    }
    for (enum way way = WAY_TREES; way < WAYS && getenv("FORESTD_TEST_EVERY_WAY"); way++)
        ck_assert_msg(tried[way], "%s: never tried", choice_name(&(struct choice){.way = way}));
}
END_TEST

static void try_each(const struct recipe *recipes, size_t count, size_t rows)
{
    bool tried[WAYS];
    for (size_t i = 0; i < count; i++)
        (void)try_forest(&recipes[i], rows, tried);
}

/* About as many as 16 bits reach, and more. */
START_TEST(many_features_give_the_same_bits)
{
    const struct recipe recipes[] = {
        {.trees = 9, .features = 16382, .outputs = 1, .classes = 2, .depth = 9, .seed = 1, .accepts_nan = true},
        {.trees = 9, .features = 16383, .outputs = 1, .classes = 2, .depth = 9, .seed = 2, .accepts_nan = true},
        {.trees = 9, .features = 20000, .outputs = 1, .depth = 12, .seed = 3},
    };
    try_each(recipes, sizeof recipes / sizeof *recipes, 40);
}
END_TEST

/* Steps that 16 bits do not reach. */
START_TEST(large_trees_give_the_same_bits)
{
    const struct recipe recipes[] = {
        {.trees = 2, .features = 3, .outputs = 1, .classes = 2, .depth = 40, .seed = 4, .nodes = 900000, .pure = true},
        {.trees = 2, .features = 3, .outputs = 1, .depth = 17, .seed = 5, .nodes = 300000, .accepts_nan = true},
        {.trees = 3, .features = 3, .outputs = 1, .depth = 40000, .seed = 6, .nodes = 70001, .chains = true},
        {.trees = 2, .features = 3, .outputs = 1, .depth = 20000, .seed = 7, .nodes = 300001, .chains = true},
    };
    try_each(recipes, sizeof recipes / sizeof *recipes, rows_affordable(100));
}
END_TEST

/*
 * Few, some, most and all rows: shallow and deep trees, some at a time and one by one, too large, as many features as
 * 16 bits reach twice, and more, wide leaves.
 */
START_TEST(missing_values_give_the_same_bits)
{
    const struct recipe recipes[] = {
        {.trees = 1, .features = 1, .outputs = 1, .classes = 2, .depth = 1, .seed = 1},
        {.trees = 150, .features = 10, .outputs = 1, .classes = 2, .depth = 30, .seed = 2, .nodes = 300, .pure = true},
        {.trees = 150, .features = 7, .outputs = 1, .classes = 5, .depth = 6, .seed = 3},
        {.trees = 9, .features = 3, .outputs = 2, .depth = 12, .seed = 4, .nodes = 9000},
        {.trees = 3, .features = 8191, .outputs = 1, .classes = 2, .depth = 9, .seed = 5},
        {.trees = 3, .features = 12000, .outputs = 1, .classes = 2, .depth = 9, .seed = 6},
        {.trees = 3, .features = 16383, .outputs = 1, .classes = 2, .depth = 9, .seed = 7},
        {.trees = 2, .features = 3, .outputs = 1, .depth = 50, .seed = 8, .nodes = 70001, .chains = true},
        {.trees = 3, .features = 5, .outputs = 1, .classes = 300, .depth = 5, .seed = 9, .leaves = 9},
    };
    const size_t turns[][2] = {{1, 20}, {1, 4}, {3, 4}, {1, 1}};
    bool tried[WAYS] = {false};
    for (size_t i = 0; i < 4 * sizeof recipes / sizeof *recipes; i++) {
        struct recipe recipe = recipes[i / 4];
        recipe.accepts_nan = true;
        size_t rows = recipe.features > 1000 ? 72 : recipe.classes > 100 ? 450 : 150;
        (void)try_missing(&recipe, turns[i % 4][0], turns[i % 4][1], rows_affordable(rows), tried);
    }
}
END_TEST

#ifdef CHAIN_BUILT
/* The chains that the recipe's forest makes; 0 where it is not fit for them. */
static size_t count_chains(const struct recipe *recipe)
{
    size_t chains = 0;
    struct forest *forest = forest_grow(recipe);
    ck_assert(forest_plan(forest, NULL));
    const struct plan *plan = forest->plan;
    for (size_t first = 0; chain_fits(plan, recipe->features) && first < plan->tree_count; chains++)
        first += chain_trees(plan, first);
    forest_close(forest);
    return chains;
}
#endif

/* Small trees of votes for two classes: of one leaf, of short paths, of long ones, more than one chain holds. */
START_TEST(chains_give_the_same_bits)
{
    const struct recipe recipes[] = {
        {.trees = 7, .features = 3, .outputs = 1, .classes = 2, .depth = 0, .seed = 1, .nodes = 1},
        {.trees = 100, .features = 3, .outputs = 1, .classes = 2, .depth = 2, .seed = 2, .nodes = 5},
        {.trees = 100, .features = 10, .outputs = 1, .classes = 2, .depth = 60, .seed = 3, .nodes = 300},
        {.trees = 50, .features = 5, .outputs = 1, .classes = 2, .depth = 200, .seed = 4, .nodes = 401, .chains = true},
        {.trees = 2000, .features = 10, .outputs = 1, .classes = 2, .depth = 20, .seed = 5, .nodes = 150},
        {.trees = 20, .features = 1637, .outputs = 1, .classes = 2, .depth = 9, .seed = 6, .nodes = 100},
        {.trees = 20, .features = 1638, .outputs = 1, .classes = 2, .depth = 9, .seed = 7, .nodes = 100},
        {.trees = 20, .features = 818, .outputs = 1, .classes = 2, .depth = 9, .seed = 8, .nodes = 100},
        {.trees = 9, .features = 3, .outputs = 1, .classes = 2, .depth = 60, .seed = 9, .nodes = 9000},
    };
    const size_t chains[][2] = {{1, 1}, {1, 1}, {1, 1}, {1, 1}, {3, 3}, {1, 1}, {0, 0}, {1, 1}, {0, 0}};
    bool tried[WAYS] = {false};
    for (size_t i = 0; i < 2 * sizeof recipes / sizeof *recipes; i++) {
        struct recipe recipe = recipes[i / 2];
        recipe.pure = true;
        recipe.accepts_nan = i % 2;
#ifdef CHAIN_BUILT
        if (count_chains(&recipe) != chains[i / 2][i % 2])
            ck_abort_msg("forest %zu makes %zu chains", i / 2, count_chains(&recipe));
#else
        (void)chains;
#endif
        size_t rows = recipe.trees * recipe.features > 10000 ? 109 : 609;
        (void)try_forest(&recipe, rows_affordable(rows), tried);
    }
}
END_TEST

SUITE(walks, all_ways_give_the_same_bits, many_features_give_the_same_bits)
SUITE(large_trees, large_trees_give_the_same_bits)
SUITE(missing, missing_values_give_the_same_bits)
SUITE(chains, chains_give_the_same_bits)
