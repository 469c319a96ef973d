/*
 * The golden files through every way of predicting that this processor has, and through the packed file, bit for bit as
 * the portable way answers; that those are scikit-learn's answers is what `forestd verify` shows (run).
 *
 *     golden_ways FOLDER
 */
#include "command/npz.h"
#include "engine/engine.h"
#include "model/packed.h"
#include "predict/portable.h"
#include "predict/predict.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool same(const struct forest *forest, const struct choice *choice, const float *rows, size_t count,
                 const double *expected, double *values)
{
    size_t size = count * forest->width * sizeof *values;
    memset(values, 0xEE, size);
    predict_values_by(choice, forest, rows, count, values);
    return memcmp(values, expected, size) == 0;
}

/* Returns the ways whose answers differ. */
static int compare(const struct forest *forest, const float *rows, size_t count, const double *expected, double *values)
{
    int different = 0;
    for (enum way way = WAY_TREES; way < WAYS; way++) {
        for (unsigned k = 0; k < 2; k++) {
            struct choice choice = {.way = way, .touch = k, .rows = count};
            if (!choice_possible(&choice, forest) || same(forest, &choice, rows, count, expected, values))
                continue;
            printf("%s differs\n", choice_name(&choice));
            different++;
        }
    }
    return different;
}

/* The forest as it comes back from a packed file; NULL when it does not. */
static struct forest *pack_and_open(const struct forest *forest, struct forestd_error *error)
{
    int file = memfd_create("packed", 0);
    uint64_t size = 0;
    struct forest *packed = NULL;
    if (file >= 0 && packed_write(forest, file, &size, error)) {
        uint8_t *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
        if (bytes != MAP_FAILED) {
            packed = packed_open(bytes, size, true, NULL, error);
            (void)munmap(bytes, size);
        }
    }
    (void)close(file);
    return packed;
}

/* Keeps the rows that the release accepts. */
static size_t cast_rows(const struct forest *forest, const struct npz_array *array, float *rows)
{
    for (size_t i = 0; i < array->rows * array->columns; i++)
        rows[i] = (float)npz_number(array, i);
    return array->columns == forest->features ? array->rows : 0;
}

static int try_model(const char *path, const struct npz_array *array)
{
    struct forestd_error error = {0};
    struct forestd_model *model = forestd_open(path, &error);
    struct forest *packed = model && model->forest->plan ? pack_and_open(model->forest, &error) : NULL;
    if (!packed) {
        printf("%s: %s\n", path, error.message);
        forestd_close(model);
        return 1;
    }
    const struct forest *forest = model->forest;
    size_t rows = array->rows;
    float *cells = calloc(rows * array->columns + 1, sizeof *cells);
    double *expected = calloc(rows * forest->width + 1, sizeof *expected);
    double *values = calloc(rows * forest->width + 1, sizeof *values);
    uint32_t *choices = calloc(2 * rows * forest->outputs + 1, sizeof *choices);
    int different = 0;
    if (cells && expected && values && choices && cast_rows(forest, array, cells)) {
        predict_portably(forest, cells, rows, expected);
        different = compare(forest, cells, rows, expected, values) + compare(packed, cells, rows, expected, values);
        if (forest->task == FORESTD_CLASSIFIER) {
            uint32_t *again = choices + rows * forest->outputs;
            predict_choices(forest, cells, expected, rows, choices);
            predict_choices(packed, cells, expected, rows, again);
            different += memcmp(choices, again, rows * forest->outputs * sizeof *again) != 0;
        }
    } else {
        different = 1;
    }
    if (different)
        printf("%s: %d ways differ\n", path, different);
    free(choices);
    free(values);
    free(expected);
    free(cells);
    forest_close(packed);
    forestd_close(model);
    return different;
}

/* The answers' file beside a model: its name up to the first dot that ends the case. */
static bool find_answers(const char *folder, const char *name, char *path, size_t size)
{
    const char *dot = strchr(name, '.');
    if (!dot || strcmp(dot, ".npz") == 0)
        return false;
    (void)snprintf(path, size, "%s/%.*s.npz", folder, (int)(dot - name), name);
    return access(path, R_OK) == 0;
}

int main(int count, char **words)
{
    static struct npz npz;
    struct forestd_error error = {0};
    DIR *folder = count > 1 ? opendir(words[1]) : NULL;
    if (!folder) {
        (void)fprintf(stderr, "usage: golden_ways FOLDER\n");
        return 1;
    }
    int failed = 0;
    int ran = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        char answers[600];
        char path[600];
        if (!find_answers(words[1], entry->d_name, answers, sizeof answers))
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", words[1], entry->d_name);
        if (!npz_open(&npz, answers, &error)) {
            printf("%s: %s\n", answers, error.message);
            failed++;
            continue;
        }
        const struct npz_array *rows = npz_find(&npz, "rows");
        failed += !rows || try_model(path, rows);
        ran++;
        npz_close(&npz);
    }
    (void)closedir(folder);
    printf("golden ways: %d files, %d failed\n", ran, failed);
    return ran == 0 || failed;
}
