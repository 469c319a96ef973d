/*
 * What a program that embeds the engine does, for tests/bench/peers.py: a model, and calls of a number of rows each.
 */
#include <forestd/forestd.h>
#include <stdio.h>

FORESTD_API struct forestd_model *loop_open(const char *path);
FORESTD_API int loop_run(const struct forestd_model *model, const float *rows, size_t batch, size_t calls,
                         double *values);

struct forestd_model *loop_open(const char *path)
{
    struct forestd_error error;
    struct forestd_model *model = forestd_open(path, &error);
    if (!model)
        (void)fprintf(stderr, "%s\n", error.message);
    return model;
}

/* 0 when all went well. rows: [calls * batch][features]; values: [calls * batch][width], written. */
int loop_run(const struct forestd_model *model, const float *rows, size_t batch, size_t calls, double *values)
{
    struct forestd_error error;
    const struct forestd_summary *about = forestd_describe(model);
    for (size_t i = 0; i < calls; i++) {
        const float *first = rows + i * batch * about->features;
        if (!forestd_predict(model, first, batch, values + i * batch * about->width, NULL, &error))
            return 1;
    }
    return 0;
}
