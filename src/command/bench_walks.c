#include "command/bench.h"

#include "base/error.h"
#include "command/sample.h"
#include "predict/predict.h"
#include <stdlib.h>
#include <time.h>

enum { ROWS_MOST = 100000, REPEATS_LEAST = 3, BYTES_MOST = 512 << 20 };

static const double SECONDS = 0.4; /* for each number of rows */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Nanoseconds a row, the least of as many calls as fit into the time, over ever other rows. */
static double measure(const struct forest *forest, const float *rows, size_t most, size_t count, double *values)
{
    double least = 0;
    double started = now();
    size_t first = 0;
    for (size_t repeat = 0; repeat < REPEATS_LEAST || now() - started < SECONDS; repeat++) {
        size_t calls = 1;
        while (calls * count < 64) /* a call alone would be shorter than the clock is exact */
            calls *= 2;
        double start = now();
        for (size_t call = 0; call < calls; call++) {
            predict_values(forest, rows + first * forest->features, count, values);
            first = first + 2 * count <= most ? first + count : 0;
        }
        double each = (now() - start) * 1e9 / (double)(calls * count);
        if (!repeat || each < least)
            least = each;
    }
    return least;
}

bool bench_walks(const struct forestd_model *model, struct bench_walks *walks, struct forestd_error *error)
{
    static const size_t counts[BENCH_BATCHES] = {1, 8, 64, 1000, ROWS_MOST};
    const struct forest *forest = model->forest;
    size_t row = forest->features * sizeof(float) + forest->width * sizeof(double);
    size_t most = row < BYTES_MOST / ROWS_MOST ? ROWS_MOST : BYTES_MOST / row + 1;
    float *rows = calloc(most * forest->features, sizeof *rows);
    double *values = calloc(most * forest->width, sizeof *values);
    if (rows && values)
        sample_rows(forest, most, rows);
    for (size_t i = 0; rows && values && i < BENCH_BATCHES && (!i || counts[i - 1] < most); i++) {
        size_t count = counts[i] < most ? counts[i] : most;
        struct choice choice = rule_choose(forest, count);
        walks->rows[i] = count;
        walks->walk[i] = choice_name(&choice);
        walks->why[i] = choice.reason;
        walks->row_time[i] = measure(forest, rows, most, count, values);
        walks->count = i + 1;
    }
    bool good = rows && values;
    free(rows);
    free(values);
    return good || error_memory(error, most * row, "rows to measure with");
}
