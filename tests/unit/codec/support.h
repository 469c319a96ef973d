/*
 * Forests that never saw a tree, and bodies fed to decoders in every way that a network can split them.
 */
#ifndef UNIT_CODEC_SUPPORT_H
#define UNIT_CODEC_SUPPORT_H

#include "codec/codec.h"
#include "unit/guard.h"
#include "unit/suite.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A classifier's outside: its features, their names, nothing else. */
static inline struct forest *sample_forest(size_t features, const char *const *names)
{
    struct forest *forest = forest_open(NULL, NULL);
    ck_assert_ptr_nonnull(forest);
    forest->features = features;
    forest->outputs = 1;
    forest->names = names;
    if (names)
        ck_assert(forest_index_names(forest, NULL));
    memcpy(forest->version, "0123456789abcdef", 17);
    return forest;
}

/* How a body is cut: two pieces at `first`, or pieces of `step` bytes. */
struct cut {
    size_t first;
    size_t step;
};

static inline bool feed(struct decoder *decoder, const char *body, size_t size, struct cut cut,
                        struct forestd_error *error)
{
    static struct guard guard; /* kept: bodies are fed by the hundred thousand */
    if (guard.size < size) {
        if (guard.size)
            guard_close(&guard);
        guard = guard_open(size);
    }
    size_t piece = cut.step ? cut.step : cut.first;
    bool good = true;
    for (size_t at = 0; good && at < size; at += piece) {
        if (at && !cut.step)
            piece = size - at;
        if (piece > size - at || piece == 0)
            piece = size - at;
        good = decoder_feed(decoder, guard_copy(&guard, body + at, piece), piece, error);
    }
    return good && decoder_finish(decoder, error);
}

/* The cuts that every body is fed with: whole, at each byte, and in small equal pieces. Returns false after the last.
 */
static inline bool next_cut(size_t size, struct cut *cut)
{
    static const size_t steps[] = {1, 2, 3, 5, 7, 16, 64};
    if (cut->step == 0 && cut->first < size) {
        cut->first++;
        return true;
    }
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (steps[i] > cut->step) {
            cut->step = steps[i];
            return true;
        }
    }
    return false;
}

/* Checks a cell; NaN equals NaN, and 0 is not -0. */
static inline void check_cell(float found, float wanted, const char *body, size_t index)
{
    bool same = isnan(wanted) ? isnan(found) : found == wanted && !signbit(found) == !signbit(wanted);
    ck_assert_msg(same, "cell %zu of %s is %g, not %g", index, body, (double)found, (double)wanted);
}

/* ---- tables of bodies ---- */

#define NO NAN

struct good {
    const char *body;
    size_t features;
    const char *const *names;
    enum dialect dialect;
    size_t rows;
    float cells[8];
};

static inline void check_question(enum format format, const struct good *good, struct cut cut)
{
    struct forest *forest = sample_forest(good->features, good->names);
    struct forestd_error error = {0};
    struct decoder *decoder = decoder_open(format, forest, NULL, &error);
    ck_assert_msg(feed(decoder, good->body, strlen(good->body), cut, &error), "%s cut %zu, %zu: %s", good->body,
                  cut.first, cut.step, error.message);
    const struct question *question = decoder_question(decoder);
    ck_assert_msg(question->matrix.rows == good->rows, "%s cut %zu, %zu: %zu rows", good->body, cut.first, cut.step,
                  question->matrix.rows);
    for (size_t i = 0; i < good->rows * good->features; i++)
        check_cell(question->matrix.cells[i], good->cells[i], good->body, i);
    ck_assert_uint_eq(question->span_count, 1);
    ck_assert_msg(question->spans[0].dialect == good->dialect, "%s", good->body);
    ck_assert_uint_eq(question->spans[0].rows * question->spans[0].documents, good->rows);
    ck_assert_uint_eq(question->spans[0].rows, format == FORMAT_CSV || format == FORMAT_LIBSVM ? 1 : good->rows);
    ck_assert_int_eq(question->format, format);
    decoder_close(decoder);
    forest_close(forest);
}

/* The body gives these rows, however it is cut. */
static inline void check_good(enum format format, const struct good *good)
{
    struct cut cut = {0, 0};
    do
        check_question(format, good, cut);
    while (next_cut(strlen(good->body), &cut));
}

struct bad {
    const char *body;
    size_t features;
    const char *const *names;
    enum forestd_code code;
    struct forestd_where where;
    const char *says; /* what the message holds */
};

/* Releases of clang-format lay these out differently. */
// clang-format off
#define BYTE(n) {FORESTD_BYTE, n, 0}
#define ROW(n) {FORESTD_ROW, n, 0}
#define CELL(r, c) {FORESTD_CELL, r, c}
#define NOWHERE {FORESTD_NOWHERE, 0, 0}
// clang-format on

static inline void check_error(const struct bad *bad, struct cut cut, const struct forestd_error *error)
{
    ck_assert_msg(error->code == bad->code && error->where.place == bad->where.place &&
                      error->where.first == bad->where.first && error->where.second == bad->where.second &&
                      strstr(error->message, bad->says),
                  "%s cut %zu, %zu: %s at %d %d %d: %s", bad->body, cut.first, cut.step, forestd_code_word(error->code),
                  (int)error->where.place, (int)error->where.first, (int)error->where.second, error->message);
}

/* The body is refused with this code, at this place, however it is cut. */
static inline void check_bad(enum format format, const struct bad *bad)
{
    struct cut cut = {0, 0};
    do {
        struct forest *forest = sample_forest(bad->features, bad->names);
        struct forestd_error error = {0};
        struct decoder *decoder = decoder_open(format, forest, NULL, &error);
        ck_assert_msg(!feed(decoder, bad->body, strlen(bad->body), cut, &error), "%s is taken", bad->body);
        check_error(bad, cut, &error);
        decoder_close(decoder);
        forest_close(forest);
    } while (next_cut(strlen(bad->body), &cut));
}

#endif
