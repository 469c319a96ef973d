#include "unit/codec/support.h"

static const char *const two_names[] = {"a", "b"};
static const char *const odd_names[] = {"data", "features", "x y", "\xC3\xA9\"\xF0\x9F\x8C\xB2"};

static const struct good goods[] = {
    /* bare */
    {"[[1, 2], [3, 4]]", 2, NULL, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {"[[1,2],[3,4]]\n", 2, NULL, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {"\xEF\xBB\xBF [ [ 1 , 2 ] , [ 3 , 4 ] ] ", 2, NULL, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {"[\n  [\n    1,\n    2\n  ],\r\n\t[3, 4]\n]", 2, NULL, DIALECT_ROWS, 2, {1, 2, 3, 4}},
    {"[1, 2]", 2, NULL, DIALECT_ROW, 1, {1, 2}},
    {"[[1, 2]]", 2, NULL, DIALECT_ROWS, 1, {1, 2}},
    {"[1, 2, 3]", 1, NULL, DIALECT_ROWS, 3, {1, 2, 3}},
    {"[5]", 1, NULL, DIALECT_ROW, 1, {5}},
    {"5", 1, NULL, DIALECT_ROW, 1, {5}},
    {"null", 1, NULL, DIALECT_ROW, 1, {NO}},
    {"[[5], [6]]", 1, NULL, DIALECT_ROWS, 2, {5, 6}},
    /* numbers */
    {"[0, -0, 1.0, -1.5, 1e3, 1E+3, 25e-1, 0.1]",
     8,
     NULL,
     DIALECT_ROW,
     1,
     {0, -0.0F, 1, -1.5F, 1000, 1000, 2.5F, 0.1F}},
    {"[null, NaN, Infinity, -Infinity, true, false, 1e39, -1e400]",
     8,
     NULL,
     DIALECT_ROW,
     1,
     {NO, NO, INFINITY, -INFINITY, 1, 0, INFINITY, -INFINITY}},
    {"[0.4967141530112327, 12345678901234567890123, 1e-400, 16777217, 5e-324]",
     5,
     NULL,
     DIALECT_ROW,
     1,
     {(float)0.4967141530112327, 12345678901234567890123.0F, 0, 16777216, 0}},
    /* objects */
    {"{\"instances\": [[1, 2], [3, 4]]}", 2, NULL, DIALECT_NAMED, 2, {1, 2, 3, 4}},
    {"{\"instances\": [1, 2]}", 2, NULL, DIALECT_NAMED, 1, {1, 2}},
    {"{\"instances\": [1, 2, 3]}", 1, NULL, DIALECT_NAMED, 3, {1, 2, 3}},
    {"{\"inputs\": [[1, 2]]}", 2, NULL, DIALECT_NAMED, 1, {1, 2}},
    {"{\"data\": [[1, 2]]}", 2, NULL, DIALECT_NAMED, 1, {1, 2}},
    {"{\"input_data\": [[1, 2]]}", 2, NULL, DIALECT_NAMED, 1, {1, 2}},
    {"{\"inputs\": [[1, 2]], \"instances\": [[3, 4], [5, 6]]}", 2, NULL, DIALECT_NAMED, 1, {1, 2}},
    {"{\"instances\": [[3, 4], [5, 6]], \"inputs\": [[1, 2]]}", 2, NULL, DIALECT_NAMED, 1, {1, 2}},
    {"[[\"1\", \"2.5e1\"]]", 2, NULL, DIALECT_ROWS, 1, {1, 25}},
    {"{\"id\": \"x\\\"]}\", \"signature_name\": [[[{\"instances\": [9]}]]], \"inputs\": [[1, 2]], \"params\": {}}",
     2,
     NULL,
     DIALECT_NAMED,
     1,
     {1, 2}},
    {"{\"instances\": null, \"inst\\u0061nces\": [[1, 2]]}", 2, NULL, DIALECT_NAMED, 1, {1, 2}},
    {"{\"parameters\": null, \"instances\": [[1, 2]]}", 2, NULL, DIALECT_NAMED, 1, {1, 2}},
    {"{\"parameters\": {\"confidence\": [0.5]}, \"instances\": [[1, 2]]}", 2, NULL, DIALECT_NAMED, 1, {1, 2}},
    /* rows by name */
    {"{\"instances\": [{\"a\": 1, \"b\": 2}, {\"b\": 4, \"a\": 3}]}", 2, two_names, DIALECT_NAMED, 2, {1, 2, 3, 4}},
    {"[{\"a\": 1, \"b\": 2}]", 2, two_names, DIALECT_ROWS, 1, {1, 2}},
    {"{\"dataframe_records\": [{\"b\": 2, \"a\": null}]}", 2, two_names, DIALECT_NAMED, 1, {NO, 2}},
    {"{\"b\": 2, \"a\": 1}", 2, two_names, DIALECT_NAMED, 1, {1, 2}},
    {"{\"b\": 2, \"id\": 7, \"a\": 1}", 2, two_names, DIALECT_NAMED, 1, {1, 2}},
    {"{\"instances\": {\"b\": 2, \"a\": 1}}", 2, two_names, DIALECT_NAMED, 1, {1, 2}},
    {"{\"a\": 9, \"instances\": [[1, 2]], \"b\": 9}", 2, two_names, DIALECT_NAMED, 1, {1, 2}},
    {"{\"instances\": [{\"x y\": 3, \"\\u00e9\\\"\\ud83c\\udf32\": 4, \"data\": 1, \"features\": 2}]}",
     4,
     odd_names,
     DIALECT_NAMED,
     1,
     {1, 2, 3, 4}},
    {"{\"data\": 1, \"features\": 2, \"x y\": 3, \"\xC3\xA9\\\"\xF0\x9F\x8C\xB2\": 4}",
     4,
     odd_names,
     DIALECT_NAMED,
     1,
     {1, 2, 3, 4}},
    {"{\"data\": [[1, 2, 3, 4]]}", 4, odd_names, DIALECT_NAMED, 1, {1, 2, 3, 4}},
    /* SageMaker's common formats */
    {"{\"instances\": [{\"features\": [1, 2]}, {\"features\": [3, 4]}]}", 2, NULL, DIALECT_NAMED, 2, {1, 2, 3, 4}},
    {"{\"instances\": [{\"features\": [1, 2], \"label\": \"x\"}]}", 2, two_names, DIALECT_NAMED, 1, {1, 2}},
    {"{\"instances\": [{\"data\": {\"features\": {\"values\": [1, 2]}}}]}", 2, NULL, DIALECT_NAMED, 1, {1, 2}},
    {"{\"features\": [1, 2]}", 2, NULL, DIALECT_NAMED, 1, {1, 2}},
    {"{\"data\": {\"features\": {\"values\": [1, 2]}}}", 2, NULL, DIALECT_NAMED, 1, {1, 2}},
    {"{\"features\": {\"values\": [1, 2]}}", 2, two_names, DIALECT_NAMED, 1, {1, 2}},
    /* MLflow's */
    {"{\"dataframe_split\": {\"index\": [0, 1], \"columns\": [\"b\", \"a\"], \"data\": [[2, 1], [4, 3]]}}",
     2,
     two_names,
     DIALECT_NAMED,
     2,
     {1, 2, 3, 4}},
    {"{\"dataframe_split\": {\"data\": [[2, 1], [4, 3]], \"columns\": [\"b\", \"a\"]}}",
     2,
     two_names,
     DIALECT_NAMED,
     2,
     {1, 2, 3, 4}},
    {"{\"dataframe_split\": {\"data\": [[2, 1]], \"columns\": [\"b\", \"a\"]}}", 2, NULL, DIALECT_NAMED, 1, {2, 1}},
    {"{\"dataframe_split\": {\"columns\": [0, 1], \"data\": [[1, 2]]}}", 2, two_names, DIALECT_NAMED, 1, {1, 2}},
    {"{\"input_data\": {\"columns\": [\"b\", \"a\"], \"index\": [0], \"data\": [[2, 1]]}}",
     2,
     two_names,
     DIALECT_NAMED,
     1,
     {1, 2}},
    {"{\"columns\": [\"b\", \"a\"], \"data\": [[2, 1]]}", 2, two_names, DIALECT_NAMED, 1, {1, 2}},
};

START_TEST(reads_rows_in_all_forms)
{
    for (size_t i = 0; i < sizeof goods / sizeof *goods; i++)
        check_good(FORMAT_JSON, &goods[i]);
}
END_TEST

#define NO_ROWS                                                                                                        \
    "No instances provided: rows are looked for in instances, inputs, data, input_data, dataframe_split and "          \
    "dataframe_records"

#define NO_ROWS                                                                                                        \
    "No instances provided: rows are looked for in instances, inputs, data, input_data, dataframe_split and "          \
    "dataframe_records"

static const struct bad bads[] = {
    /* grammar */
    {"[[1, 2]", 2, NULL, FORESTD_SYNTAX, BYTE(7), "ends in the middle"},
    {"[[1, 2", 2, NULL, FORESTD_SYNTAX, BYTE(6), "ends in the middle"},
    {"{\"inst", 2, NULL, FORESTD_SYNTAX, BYTE(6), "ends in the middle"},
    {"[[1, 2]}", 2, NULL, FORESTD_SYNTAX, BYTE(7), "a comma or ]"},
    {"[[1 2]]", 2, NULL, FORESTD_SYNTAX, BYTE(4), "a comma or ]"},
    {"[[1, 2],]", 2, NULL, FORESTD_SYNTAX, BYTE(8), "a value is expected"},
    {"[[1, ]]", 2, NULL, FORESTD_SYNTAX, BYTE(5), "a value is expected"},
    {"[[,1]]", 2, NULL, FORESTD_SYNTAX, BYTE(2), "a value is expected"},
    {"[1, 2],[3, 4]", 2, NULL, FORESTD_SYNTAX, BYTE(6), "a value is expected"},
    {"[1, 2]]", 2, NULL, FORESTD_SYNTAX, BYTE(6), "a value is expected"},
    {"[01, 2]", 2, NULL, FORESTD_SYNTAX, BYTE(1), "'01' is not"},
    {"[1., 2]", 2, NULL, FORESTD_SYNTAX, BYTE(1), "'1.' is not"},
    {"[.5, 2]", 2, NULL, FORESTD_SYNTAX, BYTE(1), "'.5' is not"},
    {"[+1, 2]", 2, NULL, FORESTD_SYNTAX, BYTE(1), "'+1' is not"},
    {"[1e, 2]", 2, NULL, FORESTD_SYNTAX, BYTE(1), "'1e' is not"},
    {"[1, 2x]", 2, NULL, FORESTD_SYNTAX, BYTE(4), "'2x' is not"},
    {"[1, nan]", 2, NULL, FORESTD_SYNTAX, BYTE(4), "'nan' is not"},
    {"[1, 2\x01]", 2, NULL, FORESTD_SYNTAX, BYTE(5), "not '?'"},
    {"hello", 2, NULL, FORESTD_SYNTAX, BYTE(0), "'hello' is not"},
    {"\"hello\"", 2, NULL, FORESTD_SYNTAX, BYTE(0), "an array of rows"},
    {"\xEF\xBB[1,2]", 2, NULL, FORESTD_SYNTAX, BYTE(0), "UTF-8"},
    {"{instances: []}", 2, NULL, FORESTD_SYNTAX, BYTE(1), "a name in quotes"},
    {"{\"instances\" [1, 2]}", 2, NULL, FORESTD_SYNTAX, BYTE(13), "a colon"},
    {"{\"instances\": [1, 2],}", 2, NULL, FORESTD_SYNTAX, BYTE(21), "a name in quotes"},
    {"{\"a\nb\": 1}", 2, NULL, FORESTD_SYNTAX, BYTE(3), "a control character"},
    {"{\"a\\x\": 1}", 2, NULL, FORESTD_SYNTAX, BYTE(4), "can be escaped"},
    {"{\"a\\u12g4\": 1}", 2, NULL, FORESTD_SYNTAX, BYTE(7), "a hexadecimal digit"},
    /* shape */
    {"", 2, NULL, FORESTD_EMPTY, NOWHERE, "No instances provided"},
    {" \n ", 2, NULL, FORESTD_EMPTY, NOWHERE, "No instances provided"},
    {"[]", 2, NULL, FORESTD_EMPTY, NOWHERE, "No instances provided"},
    {"{}", 2, NULL, FORESTD_EMPTY, NOWHERE, NO_ROWS},
    {"{\"instances\": []}", 2, NULL, FORESTD_EMPTY, NOWHERE, "No instances provided"},
    {"{\"instances\": null}", 2, NULL, FORESTD_EMPTY, NOWHERE, NO_ROWS},
    {"{\"rows\": [[1, 2]]}", 2, NULL, FORESTD_EMPTY, NOWHERE, NO_ROWS},
    {"{\"inputs\": [{\"name\": \"x\"}]}", 2, NULL, FORESTD_SYNTAX, ROW(0),
     "'inputs' holds tensors, not rows: the Open Inference Protocol is spoken at /v2/models/{model}/infer"},
    {"{\"dataframe_split\": {\"columns\": [\"a\", \"b\"]}}", 2, two_names, FORESTD_EMPTY, NOWHERE, "No instances"},
    {"[[]]", 2, NULL, FORESTD_WIDTH, ROW(0), "row 0 has 0 cells: the model takes 2 features"},
    {"[[1, 2], [3]]", 2, NULL, FORESTD_WIDTH, ROW(1), "row 1 has 1 cell: the model takes 2 features"},
    {"[[1, 2, 3, 4]]", 2, NULL, FORESTD_WIDTH, ROW(0), "row 0 has 4 cells: the model takes 2 features"},
    {"[[1, 2]]", 1, NULL, FORESTD_WIDTH, ROW(0), "row 0 has 2 cells: the model takes 1 feature"},
    {"[1, 2, 3]", 2, NULL, FORESTD_WIDTH, ROW(0), "row 0 has 3 cells"},
    {"5", 2, NULL, FORESTD_WIDTH, ROW(0), "row 0 has 1 cell"},
    {"{\"instances\": [{\"features\": [1]}]}", 2, NULL, FORESTD_WIDTH, ROW(0), "row 0 has 1 cell"},
    {"{\"instances\": [{\"data\": {}}]}", 2, NULL, FORESTD_WIDTH, ROW(0), "row 0 has 0 cells"},
    {"[[1, 2], 3]", 2, NULL, FORESTD_SYNTAX, ROW(1), "row 1 is not an array"},
    {"[1, [2]]", 2, NULL, FORESTD_VALUE, CELL(0, 1), "holds an array"},
    {"[[1, 2], [3, \"x\"]]", 2, NULL, FORESTD_VALUE, CELL(1, 1), "row 1, column 1 holds a text"},
    {"[[[1, 2]]]", 2, NULL, FORESTD_VALUE, CELL(0, 0), "holds an array"},
    {"[[{}, 2]]", 2, NULL, FORESTD_VALUE, CELL(0, 0), "holds an object"},
    {"{\"instances\": 5}", 2, NULL, FORESTD_SYNTAX, BYTE(14), "'instances' must hold an array"},
    {"{\"instances\": \"x\"}", 2, NULL, FORESTD_SYNTAX, BYTE(14), "'instances' must hold an array"},
    {"{\"instances\": {\"data\": {}}}", 2, NULL, FORESTD_SYNTAX, BYTE(23), "'data' must hold an array"},
    {"{\"data\": [[1, 2]], \"instances\": [[1, 2]]}", 2, NULL, FORESTD_SYNTAX, BYTE(32),
     "'instances' holds rows, but so does 'data'"},
    {"{\"instances\": [{\"features\": [1, 2], \"data\": [1, 2]}]}", 2, NULL, FORESTD_SYNTAX, BYTE(44), "a second row"},
    {"{\"instances\": [{\"features\": {\"keys\": [1], \"values\": [1]}}]}", 2, NULL, FORESTD_UNSUPPORTED, BYTE(37),
     "sparse"},
    /* names */
    {"[{\"a\": 1}]", 2, NULL, FORESTD_NAME, ROW(0), "row 0 names 'a', but the model was trained without feature names"},
    {"[{\"a\": 1, \"b\": 2}, {\"a\": 1}]", 2, two_names, FORESTD_NAME, ROW(1), "row 1 does not have the feature 'b'"},
    {"[{}]", 2, two_names, FORESTD_NAME, ROW(0), "row 0 does not have the features 'a', 'b'"},
    {"{\"a\": 1, \"B\": 2}", 2, two_names, FORESTD_NAME, ROW(0), "does not have the feature 'b'"},
    {"[{\"a\": 1, \"c\": 2}]", 2, two_names, FORESTD_NAME, ROW(0), "row 0 names 'c', which is not a feature"},
    {"[{\"a\": 1, \"features\": [2]}]", 2, two_names, FORESTD_NAME, ROW(0), "names 'features', which is not"},
    {"[{\"a\": 1, \"a\": 2}]", 2, two_names, FORESTD_NAME, ROW(0), "row 0 names 'a' twice"},
    {"[{\"a\": \"one\"}]", 2, two_names, FORESTD_VALUE, CELL(0, 0), "row 0, column 0 holds a text"},
    {"[{\"b\": [1]}]", 2, two_names, FORESTD_VALUE, CELL(0, 1), "row 0, column 1 holds an array"},
    {"{\"columns\": [\"a\"], \"data\": [[1, 2]]}", 2, two_names, FORESTD_NAME, BYTE(16),
     "does not have the feature 'b'"},
    {"{\"columns\": [\"a\", \"a\"], \"data\": [[1, 2]]}", 2, two_names, FORESTD_NAME, BYTE(18), "names 'a' twice"},
    {"{\"columns\": [\"a\", \"c\"], \"data\": [[1, 2]]}", 2, two_names, FORESTD_NAME, BYTE(18), "names 'c'"},
    {"{\"columns\": [\"a\", 1], \"data\": [[1, 2]]}", 2, two_names, FORESTD_NAME, BYTE(18), "names and numbers"},
    {"{\"columns\": [[\"a\"]], \"data\": [[1, 2]]}", 2, two_names, FORESTD_SYNTAX, BYTE(13), "a list of names"},
    {"{\"columns\": [\"b\", \"a\"], \"data\": [{\"a\": 1, \"b\": 2}]}", 2, two_names, FORESTD_SYNTAX, ROW(0),
     "send one"},
    /* outputs */
    {"{\"parameters\": {\"output\": \"leaves\"}, \"instances\": [[1, 2]]}", 2, NULL, FORESTD_ARGUMENT, NOWHERE,
     "'leaves' is not an output"},
    {"{\"parameters\": {\"output\": [1]}, \"instances\": [[1, 2]]}", 2, NULL, FORESTD_ARGUMENT, BYTE(27), "is a text"},
};

START_TEST(refuses_what_breaks_the_rules)
{
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++)
        check_bad(FORMAT_JSON, &bads[i]);
}
END_TEST

/* A body made of `head`, `count` times `middle`, `tail`. */
static char *repeated(const char *head, const char *middle, size_t count, const char *tail)
{
    size_t size = strlen(middle);
    char *body = malloc(strlen(head) + size * count + strlen(tail) + 1);
    char *at = stpcpy(body, head);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, middle);
    stpcpy(at, tail);
    return body;
}

static void check_repeated(const char *head, const char *middle, size_t count, const char *tail, enum forestd_code code)
{
    char *body = repeated(head, middle, count, tail);
    static const struct cut cuts[] = {{0, 0}, {0, 1}, {0, 7}, {0, 1000}, {3, 0}};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct forest *forest = sample_forest(2, two_names);
        struct forestd_error error = {0};
        struct decoder *decoder = decoder_open(FORMAT_JSON, forest, NULL, &error);
        bool good = feed(decoder, body, strlen(body), cuts[i], &error);
        ck_assert_msg(error.code == code, "%.20s: %s", body, error.message);
        ck_assert_int_eq(good, code == FORESTD_OK);
        decoder_close(decoder);
        forest_close(forest);
    }
    free(body);
}

START_TEST(bounds_what_it_keeps)
{
    /* digits: up to 1024 round correctly */
    check_repeated("[0.", "3", 1000, ", 1]", FORESTD_OK);
    check_repeated("[0.", "3", 1100, ", 1]", FORESTD_LIMIT);
    check_repeated("", "1", 2000, "", FORESTD_LIMIT);
    /* depth */
    check_repeated("{\"x\": ", "[", 63, "", FORESTD_SYNTAX);
    check_repeated("{\"x\": ", "[", 64, "", FORESTD_LIMIT);
    check_repeated("{\"data\": {\"features\": ", "{\"features\": ", 40, "", FORESTD_LIMIT);
    /* texts that mean nothing may be long; names that long are none of the model's */
    check_repeated("{\"x\": \"", "0123456789", 20000, "\", \"data\": [[1, 2]]}", FORESTD_OK);
    check_repeated("{\"", "\\u00e9", 40000, "\": 1, \"data\": [[1, 2]]}", FORESTD_OK);
    check_repeated("[{\"", "long", 40000, "\": 1}]", FORESTD_NAME);
}
END_TEST

START_TEST(takes_memory_from_the_budget)
{
    struct forest *forest = sample_forest(2, NULL);
    struct budget budget;
    budget_open(&budget, 100000);
    char *body = repeated("[[1,2]", ",[3,4]", 20000, "]");
    struct forestd_error error = {0};
    struct decoder *decoder = decoder_open(FORMAT_JSON, forest, &budget, &error);
    ck_assert(!feed(decoder, body, strlen(body), (struct cut){0, 100}, &error));
    ck_assert_int_eq(error.code, FORESTD_MEMORY);
    decoder_close(decoder);
    ck_assert_uint_eq(atomic_load(&budget.left), 100000);
    decoder = decoder_open(FORMAT_JSON, forest, &budget, &error);
    ck_assert(feed(decoder, "[[1, 2], [3, 4]]", 16, (struct cut){5, 0}, &error));
    ck_assert_uint_lt(atomic_load(&budget.left), 100000);
    decoder_close(decoder);
    ck_assert_uint_eq(atomic_load(&budget.left), 100000);
    forest_close(forest);
    free(body);
}
END_TEST

static const struct {
    const char *body;
    unsigned outputs;
} asking[] = {
    {"{\"instances\": [[1, 2]]}", 0},
    {"{\"parameters\": {}, \"instances\": [[1, 2]]}", 0},
    {"{\"parameters\": {\"output\": null}, \"instances\": [[1, 2]]}", 0},
    {"{\"parameters\": {\"output\": [\"predictions\"]}, \"instances\": [[1, 2]]}", OUTPUT_PREDICTIONS},
    {"{\"instances\": [[1, 2]], \"parameters\": {\"output\": \"probabilities\"}}", OUTPUT_PROBABILITIES},
    {"{\"parameters\": {\"x\": [[]], \"output\": [\"probabilities\", \"predictions\"]}, \"instances\": [[1, 2]]}",
     OUTPUT_PREDICTIONS | OUTPUT_PROBABILITIES},
};

START_TEST(hears_what_is_asked_for)
{
    struct forest *forest = sample_forest(2, NULL);
    for (size_t i = 0; i < sizeof asking / sizeof *asking; i++) {
        struct cut cut = {0, 0};
        do {
            struct decoder *decoder = decoder_open(FORMAT_JSON, forest, NULL, NULL);
            ck_assert(feed(decoder, asking[i].body, strlen(asking[i].body), cut, NULL));
            ck_assert_uint_eq(decoder_question(decoder)->outputs, asking[i].outputs);
            decoder_close(decoder);
        } while (next_cut(strlen(asking[i].body), &cut));
    }
    forest_close(forest);
}
END_TEST

static void check_lines(enum format format, const char *body, const struct span *spans, size_t count)
{
    struct forest *forest = sample_forest(2, two_names);
    struct cut cut = {0, 0};
    do {
        struct forestd_error error = {0};
        struct decoder *decoder = decoder_open(format, forest, NULL, NULL);
        ck_assert_msg(feed(decoder, body, strlen(body), cut, &error), "%s: %s", body, error.message);
        const struct question *question = decoder_question(decoder);
        ck_assert_int_eq(question->format, FORMAT_LINES);
        ck_assert_uint_eq(question->span_count, count);
        size_t rows = 0;
        for (size_t i = 0; i < count; i++) {
            ck_assert_int_eq(question->spans[i].dialect, spans[i].dialect);
            ck_assert_uint_eq(question->spans[i].rows, spans[i].rows);
            ck_assert_uint_eq(question->spans[i].documents, spans[i].documents);
            rows += spans[i].rows * spans[i].documents;
        }
        ck_assert_uint_eq(question->matrix.rows, rows);
        for (size_t i = 0; i < rows * 2; i++)
            check_cell(question->matrix.cells[i], (float)(i + 1), body, i);
        decoder_close(decoder);
    } while (next_cut(strlen(body), &cut));
    forest_close(forest);
}

START_TEST(reads_json_lines)
{
    static const struct span rows[] = {{DIALECT_ROW, 1, 3}};
    check_lines(FORMAT_JSON, "[1, 2]\n[3, 4]\n[5, 6]", rows, 1);
    check_lines(FORMAT_LINES, "\n[1, 2]\r\n\n[3, 4]\n[5, 6]\n\n", rows, 1);
    static const struct span one[] = {{DIALECT_ROW, 1, 1}};
    check_lines(FORMAT_LINES, "[1, 2]", one, 1);
    static const struct span named[] = {{DIALECT_NAMED, 1, 2}};
    check_lines(FORMAT_JSON, "{\"features\": [1, 2]}\n{\"b\": 4, \"a\": 3}\n", named, 1);
    static const struct span mixed[] = {{DIALECT_NAMED, 2, 1}, {DIALECT_ROWS, 1, 1}, {DIALECT_ROW, 1, 1}};
    check_lines(FORMAT_LINES, "{\"columns\": [\"b\", \"a\"], \"data\": [[2, 1], [4, 3]]}\n[[5, 6]]\n[7, 8]\n", mixed,
                3);
}
END_TEST

START_TEST(gives_documents_away_while_it_reads)
{
    struct forest *forest = sample_forest(2, two_names);
    struct decoder *decoder = decoder_open(FORMAT_LINES, forest, NULL, NULL);
    struct question *question = decoder_question(decoder);
    static const char body[] = "[1, 2]\n{\"data\": [[4, 3], [6, 5]], \"columns\": [\"b\", \"a\"]}\n[7, 8]\n";
    float next = 1;
    for (size_t i = 0; i < sizeof body - 1; i++) {
        ck_assert(decoder_feed(decoder, body + i, 1, NULL));
        size_t rows = 0;
        for (size_t j = 0; j < question->span_count; j++)
            rows += question->spans[j].rows * question->spans[j].documents;
        for (size_t j = 0; j < rows * 2; j++)
            check_cell(question->matrix.cells[j], next++, body, j);
        question_consume(question);
    }
    ck_assert(decoder_finish(decoder, NULL));
    ck_assert_uint_eq(question->matrix.rows, 0);
    ck_assert_uint_eq(question->matrix.first_row, 4);
    check_cell(next, 9, body, 0);
    struct forestd_error error = {0};
    ck_assert(!decoder_feed(decoder, "[1]", 3, &error));
    ck_assert_uint_eq(error.where.first, 4);
    decoder_close(decoder);
    forest_close(forest);
}
END_TEST

START_TEST(reads_numbers_as_python_does)
{
    struct forest *forest = sample_forest(1, NULL);
    srand(1);
    for (int i = 0; i < 20000; i++) {
        char text[64];
        int exponent = rand() % 70 - 50;
        int digits = rand() % 19 + 1;
        char *at = text;
        *at++ = '[';
        if (rand() % 2)
            *at++ = '-';
        *at++ = (char)('1' + rand() % 9);
        *at++ = '.';
        for (int digit = 0; digit < digits; digit++)
            *at++ = (char)('0' + rand() % 10);
        int size = (int)(at - text) + sprintf(at, "e%d]", exponent);
        struct decoder *decoder = decoder_open(FORMAT_JSON, forest, NULL, NULL);
        ck_assert(decoder_feed(decoder, text, (size_t)size, NULL));
        check_cell(decoder_question(decoder)->matrix.cells[0], (float)strtod(text + 1, NULL), text, 0);
        decoder_close(decoder);
    }
    forest_close(forest);
}
END_TEST

SUITE(json, reads_rows_in_all_forms, refuses_what_breaks_the_rules, bounds_what_it_keeps, takes_memory_from_the_budget,
      hears_what_is_asked_for, reads_json_lines, gives_documents_away_while_it_reads, reads_numbers_as_python_does)
