#include "storage/checksum.h"
#include "storage/crc.h"
#include "storage/follower.h"
#include "unit/forests.h"
#include "unit/suite.h"

#include <string.h>

static void put(struct http_call *call, const char *line)
{
    ck_assert(buffer_append(&call->head, line, strlen(line) + 1, NULL));
}

/* The checks of "123456789": CRCs as the catalogue of parametrised CRCs has them, hashes as Python reckons them. */
static const struct {
    const char *header;
    enum checksum_kind kind;
} cases[] = {
    {"x-amz-checksum-crc64nvme: rosUhgp5mIg=", CHECKSUM_CRC64NVME},
    {"x-amz-checksum-crc32c: 4waSgw==", CHECKSUM_CRC32C},
    {"x-amz-checksum-crc32: y/Q5Jg==", CHECKSUM_CRC32},
    {"x-amz-checksum-sha256: FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=", CHECKSUM_SHA256},
    {"x-amz-checksum-sha1: 98O8HYCOBHMq32eZZczDTKeuNEE=", CHECKSUM_SHA1},
    {"X-Goog-Hash: md5=JfnnlDI7RTiF9RgfG2JNCw==, crc32c=4waSgw==", CHECKSUM_CRC32C},
    {"X-Goog-Hash: md5=JfnnlDI7RTiF9RgfG2JNCw==", CHECKSUM_MD5},
    {"Content-MD5: JfnnlDI7RTiF9RgfG2JNCw==", CHECKSUM_MD5},
    {"ETag: \"25f9e794323b453885f5181f1b624d0b\"", CHECKSUM_MD5},
};

START_TEST(what_services_say_is_checked)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_call call = {0};
        struct forestd_error error;
        put(&call, "HTTP/1.1 200 OK");
        put(&call, cases[i].header);
        struct checksum checksum = checksum_find(&call, true);
        ck_assert_msg(checksum.kind == cases[i].kind, "%s", cases[i].header);
        for (int wrong = 0; wrong < 2; wrong++) {
            const char *text = wrong ? "123456780" : "123456789";
            struct follower *follower = follower_open(&checksum, (const uint8_t *)text, &error);
            ck_assert_ptr_nonnull(follower);
            follower_reach(follower, 4);
            follower_reach(follower, 9);
            ck_assert_msg(follower_check(follower, "it", &error) != wrong, "%s", cases[i].header);
        }
        call_forget(&call);
    }
}
END_TEST

START_TEST(what_says_nothing_of_the_object_is_passed_over)
{
    static const char *const heads[][3] = {
        {"x-amz-checksum-crc32: y/Q5Jg==-2", "ETag: \"25f9e794323b453885f5181f1b624d0b-2\"", ""},
        {"x-amz-checksum-crc32: y/Q5Jg==", "x-amz-checksum-type: COMPOSITE", ""},
        {"ETag: \"25f9e794323b453885f5181f1b624d0b\"", "x-amz-server-side-encryption: aws:kms", ""},
        {"ETag: W/\"25f9e794323b453885f5181f1b624d0b\"", "x-amz-checksum-crc32: !", ""},
        {"", "", ""},
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct http_call call = {0};
        for (size_t k = 0; k < 3; k++)
            put(&call, heads[i][k]);
        ck_assert_int_eq(checksum_find(&call, true).kind, CHECKSUM_NONE);
        call_forget(&call);
    }
}
END_TEST

START_TEST(a_follower_can_be_given_up)
{
    const struct checksum checksum = {.kind = CHECKSUM_CRC32};
    struct follower *follower = follower_open(&checksum, (const uint8_t *)"12", NULL);
    ck_assert_ptr_nonnull(follower);
    follower_close(follower);
    follower_close(NULL);
}
END_TEST

/* However bytes are cut, by blocks or one by one, they come to the same. */
START_TEST(checks_do_not_depend_on_cuts)
{
    static const struct {
        uint64_t polynomial;
        unsigned bits;
    } kinds[] = {{CRC32_POLYNOMIAL, 32}, {CRC32C_POLYNOMIAL, 32}, {CRC64NVME_POLYNOMIAL, 64}};
    uint8_t bytes[4200];
    uint64_t state = 11;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(random_next(&state) >> 40);
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        struct crc singly;
        crc_begin(&singly, kinds[kind].polynomial, kinds[kind].bits);
        for (size_t size = 0; size < sizeof bytes; size++) {
            struct crc whole;
            crc_begin(&whole, kinds[kind].polynomial, kinds[kind].bits);
            size_t cut = (size_t)(random_next(&state) >> 33) % (size + 1);
            crc_add(&whole, bytes, cut);
            crc_add(&whole, bytes + cut, size - cut);
            ck_assert_uint_eq(crc_end(&whole), crc_end(&singly));
            crc_add(&singly, bytes + size, 1);
        }
    }
}
END_TEST

SUITE(checksum, checks_do_not_depend_on_cuts, what_services_say_is_checked,
      what_says_nothing_of_the_object_is_passed_over, a_follower_can_be_given_up)
