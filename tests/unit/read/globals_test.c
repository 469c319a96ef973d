#include "read/globals.h"
#include "unit/suite.h"

#include <string.h>

static struct span span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

START_TEST(finds_names_old_and_new)
{
    static const struct {
        const char *module;
        const char *name;
        enum meaning meaning; /* MEANS_UNKNOWN: not in the table */
    } names[] = {
        {"sklearn.ensemble._forest", "RandomForestClassifier", MEANS_ESTIMATOR},
        {"sklearn.tree._tree", "Tree", MEANS_TREE},
        {"numpy.core.multiarray", "_reconstruct", MEANS_RECONSTRUCT},
        {"numpy._core.multiarray", "_reconstruct", MEANS_RECONSTRUCT},
        {"numpy._core.numeric", "_frombuffer", MEANS_BUFFER},
        {"joblib.numpy_pickle", "NumpyArrayWrapper", MEANS_WRAPPER},
        {"sklearn.externals.joblib.numpy_pickle", "NumpyArrayWrapper", MEANS_WRAPPER},
        {"copy_reg", "_reconstructor", MEANS_RECONSTRUCTOR},
        {"__builtin__", "object", MEANS_NOTHING},
        {"builtins", "eval", MEANS_UNKNOWN},
        {"builtins", "getattr", MEANS_UNKNOWN},
        {"__builtin__", "exec", MEANS_UNKNOWN},
        {"os", "system", MEANS_UNKNOWN},
        {"posix", "system", MEANS_UNKNOWN},
        {"numpy.core.multiarray", "", MEANS_UNKNOWN},
        {"", "", MEANS_UNKNOWN},
        {"numpy", "dtyp", MEANS_UNKNOWN},
        {"numpy", "dtypes", MEANS_UNKNOWN},
        {"sklearn.tree._tree.Tree", "__init__", MEANS_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct global *global = global_find(span(names[i].module), span(names[i].name));
        if (names[i].meaning == MEANS_UNKNOWN)
            ck_assert_msg(global == NULL, "%s.%s", names[i].module, names[i].name);
        else
            ck_assert_msg(global && global->meaning == names[i].meaning, "%s.%s", names[i].module, names[i].name);
    }
}
END_TEST

START_TEST(a_name_with_a_zero_in_it_is_another_name)
{
    struct span name = {(const uint8_t *)"dtype\0", 6};
    ck_assert_ptr_null(global_find(span("numpy"), name));
}
END_TEST

START_TEST(tells_what_to_do_about_a_class)
{
    static const struct {
        const char *module;
        const char *name;
        const char *advice;
    } classes[] = {
        {"sklearn.pipeline", "Pipeline", "joblib.dump(model[-1], path)"},
        {"sklearn.model_selection._search", "GridSearchCV", "best_estimator_"},
        {"daal4py.sklearn.ensemble._forest", "RandomForestClassifier", "without the Intel patch"},
        {"__main__", "MyForest", "training script"},
        {"xgboost.sklearn", "XGBClassifier", "save the forest alone"},
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        struct forestd_error error;
        ck_assert(!global_refuse(span(classes[i].module), span(classes[i].name), 41, &error));
        ck_assert_int_eq(error.code, FORESTD_UNSUPPORTED);
        ck_assert_uint_eq(error.where.first, 41);
        ck_assert_msg(strstr(error.message, classes[i].advice) && strstr(error.message, classes[i].name) &&
                          strstr(error.message, classes[i].module),
                      "%s", error.message);
    }
    ck_assert(!global_refuse(span("a"), span("b"), 0, NULL));
}
END_TEST

SUITE(globals, finds_names_old_and_new, a_name_with_a_zero_in_it_is_another_name, tells_what_to_do_about_a_class)
