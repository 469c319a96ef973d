#include "unit/suite.h"

#include <forestd/forestd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN TESTS_FOLDER "/golden/1.9.1/"

START_TEST(a_model_says_what_it_is)
{
    struct forestd_error error;
    struct forestd_model *model = forestd_open(TESTS_FOLDER "/../models/model.joblib", &error);
    ck_assert_msg(model != NULL, "%s", error.message);
    const struct forestd_summary *about = forestd_describe(model);
    ck_assert_str_eq(about->estimator, "RandomForestClassifier");
    ck_assert_int_eq(about->task, FORESTD_CLASSIFIER);
    ck_assert(about->features == 10 && about->outputs == 1 && about->width == 2 && about->trees == 100);
    ck_assert_uint_eq(about->leaves * 2 - about->trees, about->nodes);
    ck_assert(about->depth > 0 && about->accepts_nan && !about->named);
    ck_assert_ptr_null(forestd_feature_name(model, 0));
    ck_assert_uint_eq(forestd_class_count(model, 0), 2);
    ck_assert_uint_eq(forestd_class_count(model, 1), 0);
    ck_assert_int_eq(forestd_class_label(model, 0, 1)->as.integer, 1);
    ck_assert_ptr_null(forestd_class_label(model, 0, 2));
    ck_assert_ptr_null(forestd_class_label(model, 1, 0));
    forestd_close(model);
    forestd_close(NULL);
}
END_TEST

START_TEST(features_have_their_names)
{
    struct forestd_error error;
    struct forestd_model *model = forestd_open(GOLDEN "feature_names.joblib", &error);
    ck_assert_msg(model != NULL, "%s", error.message);
    const struct forestd_summary *about = forestd_describe(model);
    ck_assert(about->named);
    for (size_t i = 0; i < about->features; i++)
        ck_assert_uint_gt(strlen(forestd_feature_name(model, i)), 0);
    ck_assert_ptr_null(forestd_feature_name(model, about->features));
    forestd_close(model);
}
END_TEST

START_TEST(memory_and_files_open_alike)
{
    struct forestd_error error;
    static char bytes[64 * 1024];
    FILE *stream = fopen(GOLDEN "single_node_tree.joblib", "rb");
    ck_assert_ptr_nonnull(stream);
    size_t size = fread(bytes, 1, sizeof bytes, stream);
    ck_assert_int_eq(fclose(stream), 0);
    struct forestd_model *one = forestd_open(GOLDEN "single_node_tree.joblib", &error);
    struct forestd_model *other = forestd_open_bytes(bytes, size, "bytes", &error);
    ck_assert(one && other);
    memset(bytes, 0, sizeof bytes);
    ck_assert_str_eq(forestd_describe(one)->version, forestd_describe(other)->version);
    size_t width = forestd_describe(one)->width;
    float *row = calloc(forestd_describe(one)->features, sizeof *row);
    double *values = calloc(2 * width, sizeof *values);
    ck_assert(row && values);
    ck_assert(forestd_predict(one, row, 1, values, NULL, &error));
    ck_assert(forestd_predict(other, row, 1, values + width, NULL, &error));
    ck_assert_mem_eq(values, values + width, width * sizeof *values);
    free(values);
    free(row);
    forestd_close(other);
    forestd_close(one);
}
END_TEST

START_TEST(errors_name_what_was_opened)
{
    static const struct {
        const char *path;
        enum forestd_code code;
    } files[] = {
        {TESTS_FOLDER "/absent.joblib", FORESTD_NOT_FOUND},
        {TESTS_FOLDER "/CMakeLists.txt", FORESTD_FORMAT},
        {TESTS_FOLDER "/golden/refused/pipeline.joblib", FORESTD_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct forestd_error error;
        ck_assert_ptr_null(forestd_open(files[i].path, &error));
        ck_assert_int_eq(error.code, files[i].code);
        ck_assert_ptr_nonnull(strstr(error.message, files[i].path));
        ck_assert_ptr_null(forestd_open(files[i].path, NULL));
    }
    struct forestd_error error;
    ck_assert_ptr_null(forestd_open_bytes("x", 1, "my bytes", &error));
    ck_assert(strncmp(error.message, "my bytes: ", 10) == 0);
}
END_TEST

START_TEST(a_bad_cell_is_named)
{
    struct forestd_error error;
    struct forestd_model *model = forestd_open(GOLDEN "rf_classifier.joblib", &error);
    ck_assert_ptr_nonnull(model);
    const struct forestd_summary *about = forestd_describe(model);
    float *rows = calloc(3 * about->features, sizeof *rows);
    double *values = calloc(3 * about->width, sizeof *values);
    uint32_t *choices = calloc(3 * about->outputs, sizeof *choices);
    ck_assert(rows && values && choices);
    ck_assert(forestd_predict(model, rows, 3, values, choices, &error));
    rows[2 * about->features + 1] = 1.0F / 0.0F;
    ck_assert(!forestd_predict(model, rows, 3, values, choices, &error));
    ck_assert_int_eq(error.code, FORESTD_VALUE);
    ck_assert(error.where.place == FORESTD_CELL && error.where.first == 2 && error.where.second == 1);
    free(choices);
    free(values);
    free(rows);
    forestd_close(model);
}
END_TEST

START_TEST(every_code_has_a_word)
{
    ck_assert_str_eq(forestd_code_word(FORESTD_FORMAT), "bad_format");
    ck_assert_str_eq(forestd_code_word((enum forestd_code)10000), "unknown");
}
END_TEST

SUITE(model, a_model_says_what_it_is, features_have_their_names, memory_and_files_open_alike,
      errors_name_what_was_opened, a_bad_cell_is_named, every_code_has_a_word)
