#include "storage/address.h"
#include "unit/suite.h"

#include <stdlib.h>

START_TEST(addresses_have_parts)
{
    static const struct {
        const char *text;
        enum place place;
        const char *host, *account, *bucket, *key, *query, *shown;
    } cases[] = {
        {"model.joblib", PLACE_PATH, "", "", "", "", "", "model.joblib"},
        {"./a:b//c", PLACE_PATH, "", "", "", "", "", "./a:b//c"},
        {"s3://b/k/m.joblib", PLACE_S3, "", "", "b", "k/m.joblib", "", "s3://b/k/m.joblib"},
        {"S3://b", PLACE_S3, "", "", "b", "", "", "S3://b"},
        {"s3://b/a%20b?c#d", PLACE_S3, "", "", "b", "a%20b?c#d", "", "s3://b/a%20b?c#d"},
        {"gs://b/k/", PLACE_GOOGLE, "", "", "b", "k/", "", "gs://b/k/"},
        {"azblob://c/k", PLACE_AZURE, "", "", "c", "k", "", "azblob://c/k"},
        {"https://acc.blob.core.windows.net/c/a%20b/m?sv=1&sig=x#y", PLACE_AZURE, "https://acc.blob.core.windows.net",
         "acc", "c", "a b/m", "sv=1&sig=x", "https://acc.blob.core.windows.net/c/a%20b/m?..."},
        {"https://h.example/m?token=x", PLACE_WEB, "https://h.example/m?token=x", "", "", "", "",
         "https://h.example/m?..."},
        {"https://me:pass@h.example/m", PLACE_WEB, "https://me:pass@h.example/m", "", "", "", "",
         "https://h.example/m"},
        {"http://127.0.0.1:1/m%2", PLACE_WEB, "http://127.0.0.1:1/m%2", "", "", "", "", "http://127.0.0.1:1/m%2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address address;
        struct forestd_error error;
        ck_assert_msg(address_read(&address, cases[i].text, &error), "%s", error.message);
        ck_assert_int_eq(address.place, cases[i].place);
        ck_assert_str_eq(address.host, cases[i].host);
        ck_assert_str_eq(address.account, cases[i].account);
        ck_assert_str_eq(address.bucket, cases[i].bucket);
        ck_assert_str_eq(address.key, cases[i].key);
        ck_assert_str_eq(address.query, cases[i].query);
        ck_assert_str_eq(address.shown, cases[i].shown);
        address_close(&address);
    }
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
    static const char *const texts[] = {
        "s3://", "gs:///k", "https://", "https:///m", "ftp://h/m", "https://a.blob.core.windows.net/", "hdfs://x/y"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct address address;
        struct forestd_error error;
        ck_assert_msg(!address_read(&address, texts[i], &error), "%s", texts[i]);
        ck_assert_int_eq(error.code, FORESTD_ARGUMENT);
    }
}
END_TEST

SUITE(address, addresses_have_parts, what_is_no_address_is_refused)
