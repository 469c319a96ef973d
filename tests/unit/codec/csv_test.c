#include "unit/codec/support.h"

static const char *const two_names[] = {"a", "sepal length (cm)"};
static const char *const odd_names[] = {" x", "1st, \"best\""};

static const struct good goods[] = {
    {"1,2\n3,4\n", 2, NULL, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {"1,2\n3,4", 2, NULL, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {"1,2\r\n3,4\r\n", 2, NULL, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {"\xEF\xBB\xBF\n\r\n1,2\n   \n\n3,4\n\n  ", 2, NULL, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {" 1 ,\t2 \n3, 4\n", 2, NULL, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {"\"1\",\"2.5\"\n \"3\" , \" 4 \"\r\n", 2, NULL, DIALECT_ROWS, 2, {1, 2.5F, 3, 4}},
    {",\n1,\n,2", 2, NULL, DIALECT_ROWS, 3, {NO, NO, 1, NO, NO, 2}},
    {"1,", 2, NULL, DIALECT_ROWS, 1, {1, NO}},
    {"nan,NaN,-nan,NA,\"\",+1,.5,5.", 8, NULL, DIALECT_ROWS, 1, {NO, NO, NO, NO, NO, 1, 0.5F, 5}},
    {"inf,-inf,Infinity,-INF,1e39,-0,007,1E3",
     8,
     NULL,
     DIALECT_ROWS,
     1,
     {INFINITY, -INFINITY, INFINITY, -INFINITY, INFINITY, -0.0F, 7, 1000}},
    {"0.4967141530112327,12345678901234567890123,0.00001234567890123456789",
     3,
     NULL,
     DIALECT_ROWS,
     1,
     {(float)0.4967141530112327, 12345678901234567890123.0F, (float)0.00001234567890123456789}},
    {"1\n2\n\n\"\"\nnan\n", 1, NULL, DIALECT_ROWS, 4, {1, 2, NO, NO}},
    /* headers */
    {"a,sepal length (cm)\n1,2\n", 2, two_names, DIALECT_ROWS, 1, {1, 2}},
    {"\"sepal length (cm)\",\"a\"\n2,1\n4,3\n", 2, two_names, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {"sepal length (cm) , a\r\n2,1\r\n", 2, two_names, DIALECT_ROWS, 1, {1, 2}},
    {"\"1st, \"\"best\"\"\",\" x\"\n2,1\n", 2, odd_names, DIALECT_ROWS, 1, {1, 2}},
    {"1,2\n3,4\n", 2, two_names, DIALECT_ROWS, 2, {1, 2, 3, 4}},
};

START_TEST(reads_rows)
{
    for (size_t i = 0; i < sizeof goods / sizeof *goods; i++)
        check_good(FORMAT_CSV, &goods[i]);
}
END_TEST

static const struct bad bads[] = {
    {"", 2, NULL, FORESTD_EMPTY, NOWHERE, "No instances provided"},
    {"\r\n  \n", 2, NULL, FORESTD_EMPTY, NOWHERE, "No instances provided"},
    {"a,sepal length (cm)\n", 2, two_names, FORESTD_EMPTY, NOWHERE, "No instances provided"},
    {"1,2\n3\n", 2, NULL, FORESTD_WIDTH, ROW(1), "row 1 has 1 cell: the model takes 2 features"},
    {"1,2\n3,4,5,x\n", 2, NULL, FORESTD_WIDTH, ROW(1), "row 1 has 4 cells"},
    {"1,2,\n", 2, NULL, FORESTD_WIDTH, ROW(0), "row 0 has 3 cells"},
    {"1,2\n3,x\n", 2, NULL, FORESTD_VALUE, CELL(1, 1), "row 1, column 1: 'x' is not a number"},
    {"1,2\n3,0x1A\n", 2, NULL, FORESTD_VALUE, CELL(1, 1), "'0x1A' is not a number"},
    {"1,2\n3,1_0\n", 2, NULL, FORESTD_VALUE, CELL(1, 1), "'1_0' is not a number"},
    {"1,2\n3,1 2\n", 2, NULL, FORESTD_VALUE, CELL(1, 1), "'1 2' is not a number"},
    {"1,2\n3,--1\n", 2, NULL, FORESTD_VALUE, CELL(1, 1), "'--1' is not a number"},
    {"1,2\n3,.\n", 2, NULL, FORESTD_VALUE, CELL(1, 1), "'.' is not a number"},
    {"1;2\n", 2, NULL, FORESTD_VALUE, CELL(0, 0), "'1;2' is not a number; the model was trained without"},
    {"1,\"2\n", 2, NULL, FORESTD_SYNTAX, BYTE(5), "ends between quotes"},
    {"1,\"2\"3\n", 2, NULL, FORESTD_SYNTAX, BYTE(5), "behind the quotes, not '3'"},
    {"1,\"2\" \"3\"\n", 2, NULL, FORESTD_SYNTAX, BYTE(6), "behind the quotes"},
    /* headers */
    {"a,b\n1,2\n", 2, NULL, FORESTD_VALUE, CELL(0, 0),
     "row 0, column 0: 'a' is not a number; the model was trained without"},
    {"1,b\n1,2\n", 2, two_names, FORESTD_VALUE, CELL(0, 1), "row 0, column 1: 'b' is not a number"},
    {"a,b\n1,2\n", 2, two_names, FORESTD_NAME, CELL(0, 1), "the header line names 'b', which is not a feature"},
    {"a,1\n1,2\n", 2, two_names, FORESTD_NAME, CELL(0, 1), "the header line names '1'"},
    {"a,a\n1,2\n", 2, two_names, FORESTD_NAME, CELL(0, 1), "the header line names 'a' twice"},
    {"a\n1,2\n", 2, two_names, FORESTD_NAME, ROW(0), "the header line does not have the feature 'sepal length (cm)'"},
    {"a,sepal length (cm)\n1,2\na,sepal length (cm)\n", 2, two_names, FORESTD_VALUE, CELL(1, 0), "'a' is not a number"},
};

START_TEST(refuses_what_is_no_row)
{
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++)
        check_bad(FORMAT_CSV, &bads[i]);
}
END_TEST

START_TEST(bounds_a_field)
{
    char body[3000];
    struct forest *forest = sample_forest(1, NULL);
    static const struct cut cuts[] = {{0, 0}, {0, 1}, {0, 7}, {1500, 0}};
    for (size_t digits = 1000; digits <= 2000; digits += 1000) {
        memset(body, '3', sizeof body);
        body[0] = '.';
        body[digits] = '\n';
        for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
            struct forestd_error error = {0};
            struct decoder *decoder = decoder_open(FORMAT_CSV, forest, NULL, NULL);
            bool good = feed(decoder, body, digits + 1, cuts[i], &error);
            ck_assert_int_eq(good, digits == 1000);
            ck_assert_int_eq(error.code, good ? FORESTD_OK : FORESTD_LIMIT);
            if (good)
                check_cell(decoder_question(decoder)->matrix.cells[0], (float)(1 / 3.0), "3...", 0);
            decoder_close(decoder);
        }
    }
    forest_close(forest);
}
END_TEST

START_TEST(gives_rows_away_while_it_reads)
{
    struct forest *forest = sample_forest(2, two_names);
    struct budget budget;
    budget_open(&budget, 1000); /* no more than a few rows fit at once */
    struct decoder *decoder = decoder_open(FORMAT_CSV, forest, &budget, NULL);
    struct question *question = decoder_question(decoder);
    ck_assert(decoder_feed(decoder, "sepal length (cm),a\n", 20, NULL));
    float next = 1;
    for (int i = 0; i < 1000; i++) {
        char line[64];
        int size = sprintf(line, "%d,%d\n", 2 * i + 2, 2 * i + 1);
        ck_assert(decoder_feed(decoder, line, 3, NULL));
        question_consume(question);
        ck_assert(decoder_feed(decoder, line + 3, (size_t)size - 3, NULL));
        ck_assert_uint_eq(question->matrix.rows, 1);
        check_cell(question->matrix.cells[0], next++, line, 0);
        check_cell(question->matrix.cells[1], next++, line, 1);
        question_consume(question);
    }
    struct forestd_error error;
    ck_assert(!decoder_feed(decoder, "1,x\n", 4, &error));
    ck_assert_uint_eq(error.where.first, 1000);
    decoder_close(decoder);
    ck_assert_uint_eq(atomic_load(&budget.left), 1000);
    forest_close(forest);
}
END_TEST

/* Room for a further row is taken when one begins: as many rows as there is room for take no more. */
START_TEST(takes_no_room_for_a_row_that_does_not_come)
{
    struct forest *forest = sample_forest(2, NULL);
    struct forestd_error error;
    char body[256] = "";
    struct decoder *decoder = decoder_open(FORMAT_CSV, forest, NULL, NULL);
    const struct matrix *matrix = &decoder_question(decoder)->matrix;
    ck_assert(decoder_feed(decoder, "1.5,2.5\n", 8, &error));
    size_t room = matrix->capacity;
    ck_assert_uint_lt(room * 8, sizeof body);
    for (size_t i = 1; i < room; i++)
        (void)strcat(body, "1.5,2.5\n");
    ck_assert(decoder_feed(decoder, body, strlen(body), &error));
    ck_assert_uint_eq(matrix->rows, room);
    ck_assert_uint_eq(matrix->capacity, room);
    decoder_close(decoder);
    forest_close(forest);
}
END_TEST

SUITE(csv, reads_rows, refuses_what_is_no_row, bounds_a_field, gives_rows_away_while_it_reads,
      takes_no_room_for_a_row_that_does_not_come)
