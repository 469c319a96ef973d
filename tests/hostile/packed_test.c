/*
 * Packed files that are cut, changed or made to do harm. The checksum finds what chance changes; who means harm writes a
 * checksum that fits, and is left with what the proof lets through: a model that predicts something, within its arrays.
 */
#include "engine/engine.h"
#include "model/packed.h"
#include "predict/predict.h"
#include "unit/forests.h"
#include "unit/guard.h"
#include "unit/suite.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct file {
    unsigned char *bytes;
    size_t size;
};

static struct file file_read(const char *path)
{
    int from = open(path, O_RDONLY);
    ck_assert_msg(from >= 0, "%s cannot be opened", path);
    struct file file = {.size = (size_t)lseek(from, 0, SEEK_END)};
    file.bytes = malloc(file.size);
    ck_assert_ptr_nonnull(file.bytes);
    ck_assert_int_eq(pread(from, file.bytes, file.size, 0), (ssize_t)file.size);
    close(from);
    return file;
}

/* A golden model, packed. */
static struct file file_pack(const char *path)
{
    char whole[512];
    struct forestd_error error = {0};
    (void)snprintf(whole, sizeof whole, "%s/%s", TESTS_FOLDER, path);
    struct forestd_model *model = forestd_open(whole, &error);
    ck_assert_msg(model != NULL, "%s", error.message);
    int to = memfd_create("packed", 0);
    ck_assert_int_ge(to, 0);
    uint64_t written = 0;
    ck_assert_msg(packed_write(model->forest, to, &written, &error), "%s", error.message);
    forestd_close(model);
    (void)snprintf(whole, sizeof whole, "/proc/self/fd/%d", to);
    struct file file = file_read(whole);
    close(to);
    ck_assert_uint_eq(file.size, written);
    return file;
}

static void sign(const struct file *file)
{
    uint64_t check = XXH3_64bits(file->bytes + 32, file->size - 32);
    memcpy(file->bytes + 24, &check, sizeof check);
}

/* Every way, with rows that go to all sides. */
static void predict_all_ways(const struct forest *forest)
{
    enum { ROWS = 37 };
    if (forest->features > 100000) /* lawful, and slow */
        return;
    float *rows = calloc(ROWS * forest->features + 1, sizeof *rows);
    double *values = calloc(ROWS * forest->width + 1, sizeof *values);
    uint32_t *choices = calloc(ROWS * forest->outputs + 1, sizeof *choices);
    ck_assert(rows && values && choices);
    for (size_t i = 0; i < ROWS * forest->features; i++)
        rows[i] = i % 5 == 0 && forest->accepts_nan ? NAN : i % 3 == 0 ? 1e30F : i % 3 == 1 ? -1e30F : 0;
    for (enum way way = WAY_TREES; way < WAYS; way++) {
        for (unsigned k = 0; k < 2; k++) {
            struct choice choice = {.way = way, .touch = k, .rows = ROWS};
            if (choice_possible(&choice, forest))
                predict_values_by(&choice, forest, rows, ROWS, values);
        }
    }
    if (forest->task == FORESTD_CLASSIFIER)
        predict_choices(forest, rows, values, ROWS, choices);
    for (size_t i = 0; forest->task == FORESTD_CLASSIFIER && i < ROWS * forest->outputs; i++)
        ck_assert_uint_lt(choices[i], forest->classes[i % forest->outputs]);
    free(choices);
    free(values);
    free(rows);
}

/* Opens the bytes in memory of exactly their size, so that reading one too far is found, and predicts. */
static bool try_open(const struct file *file, size_t size, struct forestd_error *error)
{
    unsigned char *bytes = aligned_alloc(64, (size + 63) / 64 * 64 + 64);
    struct guard guard = guard_open(size);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, file->bytes, size);
    /* As it lies where it is aligned, and in a copy. */
    struct forest *forest = packed_open(bytes, size, false, NULL, error);
    bool good = forest != NULL;
    if (good)
        predict_all_ways(forest);
    else
        ck_assert_msg(error->message[0] != '\0', "no sentence");
    forest_close(forest);
    const char *place = guard_copy(&guard, file->bytes, size);
    forest = packed_open((const uint8_t *)place, size, true, NULL, error);
    ck_assert(good == (forest != NULL));
    forest_close(forest);
    guard_close(&guard);
    free(bytes);
    return good;
}

static const char *const models[] = {
    "golden/1.9.1/single_node.joblib",   "golden/1.9.1/stumps.joblib",
    "golden/1.9.1/labels_text.joblib",   "golden/1.9.1/feature_names.joblib",
    "golden/1.9.1/missing_alone.joblib", "golden/1.9.1/rf_regressor_outputs.joblib",
};
enum { MODELS = sizeof models / sizeof *models };

START_TEST(every_truncation_is_refused)
{
    struct forestd_error error;
    for (size_t k = 0; k < 2; k++) {
        struct file file = file_pack(models[k]);
        for (size_t size = 0; size < file.size; size++)
            if (try_open(&file, size, &error))
                ck_abort_msg("%zu bytes of %s open", size, models[k]);
        ck_assert(try_open(&file, file.size, &error));
        free(file.bytes);
    }
}
END_TEST

START_TEST(every_changed_byte_is_refused)
{
    struct forestd_error error;
    for (size_t k = 0; k < 2; k++) {
        struct file file = file_pack(models[k]);
        for (size_t i = 0; i < file.size; i++) {
            unsigned char whole = file.bytes[i];
            for (unsigned bit = 0; bit < 8; bit++) {
                file.bytes[i] = (unsigned char)(whole ^ 1U << bit);
                if (try_open(&file, file.size, &error))
                    ck_abort_msg("%s opens with byte %zu changed", models[k], i);
            }
            file.bytes[i] = whole;
        }
        free(file.bytes);
    }
}
END_TEST

/* The same with a checksum that fits: it opens or not, and does no harm. */
START_TEST(every_signed_change_is_survived)
{
    static const uint32_t words[] = {0, 1, 2, 3, 4, 8, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF};
    struct forestd_error error;
    for (size_t k = 0; k < MODELS; k++) {
        struct file file = file_pack(models[k]);
        size_t step = file.size < 8192 ? 1 : file.size / 8192;
        for (size_t i = 0; i + 4 <= file.size; i += step) {
            unsigned char whole[4];
            memcpy(whole, file.bytes + i, sizeof whole);
            for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
                memcpy(file.bytes + i, &words[w], w < 6 && i % 2 ? 1 : sizeof whole);
                sign(&file);
                (void)try_open(&file, file.size, &error);
                memcpy(file.bytes + i, whole, sizeof whole);
            }
        }
        free(file.bytes);
    }
}
END_TEST

static void refuse(struct file *file, size_t at, uint32_t word, enum forestd_code code, const char *said)
{
    struct forestd_error error;
    uint32_t whole;
    memcpy(&whole, file->bytes + at, sizeof whole);
    memcpy(file->bytes + at, &word, sizeof word);
    sign(file);
    ck_assert(!try_open(file, file->size, &error));
    ck_assert_msg(error.code == code && strstr(error.message, said), "%s", error.message);
    memcpy(file->bytes + at, &whole, sizeof whole);
}

START_TEST(what_is_wrong_is_said)
{
    struct file file = file_pack(models[1]);
    refuse(&file, 0, 0, FORESTD_FORMAT, "no packed file");
    refuse(&file, 8, 0x04030201, FORESTD_UNSUPPORTED, "other byte order");
    refuse(&file, 12, 2, FORESTD_UNSUPPORTED, "version 2, and this forestd reads version 1");
    refuse(&file, 16, 77, FORESTD_FORMAT, "should have 77 bytes");
    struct forestd_error error;
    file.bytes[24] ^= 1;
    ck_assert(!try_open(&file, file.size, &error));
    ck_assert_msg(strstr(error.message, "checksum"), "%s", error.message);
    free(file.bytes);
}
END_TEST

SUITE(packed, every_truncation_is_refused, every_changed_byte_is_refused, every_signed_change_is_survived,
      what_is_wrong_is_said)
