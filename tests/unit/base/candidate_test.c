#include "base/candidate.h"
#include "unit/suite.h"

#include <string.h>

START_TEST(contents_are_known_by_their_first_bytes)
{
    static const struct {
        const char *head;
        size_t size;
        enum content content;
    } heads[] = {
        {"\x80\x04\x95", 3, CONTENT_PICKLE},
        {"x\x9c", 2, CONTENT_ZLIB},
        {"\x1f\x8b\x08", 3, CONTENT_GZIP},
        {"BZh9", 4, CONTENT_BZIP2},
        {"\xfd"
         "7zXZ\0",
         6, CONTENT_XZ},
        {"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff", 13, CONTENT_LZMA},
        {"\x04\x22\x4d\x18", 4, CONTENT_LZ4},
        {"PK\x03\x04", 4, CONTENT_ZIP},
        {"ZF123", 5, CONTENT_OLD_JOBLIB},
        {"", 0, CONTENT_UNKNOWN},
        {"x", 1, CONTENT_UNKNOWN},
        {"<html>", 6, CONTENT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        ck_assert_msg(content_of((const uint8_t *)heads[i].head, heads[i].size) == heads[i].content, "row %zu", i);
}
END_TEST

START_TEST(hidden_paths_are_passed_over)
{
    static const struct {
        const char *path;
        bool hidden;
    } paths[] = {
        {"model.joblib", false},        {"a/model.joblib", false}, {"a/.git/model.joblib", true},
        {".model.joblib", true},        {"._model.joblib", true},  {"code/model.joblib", true},
        {"a/code/model.joblib", true},  {"codes/m.joblib", false}, {"../model.joblib", true},
        {"a/../../model.joblib", true}, {"/etc/m.joblib", true},
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        ck_assert_msg(candidate_hidden(paths[i].path) == paths[i].hidden, "%s", paths[i].path);
}
END_TEST

static const uint8_t pickle[] = "\x80\x04N.";

START_TEST(a_name_goes_before_first_bytes)
{
    struct candidates candidates = {0};
    uint64_t key = 0;
    const char *path = NULL;
    candidates_offer(&candidates, "README.md", (const uint8_t *)"# text", 6, 1);
    candidates_offer(&candidates, "weights", pickle, 4, 2);
    ck_assert(candidates_choose(&candidates, "the archive", &key, &path, NULL));
    ck_assert_uint_eq(key, 2);
    candidates_offer(&candidates, "model.pkl", pickle, 4, 3);
    ck_assert(candidates_choose(&candidates, "the archive", &key, &path, NULL));
    ck_assert_uint_eq(key, 3);
    ck_assert_str_eq(path, "model.pkl");
}
END_TEST

START_TEST(none_and_two_are_errors)
{
    struct candidates candidates = {0};
    struct forestd_error error;
    uint64_t key = 0;
    const char *path = NULL;
    ck_assert(!candidates_choose(&candidates, "the archive", &key, &path, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "the archive holds no file"));
    candidates_offer(&candidates, "README.md", (const uint8_t *)"# text", 6, 1);
    ck_assert(!candidates_choose(&candidates, "the archive", &key, &path, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "README.md"));
    candidates_offer(&candidates, "a.pkl", pickle, 4, 1);
    candidates_offer(&candidates, "b.joblib", pickle, 4, 2);
    ck_assert(!candidates_choose(&candidates, "the archive", &key, &path, &error));
    ck_assert_int_eq(error.code, FORESTD_AMBIGUOUS);
    ck_assert(strstr(error.message, "a.pkl") && strstr(error.message, "b.joblib"));
}
END_TEST

SUITE(candidate, contents_are_known_by_their_first_bytes, hidden_paths_are_passed_over, a_name_goes_before_first_bytes,
      none_and_two_are_errors)
