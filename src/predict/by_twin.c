/*
 * Rows with missing values, gathered from among others: tree by tree through the forest's twin.
 */
#include "base/pages.h"
#include "predict/sums.h"
#include "predict/twin.h"
#include "predict/work.h"
#include <stdlib.h>
#include <string.h>

/* As many rows as go through all trees together, and what they want. */
struct gathered {
    size_t most;
    size_t count;
    size_t *places; /* [most] which rows of the call they are */
    float *rows;    /* [most][2 * features] as the twin has them */
    double *values; /* [most][width] */
    void *cells;
    void *slots; /* of the twin's trees */
};

static size_t sizes_of(const struct work *work, size_t sizes[5])
{
    const struct forest *forest = work->forest;
    const size_t rows = work->choice->rows;
    sizes[0] = pages_round(rows * sizeof(size_t));
    sizes[1] = pages_round(rows * 2 * forest->features * sizeof(float));
    sizes[2] = pages_round(rows * forest->width * sizeof(double));
    sizes[3] = cells_size(2 * forest->features, choice_block_rows(work->choice), rows);
    sizes[4] = twin_slots_size(forest->plan);
    return sizes[0] + sizes[1] + sizes[2] + sizes[3] + sizes[4];
}

/* Returns the memory that holds it all, or NULL. */
static void *gathered_open(struct gathered *gathered, const struct work *work)
{
    size_t sizes[5];
    char *memory = pages_take(sizes_of(work, sizes));
    if (!memory)
        return NULL;
    char *at = memory;
    gathered->most = work->choice->rows;
    gathered->count = 0;
    gathered->places = (size_t *)(void *)at;
    gathered->rows = (float *)(void *)(at += sizes[0]);
    gathered->values = (double *)(void *)(at += sizes[1]);
    gathered->cells = at += sizes[2];
    gathered->slots = at + sizes[3];
    return memory;
}

/* The values of those that are gathered, put where they belong. */
static void predict_gathered(const struct work *work, struct gathered *gathered, double *values)
{
    const struct forest *forest = work->forest;
    const struct plan *plan = forest->plan;
    const size_t width = forest->width;
    struct twin twin;
    struct work part = {.forest = &twin.forest, .choice = work->choice};
    part.cells = (struct cells){.features = 2 * forest->features, .block_rows = choice_block_rows(work->choice)};
    cells_place(&part.cells, gathered->most, gathered->cells);
    predict_fill(&part, gathered->rows, gathered->count);
    memset(gathered->values, 0, gathered->count * width * sizeof *values);
    for (size_t first = 0, some = 0; first < plan->tree_count; first += some) {
        some = twin_trees(plan, first);
        twin_make(forest, first, some, gathered->slots, &twin);
        predict_add(&part, gathered->count, gathered->values);
    }
    sums_finish(forest, gathered->count, gathered->values);
    for (size_t i = 0; i < gathered->count; i++)
        memcpy(values + gathered->places[i] * width, gathered->values + i * width, width * sizeof *values);
    gathered->count = 0;
}

bool predict_by_twin(const struct work *work, const float *rows, size_t count, bool all, double *values)
{
    const size_t features = work->forest->features;
    struct gathered gathered;
    void *memory = gathered_open(&gathered, work);
    if (!memory)
        return false;
    for (size_t i = 0; i < count; i++) {
        const float *row = rows + i * features;
        if (!all && !has_missing(work->forest, row))
            continue;
        twin_fill_row(row, features, gathered.rows + gathered.count * 2 * features);
        gathered.places[gathered.count++] = i;
        if (gathered.count == gathered.most)
            predict_gathered(work, &gathered, values);
    }
    if (gathered.count)
        predict_gathered(work, &gathered, values);
    free(memory);
    return true;
}
