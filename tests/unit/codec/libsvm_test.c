#include "unit/codec/support.h"

static const struct good goods[] = {
    {"1 1:1 2:2\n-1 1:3 2:4\n", 2, NULL, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {"1 1:1 2:2\r\n-1 1:3 2:4", 2, NULL, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {"1:1 2:2\n1:3 2:4", 2, NULL, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {"0 2:5\n1\n0 1:6 # 2:7\n# nothing\n\n  \n", 2, NULL, DIALECT_ROWS, 3, {0, 5, 0, 0, 6, 0}},
    {"\t1.5e0,2 \t qid:7  1:-0.5 \t2:+1e-3  #x\n", 2, NULL, DIALECT_ROWS, 1, {-0.5F, 1e-3F}},
    {"\xEF\xBB\xBF-1 1:nan 2:NaN 3:inf 4:-Infinity\n", 4, NULL, DIALECT_ROWS, 1, {NO, NO, INFINITY, -INFINITY}},
    {"0 007:3", 8, NULL, DIALECT_ROWS, 1, {0, 0, 0, 0, 0, 0, 3, 0}},
};

START_TEST(reads_rows)
{
    for (size_t i = 0; i < sizeof goods / sizeof *goods; i++)
        check_good(FORMAT_LIBSVM, &goods[i]);
}
END_TEST

static const struct bad bads[] = {
    {"", 2, NULL, FORESTD_EMPTY, NOWHERE, "No instances provided"},
    {"# 1:2\n \n", 2, NULL, FORESTD_EMPTY, NOWHERE, "No instances provided"},
    {"1 1:1\n1 0:1", 2, NULL, FORESTD_NAME, ROW(1), "row 1 has a feature 0: this format counts them from 1"},
    {"1 1:1\n1 3:1", 2, NULL, FORESTD_WIDTH, ROW(1), "row 1 has a feature 3: the model takes 2 features"},
    {"1 99999999999999999999999:1", 2, NULL, FORESTD_WIDTH, ROW(0), "the model takes 2 features"},
    {"1 2:1 1:1", 2, NULL, FORESTD_SYNTAX, CELL(0, 0), "feature 1 stands behind feature 2"},
    {"1 2:1 2:1", 2, NULL, FORESTD_SYNTAX, CELL(0, 1), "feature 2 stands behind feature 2"},
    {"1 1:1 x\n", 2, NULL, FORESTD_SYNTAX, ROW(0), "row 0: 'x' is not index:value"},
    {"1 1:1 2\n", 2, NULL, FORESTD_SYNTAX, ROW(0), "row 0: '2' is not index:value"},
    {"x 1:1\n", 2, NULL, FORESTD_SYNTAX, ROW(0), "row 0: 'x' is not index:value"},
    {"1,x 1:1\n", 2, NULL, FORESTD_SYNTAX, ROW(0), "'1,x' is not"},
    {"1 :1\n", 2, NULL, FORESTD_SYNTAX, ROW(0), "':1' is not"},
    {"1 -1:1\n", 2, NULL, FORESTD_SYNTAX, ROW(0), "'-1:1' is not"},
    {"1 1:\n", 2, NULL, FORESTD_VALUE, CELL(0, 0), "row 0, column 0: '' is not a number"},
    {"1 1:2 2:a\n", 2, NULL, FORESTD_VALUE, CELL(0, 1), "row 0, column 1: 'a' is not a number"},
    {"1 1:2:3\n", 2, NULL, FORESTD_VALUE, CELL(0, 0), "'2:3' is not a number"},
};

START_TEST(refuses_what_is_no_row)
{
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++)
        check_bad(FORMAT_LIBSVM, &bads[i]);
}
END_TEST

START_TEST(bounds_a_word)
{
    struct forest *forest = sample_forest(1, NULL);
    struct forestd_error error;
    char body[3000];
    memset(body, '1', sizeof body);
    struct decoder *decoder = decoder_open(FORMAT_LIBSVM, forest, NULL, NULL);
    ck_assert(!decoder_feed(decoder, body, sizeof body, &error));
    ck_assert_int_eq(error.code, FORESTD_LIMIT);
    decoder_close(decoder);
    forest_close(forest);
}
END_TEST

SUITE(libsvm, reads_rows, refuses_what_is_no_row, bounds_a_word)
