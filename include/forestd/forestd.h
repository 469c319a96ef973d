/*
 * The engine of forestd, for C programs that embed it: open a file, ask what it holds, predict, read the error.
 *
 *     struct forestd_error error;
 *     struct forestd_model *model = forestd_open("model.joblib", &error);
 *     if (!model) { fprintf(stderr, "%s\n", error.message); return 1; }
 *     const struct forestd_summary *about = forestd_describe(model);
 *     double *values = malloc(about->width * sizeof *values);
 *     if (!forestd_predict(model, row, 1, values, NULL, &error)) { ... }
 *     forestd_close(model);
 *
 * Compile with `pkg-config --cflags --libs forestd`.
 */
#ifndef FORESTD_FORESTD_H
#define FORESTD_FORESTD_H

#include <forestd/error.h>
#include <forestd/model.h>
#include <forestd/predict.h>

#endif
