#include "read/read.h"
#include "unit/file.h"
#include "unit/suite.h"

#include <stdlib.h>
#include <string.h>

static struct forest *read_file(const char *path, struct forestd_error *error)
{
    struct file file = file_read(path);
    struct forest *forest = forest_read(file.bytes, file.size, "model", NULL, error);
    free(file.bytes);
    return forest;
}

START_TEST(a_forest_refers_to_none_of_its_bytes)
{
    struct forestd_error error;
    struct forest *forest = read_file("golden/1.9.1/labels_text.joblib", &error);
    ck_assert_msg(forest != NULL, "%s", error.message);
    ck_assert_str_eq(forest->estimator, "RandomForestClassifier");
    ck_assert_str_eq(forest->release, "1.9.1");
    ck_assert_uint_eq(strlen(forest->version), 16);
    ck_assert_int_eq(forest->labels[0][0].kind, FORESTD_TEXT);
    ck_assert_uint_gt(strlen(forest->labels[0][0].as.text), 0);
    forest_close(forest);
}
END_TEST

START_TEST(what_a_file_holds_instead_is_named)
{
    static const struct {
        const char *path;
        const char *says;
    } files[] = {
        {"golden/refused/none.joblib", "the file holds a None"},
        {"golden/refused/text.joblib", "the file holds a str"},
        {"golden/refused/dict.joblib", "the file holds a dict with a RandomForestClassifier in it"},
        {"golden/refused/tuple.joblib", "the file holds a tuple"},
        {"golden/refused/array.joblib", "the file holds a numpy.ndarray"},
        {"golden/refused/not-fitted.joblib", "is not fitted"},
        {"golden/refused/forest-0.21.3.joblib", "0.21.3"},
        {"golden/refused/pipeline.joblib", "joblib.dump(model[-1], path)"},
        {"golden/refused/command.pkl", "unknown class 'posix.system'"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct forestd_error error;
        ck_assert_msg(!read_file(files[i].path, &error), "%s", files[i].path);
        ck_assert_int_eq(error.code, FORESTD_UNSUPPORTED);
        ck_assert_msg(strncmp(error.message, "model: ", 7) == 0 && strstr(error.message, files[i].says), "%s: %s",
                      files[i].path, error.message);
    }
}
END_TEST

/* A report refuses what reading refuses, with the same words, and knows more. */
START_TEST(a_report_agrees_with_the_reader)
{
    static const struct {
        const char *path;
        bool served;
        bool unknown;
        unsigned protocol;
        const char *object;
        const char *numpy;
        const char *joblib;
    } files[] = {
        {"golden/1.9.1/rf_classifier.joblib", true, false, 4, "sklearn.ensemble._forest.RandomForestClassifier",
         "2 or newer", "1.2 or newer"},
        {"golden/1.9.1/labels_object.joblib", true, false, 4, "sklearn.ensemble._forest.RandomForestClassifier",
         "2 or newer", "1.5 or newer"},
        {"golden/0.22.2.post1/rf_classifier.joblib", true, false, 4, "sklearn.ensemble._forest.RandomForestClassifier",
         "1", "0.10 to 1.1"},
        {"golden/refused/forest-0.20.4.joblib", false, false, 3, "sklearn.ensemble.forest.RandomForestClassifier", "1",
         "the copy in scikit-learn 0.20 or older"},
        {"golden/refused/gradient-boosting.joblib", false, true, 4, "sklearn.ensemble._gb.GradientBoostingClassifier",
         "2 or newer", "1.5 or newer"},
        {"golden/refused/command.pkl", false, true, 2, "posix.system", NULL, NULL},
        {"golden/refused/none.joblib", false, false, 4, "None", NULL, NULL},
    };
    struct report *report = malloc(sizeof *report);
    ck_assert_ptr_nonnull(report);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct forestd_error error = {.message = ""};
        struct forestd_error reported = {.message = ""};
        struct file file = file_read(files[i].path);
        struct forest *read = forest_read(file.bytes, file.size, "model", NULL, &error);
        struct forest *forest = forest_inspect(file.bytes, file.size, "model", report, &reported);
        ck_assert_msg((forest != NULL) == files[i].served, "%s", files[i].path);
        ck_assert(!read == !forest);
        ck_assert_str_eq(error.message, reported.message);
        ck_assert_msg(report->census.refused == files[i].unknown, "%s", files[i].path);
        ck_assert(report->complete);
        ck_assert_uint_eq(report->packed, file.size);
        ck_assert_uint_le(report->arrays, report->unpacked);
        ck_assert_uint_eq(report->protocol, files[i].protocol);
        ck_assert_str_eq(report->object.text, files[i].object);
        ck_assert_pstr_eq(report->numpy_release, files[i].numpy);
        ck_assert_pstr_eq(report->joblib_release, files[i].joblib);
        forest_close(read);
        forest_close(forest);
        free(file.bytes);
    }
    free(report);
}
END_TEST

/* With unknown classes taken as they come, more of a hostile file is read: none of it may do harm either. */
START_TEST(a_report_survives_every_truncation_and_change)
{
    static const char *const paths[] = {"golden/refused/command-inside.pkl", "golden/refused/pipeline.joblib"};
    struct report *report = malloc(sizeof *report);
    ck_assert_ptr_nonnull(report);
    for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
        struct file file = file_read(paths[k]);
        struct forestd_error error;
        for (size_t size = 0; size < file.size; size++) {
            uint8_t *part = malloc(size + !size);
            ck_assert_ptr_nonnull(part);
            memcpy(part, file.bytes, size);
            ck_assert_ptr_null(forest_inspect(part, size, "model", report, &error));
            free(part);
        }
        for (size_t i = 0; i < file.size; i++) {
            uint8_t whole = file.bytes[i];
            for (unsigned step = 1; step < 256; step += 37) {
                file.bytes[i] = (uint8_t)(whole + step);
                forest_close(forest_inspect(file.bytes, file.size, "model", report, &error));
            }
            file.bytes[i] = whole;
        }
        free(file.bytes);
    }
    free(report);
}
END_TEST

SUITE(read, a_forest_refers_to_none_of_its_bytes, what_a_file_holds_instead_is_named, a_report_agrees_with_the_reader,
      a_report_survives_every_truncation_and_change)
