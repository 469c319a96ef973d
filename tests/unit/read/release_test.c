#include "unit/read/support.h"

#include "read/release.h"

#include <stdio.h>

/* A tree whose state is only what a test gives. The values refer to a text that the next call overwrites. */
static struct pickle estimator(const char *class, const char *state)
{
    static char text[512];
    int size = snprintf(text, sizeof text, "csklearn.tree._classes\n%s\n)\x81}(%sub.", class, state);
    ck_assert_int_lt(size, sizeof text);
    return sound(text, (size_t)size);
}

START_TEST(reads_the_releases_from_0_22_to_1_9)
{
    static const struct {
        const char *text;
        bool good;
        unsigned major, minor;
    } releases[] = {
        {"0.22", true, 0, 22},    {"0.22.2.post1", true, 0, 22}, {"1.0", true, 1, 0},      {"1.4.2", true, 1, 4},
        {"1.9.0rc1", true, 1, 9}, {"1.5.dev0", true, 1, 5},      {"0.21.3", false, 0, 0},  {"1.10.0", false, 0, 0},
        {"2.0", false, 0, 0},     {"1.4.dev0", false, 0, 0},     {"", false, 0, 0},        {"one", false, 0, 0},
        {"1", false, 0, 0},       {"1.", false, 0, 0},           {"1.2\x01", false, 0, 0}, {"123456.0", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof releases / sizeof *releases; i++) {
        char state[128];
        (void)snprintf(state, sizeof state, "S'_sklearn_version'\nS'%s'\n", releases[i].text);
        struct pickle pickle = estimator("DecisionTreeClassifier", state);
        struct release release;
        struct forestd_error error;
        ck_assert_msg(release_read(&pickle.root, &release, &error) == releases[i].good, "'%s'", releases[i].text);
        if (releases[i].good)
            ck_assert(release.major == releases[i].major && release.minor == releases[i].minor);
        else
            ck_assert_int_eq(error.code, FORESTD_UNSUPPORTED);
        pickle_close(&pickle);
    }
    struct pickle pickle = estimator("DecisionTreeClassifier", "");
    struct forestd_error error;
    ck_assert(!release_read(&pickle.root, &(struct release){0, 0}, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "_sklearn_version is missing"));
    pickle_close(&pickle);
}
END_TEST

START_TEST(orders_releases)
{
    ck_assert(release_from(&(struct release){1, 3}, 1, 3));
    ck_assert(release_from(&(struct release){1, 10}, 1, 9));
    ck_assert(!release_from(&(struct release){0, 24}, 1, 0));
}
END_TEST

/* What each release answered when it was asked; the golden files hold it for more cases. */
START_TEST(knows_who_takes_missing_values)
{
    static const struct {
        struct release release;
        bool forest;
        const char *class;
        const char *splitter;
        const char *criterion;
        bool taken;
    } cases[] = {
        {{1, 2}, false, "DecisionTreeClassifier", "best", "gini", false},
        {{1, 3}, false, "DecisionTreeClassifier", "best", "gini", true},
        {{1, 3}, true, "DecisionTreeClassifier", "best", "gini", false},
        {{1, 4}, true, "DecisionTreeClassifier", "best", "gini", true},
        {{1, 4}, false, "DecisionTreeClassifier", "random", "gini", false},
        {{1, 6}, false, "DecisionTreeClassifier", "random", "gini", true},
        {{1, 5}, true, "DecisionTreeRegressor", "best", "absolute_error", false},
        {{1, 5}, true, "ExtraTreeClassifier", "random", "gini", false},
        {{1, 6}, true, "ExtraTreeClassifier", "random", "gini", true},
        {{1, 7}, false, "ExtraTreeClassifier", "best", "gini", false},
        {{1, 6}, false, "ExtraTreeRegressor", "best", "squared_error", true},
        {{1, 9}, true, "DecisionTreeRegressor", "best", "absolute_error", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char state[256];
        (void)snprintf(state, sizeof state, "S'splitter'\nS'%s'\nS'criterion'\nS'%s'\n", cases[i].splitter,
                       cases[i].criterion);
        struct pickle pickle = estimator(cases[i].class, state);
        ck_assert_msg(release_accepts_nan(&cases[i].release, cases[i].forest, &pickle.root) == cases[i].taken,
                      "row %zu", i);
        pickle_close(&pickle);
    }
}
END_TEST

SUITE(release, reads_the_releases_from_0_22_to_1_9, orders_releases, knows_who_takes_missing_values)
