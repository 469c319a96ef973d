#include "read/read.h"
#include "unit/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct content {
    uint8_t *bytes;
    size_t size;
};

/* A file of tests/, for the caller to free. */
static struct content content_read(const char *path)
{
    char whole[512];
    struct content content = {0};
    (void)snprintf(whole, sizeof whole, "%s/golden/%s", TESTS_FOLDER, path);
    FILE *stream = fopen(whole, "rb");
    ck_assert_msg(stream != NULL, "%s cannot be opened", whole);
    ck_assert_int_eq(fseek(stream, 0, SEEK_END), 0);
    content.size = (size_t)ftell(stream);
    rewind(stream);
    content.bytes = malloc(content.size);
    ck_assert_ptr_nonnull(content.bytes);
    ck_assert_uint_eq(fread(content.bytes, 1, content.size, stream), content.size);
    ck_assert_int_eq(fclose(stream), 0);
    return content;
}

static struct forest *read_file(const char *path, struct forestd_error *error)
{
    struct content content = content_read(path);
    struct forest *forest = forest_read(content.bytes, content.size, "model", error);
    free(content.bytes);
    return forest;
}

START_TEST(a_forest_refers_to_none_of_its_bytes)
{
    struct forestd_error error;
    struct forest *forest = read_file("1.9.1/labels_text.joblib", &error);
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
        {"refused/none.joblib", "the file holds a None"},
        {"refused/text.joblib", "the file holds a str"},
        {"refused/dict.joblib", "the file holds a dict with a RandomForestClassifier in it"},
        {"refused/tuple.joblib", "the file holds a tuple"},
        {"refused/array.joblib", "the file holds a numpy.ndarray"},
        {"refused/not-fitted.joblib", "is not fitted"},
        {"refused/forest-0.21.3.joblib", "0.21.3"},
        {"refused/pipeline.joblib", "joblib.dump(model[-1], path)"},
        {"refused/command.pkl", "unknown class 'posix.system'"},
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
        {"1.9.1/rf_classifier.joblib", true, false, 4, "sklearn.ensemble._forest.RandomForestClassifier", "2 or newer",
         "1.2 or newer"},
        {"1.9.1/labels_object.joblib", true, false, 4, "sklearn.ensemble._forest.RandomForestClassifier", "2 or newer",
         "1.5 or newer"},
        {"0.22.2.post1/rf_classifier.joblib", true, false, 4, "sklearn.ensemble._forest.RandomForestClassifier", "1",
         "0.10 to 1.1"},
        {"refused/forest-0.20.4.joblib", false, false, 3, "sklearn.ensemble.forest.RandomForestClassifier", "1",
         "the copy in scikit-learn 0.20 or older"},
        {"refused/gradient-boosting.joblib", false, true, 4, "sklearn.ensemble._gb.GradientBoostingClassifier",
         "2 or newer", "1.5 or newer"},
        {"refused/command.pkl", false, true, 2, "posix.system", NULL, NULL},
        {"refused/none.joblib", false, false, 4, "None", NULL, NULL},
    };
    struct report *report = malloc(sizeof *report);
    ck_assert_ptr_nonnull(report);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct forestd_error error = {.message = ""};
        struct forestd_error reported = {.message = ""};
        struct content content = content_read(files[i].path);
        struct forest *read = forest_read(content.bytes, content.size, "model", &error);
        struct forest *forest = forest_inspect(content.bytes, content.size, "model", report, &reported);
        ck_assert_msg((forest != NULL) == files[i].served, "%s", files[i].path);
        ck_assert(!read == !forest);
        ck_assert_str_eq(error.message, reported.message);
        ck_assert_msg(report->census.refused == files[i].unknown, "%s", files[i].path);
        ck_assert(report->complete);
        ck_assert_uint_eq(report->packed, content.size);
        ck_assert_uint_le(report->arrays, report->unpacked);
        ck_assert_uint_eq(report->protocol, files[i].protocol);
        ck_assert_str_eq(report->object.text, files[i].object);
        ck_assert_pstr_eq(report->numpy_release, files[i].numpy);
        ck_assert_pstr_eq(report->joblib_release, files[i].joblib);
        forest_close(read);
        forest_close(forest);
        free(content.bytes);
    }
    free(report);
}
END_TEST

/* With unknown classes taken as they come, more of a hostile file is read: none of it may do harm either. */
START_TEST(a_report_survives_every_truncation_and_change)
{
    static const char *const paths[] = {"refused/command-inside.pkl", "refused/pipeline.joblib"};
    struct report *report = malloc(sizeof *report);
    ck_assert_ptr_nonnull(report);
    for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
        struct content content = content_read(paths[k]);
        struct forestd_error error;
        for (size_t size = 0; size < content.size; size++) {
            uint8_t *part = malloc(size + !size);
            ck_assert_ptr_nonnull(part);
            memcpy(part, content.bytes, size);
            ck_assert_ptr_null(forest_inspect(part, size, "model", report, &error));
            free(part);
        }
        for (size_t i = 0; i < content.size; i++) {
            uint8_t whole = content.bytes[i];
            for (unsigned step = 1; step < 256; step += 37) {
                content.bytes[i] = (uint8_t)(whole + step);
                forest_close(forest_inspect(content.bytes, content.size, "model", report, &error));
            }
            content.bytes[i] = whole;
        }
        free(content.bytes);
    }
    free(report);
}
END_TEST

SUITE(read, a_forest_refers_to_none_of_its_bytes, what_a_file_holds_instead_is_named, a_report_agrees_with_the_reader,
      a_report_survives_every_truncation_and_change)
