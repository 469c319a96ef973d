#include "predict/sums.h"

#include "predict/lanes.h"
#include "predict/strips.h"
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

void sums_add_votes(uint64_t votes, double *values)
{
    votes_put(values, votes_at(values) + votes);
}

/* What `at` says of where a row or a tree has arrived. */
enum form { FORM_SLOT, FORM_WIDE_SLOT, FORM_LEAF };

static inline __attribute__((always_inline)) uint32_t leaf_of(const struct plan *plan, enum form form, uint32_t at)
{
    return form == FORM_LEAF ? at : form == FORM_SLOT ? plan->slots[at].key : plan->wide[at].key;
}

static inline __attribute__((always_inline)) void
add_votes_of_two(const struct plan *plan, enum form form, const uint32_t *at, size_t count, bool rows, double *values)
{
    uint64_t votes = rows ? 0 : votes_at(values);
    for (size_t i = 0; i < count; i++) {
        uint32_t class = leaf_of(plan, form, at[i]);
        if (rows)
            votes_put(values + 2 * i, votes_at(values + 2 * i) + class);
        else
            votes += class;
    }
    if (!rows)
        votes_put(values, votes);
}

static inline __attribute__((always_inline)) void add_votes(const struct plan *plan, enum form form, const uint32_t *at,
                                                            size_t count, size_t stride, double *values)
{
    for (size_t i = 0; i < count; i++, values += stride)
        values[leaf_of(plan, form, at[i])] += 1;
}

/* Written so that a compiler may add several numbers at once: none is stored before all are loaded. */
static inline __attribute__((always_inline)) void add_few(const double *row, size_t width, double *values)
{
    double sums[5];
    for (size_t k = 0; k < width; k++)
        sums[k] = values[k] + row[k];
    for (size_t k = 0; k < width; k++)
        values[k] = sums[k];
}

/* Few numbers a leaf. One row in many trees keeps its sums in registers. */
static inline __attribute__((always_inline)) void add_narrow(const struct plan *plan, enum form form,
                                                             const uint32_t *at, size_t count, size_t width, bool rows,
                                                             double *values)
{
    if (rows) {
        for (size_t i = 0; i < count; i++)
            add_few(plan->leaves + leaf_of(plan, form, at[i]) * width, width, values + i * width);
        return;
    }
    double sums[5];
    for (size_t k = 0; k < width; k++)
        sums[k] = values[k];
    for (size_t i = 0; i < count; i++)
        add_few(plan->leaves + leaf_of(plan, form, at[i]) * width, width, sums);
    for (size_t k = 0; k < width; k++)
        values[k] = sums[k];
}

static inline __attribute__((always_inline)) void add_rows(const struct plan *plan, enum form form, const uint32_t *at,
                                                           size_t count, size_t width, size_t stride, double *values)
{
    for (size_t i = 0; i < count; i++, values += stride) {
        const double *row = plan->leaves + leaf_of(plan, form, at[i]) * width;
        for (size_t k = 0; k < width; k++)
            values[k] += row[k];
    }
}

/* `rows`: `at` holds one tree's leaves of many rows; else one row's of many trees. */
static inline __attribute__((always_inline)) void add(const struct forest *forest, enum form form, const uint32_t *at,
                                                      size_t count, bool rows, double *values)
{
    const struct plan *plan = forest->plan;
    size_t width = forest->width;
    if (plan->votes && width == 2)
        add_votes_of_two(plan, form, at, count, rows, values);
    else if (plan->votes)
        add_votes(plan, form, at, count, rows ? width : 0, values);
    else if (width == 1)
        add_narrow(plan, form, at, count, 1, rows, values);
    else if (width == 2)
        add_narrow(plan, form, at, count, 2, rows, values);
    else if (width == 3)
        add_narrow(plan, form, at, count, 3, rows, values);
    else if (width == 4)
        add_narrow(plan, form, at, count, 4, rows, values);
    else if (width == 5)
        add_narrow(plan, form, at, count, 5, rows, values);
    else
        add_rows(plan, form, at, count, width, rows ? width : 0, values);
}

void sums_add(const struct forest *forest, const uint32_t *at, size_t count, double *values)
{
    if (forest->plan->wide)
        add(forest, FORM_WIDE_SLOT, at, count, true, values);
    else
        add(forest, FORM_SLOT, at, count, true, values);
}

void sums_add_trees(const struct forest *forest, const uint32_t *at, size_t count, double *values)
{
    if (forest->plan->wide)
        add(forest, FORM_WIDE_SLOT, at, count, false, values);
    else
        add(forest, FORM_SLOT, at, count, false, values);
}

#ifdef STRIPS_BUILT
#define AVX2 __attribute__((target("avx2")))

/* Few numbers a leaf, of two trees: each row's sums are read and written once. */
static inline __attribute__((always_inline)) void add_narrow_twice(const struct plan *plan, enum form form,
                                                                   const uint32_t *at, const uint32_t *next,
                                                                   size_t count, size_t width, double *values)
{
    for (size_t i = 0; i < count; i++, values += width) {
        const double *first = plan->leaves + leaf_of(plan, form, at[i]) * width;
        const double *second = plan->leaves + leaf_of(plan, form, next[i]) * width;
        double sums[5];
        for (size_t k = 0; k < width; k++)
            sums[k] = values[k] + first[k] + second[k];
        for (size_t k = 0; k < width; k++)
            values[k] = sums[k];
    }
}

static inline __attribute__((always_inline)) void add_twice(const struct forest *forest, enum form form,
                                                            const uint32_t *at, const uint32_t *next, size_t count,
                                                            double *values)
{
    const struct plan *plan = forest->plan;
    size_t width = forest->width;
    if (!plan->votes && width == 1) {
        add_narrow_twice(plan, form, at, next, count, 1, values);
    } else if (!plan->votes && width == 2) {
        add_narrow_twice(plan, form, at, next, count, 2, values);
    } else if (!plan->votes && width == 3) {
        add_narrow_twice(plan, form, at, next, count, 3, values);
    } else if (!plan->votes && width == 4) {
        add_narrow_twice(plan, form, at, next, count, 4, values);
    } else if (!plan->votes && width == 5) {
        add_narrow_twice(plan, form, at, next, count, 5, values);
    } else {
        add(forest, form, at, count, true, values);
        add(forest, form, next, count, true, values);
    }
}

AVX2 void sums_add_strips(const struct forest *forest, const uint32_t *at, const uint32_t *next, size_t count,
                          double *values)
{
    bool wide = forest->plan->wide != NULL;
    if (next && wide)
        add_twice(forest, FORM_WIDE_SLOT, at, next, count, values);
    else if (next)
        add_twice(forest, FORM_SLOT, at, next, count, values);
    else if (wide)
        add(forest, FORM_WIDE_SLOT, at, count, true, values);
    else
        add(forest, FORM_SLOT, at, count, true, values);
}
#endif

#ifdef LANES_BUILT
/* Who calls these has AVX-512, and so AVX2. */
AVX2 void sums_add_leaves(const struct forest *forest, const uint32_t *leaves, size_t count, double *values)
{
    add(forest, FORM_LEAF, leaves, count, true, values);
}

AVX2 void sums_add_trees_leaves(const struct forest *forest, const uint32_t *leaves, size_t count, double *values)
{
    add(forest, FORM_LEAF, leaves, count, false, values);
}
#endif

void sums_expect(const struct forest *forest, const uint32_t *leaves, size_t count)
{
    const struct plan *plan = forest->plan;
    size_t last = forest->width - 1;
    if (plan->votes)
        return;
    for (size_t i = 0; i < count; i++) {
        const double *row = plan->leaves + leaves[i] * forest->width;
        __builtin_prefetch(row);
        __builtin_prefetch(row + (last < 7 ? last : 7));
    }
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
