/*
 * Bodies put together by chance from what bodies are made of: however they are cut, they give the same rows or the same
 * error.
 */
#include "unit/codec/support.h"

static const char *const names[] = {"a", "data"};

static const char *const json_parts[] = {"[",
                                         "[",
                                         "[",
                                         "]",
                                         "]",
                                         "]",
                                         "{",
                                         "}",
                                         ",",
                                         ",",
                                         ", ",
                                         ":",
                                         ": ",
                                         "\n",
                                         " ",
                                         "1",
                                         "2.5",
                                         "-0.125",
                                         "1e3",
                                         "null",
                                         "NaN",
                                         "true",
                                         "0.4967141530112327",
                                         "[1, 2]",
                                         "[[1, 2], [3, 4]]",
                                         "{\"a\": 1, \"data\": 2}",
                                         "\"a\"",
                                         "\"data\"",
                                         "\"a\": 1",
                                         "\"instances\": ",
                                         "{\"instances\": ",
                                         "\"columns\": [\"data\", \"a\"]",
                                         "\"features\"",
                                         "\"values\"",
                                         "\"parameters\": ",
                                         "{\"output\": \"predictions\"}",
                                         "\"x\\u00e9\\n\"",
                                         "\\",
                                         "\"",
                                         "x",
                                         "\xC3\xA9",
                                         "01"};

static const char *const csv_parts[] = {
    ",",   ",",   ",", "\n", "\n",    "\n",   "\r\n", "\r",   "1",        "2.5",   "-0.125",
    "nan", "inf", " ", "\"", "\"1\"", "\"\"", "a",    "data", "a,data\n", "1,2\n", "0.4967141530112327",
    "+1",  ".5",  "x"};

struct outcome {
    bool good;
    struct forestd_error error;
    size_t rows;
    size_t spans;
    float cells[64];
};

static struct outcome outcome_of(enum format format, const struct forest *forest, const char *body, struct cut cut)
{
    struct outcome outcome = {0};
    struct decoder *decoder = decoder_open(format, forest, NULL, NULL);
    outcome.good = feed(decoder, body, strlen(body), cut, &outcome.error);
    const struct question *question = decoder_question(decoder);
    if (outcome.good) {
        outcome.rows = question->matrix.rows;
        outcome.spans = question->span_count;
        size_t cells = outcome.rows * forest->features;
        memcpy(outcome.cells, question->matrix.cells, (cells < 64 ? cells : 64) * sizeof(float));
    }
    decoder_close(decoder);
    return outcome;
}

static void check_body(enum format format, const struct forest *forest, const char *body, bool *good)
{
    static const struct cut cuts[] = {{0, 1}, {0, 2}, {0, 3}, {0, 7}, {0, 30}};
    struct outcome whole = outcome_of(format, forest, body, (struct cut){0, 0});
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct outcome cut = outcome_of(format, forest, body, cuts[i]);
        ck_assert_msg(cut.good == whole.good && cut.error.code == whole.error.code &&
                          cut.error.where.first == whole.error.where.first &&
                          cut.error.where.second == whole.error.where.second,
                      "%s\nwhole: %s\npieces of %zu: %s", body, whole.error.message, cuts[i].step, cut.error.message);
        ck_assert_msg(cut.rows == whole.rows && cut.spans == whole.spans &&
                          memcmp(cut.cells, whole.cells, sizeof cut.cells) == 0,
                      "%s has other rows in pieces of %zu", body, cuts[i].step);
    }
    *good = whole.good;
}

static void check_many(enum format format, size_t features, const char *const *names_, const char *const *parts,
                       size_t count)
{
    struct forest *forest = sample_forest(features, names_);
    size_t taken = 0;
    for (int i = 0; i < 20000; i++) {
        char body[1024] = "";
        char *at = body;
        for (int part = rand() % 14; part >= 0; part--)
            at = stpcpy(at, parts[(size_t)rand() % count]);
        bool good = false;
        check_body(format, forest, body, &good);
        taken += good;
    }
    ck_assert_uint_gt(taken, 10);
    forest_close(forest);
}

START_TEST(json_is_the_same_however_it_is_cut)
{
    srand(7);
    check_many(FORMAT_JSON, 2, names, json_parts, sizeof json_parts / sizeof *json_parts);
    check_many(FORMAT_LINES, 1, NULL, json_parts, sizeof json_parts / sizeof *json_parts);
}
END_TEST

START_TEST(csv_is_the_same_however_it_is_cut)
{
    srand(7);
    check_many(FORMAT_CSV, 2, names, csv_parts, sizeof csv_parts / sizeof *csv_parts);
    check_many(FORMAT_CSV, 1, NULL, csv_parts, sizeof csv_parts / sizeof *csv_parts);
}
END_TEST

/* A body of rows that are nearly all of nine plain numbers, as long as one in a few has something else in it. */
static void write_rows(bool json, char *body)
{
    static const char *const plain[] = {"0.4967141530112327", "-0.125", "3", "-17.25", "0.0"};
    static const char *const odd[] = {"1e-05", "null", "nan", "", " 2.5", "2.5 ", "x", "\"1\"", "01", "1.2.3", "-"};
    static const char *const json_ends[] = {"], [", "],[", "] , [", "]\n,[", "]\n["};
    static const char *const odd_ends[] = {"}, [", ", [", "], ", "], x", "]"};
    static const char *const csv_ends[] = {"\n", "\r\n", "\n\n"};
    const char *between = rand() % 2 ? "," : rand() % 4 ? ", " : ",  ";
    const char *end = json ? json_ends[rand() % 5] : csv_ends[rand() % 3];
    body = stpcpy(body, json ? "[[" : "");
    for (int row = rand() % 5; row >= 0; row--) {
        int cells = rand() % 20 ? 9 : 8 + rand() % 3;
        for (int i = 0; i < cells; i++) {
            body = stpcpy(body, i ? between : "");
            body = stpcpy(body, rand() % 60 ? plain[rand() % 5] : odd[rand() % 11]);
        }
        if (json && row && rand() % 20 == 0)
            body = stpcpy(body, odd_ends[rand() % 5]);
        else
            body = stpcpy(body, row ? end : json ? "]]" : "\n");
    }
}

START_TEST(long_rows_are_the_same_however_they_are_cut)
{
    static const enum format formats[] = {FORMAT_JSON, FORMAT_LINES, FORMAT_CSV};
    srand(9);
    struct forest *forest = sample_forest(9, NULL);
    size_t taken = 0;
    for (int i = 0; i < 6000; i++) {
        char body[2048];
        bool good = false;
        write_rows(i % 3 < 2, body);
        check_body(formats[i % 3], forest, body, &good);
        taken += good;
    }
    ck_assert_uint_gt(taken, 1000);
    forest_close(forest);
}
END_TEST

SUITE(split, json_is_the_same_however_it_is_cut, csv_is_the_same_however_it_is_cut,
      long_rows_are_the_same_however_they_are_cut)
