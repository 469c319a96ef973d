#include "command/invoke_answer.h"
#include "command/invoke_body.h"
#include "command/invoke_expect.h"
#include "command/invoke_shape.h"
#include "unit/forests.h"
#include "unit/guard.h"
#include "unit/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char json[] = "application/json";
static const char csv[] = "text/csv; charset=utf-8";

/* ---- answers ---- */

static bool read_text(struct invoke_answer *answer, const char *type, unsigned outputs, const char *text,
                      struct forestd_error *error)
{
    const struct invoke_wanted wanted = {.content_type = type, .outputs = outputs, .predictions = 1};
    struct guard guard = guard_open(4096);
    const char *copy = guard_copy(&guard, text, strlen(text));
    bool good = invoke_answer_read(answer, &wanted, (const uint8_t *)copy, strlen(text), error);
    guard_close(&guard);
    return good;
}

static void has(const char *type, unsigned outputs, const char *text, size_t predictions, size_t probabilities,
                size_t width)
{
    struct invoke_answer answer;
    struct forestd_error error;
    bool good = read_text(&answer, type, outputs, text, &error);
    ck_assert_msg(good, "%s: %s", text, error.message);
    ck_assert_uint_eq(answer.predictions.rows, predictions);
    ck_assert_uint_eq(answer.probabilities.rows, probabilities);
    ck_assert_uint_eq(answer.probabilities.columns, width);
    invoke_answer_close(&answer);
}

static void lacks(const char *type, const char *text, const char *said)
{
    struct invoke_answer answer;
    struct forestd_error error;
    ck_assert_msg(!read_text(&answer, type, 0, text, &error), "%s", text);
    ck_assert_msg(strstr(error.message, said), "%s: %s", text, error.message);
    invoke_answer_close(&answer);
}

START_TEST(answers_have_many_forms)
{
    const unsigned both = OUTPUT_PREDICTIONS | OUTPUT_PROBABILITIES;
    has(json, 0, "[1, 2, 3]", 3, 0, 0);
    has(NULL, 0, " {\"predictions\": [\"a\"], \"probabilities\": [[0.5, 0.5]]}\n", 1, 1, 2);
    has(json, 0, "{\"predictions\": [{\"prediction\": 1, \"probabilities\": [0, 1]}]}", 1, 1, 2);
    has(json, OUTPUT_PROBABILITIES, "[[0.5, 0.5], [1, 0]]", 0, 2, 2);
    has(json, OUTPUT_PROBABILITIES, "{\"predictions\": [[[0.5], [1, 0]]]}", 0, 1, 3);
    has(json, 0, "1\n0\n", 2, 0, 0);
    has("application/jsonlines", 0, "[1, 2]\n[3, 4]\n", 2, 0, 0);
    has("application/jsonlines", 0, "{\"predictions\": [1], \"probabilities\": [[1]]}", 1, 1, 1);
    has(csv, 0, "1\r\n\r\n\"a,\"\"b\"\n", 2, 0, 0);
    has(csv, both, "1,0.5,0.5\n2,0.5,0.5", 2, 2, 2);
    has(csv, both, "1\n2\n", 2, 0, 0);
    has(csv, OUTPUT_PROBABILITIES, "0.5,0.5\n", 0, 1, 2);
    has(csv, 0, "", 0, 0, 0);
}
END_TEST

START_TEST(what_is_no_answer_is_named)
{
    lacks(json, "", "no JSON");
    lacks(json, "{\"predictions\": [1", "no JSON");
    lacks(json, "<html>", "no JSON: '<html>'");
    lacks(json, "{\"result\": [1]}", "neither predictions nor probabilities");
    lacks(json, "[null]", "neither a number");
    lacks(json, "[[1], [1, 2]]", "2 predictions in row 1, and 1");
    lacks(csv, "1\n1,2\n", "2 predictions in row 1, and 1");
    lacks("text/html", "<p>", "'text/html'");
    lacks("application/x-npy", "\x93NUMPY", "NPY");
}
END_TEST

START_TEST(cells_lose_their_quotes)
{
    struct invoke_answer answer;
    struct forestd_error error;
    ck_assert(read_text(&answer, csv, 0, "\"a,\"\"b\",c\r\n\"\",d\n", &error));
    ck_assert_uint_eq(answer.predictions.columns, 2);
    static const char *const texts[] = {"a,\"b", "c", "", "d"};
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(answer.predictions.items[i].text, texts[i]);
    invoke_answer_close(&answer);
}
END_TEST

/* ---- comparing ---- */

enum { ROWS = 20 };

/* What the forest answers, as an answer. */
static struct invoke_answer answer_of(const struct invoke_expected *expected)
{
    const struct forest *forest = expected->forest;
    size_t predictions = ROWS * forest->outputs;
    size_t numbers = ROWS * forest->width;
    struct invoke_answer answer = {0};
    answer.predictions =
        (struct values){calloc(predictions, sizeof(struct value)), ROWS, forest->outputs, predictions, predictions};
    answer.probabilities =
        (struct values){calloc(numbers, sizeof(struct value)), ROWS, forest->width, numbers, numbers};
    for (size_t i = 0; i < predictions; i++)
        answer.predictions.items[i].number = expected->choices[i]; /* labels are 0, 1, ... */
    for (size_t i = 0; i < numbers; i++)
        answer.probabilities.items[i].number = expected->values[i];
    return answer;
}

START_TEST(every_bit_counts)
{
    const struct recipe recipe = {.trees = 5, .features = 4, .outputs = 2, .classes = 3, .depth = 5, .seed = 7};
    struct forestd_error error;
    struct invoke_expected expected;
    struct forest *forest = forest_grow(&recipe);
    float *cells = rows_draw(forest, ROWS, 3);
    const struct matrix matrix = {.cells = cells, .features = 4, .rows = ROWS};
    ck_assert(invoke_expect(&expected, forest, &matrix, &error));
    struct invoke_answer answer = answer_of(&expected);
    ck_assert(invoke_compare(&expected, &answer, 0, ROWS, &error));
    ck_assert(expected.predictions && expected.probabilities);

    struct value *probability = &answer.probabilities.items[7 * forest->width + 4];
    double right = probability->number;
    probability->number = nextafter(right, 2);
    ck_assert(!invoke_compare(&expected, &answer, 0, ROWS, &error));
    ck_assert_int_eq(error.code, FORESTD_DIFFERENT);
    ck_assert_msg(strncmp(error.message, "row 7, probability 4: got ", 26) == 0, "%s", error.message);
    probability->number = right;

    struct value *prediction = &answer.predictions.items[3 * 2 + 1];
    prediction->number += 1;
    ck_assert(!invoke_compare(&expected, &answer, 0, ROWS, &error));
    ck_assert_uint_eq(error.where.first, 3);
    ck_assert_uint_eq(error.where.second, 1);
    prediction->number -= 1;

    answer.predictions.rows--;
    ck_assert(!invoke_compare(&expected, &answer, 0, ROWS, &error));
    ck_assert_int_eq(error.code, FORESTD_FORMAT);
    answer.predictions.rows = 0; /* probabilities alone are enough */
    ck_assert(invoke_compare(&expected, &answer, 0, ROWS, &error));
    answer.probabilities.rows = 0;
    ck_assert(!invoke_compare(&expected, &answer, 0, ROWS, &error));
    invoke_answer_close(&answer);
    invoke_expected_close(&expected);
    free(cells);
    forest_close(forest);
}
END_TEST

/* ---- rows ---- */

static void shapes(enum format format, const char *text, size_t features, const char *last)
{
    struct forestd_error error;
    struct guard guard = guard_open(4096);
    const struct buffer file = {.bytes = (uint8_t *)(uintptr_t)guard_copy(&guard, text, strlen(text)),
                                .size = strlen(text)};
    struct forest *forest = invoke_shape(format, &file, &error);
    guard_close(&guard);
    ck_assert_msg((forest != NULL) == (features > 0), "%s: %s", text, forest ? "" : error.message);
    if (!forest)
        return;
    ck_assert_uint_eq(forest->features, features);
    ck_assert_msg((forest->names != NULL) == (last != NULL), "%s", text);
    if (last)
        ck_assert_str_eq(forest->names[features - 1], last);
    forest_close(forest);
}

START_TEST(rows_tell_their_width_and_names)
{
    shapes(FORMAT_CSV, "1,2,3\n", 3, NULL);
    shapes(FORMAT_CSV, "\n1,,nan", 3, NULL);
    shapes(FORMAT_CSV, "a, \"b,\"\"c\" \r\n1,2\n", 2, "b,\"c");
    shapes(FORMAT_CSV, "", 0, NULL);
    shapes(FORMAT_JSON, "[[1, null], [3, 4]]", 2, NULL);
    shapes(FORMAT_JSON, "[1, 2, 3]", 3, NULL);
    shapes(FORMAT_JSON, "{\"parameters\": {\"a\": [1]}, \"instances\": [[1, 2]]}", 2, NULL);
    shapes(FORMAT_JSON, "{\"instances\": [{\"features\": [1, 2, 3]}]}", 3, NULL);
    shapes(FORMAT_JSON, "{\"instances\": [{\"a\": 1, \"b\": null}]}", 2, "b");
    shapes(FORMAT_JSON, "{\"dataframe_split\": {\"columns\": [\"x\", \"y\"], \"data\": [[1, 2]]}}", 2, "y");
    shapes(FORMAT_LINES, "[1, 2]\n[3, 4]\n", 2, NULL);
    shapes(FORMAT_JSON, "{\"instances\": []}", 0, NULL);
    shapes(FORMAT_JSON, "nothing", 0, NULL);
    shapes(FORMAT_JSON, "{\"instances\": [{\"a\": 1, \"a\": 2}]}", 0, NULL);
    shapes(FORMAT_NPY, "\x93NUMPY", 0, NULL);
}
END_TEST

static void writes(enum format format, const struct invoke_block *block, const char *wanted)
{
    struct buffer body = {0};
    struct forestd_error error;
    ck_assert(invoke_body_write(format, block, &body, &error));
    ck_assert_uint_eq(body.size, strlen(wanted));
    ck_assert_mem_eq(body.bytes, wanted, body.size);
    buffer_close(&body);
}

START_TEST(bodies_keep_every_bit_and_name)
{
    static const float cells[] = {0.1F, NAN, -0.0F, 1e10F};
    static const char *const names[] = {"a", "b\"\n"};
    struct invoke_block block = {.cells = cells, .rows = 2, .features = 2};
    struct buffer body = {0};
    struct forestd_error error;
    writes(FORMAT_CSV, &block, "0.10000000149011612,\n-0.0,10000000000.0\n");
    writes(FORMAT_LINES, &block, "[0.10000000149011612, null]\n[-0.0, 10000000000.0]\n");
    writes(FORMAT_JSON, &block, "{\"instances\": [[0.10000000149011612, null], [-0.0, 10000000000.0]]}");
    block.names = names;
    block.rows = 1;
    block.outputs = OUTPUT_PROBABILITIES;
    writes(FORMAT_CSV, &block, "\"a\",\"b\"\"\n\"\n0.10000000149011612,\n");
    writes(FORMAT_JSON, &block,
           "{\"instances\": [{\"a\": 0.10000000149011612, \"b\\\"\\n\": null}], "
           "\"parameters\": {\"output\": [\"probabilities\"]}}");
    ck_assert(!invoke_body_write(FORMAT_NPY, &block, &body, &error));
    ck_assert_int_eq(error.code, FORESTD_ARGUMENT);
    block.names = NULL;
    block.features = 1;
    writes(FORMAT_CSV, &(struct invoke_block){.cells = cells + 1, .rows = 1, .features = 1}, "nan\n");
    ck_assert(invoke_body_write(FORMAT_NPY, &block, &body, &error));
    ck_assert_uint_eq((body.size - sizeof *cells) % 64, 0);
    buffer_close(&body);
}
END_TEST

SUITE(invoke_answer, answers_have_many_forms, what_is_no_answer_is_named, cells_lose_their_quotes, every_bit_counts,
      rows_tell_their_width_and_names, bodies_keep_every_bit_and_name)
