#include "cloud/sigv4.h"
#include "unit/suite.h"

#include <string.h>

struct vector {
    const char *service;
    const char *method;
    const char *address;
    const char *headers[2];
    const char *body;
    const char *token;
    const char *expected;
};

#include "unit/cloud/sigv4_vectors.h"

static const int64_t published_time = 1440938160; /* 2015-08-30T12:36:00Z, of all of AWS's cases */

static const char *last(const struct http_headers *headers)
{
    return headers->lines[headers->count - 1];
}

START_TEST(signs_as_botocore_does)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const struct vector *vector = &vectors[i];
        const struct sigv4_keys keys = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", vector->token};
        const struct sigv4_request request = {.method = vector->method,
                                              .address = vector->address,
                                              .body = vector->body,
                                              .body_size = strlen(vector->body),
                                              .region = "us-east-1",
                                              .service = vector->service,
                                              .now = published_time};
        struct http_headers headers = {0};
        struct forestd_error error;
        for (size_t k = 0; k < 2 && vector->headers[k]; k++) {
            const char *colon = strchr(vector->headers[k], ':');
            char name[64] = "";
            memcpy(name, vector->headers[k], (size_t)(colon - vector->headers[k]));
            ck_assert(headers_add(&headers, &error, name, "%s", colon + 2));
        }
        ck_assert_msg(sigv4_sign(&request, &keys, &headers, &error), "%s", error.message);
        const char *expected = strstr(vector->expected, "Signature=");
        const char *signature = strstr(last(&headers), "Signature=");
        ck_assert_str_eq(last(&headers) + strlen("Authorization: "), vector->expected);
        ck_assert_str_eq(signature, expected);
        headers_close(&headers);
    }
}
END_TEST

START_TEST(a_header_holds_no_end_of_a_line)
{
    struct http_headers headers = {0};
    struct forestd_error error;
    ck_assert(!headers_add(&headers, &error, "Authorization", "%s", "token\r\nX-Other: 1"));
    ck_assert_int_eq(error.code, FORESTD_ARGUMENT);
    ck_assert_uint_eq(headers.count, 0);
    headers_close(&headers);
}
END_TEST

SUITE(sigv4, signs_as_botocore_does, a_header_holds_no_end_of_a_line)
