#include "unit/codec/support.h"

enum { P = OUTPUT_PREDICTIONS, Q = OUTPUT_PROBABILITIES };

#define VERSION "\"model_version\": \"0123456789abcdef\"}"

static const struct forestd_label numbers[] = {{.kind = FORESTD_INTEGER, .as.integer = 0},
                                               {.kind = FORESTD_INTEGER, .as.integer = -7}};
static const struct forestd_label reals[] = {{.kind = FORESTD_REAL, .as.real = 1},
                                             {.kind = FORESTD_REAL, .as.real = 0.5}};
static const struct forestd_label truths[] = {{.kind = FORESTD_BOOLEAN, .as.boolean = false},
                                              {.kind = FORESTD_BOOLEAN, .as.boolean = true}};
static const struct forestd_label naturals[] = {{.kind = FORESTD_INTEGER, .as.integer = 3},
                                                {.kind = FORESTD_UNSIGNED, .as.natural = UINT64_MAX}};
static const struct forestd_label texts[] = {
    {.kind = FORESTD_TEXT, .text_size = 6, .as.text = "a,\"\n\xC3\xA9"},
    {.kind = FORESTD_TEXT, .text_size = 8, .as.text = "b\x01\\\xF0\x9F\x8C\xB2/"},
};

static const double values[] = {0.13, 0.87, 1.0, 0.0, 0.5, 0.5};
static const uint32_t choices[] = {1, 0, 0};

/* Models that only know their answers. */
struct model {
    struct forest *forest;
    uint32_t classes[2];
    const struct forestd_label *labels[2];
};

static void open_classifier(struct model *model, const struct forestd_label *labels)
{
    model->forest = sample_forest(2, NULL);
    model->classes[0] = 2;
    model->labels[0] = labels;
    model->forest->task = FORESTD_CLASSIFIER;
    model->forest->classes = model->classes;
    model->forest->labels = model->labels;
    model->forest->width = 2;
}

static void open_several(struct model *model, const struct forestd_label *first, const struct forestd_label *second)
{
    open_classifier(model, first);
    model->classes[1] = 1;
    model->labels[1] = second;
    model->forest->outputs = 2;
    model->forest->width = 3;
}

static void open_regressor(struct model *model, size_t outputs)
{
    model->forest = sample_forest(2, NULL);
    model->classes[0] = model->classes[1] = 1;
    model->forest->task = FORESTD_REGRESSOR;
    model->forest->classes = model->classes;
    model->forest->outputs = outputs;
    model->forest->width = outputs;
}

static bool encode(const struct model *model, enum format asked, const char *body, enum format format, unsigned outputs,
                   struct buffer *reply, struct forestd_error *error)
{
    struct decoder *decoder = decoder_open(asked, model->forest, NULL, NULL);
    ck_assert_msg(feed(decoder, body, strlen(body), (struct cut){0, 0}, error), "%s: %s", body, error->message);
    const struct question *question = decoder_question(decoder);
    struct prediction prediction = {model->forest, question->matrix.rows, values,
                                    model->forest->task == FORESTD_CLASSIFIER ? choices : NULL};
    bool good = answer_encode(format, question, &prediction, outputs, reply, error);
    decoder_close(decoder);
    return good;
}

static void check_bytes(const struct model *model, enum format asked, const char *body, enum format format,
                        unsigned outputs, const void *wanted, size_t size)
{
    struct buffer reply = {0};
    struct forestd_error error = {0};
    ck_assert(buffer_append(&reply, "#", 1, NULL));
    ck_assert_msg(encode(model, asked, body, format, outputs, &reply, &error), "%s: %s", body, error.message);
    ck_assert_msg(reply.size - 1 == size && memcmp(reply.bytes + 1, wanted, size) == 0, "%s is answered with %.*s",
                  body, (int)reply.size - 1, (const char *)reply.bytes + 1);
    buffer_close(&reply);
}

static void check(const struct model *model, enum format asked, const char *body, enum format format, unsigned outputs,
                  const char *wanted)
{
    check_bytes(model, asked, body, format, outputs, wanted, strlen(wanted));
}

static void check_refused(const struct model *model, enum format format, unsigned outputs, const char *says)
{
    struct buffer reply = {0};
    struct forestd_error error = {0};
    ck_assert(!encode(model, FORMAT_JSON, "[[1, 2]]", format, outputs, &reply, &error));
    ck_assert_int_eq(error.code, FORESTD_ARGUMENT);
    ck_assert_msg(strstr(error.message, says) != NULL, "%s", error.message);
    buffer_close(&reply);
}

START_TEST(answers_json_in_its_dialect)
{
    struct model model;
    open_classifier(&model, numbers);
    const enum format json = FORMAT_JSON;
    check(&model, json, "{\"instances\": [[1, 2], [3, 4]]}", json, 0,
          "{\"predictions\": [-7, 0], \"probabilities\": [[0.13, 0.87], [1.0, 0.0]], " VERSION);
    check(&model, json, "{\"instances\": [[1, 2], [3, 4]]}", json, P, "{\"predictions\": [-7, 0], " VERSION);
    check(&model, json, "{\"instances\": [[1, 2]]}", json, Q, "{\"probabilities\": [[0.13, 0.87]], " VERSION);
    check(&model, json, "{\"instances\": [[1, 2]], \"parameters\": {\"output\": \"predictions\"}}", json, 0,
          "{\"predictions\": [-7], " VERSION);
    check(&model, json, "[[1, 2], [3, 4], [5, 6]]", json, 0, "[-7, 0, 0]");
    check(&model, json, "[[1, 2], [3, 4]]", json, Q, "[[0.13, 0.87], [1.0, 0.0]]");
    check(&model, json, "[[1, 2]]", json, P | Q, "{\"predictions\": [-7], \"probabilities\": [[0.13, 0.87]], " VERSION);
    check(&model, json, "[1, 2]", json, 0, "[-7]");
    check(&model, json, "[1, 2]", json, Q, "[[0.13, 0.87]]");
    check(&model, FORMAT_CSV, "1,2\n3,4\n", json, 0, "[-7, 0]");
    check(&model, FORMAT_LINES, "[1, 2]\n[3, 4]\n", json, 0, "[-7, 0]");
    check(&model, FORMAT_LINES, "{\"features\": [1, 2]}\n{\"features\": [3, 4]}\n", json, P,
          "{\"predictions\": [-7, 0], " VERSION);
    forest_close(model.forest);
}
END_TEST

START_TEST(answers_lines_line_by_line)
{
    struct model model;
    open_classifier(&model, numbers);
    const enum format lines = FORMAT_LINES;
    check(&model, lines, "[1, 2]\n[3, 4]\n[5, 6]", lines, 0, "-7\n0\n0\n");
    check(&model, lines, "[1, 2]\n[3, 4]\n", lines, Q, "[0.13, 0.87]\n[1.0, 0.0]\n");
    check(&model, lines, "[[1, 2], [3, 4]]\n{\"features\": [5, 6]}\n", lines, 0,
          "[-7, 0]\n{\"predictions\": [0], \"probabilities\": [[0.5, 0.5]], " VERSION "\n");
    check(&model, lines, "[1, 2]\n", lines, P | Q,
          "{\"predictions\": [-7], \"probabilities\": [[0.13, 0.87]], " VERSION "\n");
    /* JSON that turned out to be lines */
    check(&model, FORMAT_JSON, "[1, 2]\n[3, 4]\n", lines, 0, "-7\n0\n");
    check(&model, FORMAT_JSON, "[1, 2]\n[3, 4]\n", FORMAT_JSON, 0, "-7\n0\n");
    /* questions that have no documents */
    check(&model, FORMAT_CSV, "1,2\n3,4\n", lines, 0, "-7\n0\n");
    check(&model, FORMAT_JSON, "{\"data\": [[1, 2]]}", lines, P, "{\"predictions\": [-7], " VERSION "\n");
    forest_close(model.forest);
}
END_TEST

START_TEST(answers_csv)
{
    struct model model;
    open_classifier(&model, numbers);
    check(&model, FORMAT_CSV, "1,2\n3,4\n", FORMAT_CSV, 0, "-7\n0\n");
    check(&model, FORMAT_CSV, "1,2\n3,4\n", FORMAT_CSV, Q, "0.13,0.87\n1.0,0.0\n");
    check(&model, FORMAT_JSON, "{\"data\": [[1, 2], [3, 4]]}", FORMAT_CSV, P | Q, "-7,0.13,0.87\n0,1.0,0.0\n");
    forest_close(model.forest);
    open_several(&model, numbers, texts);
    check(&model, FORMAT_CSV, "1,2\n", FORMAT_CSV, 0, "-7,\"a,\"\"\n\xC3\xA9\"\n");
    forest_close(model.forest);
    open_regressor(&model, 2);
    check(&model, FORMAT_CSV, "1,2\n3,4\n", FORMAT_CSV, 0, "0.13,0.87\n1.0,0.0\n");
    forest_close(model.forest);
}
END_TEST

START_TEST(writes_labels_of_all_kinds)
{
    struct model model;
    open_classifier(&model, reals);
    check(&model, FORMAT_JSON, "[[1, 2], [3, 4]]", FORMAT_JSON, 0, "[0.5, 1.0]");
    forest_close(model.forest);
    open_classifier(&model, truths);
    check(&model, FORMAT_JSON, "[[1, 2], [3, 4]]", FORMAT_JSON, 0, "[true, false]");
    check(&model, FORMAT_JSON, "[[1, 2], [3, 4]]", FORMAT_CSV, 0, "True\nFalse\n");
    forest_close(model.forest);
    open_classifier(&model, naturals);
    check(&model, FORMAT_JSON, "[[1, 2], [3, 4]]", FORMAT_JSON, 0, "[18446744073709551615, 3]");
    forest_close(model.forest);
    open_classifier(&model, texts);
    check(&model, FORMAT_JSON, "[[1, 2], [3, 4]]", FORMAT_JSON, 0,
          "[\"b\\u0001\\\\\xF0\x9F\x8C\xB2/\", \"a,\\\"\\n\xC3\xA9\"]");
    forest_close(model.forest);
}
END_TEST

START_TEST(answers_several_outputs)
{
    struct model model;
    open_several(&model, numbers, numbers);
    check(&model, FORMAT_JSON, "{\"data\": [[1, 2]]}", FORMAT_JSON, 0,
          "{\"predictions\": [[-7, 0]], \"probabilities\": [[[0.13, 0.87], [1.0]]], " VERSION);
    check(&model, FORMAT_JSON, "[1, 2]", FORMAT_LINES, 0, "[-7, 0]\n");
    forest_close(model.forest);
    open_regressor(&model, 2);
    check(&model, FORMAT_JSON, "{\"data\": [[1, 2], [3, 4]]}", FORMAT_JSON, 0,
          "{\"predictions\": [[0.13, 0.87], [1.0, 0.0]], " VERSION);
    forest_close(model.forest);
}
END_TEST

START_TEST(has_no_probabilities_of_regressors)
{
    struct model model;
    open_regressor(&model, 1);
    check(&model, FORMAT_JSON, "{\"data\": [[1, 2], [3, 4]]}", FORMAT_JSON, 0,
          "{\"predictions\": [0.13, 0.87], " VERSION);
    for (int format = 0; format < FORMAT_COUNT; format++)
        check_refused(&model, (enum format)format, Q, "a regressor has no probabilities: ask for 'predictions'");
    forest_close(model.forest);
}
END_TEST

/* An NPY file with this dict and these bytes. */
static void check_npy(const struct model *model, unsigned outputs, const char *body, const char *dict,
                      const void *numbers_, size_t size)
{
    unsigned char wanted[512] = "\x93NUMPY\x01\x00\x76";
    memset(wanted + 10, ' ', 117);
    memcpy(wanted + 10, dict, strlen(dict));
    wanted[127] = '\n';
    memcpy(wanted + 128, numbers_, size);
    check_bytes(model, FORMAT_JSON, body, FORMAT_NPY, outputs, wanted, 128 + size);
}

START_TEST(answers_npy)
{
    struct model model;
    open_classifier(&model, numbers);
    check_npy(&model, 0, "{\"data\": [[1, 2], [3, 4]]}", "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }",
              "\xf9\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0", 16);
    check_npy(&model, Q, "[[1, 2], [3, 4], [5, 6]]", "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }",
              values, sizeof values);
    check_refused(&model, FORMAT_NPY, P | Q, "NPY carries one array");
    forest_close(model.forest);
    open_classifier(&model, truths);
    check_npy(&model, P, "[[1, 2], [3, 4]]", "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", "\1\0", 2);
    forest_close(model.forest);
    open_classifier(&model, naturals);
    check_npy(&model, P, "[[1, 2]]", "{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }",
              "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    forest_close(model.forest);
    open_classifier(&model, reals);
    check_npy(&model, P, "[[1, 2]]", "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }",
              "\0\0\0\0\0\0\xe0\x3f", 8);
    forest_close(model.forest);
    open_classifier(&model, texts);
    check_npy(&model, P, "[[1, 2]]", "{'descr': '<U5', 'fortran_order': False, 'shape': (1,), }",
              "b\0\0\0\1\0\0\0\\\0\0\0\x32\xf3\x01\0/\0\0\0", 20);
    forest_close(model.forest);
    open_several(&model, numbers, numbers);
    check_npy(&model, P, "[[1, 2]]", "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 2), }",
              "\xf9\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0", 16);
    forest_close(model.forest);
    open_several(&model, numbers, texts);
    check_refused(&model, FORMAT_NPY, P, "several types");
    forest_close(model.forest);
    open_regressor(&model, 1);
    check_npy(&model, P, "[[1, 2]]", "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", values, 8);
    forest_close(model.forest);
}
END_TEST

START_TEST(keeps_the_limit_of_the_reply)
{
    struct model model;
    open_classifier(&model, numbers);
    for (int format = 0; format < ANSWER_FORMATS; format++) {
        struct buffer reply = {.limit = 4};
        struct forestd_error error = {0};
        ck_assert(!encode(&model, FORMAT_JSON, "{\"data\": [[1, 2], [3, 4]]}", (enum format)format, 0, &reply, &error));
        ck_assert_int_eq(error.code, FORESTD_LIMIT);
        ck_assert_uint_le(reply.size, 4);
        buffer_close(&reply);
    }
    forest_close(model.forest);
}
END_TEST

SUITE(answer, answers_json_in_its_dialect, answers_lines_line_by_line, answers_csv, writes_labels_of_all_kinds,
      answers_several_outputs, has_no_probabilities_of_regressors, answers_npy, keeps_the_limit_of_the_reply)
