/*
 * Times every way of predicting, in nanoseconds of processor time a row, on one model and its rows: the smallest of many
 * short repeats, which take turns. Only ratios within one run count.
 *
 *     taskset -c 1 build/tests/bench/bench_walks model.joblib rows.npy [seconds [together]]
 *
 * rows.npy: float32, C order, [rows][features]. `together` is how many rows go through all trees together. The way that
 * predict/rule.h chooses is marked with a star.
 */
#include "engine/engine.h"
#include "predict/cells.h"
#include "predict/planner.h"
#include "predict/predict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLICE 0.002 /* seconds: shorter than a scheduler's turn */

static const size_t batches[] = {1, 8, 64, 1000, 100000};
static const struct choice ways[] = {
    {.way = WAY_PORTABLE},    {.way = WAY_TREES},
    {.way = WAY_TREES_REST},  {.way = WAY_TREES_FAR},
    {.way = WAY_ROWS},        {.way = WAY_ROWS, .touch = true},
    {.way = WAY_ROWS_REST},   {.way = WAY_ROWS_REST, .touch = true},
    {.way = WAY_STRIPS},      {.way = WAY_STRIPS, .touch = true},
    {.way = WAY_STRIPS_REST}, {.way = WAY_STRIPS_REST, .touch = true},
    {.way = WAY_CHAIN},       {.way = WAY_LANES_TREES},
    {.way = WAY_LANES_ROWS},  {.way = WAY_LANES_ROWS, .touch = true},
};
enum { BATCHES = sizeof batches / sizeof *batches, CHOICES = sizeof ways / sizeof *ways, PLANS = 9 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The numbers of a simple .npy file. */
static float *read_rows(const char *path, size_t features, size_t *count)
{
    FILE *file = fopen(path, "rb");
    unsigned char head[10];
    if (!file || fread(head, 1, sizeof head, file) != sizeof head || memcmp(head, "\x93NUMPY\x01", 7) != 0)
        return NULL;
    long start = 10 + head[8] + 256 * head[9];
    (void)fseek(file, 0, SEEK_END);
    size_t bytes = (size_t)(ftell(file) - start);
    (void)fseek(file, start, SEEK_SET);
    float *rows = malloc(bytes);
    *count = bytes / (features * sizeof *rows);
    if (rows && fread(rows, 1, bytes, file) != bytes)
        *count = 0;
    (void)fclose(file);
    return rows;
}

struct bench {
    const struct forest *forest;
    const float *rows;
    size_t count;
    double *values;
    double *expected;
    size_t together; /* 0 = as the rule says */
};

/* One pass over as many rows as take a while, a batch at a time; nanoseconds a row. */
static double pass(const struct bench *bench, const struct choice *choice, size_t batch, double while_seconds)
{
    size_t features = bench->forest->features;
    size_t first = 0;
    size_t done = 0;
    double start = seconds();
    double took = 0;
    do {
        for (size_t i = 0; i < (batch < 64 ? 64 / batch : 1); i++) {
            if (first + batch > bench->count)
                first = 0;
            predict_values_by(choice, bench->forest, bench->rows + first * features, batch, bench->values);
            first += batch;
            done += batch;
        }
        took = seconds() - start;
    } while (took < while_seconds);
    return took / (double)done * 1e9;
}

static bool fits(const struct bench *bench, const struct choice *choice, size_t batch)
{
    bool together = choice->way >= WAY_ROWS && choice->way != WAY_LANES_TREES;
    return (!together || batch >= BLOCK_ROWS) && choice_possible(choice, bench->forest);
}

static bool same(const struct choice *one, const struct choice *other)
{
    return one->way == other->way && one->touch == other->touch;
}

static void check(const struct bench *bench, const struct choice *choice)
{
    size_t width = bench->forest->width;
    size_t count = choice->way < WAY_ROWS ? 2000 : bench->count;
    predict_values_by(choice, bench->forest, bench->rows, count, bench->values);
    if (memcmp(bench->values, bench->expected, count * width * sizeof *bench->values) != 0)
        printf("!! %s differs\n", choice_name(choice));
}

static void measure(const struct bench *bench, size_t batch, double budget)
{
    double best[CHOICES + 1];
    struct choice usual = rule_choose(bench->forest, batch);
    if (bench->together)
        usual.rows = bench->together < batch ? bench->together : batch;
    double start = seconds();
    for (int repeat = 0; repeat < 2 || (repeat < 50 && seconds() - start < budget); repeat++) {
        for (int i = 0; i < CHOICES; i++) {
            struct choice choice = ways[i];
            if (!fits(bench, &choice, batch))
                continue;
            choice.rows = usual.way < WAY_ROWS && !bench->together ? batch : usual.rows;
            choice.rows = choice.way == WAY_LANES_TREES && choice.rows > 256 ? 256 : choice.rows;
            double took = pass(bench, &choice, batch, SLICE);
            best[i] = repeat == 0 || took < best[i] ? took : best[i];
        }
    }
    printf("\n%zu rows at once, %zu together (%s)\n", batch, usual.rows, usual.reason);
    for (int i = 0; i < CHOICES; i++)
        if (fits(bench, &ways[i], batch))
            printf("%c %10.1f  %s\n", same(&ways[i], &usual) ? '*' : ' ', best[i], choice_name(&ways[i]));
    (void)fflush(stdout);
}

static void time_planning(const struct forestd_model *model)
{
    double least = 0;
    for (int i = 0; model->forest->nodes && i < PLANS; i++) {
        double start = seconds();
        (void)forest_plan(model->forest, NULL);
        double took = seconds() - start;
        least = !i || took < least ? took : least;
    }
    if (model->forest->nodes)
        printf("planned in %.2f ms, %.1f million nodes a second\n", least * 1e3,
               (double)model->summary.nodes / least * 1e-6);
}

int main(int count, char **words)
{
    struct forestd_error error = {0};
    struct forestd_model *model = count > 2 ? forestd_open(words[1], &error) : NULL;
    if (!model) {
        (void)fprintf(stderr, "%s\n",
                      count > 2 ? error.message : "usage: bench_walks model rows.npy [seconds [together]]");
        return 1;
    }
    struct bench bench = {.forest = model->forest, .together = count > 4 ? strtoul(words[4], NULL, 10) : 0};
    float *rows = read_rows(words[2], model->forest->features, &bench.count);
    size_t numbers = bench.count * model->forest->width;
    bench.rows = rows;
    bench.values = malloc((numbers + 1) * sizeof(double));
    bench.expected = malloc((numbers + 1) * sizeof(double));
    if (!rows || !bench.values || !bench.expected || bench.count < 2000) {
        (void)fprintf(stderr, "%s: no float32 rows\n", words[2]);
        return 1;
    }
    time_planning(model);
    const struct plan *plan = model->forest->plan;
    printf("%zu trees, %zu slots of %s, %zu different leaves%s, depth %zu, middle %zu, %.1f MB\n", plan->tree_count,
           plan->slot_count, plan->wide ? "12 bytes" : "8 bytes", plan->leaf_count, plan->votes ? " (votes)" : "",
           plan->depth, plan->middle, (double)plan->bytes / 1e6);
    struct choice plain = rule_choose(model->forest, bench.count);
    if (model->forest->nodes)
        plain = (struct choice){.way = WAY_PORTABLE};
    predict_values_by(&plain, model->forest, rows, bench.count, bench.expected);
    for (int i = 0; i < CHOICES; i++) {
        struct choice choice = ways[i];
        choice.rows = 1024;
        if (choice.way != WAY_PORTABLE && fits(&bench, &choice, choice.rows))
            check(&bench, &choice);
    }
    for (int i = 0; i < BATCHES; i++)
        if (batches[i] <= bench.count)
            measure(&bench, batches[i], count > 3 ? strtod(words[3], NULL) : 4);
    free(rows);
    free(bench.values);
    free(bench.expected);
    forestd_close(model);
    return 0;
}
