#include "predict/sums.h"

#include "predict/walks.h"
#include <string.h>

/*
 * Votes of two classes are counted for the second alone, as a whole number in the place of the first's value: what is
 * left of the trees is the first's. 0.0 is no vote.
 */
static uint64_t votes_at(const double *value)
{
    uint64_t votes;
    memcpy(&votes, value, sizeof votes);
    return votes;
}

static void votes_put(double *value, uint64_t votes)
{
    memcpy(value, &votes, sizeof votes);
}

static inline __attribute__((always_inline)) void
add_votes_of_two(const struct plan *plan, bool wide, const uint32_t *at, size_t count, bool rows, double *values)
{
    uint64_t votes = rows ? 0 : votes_at(values);
    for (size_t i = 0; i < count; i++) {
        uint32_t class = wide ? plan->wide[at[i]].key : plan->slots[at[i]].key;
        if (rows)
            votes_put(values + 2 * i, votes_at(values + 2 * i) + class);
        else
            votes += class;
    }
    if (!rows)
        votes_put(values, votes);
}

static inline __attribute__((always_inline)) void add_votes(const struct plan *plan, bool wide, const uint32_t *at,
                                                            size_t count, size_t stride, double *values)
{
    for (size_t i = 0; i < count; i++, values += stride)
        values[wide ? plan->wide[at[i]].key : plan->slots[at[i]].key] += 1;
}

static inline __attribute__((always_inline)) void add_rows(const struct plan *plan, bool wide, const uint32_t *at,
                                                           size_t count, size_t width, size_t stride, double *values)
{
    for (size_t i = 0; i < count; i++, values += stride) {
        uint32_t leaf = wide ? plan->wide[at[i]].key : plan->slots[at[i]].key;
        const double *row = plan->leaves + leaf * width;
        for (size_t k = 0; k < width; k++)
            values[k] += row[k];
    }
}

/* `stride` numbers from one slot's values to the next one's: the width where they are rows, 0 where they are trees. */
static inline __attribute__((always_inline)) void add(const struct forest *forest, bool wide, const uint32_t *at,
                                                      size_t count, bool rows, double *values)
{
    const struct plan *plan = forest->plan;
    size_t width = forest->width;
    if (plan->votes && width == 2)
        add_votes_of_two(plan, wide, at, count, rows, values);
    else if (plan->votes)
        add_votes(plan, wide, at, count, rows ? width : 0, values);
    else if (width == 1)
        add_rows(plan, wide, at, count, 1, rows ? 1 : 0, values);
    else if (width == 2)
        add_rows(plan, wide, at, count, 2, rows ? 2 : 0, values);
    else if (width == 3)
        add_rows(plan, wide, at, count, 3, rows ? 3 : 0, values);
    else if (width == 4)
        add_rows(plan, wide, at, count, 4, rows ? 4 : 0, values);
    else if (width == 5)
        add_rows(plan, wide, at, count, 5, rows ? 5 : 0, values);
    else
        add_rows(plan, wide, at, count, width, rows ? width : 0, values);
}

void sums_add(const struct forest *forest, const uint32_t *at, size_t count, double *values)
{
    if (forest->plan->wide)
        add(forest, true, at, count, true, values);
    else
        add(forest, false, at, count, true, values);
}

void sums_add_trees(const struct forest *forest, const uint32_t *at, size_t count, double *values)
{
    if (forest->plan->wide)
        add(forest, true, at, count, false, values);
    else
        add(forest, false, at, count, false, values);
}

void sums_finish(const struct forest *forest, size_t count, double *values)
{
    double trees = (double)forest->tree_count;
    if (forest->plan->votes && forest->width == 2) {
        for (size_t i = 0; i < count; i++) {
            values[2 * i + 1] = (double)votes_at(values + 2 * i);
            values[2 * i] = trees - values[2 * i + 1];
        }
    }
    if (forest->combination != COMBINE_MEAN)
        return;
    for (size_t i = 0; i < count * forest->width; i++)
        values[i] /= trees;
}
