#include "codec/tensor.h"

#include "unit/codec/support.h"

/* A body is its JSON and what stands behind it. */
enum { BODY = 2048 };

struct body {
    char bytes[BODY];
    size_t size;
    uint64_t json_size;
};

static struct body join(const char *json, const char *behind, size_t behind_size)
{
    struct body body = {.size = strlen(json) + behind_size,
                        .json_size = behind ? (uint64_t)strlen(json) : TENSOR_ALL_JSON};
    ck_assert_uint_lt(body.size, sizeof body.bytes);
    memcpy(body.bytes, json, strlen(json));
    if (behind)
        memcpy(body.bytes + strlen(json), behind, behind_size);
    return body;
}

/* ---- rows ---- */

static const char *const ab[] = {"a", "b"};

#define ONE(shape, datatype, data)                                                                                     \
    "{\"inputs\": [{\"name\": \"x\", \"shape\": " shape ", \"datatype\": \"" datatype "\", \"data\": " data "}]}"
#define LATE(shape, datatype, data)                                                                                    \
    "{\"inputs\": [{\"data\": " data ", \"datatype\": \"" datatype "\", \"name\": \"x\", \"shape\": " shape "}]}"
#define INPUT(name, shape, datatype, data)                                                                             \
    "{\"name\": \"" name "\", \"shape\": " shape ", \"datatype\": \"" datatype "\", \"data\": " data "}"
#define SIZED(name, shape, datatype, size)                                                                             \
    "{\"name\": \"" name "\", \"shape\": " shape ", \"datatype\": \"" datatype                                         \
    "\", \"parameters\": {\"binary_data_size\": " size "}}"
#define INPUTS(...) "{\"inputs\": [" __VA_ARGS__ "]}"

#define BEHIND(bytes) bytes, sizeof(bytes) - 1
#define NOTHING NULL, 0

static const struct {
    const char *json;
    const char *behind;
    size_t behind_size;
    size_t features;
    const char *const *names;
    size_t rows;
    float cells[6];
} goods[] = {
    {ONE("[2, 2]", "FP32", "[1, 2, 3, 4]"), NOTHING, 2, NULL, 2, {1, 2, 3, 4}},
    {ONE("[2, 2]", "FP32", "[[1, 2], [3, 4]]"), NOTHING, 2, NULL, 2, {1, 2, 3, 4}},
    {ONE("[ 2.0 , 2e0 ]", "FP64", " [ [ 1.5 ,\n2 ] , [3,4 ]\t] "), NOTHING, 2, NULL, 2, {1.5F, 2, 3, 4}},
    {ONE("[2]", "FP32", "[1, 2]"), NOTHING, 2, NULL, 1, {1, 2}},
    {ONE("[3]", "FP32", "[1, 2, 3]"), NOTHING, 1, NULL, 3, {1, 2, 3}},
    {ONE("[3, 1]", "FP32", "[[1], [2], [3]]"), NOTHING, 1, NULL, 3, {1, 2, 3}},
    {ONE("[1]", "FP32", "[1]"), NOTHING, 1, NULL, 1, {1}},
    {ONE("[1, 2]", "FP64", "[null, NaN]"), NOTHING, 2, NULL, 1, {NO, NO}},
    {ONE("[1, 2]", "FP64", "[-0.0, 0.1]"), NOTHING, 2, NULL, 1, {-0.0F, 0.1F}},
    {ONE("[1, 2]", "BOOL", "[true, false]"), NOTHING, 2, NULL, 1, {1, 0}},
    {ONE("[1, 2]", "BOOL", "[1, 0]"), NOTHING, 2, NULL, 1, {1, 0}},
    {ONE("[1, 2]", "INT8", "[-128, 127]"), NOTHING, 2, NULL, 1, {-128, 127}},
    {ONE("[1, 2]", "INT32", "[1.0, -2e3]"), NOTHING, 2, NULL, 1, {1, -2000}},
    {ONE("[1, 2]", "INT64", "[-9223372036854775808, 9223372036854775807]"), NOTHING, 2, NULL, 1, {-0x1p63F, 0x1p63F}},
    {ONE("[1, 2]", "UINT64", "[18446744073709551615, 0]"), NOTHING, 2, NULL, 1, {0x1p64F, 0}},
    /* 2^53 + 2^29 + 1: over double it would be halfway, and rounded down. */
    {ONE("[1, 2]", "INT64", "[9007199791611905, -9007199791611905]"),
     NOTHING,
     2,
     NULL,
     1,
     {0x1.000002p53F, -0x1.000002p53F}},
    {ONE("[1, 2]", "FP64", "[9007199791611905, 1]"), NOTHING, 2, NULL, 1, {0x1p53F, 1}},
    {ONE("[1, 2]", "FP16", "[0.1, 65519]"), NOTHING, 2, NULL, 1, {0.0999755859375F, 65504}},
    {ONE("[1, 2]", "FP16", "[3e-8, -6.1e-5]"), NOTHING, 2, NULL, 1, {0x1p-24F, -0x1.ff8p-15F}},
    {ONE("[1, 2]", "FP16", "[65520, 2049]"), NOTHING, 2, NULL, 1, {INFINITY, 2048}},
    {ONE("[1, 2]", "BYTES", "[\"1.5\", \"-2e3\"]"), NOTHING, 2, NULL, 1, {1.5F, -2000}},
    {ONE("[1, 2]", "BYTES", "[\"nan\", \"\"]"), NOTHING, 2, NULL, 1, {NO, NO}},
    {LATE("[1, 2]", "INT8", "[-128, 127]"), NOTHING, 2, NULL, 1, {-128, 127}},
    {LATE("[1, 2]", "FP16", "[0.5, 3]"), NOTHING, 2, NULL, 1, {0.5F, 3}},
    {LATE("[1, 2]", "FP64", "[9007199791611905, 0.1]"), NOTHING, 2, NULL, 1, {0x1p53F, 0.1F}},
    {LATE("[1, 2]", "BYTES", "[\"1\", \"2\"]"), NOTHING, 2, NULL, 1, {1, 2}},
    {INPUTS(INPUT("p", "[2]", "FP32", "[1, 3]") ", " INPUT("q", "[2, 1]", "INT16", "[2, 4]")),
     NOTHING,
     2,
     NULL,
     2,
     {1, 2, 3, 4}},
    {INPUTS(INPUT("p", "[2, 2]", "FP32", "[1, 2, 4, 5]") ", " INPUT("q", "[2]", "FP32", "[3, 6]")),
     NOTHING,
     3,
     NULL,
     2,
     {1, 2, 3, 4, 5, 6}},
    {INPUTS(INPUT("b", "[2]", "FP32", "[2, 4]") ", " INPUT("a", "[2]", "FP32", "[1, 3]")),
     NOTHING,
     2,
     ab,
     2,
     {1, 2, 3, 4}},
    {INPUTS(INPUT("x", "[2]", "FP32", "[1, 3]") ", " INPUT("y", "[2]", "FP32", "[2, 4]")),
     NOTHING,
     2,
     ab,
     2,
     {1, 2, 3, 4}},
    {ONE("[1, 2]", "FP32", "[1, 2]"), NOTHING, 2, ab, 1, {1, 2}},
    {"{\"id\": null, \"outputs\": null, \"parameters\": null, \"more\": [{\"inputs\": []}], \"inputs\": [{\"name\": "
     "\"x\", \"shape\": [1, 1], \"datatype\": \"FP32\", \"parameters\": null, \"data\": [[1]], \"more\": [[]]}]}",
     NOTHING,
     1,
     NULL,
     1,
     {1}},
    {ONE("[1, 1]", "FP32", "[1]"), BEHIND(""), 1, NULL, 1, {1}},
    {INPUTS(SIZED("x", "[1, 2]", "FP32", "8")), BEHIND("\0\0\x80\x3f\0\0\0\x40"), 2, NULL, 1, {1, 2}},
    {INPUTS(SIZED("x", "[1, 2]", "FP64", "16")),
     BEHIND("\x9a\x99\x99\x99\x99\x99\xb9\x3f\0\0\0\0\0\0\0\x80"),
     2,
     NULL,
     1,
     {0.1F, -0.0F}},
    {INPUTS(SIZED("x", "[1, 2]", "FP16", "4")), BEHIND("\x00\x3c\x01\x80"), 2, NULL, 1, {1, -0x1p-24F}},
    {INPUTS(SIZED("x", "[1, 2]", "UINT16", "4")), BEHIND("\x01\x00\xfe\xff"), 2, NULL, 1, {1, 65534}},
    {INPUTS(SIZED("x", "[1, 2]", "INT64", "16")),
     BEHIND("\x01\0\0\x20\0\0\x20\0\xff\xff\xff\xff\xff\xff\xff\xff"),
     2,
     NULL,
     1,
     {0x1.000002p53F, -1}},
    {INPUTS(SIZED("x", "[1, 2]", "BOOL", "2")), BEHIND("\x01\x00"), 2, NULL, 1, {1, 0}},
    {INPUTS(SIZED("x", "[1, 2]", "BYTES", "11")), BEHIND("\x03\0\0\0001.5\0\0\0\0"), 2, NULL, 1, {1.5F, NO}},
    {INPUTS(
         SIZED("p", "[2]", "INT8", "2") ", " INPUT("q", "[2]", "FP32", "[2, 4]") ", " SIZED("r", "[2]", "UINT8", "2")),
     BEHIND("\x01\xff\x03\x04"),
     3,
     NULL,
     2,
     {1, 2, 3, -1, 4, 4}},
};

START_TEST(tensors_become_rows)
{
    for (size_t i = 0; i < sizeof goods / sizeof *goods; i++) {
        struct forest *forest = sample_forest(goods[i].features, goods[i].names);
        struct body body = join(goods[i].json, goods[i].behind, goods[i].behind_size);
        struct cut cut = {0, 0};
        do {
            struct forestd_error error = {0};
            struct decoder *decoder = tensor_decoder_open(body.json_size, forest, NULL, &error);
            ck_assert_msg(feed(decoder, body.bytes, body.size, cut, &error), "%s cut %zu, %zu: %s", goods[i].json,
                          cut.first, cut.step, error.message);
            const struct question *question = decoder_question(decoder);
            ck_assert_uint_eq(question->matrix.rows, goods[i].rows);
            for (size_t cell = 0; cell < goods[i].rows * goods[i].features; cell++)
                check_cell(question->matrix.cells[cell], goods[i].cells[cell], goods[i].json, cell);
            decoder_close(decoder);
        } while (next_cut(body.size, &cut));
        forest_close(forest);
    }
}
END_TEST

static const struct {
    const char *json;
    const char *behind;
    size_t behind_size;
    const char *const *names;
    enum forestd_code code;
    const char *says;
} bads[] = {
    {"", NOTHING, NULL, FORESTD_EMPTY, "empty"},
    {"{", NOTHING, NULL, FORESTD_SYNTAX, "ends in the middle"},
    {"{}", NOTHING, NULL, FORESTD_ARGUMENT, "no \"inputs\""},
    {"{} {}", NOTHING, NULL, FORESTD_ARGUMENT, "no \"inputs\""},
    {INPUTS(), NOTHING, NULL, FORESTD_EMPTY, "No instances"},
    {ONE("[1, 2]", "FP32", "[1, 2]") "1", NOTHING, NULL, FORESTD_SYNTAX, "the end of the JSON"},
    {ONE("[1, 3]", "FP32", "[1, 2]"), NOTHING, NULL, FORESTD_ARGUMENT, "which is 3 elements, but its data hold 2"},
    {ONE("[2, 1]", "FP32", "[[1, 2]]"), NOTHING, NULL, FORESTD_ARGUMENT, "nested as [1, 2]"},
    {ONE("[1, 2]", "FP32", "[[1], [2, 3]]"), NOTHING, NULL, FORESTD_SYNTAX, "one length"},
    {ONE("[1, 2]", "FP32", "[[1, 2], 3]"), NOTHING, NULL, FORESTD_SYNTAX, "one length"},
    {ONE("[1, 2]", "FP32", "[1, [2]]"), NOTHING, NULL, FORESTD_SYNTAX, "one length"},
    {ONE("[1, 2]", "FP32", "[[[[[[[[[1]]]]]]]]]"), NOTHING, NULL, FORESTD_SYNTAX, "depth"},
    {ONE("[4294967296, 4294967296]", "FP32", "[]"), NOTHING, NULL, FORESTD_ARGUMENT, "no body can fill"},
    {ONE("[18446744073709551616]", "FP32", "[]"), NOTHING, NULL, FORESTD_ARGUMENT, "whole numbers"},
    {ONE("[9223372036854775807, 0]", "FP32", "[]"), NOTHING, NULL, FORESTD_WIDTH, "[rows, 2]"},
    {ONE("[1, 3]", "FP32", "[1, 2, 3]"), NOTHING, NULL, FORESTD_WIDTH, "[rows, 2]"},
    {ONE("[1, 1, 2]", "FP32", "[1, 2]"), NOTHING, NULL, FORESTD_WIDTH, "[rows, 2]"},
    {ONE("[1, 2]", "FP32", "[1, \"2\"]"), NOTHING, NULL, FORESTD_VALUE, "hold texts"},
    {ONE("[1, 2]", "FP32", "[1, \"red\"]"), NOTHING, NULL, FORESTD_VALUE, "'red'"},
    {ONE("[1, 2]", "INT8", "[128, 0]"), NOTHING, NULL, FORESTD_VALUE, "INT8, but its data hold 128"},
    {ONE("[1, 2]", "INT16", "[-32769, 0]"), NOTHING, NULL, FORESTD_VALUE, "-32769"},
    {ONE("[1, 2]", "INT64", "[0.5, 0]"), NOTHING, NULL, FORESTD_VALUE, "0.5"},
    {ONE("[1, 2]", "INT64", "[NaN, 0]"), NOTHING, NULL, FORESTD_VALUE, "NaN"},
    {ONE("[1, 2]", "UINT8", "[null, 0]"), NOTHING, NULL, FORESTD_VALUE, "null"},
    {LATE("[1, 2]", "INT8", "[128, 0]"), NOTHING, NULL, FORESTD_VALUE, "128"},
    {LATE("[1, 2]", "INT64", "[9007199791611905, 0]"), NOTHING, NULL, FORESTD_UNSUPPORTED, "before"},
    {LATE("[1, 2]", "FP16", "[0.1, 0]"), NOTHING, NULL, FORESTD_UNSUPPORTED, "before"},
    {INPUTS(INPUT("a", "[1]", "FP32", "[1]")), NOTHING, ab, FORESTD_NAME, "'b'"},
    {INPUTS(INPUT("a", "[1]", "FP32", "[1]") ", " INPUT("c", "[1]", "FP32", "[1]")), NOTHING, ab, FORESTD_NAME, "'c'"},
    {INPUTS(INPUT("a", "[1]", "FP32", "[1]") ", " INPUT("a", "[1]", "FP32", "[1]")), NOTHING, ab, FORESTD_NAME,
     "twice"},
    {INPUTS(INPUT("a", "[1, 2]", "FP32", "[1, 2]") ", " INPUT("b", "[1]", "FP32", "[1]")), NOTHING, ab, FORESTD_WIDTH,
     "'a'"},
    {INPUTS(INPUT("a", "[1]", "FP32", "[1]") ", " INPUT("b", "[2]", "FP32", "[1, 2]")), NOTHING, ab, FORESTD_WIDTH,
     "'b' has 2 rows, but input 'a' has 1"},
    {INPUTS(SIZED("x", "[1, 2]", "FP32", "8")), NOTHING, NULL, FORESTD_ARGUMENT, "Inference-Header-Content-Length"},
    {INPUTS(SIZED("x", "[1, 2]", "FP32", "7")), BEHIND("1234567"), NULL, FORESTD_ARGUMENT, "which are 8 bytes"},
    {INPUTS(SIZED("x", "[1, 2]", "FP32", "8")), BEHIND("1234567"), NULL, FORESTD_SYNTAX, "ends 1 bytes before"},
    {INPUTS(SIZED("x", "[1, 2]", "FP32", "8")), BEHIND("123456789"), NULL, FORESTD_SYNTAX, "goes on"},
    {INPUTS(SIZED("x", "[1, 2]", "BYTES", "9")), BEHIND("\1\0\0\0001\2\0\0\0"), NULL, FORESTD_SYNTAX, "hold 1"},
    {INPUTS(SIZED("x", "[1, 2]", "BYTES", "12")), BEHIND("\0\0\0\0\0\0\0\0\0\0\0\0"), NULL, FORESTD_SYNTAX, "more"},
    {INPUTS(SIZED("x", "[1, 2]", "BYTES", "8")), BEHIND("\xff\xff\xff\xff\0\0\0\0"), NULL, FORESTD_LIMIT, "4294967295"},
    {INPUTS(SIZED("x", "[1, 2]", "BYTES", "10")), BEHIND("\1\0\0\0x\1\0\0\0001"), NULL, FORESTD_VALUE, "'x'"},
};

START_TEST(what_is_refused)
{
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        struct forest *forest = sample_forest(2, bads[i].names);
        struct body body = join(bads[i].json, bads[i].behind, bads[i].behind_size);
        struct cut cut = {0, 0};
        do {
            struct forestd_error error = {0};
            struct decoder *decoder = tensor_decoder_open(body.json_size, forest, NULL, &error);
            ck_assert_msg(!feed(decoder, body.bytes, body.size, cut, &error), "%s is taken", bads[i].json);
            ck_assert_msg(error.code == bads[i].code && strstr(error.message, bads[i].says), "%s cut %zu, %zu: %s: %s",
                          bads[i].json, cut.first, cut.step, forestd_code_word(error.code), error.message);
            decoder_close(decoder);
        } while (next_cut(body.size, &cut));
        forest_close(forest);
    }
}
END_TEST

START_TEST(memory_is_bounded_and_given_back)
{
    const size_t bound = 65536;
    struct forest *forest = sample_forest(2, NULL);
    struct budget budget;
    budget_open(&budget, bound);
    struct forestd_error error = {0};
    struct decoder *decoder = tensor_decoder_open(TENSOR_ALL_JSON, forest, &budget, &error);
    const char *head = "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1000000, 2], \"data\": [1";
    bool good = decoder_feed(decoder, head, strlen(head), &error);
    for (int i = 0; good && i < 1000000; i++)
        good = decoder_feed(decoder, ", 1", 3, &error);
    ck_assert(!good);
    ck_assert_int_eq(error.code, FORESTD_MEMORY);
    decoder_close(decoder);
    ck_assert_uint_eq(budget.left, bound);
    forest_close(forest);
}
END_TEST

/* ---- bodies by chance ---- */

static const char *const parts[] = {"{\"inputs\": [",
                                    "]}",
                                    "]",
                                    "}",
                                    "[",
                                    "{",
                                    ",",
                                    ", ",
                                    ": ",
                                    "\"inputs\": ",
                                    "\"name\": \"a\"",
                                    "\"name\": \"b\"",
                                    "\"shape\": [1]",
                                    "\"shape\": [1, 2]",
                                    "\"shape\": [2]",
                                    "\"datatype\": \"FP32\"",
                                    "\"datatype\": \"INT8\"",
                                    "\"datatype\": \"BYTES\"",
                                    "\"data\": [1, 2]",
                                    "\"data\": [[1, 2]]",
                                    "\"data\": [1]",
                                    "\"data\": [\"1\", \"2\"]",
                                    "\"data\": ",
                                    "1",
                                    "0.1234567890123456789",
                                    "null",
                                    "true",
                                    "\"1\"",
                                    "\"parameters\": {\"binary_data_size\": 8}",
                                    "\"outputs\": [{\"name\": \"predict\"}]",
                                    INPUT("a", "[1]", "FP32", "[1]"),
                                    INPUT("b", "[1]", "UINT8", "[1]"),
                                    INPUT("x", "[1, 2]", "INT64", "[1, 2]"),
                                    SIZED("x", "[1, 2]", "FP32", "8"),
                                    SIZED("b", "[1]", "FP32", "4")};

enum { LONG_ROWS = 4, LONG_WIDTH = 20, LONG_CELLS = LONG_ROWS * LONG_WIDTH };

struct outcome {
    bool good;
    struct forestd_error error;
    float cells[LONG_CELLS];
};

static struct outcome outcome_of(const struct forest *forest, const struct body *body, struct cut cut)
{
    struct outcome outcome = {0};
    struct decoder *decoder = tensor_decoder_open(body->json_size, forest, NULL, NULL);
    outcome.good = feed(decoder, body->bytes, body->size, cut, &outcome.error);
    const struct matrix *matrix = &decoder_question(decoder)->matrix;
    size_t cells = matrix->rows * forest->features;
    if (outcome.good)
        memcpy(outcome.cells, matrix->cells, (cells < LONG_CELLS ? cells : LONG_CELLS) * sizeof(float));
    decoder_close(decoder);
    return outcome;
}

static bool check_body(const struct forest *forest, const struct body *body)
{
    static const struct cut cuts[] = {{0, 1}, {0, 2}, {0, 3}, {0, 7}, {0, 30}};
    struct outcome whole = outcome_of(forest, body, (struct cut){0, 0});
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct outcome cut = outcome_of(forest, body, cuts[i]);
        ck_assert_msg(cut.good == whole.good && strcmp(cut.error.message, whole.error.message) == 0 &&
                          memcmp(cut.cells, whole.cells, sizeof cut.cells) == 0,
                      "%.*s\nwhole: %s\npieces of %zu: %s", (int)body->size, body->bytes, whole.error.message,
                      cuts[i].step, cut.error.message);
    }
    return whole.good;
}

START_TEST(a_body_is_the_same_however_it_is_cut)
{
    struct forest *forest = sample_forest(2, ab);
    size_t taken = 0;
    srand(7);
    for (int i = 0; i < 30000; i++) {
        char json[900] = "";
        char *at = rand() % 4 ? stpcpy(json, parts[0]) : json;
        for (int part = rand() % 6; part >= 0; part--)
            at = stpcpy(at, parts[(size_t)rand() % (sizeof parts / sizeof *parts)]);
        stpcpy(at, rand() % 4 ? parts[1] : "");
        struct body body = join(json, rand() % 2 ? "\0\0\x80\x3f\0\0\0\x40" : NULL, 8);
        if (body.json_size == TENSOR_ALL_JSON)
            body.size -= 8;
        taken += check_body(forest, &body);
    }
    ck_assert_uint_gt(taken, 50);
    forest_close(forest);
}
END_TEST

/* Rows in one array or in one each, nearly all of plain numbers. */
static void write_data(bool nested, char *json)
{
    static const char *const plain[] = {"0.4967141530112327", "-0.125", "3", "-17.25", "0.0"};
    static const char *const odd[] = {"1e-05", "null", "", "x", "[1]", "01"};
    json += sprintf(json, "{\"inputs\": [{\"name\": \"x\", \"shape\": [%d, %d], \"datatype\": \"FP64\", \"data\": [",
                    LONG_ROWS, LONG_WIDTH);
    const char *between = rand() % 2 ? "," : ", ";
    for (int row = 0; row < LONG_ROWS; row++) {
        int cells = rand() % 30 ? LONG_WIDTH : LONG_WIDTH - 1 + rand() % 3;
        json = stpcpy(json, row ? between : "");
        json = stpcpy(json, nested ? "[" : "");
        for (int i = 0; i < cells; i++) {
            json = stpcpy(json, i ? between : "");
            json = stpcpy(json, rand() % 200 ? plain[rand() % 5] : odd[rand() % 6]);
        }
        json = stpcpy(json, nested ? "]" : "");
    }
    (void)stpcpy(json, "]}]}");
}

START_TEST(long_data_is_the_same_however_it_is_cut)
{
    struct forest *forest = sample_forest(LONG_WIDTH, NULL);
    size_t taken = 0;
    srand(11);
    for (int i = 0; i < 3000; i++) {
        char json[BODY];
        write_data(i % 2, json);
        struct body body = join(json, NULL, 0);
        taken += check_body(forest, &body);
    }
    ck_assert_uint_gt(taken, 1000);
    forest_close(forest);
}
END_TEST

/* ---- answers ---- */

static const struct forestd_label numbers[] = {{.kind = FORESTD_INTEGER, .as.integer = 0},
                                               {.kind = FORESTD_INTEGER, .as.integer = -7}};
static const struct forestd_label naturals[] = {{.kind = FORESTD_INTEGER, .as.integer = 3},
                                                {.kind = FORESTD_UNSIGNED, .as.natural = UINT64_MAX}};
static const struct forestd_label truths[] = {{.kind = FORESTD_BOOLEAN, .as.boolean = false},
                                              {.kind = FORESTD_BOOLEAN, .as.boolean = true}};
static const struct forestd_label words[] = {{.kind = FORESTD_TEXT, .text_size = 3, .as.text = "a\"b"},
                                             {.kind = FORESTD_TEXT, .text_size = 0, .as.text = ""}};
static const struct forestd_label halves[] = {{.kind = FORESTD_REAL, .as.real = 0.5},
                                              {.kind = FORESTD_REAL, .as.real = 1}};

#define START "{\"model_name\": \"m\", \"model_version\": \"3\", "
#define TENSOR(name, datatype, shape, data)                                                                            \
    "{\"name\": \"" name "\", \"datatype\": \"" datatype "\", \"shape\": " shape ", \"data\": " data "}"
#define TENSOR_SIZED(name, datatype, shape, size)                                                                      \
    "{\"name\": \"" name "\", \"datatype\": \"" datatype "\", \"shape\": " shape                                       \
    ", \"parameters\": {\"binary_data_size\": " size "}}"

static const struct wishes {
    const struct forestd_label *labels[2]; /* of two classes each; none = a regressor */
    const char *asked;                     /* members of the question before its inputs */
    unsigned outputs;
    const char *json;
    const char *behind;
    size_t behind_size;
} wishes[] = {
    {{numbers}, "", 0, START "\"outputs\": [" TENSOR("predict", "INT64", "[2]", "[-7, 0]") "]}\n", NOTHING},
    {{naturals},
     "",
     0,
     START "\"outputs\": [" TENSOR("predict", "UINT64", "[2]", "[18446744073709551615, 3]") "]}\n",
     NOTHING},
    {{truths}, "", 0, START "\"outputs\": [" TENSOR("predict", "BOOL", "[2]", "[true, false]") "]}\n", NOTHING},
    {{words}, "", 0, START "\"outputs\": [" TENSOR("predict", "BYTES", "[2]", "[\"\", \"a\\\"b\"]") "]}\n", NOTHING},
    {{halves}, "", 0, START "\"outputs\": [" TENSOR("predict", "FP64", "[2]", "[1.0, 0.5]") "]}\n", NOTHING},
    {{numbers},
     "\"id\": \"\\u00e9\\n\", ",
     OUTPUT_PROBABILITIES,
     START "\"id\": \"\xC3\xA9\\n\", \"outputs\": [" TENSOR("predict_proba", "FP64", "[2, 2]",
                                                            "[0.25, 0.75, 1.0, 0.0]") "]}\n",
     NOTHING},
    {{numbers, numbers},
     "",
     0,
     START "\"outputs\": [" TENSOR("predict", "INT64", "[2, 2]", "[-7, 0, 0, -7]") "]}\n",
     NOTHING},
    {{numbers, words},
     "",
     0,
     START "\"outputs\": [" TENSOR("predict", "BYTES", "[2, 2]", "[\"-7\", \"a\\\"b\", \"0\", \"\"]") "]}\n",
     NOTHING},
    {{numbers, numbers},
     "",
     OUTPUT_PROBABILITIES,
     START "\"outputs\": [" TENSOR("predict_proba", "FP64", "[2, 2, 2]",
                                   "[0.25, 0.75, 1.0, 0.0, 0.5, 0.5, 0.125, 0.875]") "]}\n",
     NOTHING},
    {{NULL}, "", 0, START "\"outputs\": [" TENSOR("predict", "FP64", "[2]", "[0.25, 0.75]") "]}\n", NOTHING},
    {{numbers},
     "\"parameters\": {\"binary_data_output\": true}, ",
     0,
     START "\"outputs\": [" TENSOR_SIZED("predict", "INT64", "[2]", "16") "]}",
     BEHIND("\xf9\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0")},
    {{words},
     "\"outputs\": [{\"name\": \"output-0\", \"parameters\": {\"binary_data\": true}}], ",
     0,
     START "\"outputs\": [" TENSOR_SIZED("output-0", "BYTES", "[2]", "11") "]}",
     BEHIND("\0\0\0\0\3\0\0\0a\"b")},
    {{truths},
     "\"outputs\": [{\"parameters\": {\"binary_data\": true}, \"name\": \"predictions\"}, {\"name\": \"predict\"}], ",
     0,
     START "\"outputs\": [" TENSOR_SIZED("predictions", "BOOL", "[2]", "2") ", " TENSOR("predict", "BOOL", "[2]",
                                                                                        "[true, false]") "]}",
     BEHIND("\1\0")},
    {{numbers, words},
     "\"parameters\": {\"binary_data_output\": true}, ",
     0,
     START "\"outputs\": [" TENSOR_SIZED("predict", "BYTES", "[2, 2]", "22") "]}",
     BEHIND("\2\0\0\0-7\3\0\0\0a\"b\1\0\0\0000\0\0\0\0")},
    {{NULL},
     "\"parameters\": {\"binary_data_output\": true}, ",
     0,
     START "\"outputs\": [" TENSOR_SIZED("predict", "FP64", "[2]", "16") "]}",
     BEHIND("\0\0\0\0\0\0\xd0\x3f\0\0\0\0\0\0\xe8\x3f")},
};

static const double values[] = {0.25, 0.75, 1.0, 0.0, 0.5, 0.5, 0.125, 0.875};
static const uint32_t choices[] = {1, 0, 0, 1};

static void check_wish(const struct wishes *wish)
{
    static const uint32_t twos[] = {2, 2};
    static const uint32_t ones[] = {1, 1};
    const struct forestd_label *labels[] = {wish->labels[0], wish->labels[1]};
    struct forest *forest = sample_forest(1, NULL);
    bool classifier = wish->labels[0] != NULL;
    forest->task = classifier ? FORESTD_CLASSIFIER : FORESTD_REGRESSOR;
    forest->outputs = wish->labels[1] ? 2 : 1;
    forest->classes = classifier ? twos : ones;
    forest->labels = classifier ? labels : NULL;
    forest->width = forest->outputs * forest->classes[0];
    char body[512];
    (void)snprintf(body, sizeof body, "{%s\"inputs\": [%s]}", wish->asked, INPUT("x", "[2, 1]", "FP32", "[1, 2]"));
    struct forestd_error error = {0};
    struct decoder *decoder = tensor_decoder_open(TENSOR_ALL_JSON, forest, NULL, &error);
    ck_assert_msg(feed(decoder, body, strlen(body), (struct cut){0, 0}, &error), "%s: %s", body, error.message);
    const struct prediction prediction = {forest, 2, values, classifier ? choices : NULL};
    const struct tensor_speaker speaker = {"m", 3};
    struct buffer reply = {0};
    size_t json_size = 0;
    ck_assert_msg(
        tensor_answer(tensor_request(decoder), &prediction, wish->outputs, &speaker, &reply, &json_size, &error), "%s",
        error.message);
    ck_assert_msg(reply.size == strlen(wish->json) + wish->behind_size &&
                      memcmp(reply.bytes, wish->json, strlen(wish->json)) == 0,
                  "%.*s\nis not\n%s", (int)reply.size, (const char *)reply.bytes, wish->json);
    ck_assert_uint_eq(json_size, wish->behind ? strlen(wish->json) : 0);
    if (wish->behind)
        ck_assert_mem_eq(reply.bytes + json_size, wish->behind, wish->behind_size);
    buffer_close(&reply);
    decoder_close(decoder);
    forest_close(forest);
}

START_TEST(predictions_become_tensors)
{
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++)
        check_wish(&wishes[i]);
}
END_TEST

SUITE(tensor, tensors_become_rows, what_is_refused, memory_is_bounded_and_given_back,
      a_body_is_the_same_however_it_is_cut, long_data_is_the_same_however_it_is_cut, predictions_become_tensors)
