/* A program that embeds forestd: predicts one row, whose cells are the words after the model's path. */
#include <forestd/forestd.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words)
{
    struct forestd_error error;
    struct forestd_model *model = count > 1 ? forestd_open(words[1], &error) : NULL;
    if (!model) {
        fprintf(stderr, "%s\n", count > 1 ? error.message : "usage: example MODEL CELL...");
        return 1;
    }
    const struct forestd_summary *about = forestd_describe(model);
    float *row = calloc(about->features, sizeof *row);
    double *values = calloc(about->width, sizeof *values);
    uint32_t *choices = calloc(about->outputs, sizeof *choices);
    for (size_t i = 0; i < about->features && i + 2 < (size_t)count; i++)
        row[i] = strtof(words[i + 2], NULL);
    if (!forestd_predict(model, row, 1, values, choices, &error)) {
        fprintf(stderr, "%s: %s\n", forestd_code_word(error.code), error.message);
        return 1;
    }
    printf("%s, %zu trees:", about->estimator, about->trees);
    for (size_t i = 0; i < about->width; i++)
        printf(" %.17g", values[i]);
    printf("\n");
    free(choices), free(values), free(row);
    forestd_close(model);
    return 0;
}
