/*
 * libFuzzer's way into the reader: any bytes are a model's file, told about, opened and asked for a prediction.
 *
 *     tests/fuzz/run [SECONDS]
 */
#include "read/read.h"

#include <forestd/forestd.h>
#include <stdlib.h>

enum { WIDEST = 1 << 20 }; /* features and values that a row is worth */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void predict(const struct forestd_model *model)
{
    const struct forestd_summary *about = forestd_describe(model);
    struct forestd_error error;
    if (about->features > WIDEST || about->width > WIDEST)
        return;
    float *row = calloc(about->features, sizeof *row);
    double *values = calloc(about->width, sizeof *values);
    uint32_t *choices = calloc(about->outputs, sizeof *choices);
    if (!row || !values || !choices || !forestd_predict(model, row, 1, values, choices, &error))
        abort();
    free(choices);
    free(values);
    free(row);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct report report;
    struct forestd_error error;
    struct forest *forest = forest_inspect(bytes, size, "input", &report, &error);
    struct forestd_model *model = forestd_open_bytes(bytes, size, "input", &error);
    /* What is told about a file must not depend on who asks. */
    if (!forest != !model)
        abort();
    if (model)
        predict(model);
    forestd_close(model);
    forest_close(forest);
    return 0;
}
