/*
 * Predicting: rows of float32 features to rows of float64 values, bit for bit as scikit-learn with n_jobs=1.
 *
 * scikit-learn casts every input to float32 (round to nearest) before it compares; a caller with doubles does the same
 * with a C cast. Nothing is allocated and nothing is locked: any number of threads may predict with one model.
 */
#ifndef FORESTD_PREDICT_H
#define FORESTD_PREDICT_H

#include <forestd/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Predicts `count` rows.
 *
 *   rows     [count][features], float32
 *   values   [count][width], written. Classifier: predict_proba, the classes of output 0, then those of output 1, and
 * so on. Regressor: predict, one number an output. choices  [count][outputs], written: which class predict() answers,
 * as an index for forestd_class_label. NULL when not wanted, and left alone by a regressor.
 *
 * A cell that scikit-learn refuses (infinite; NaN where the summary's `accepts_nan` is false) fails the whole call with
 * FORESTD_VALUE and the cell's position; `values` and `choices` are then unspecified.
 */
FORESTD_API bool forestd_predict(const struct forestd_model *model, const float *rows, size_t count, double *values,
                                 uint32_t *choices, struct forestd_error *error);

#ifdef __cplusplus
}
#endif
#endif
