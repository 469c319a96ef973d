#include "unit/codec/support.h"

static const struct {
    const char *type;
    int format; /* -1 = none */
} types[] = {
    {"application/json", FORMAT_JSON},
    {"Application/JSON; charset=utf-8", FORMAT_JSON},
    {" application/json ;x=y", FORMAT_JSON},
    {"application/jsonlines", FORMAT_LINES},
    {"application/x-jsonlines", FORMAT_LINES},
    {"application/jsonl", FORMAT_LINES},
    {"application/x-ndjson", FORMAT_LINES},
    {"application/cloudevents+json", FORMAT_JSON},
    {"text/csv; charset=utf-8; header=absent", FORMAT_CSV},
    {"application/csv", FORMAT_CSV},
    {"application/x-npy", FORMAT_NPY},
    {"text/libsvm", FORMAT_LIBSVM},
    {"text/x-libsvm", FORMAT_LIBSVM},
    {"application/x-recordio-protobuf", FORMAT_RECORDIO},
    {NULL, FORMAT_SNIFFED},
    {"", FORMAT_SNIFFED},
    {"application/octet-stream", FORMAT_SNIFFED},
    {"application/x-www-form-urlencoded", FORMAT_SNIFFED},
    {"image/png", -1},
    {"application/jsonp", -1},
    {"json", -1},
    {"*/*", -1},
};

START_TEST(knows_content_types)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        enum format format = FORMAT_COUNT;
        bool known = format_of_content_type(types[i].type, &format);
        ck_assert_msg(known == (types[i].format >= 0), "%s", types[i].type);
        ck_assert_msg(!known || (int)format == types[i].format, "%s is %d", types[i].type, (int)format);
    }
    ck_assert_str_eq(format_content_type(FORMAT_JSON), "application/json");
    ck_assert_str_eq(format_content_type(FORMAT_LINES), "application/jsonlines");
    ck_assert_str_eq(format_content_type(FORMAT_CSV), "text/csv");
    ck_assert_str_eq(format_content_type(FORMAT_NPY), "application/x-npy");
    ck_assert_str_eq(format_list(), "application/json, application/jsonlines, text/csv, application/x-npy, "
                                    "text/libsvm, application/x-recordio-protobuf");
    ck_assert_str_eq(format_answer_list(), "application/json, application/jsonlines, text/csv, application/x-npy");
}
END_TEST

static const struct {
    const char *accept;
    enum format usual;
    int format; /* -1 = none */
} accepts[] = {
    {NULL, FORMAT_CSV, FORMAT_CSV},
    {"", FORMAT_CSV, FORMAT_CSV},
    {"*/*", FORMAT_CSV, FORMAT_CSV},
    {"*", FORMAT_CSV, FORMAT_CSV},
    {"application/*", FORMAT_CSV, FORMAT_JSON},
    {"application/*", FORMAT_NPY, FORMAT_NPY},
    {"text/*", FORMAT_JSON, FORMAT_CSV},
    {"text/*, */*;q=0.5", FORMAT_JSON, FORMAT_CSV},
    {"application/x-npy", FORMAT_JSON, FORMAT_NPY},
    {"APPLICATION/X-NPY;v=1", FORMAT_JSON, FORMAT_NPY},
    {"application/x-ndjson", FORMAT_JSON, FORMAT_LINES},
    /* the usual one where it is among the best, else the first */
    {"text/csv, application/json", FORMAT_JSON, FORMAT_JSON},
    {"text/csv, application/json", FORMAT_CSV, FORMAT_CSV},
    {"text/csv, application/json", FORMAT_NPY, FORMAT_CSV},
    {"application/x-npy,text/csv", FORMAT_JSON, FORMAT_NPY},
    /* what browsers and axios send */
    {"application/json, text/plain, */*", FORMAT_CSV, FORMAT_JSON},
    {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", FORMAT_CSV, FORMAT_CSV},
    /* quality */
    {"text/csv;q=0.5, application/json;q=0.9", FORMAT_CSV, FORMAT_JSON},
    {"text/csv;q=0.123, application/json;q=0.12", FORMAT_JSON, FORMAT_CSV},
    {"text/csv ; Q=1.000 , application/json;q=0.999", FORMAT_JSON, FORMAT_CSV},
    {"text/csv;q=0, */*", FORMAT_CSV, FORMAT_JSON},
    {"text/csv;q=0", FORMAT_CSV, -1},
    {"*/*;q=0", FORMAT_CSV, -1},
    {"application/*;q=0, */*", FORMAT_JSON, FORMAT_CSV},
    {"application/*;q=0.1, application/json;q=0, text/csv;q=0.0", FORMAT_JSON, FORMAT_LINES},
    {"image/png, application/xml", FORMAT_JSON, -1},
    {"image/png, , text/csv", FORMAT_JSON, FORMAT_CSV},
    {"*/*", FORMAT_SNIFFED, FORMAT_JSON},
    /* what only questions come in */
    {NULL, FORMAT_LIBSVM, FORMAT_CSV},
    {"*/*", FORMAT_LIBSVM, FORMAT_CSV},
    {"application/*", FORMAT_LIBSVM, FORMAT_JSON},
    {NULL, FORMAT_RECORDIO, FORMAT_JSON},
    {"text/libsvm", FORMAT_LIBSVM, -1},
    {"application/x-recordio-protobuf, text/csv", FORMAT_RECORDIO, FORMAT_CSV},
};

START_TEST(chooses_what_is_accepted)
{
    for (size_t i = 0; i < sizeof accepts / sizeof *accepts; i++) {
        enum format format = FORMAT_COUNT;
        bool found = format_of_accept(accepts[i].accept, accepts[i].usual, &format);
        ck_assert_msg(found == (accepts[i].format >= 0), "%s", accepts[i].accept);
        ck_assert_msg(!found || (int)format == accepts[i].format, "%s gives %d", accepts[i].accept, (int)format);
    }
}
END_TEST

START_TEST(knows_files_by_their_names)
{
    enum format format = FORMAT_COUNT;
    ck_assert(format_of_path("/in/rows.csv", &format) && format == FORMAT_CSV);
    ck_assert(format_of_path("rows.JSON", &format) && format == FORMAT_JSON);
    ck_assert(format_of_path("rows.jsonl", &format) && format == FORMAT_LINES);
    ck_assert(format_of_path("rows.npy", &format) && format == FORMAT_NPY);
    ck_assert(!format_of_path("csv", &format));
    ck_assert(!format_of_path(".csv", &format));
    ck_assert(!format_of_path("rows.npz", &format));
}
END_TEST

START_TEST(sniffs)
{
    static const struct {
        const char *body;
        enum format format;
    } bodies[] = {{"[[1, 2]]", FORMAT_JSON},
                  {" {\"data\": [1, 2]}", FORMAT_JSON},
                  {"\xEF\xBB\xBF[1, 2]", FORMAT_JSON},
                  {"1,2\n", FORMAT_CSV},
                  {"-1,2\n", FORMAT_CSV},
                  {",2\n", FORMAT_CSV},
                  {"[1, 2]\n[3, 4]", FORMAT_LINES}};
    struct forest *forest = sample_forest(2, NULL);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct decoder *decoder = decoder_open(FORMAT_SNIFFED, forest, NULL, NULL);
        ck_assert(feed(decoder, bodies[i].body, strlen(bodies[i].body), (struct cut){0, 1}, NULL));
        ck_assert_int_eq(decoder_question(decoder)->format, bodies[i].format);
        decoder_close(decoder);
    }
    struct forestd_error error;
    struct decoder *decoder = decoder_open(FORMAT_SNIFFED, forest, NULL, NULL);
    ck_assert(!decoder_finish(decoder, &error));
    ck_assert_int_eq(error.code, FORESTD_EMPTY);
    decoder_close(decoder);
    forest_close(forest);
}
END_TEST

START_TEST(reads_sets_of_outputs)
{
    unsigned outputs = 0;
    struct forestd_error error;
    ck_assert(outputs_read("predictions", 11, &outputs, &error));
    ck_assert_uint_eq(outputs, OUTPUT_PREDICTIONS);
    ck_assert(outputs_read(" probabilities , predictions", 28, &outputs, &error));
    ck_assert_uint_eq(outputs, OUTPUT_PREDICTIONS | OUTPUT_PROBABILITIES);
    static const char *const bad[] = {"", ",", "predictions,", "leaves", "Predictions"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert(!outputs_read(bad[i], strlen(bad[i]), &outputs, &error));
        ck_assert_int_eq(error.code, FORESTD_ARGUMENT);
    }
    ck_assert_uint_eq(outputs, OUTPUT_PREDICTIONS | OUTPUT_PROBABILITIES);
}
END_TEST

SUITE(format, knows_content_types, chooses_what_is_accepted, knows_files_by_their_names, sniffs, reads_sets_of_outputs)
