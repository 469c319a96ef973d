#include "cloud/azure_key.h"
#include "cloud/digest.h"
#include "cloud/profiles.h"
#include "cloud/refusal.h"
#include "cloud/text.h"
#include "cloud/xml.h"
#include "unit/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

START_TEST(times_are_read)
{
    ck_assert_int_eq(time_read("2015-08-30T12:36:00Z"), 1440938160);
    ck_assert_int_eq(time_read("2015-08-30T12:36:00.123Z"), 1440938160);
    ck_assert_int_eq(time_read("2015-08-30T14:36:00+02:00"), 1440938160);
    ck_assert_int_eq(time_read("soon"), 0);
}
END_TEST

START_TEST(this_machine_is_known)
{
    static const char *const here[] = {"http://127.0.0.1:80/x", "http://localhost", "http://127.8.8.8/",
                                       "http://[::1]:9/"};
    static const char *const there[] = {"http://127.0.0.1.example.com/", "http://localhost.example.com/",
                                        "http://127.0.0.1@example.com/", "http://10.0.0.1/", "http://localhost@x/"};
    for (size_t i = 0; i < sizeof here / sizeof *here; i++)
        ck_assert_msg(address_is_loopback(here[i]), "%s", here[i]);
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        ck_assert_msg(!address_is_loopback(there[i]), "%s", there[i]);
}
END_TEST

START_TEST(letters_are_encoded)
{
    struct buffer text = {0};
    ck_assert(encode_append(&text, "a b/\xC3\xBC+~", true, NULL) && encode_append(&text, "/", false, NULL) &&
              text_end(&text, NULL));
    ck_assert_str_eq((const char *)text.bytes, "a%20b/%C3%BC%2B~%2F");
    buffer_close(&text);
}
END_TEST

START_TEST(base64_goes_both_ways)
{
    struct buffer text = {0};
    uint8_t bytes[16];
    size_t size = 0;
    ck_assert(base64_append(&text, "\xFB\xFF", 2, NULL) && base64url_append(&text, "\xFB\xFF", 2, NULL) &&
              text_end(&text, NULL));
    ck_assert_str_eq((const char *)text.bytes, "+/8=-_8");
    ck_assert(base64_read("+/ 8\n=", 6, bytes, &size));
    ck_assert_uint_eq(size, 2);
    ck_assert_mem_eq(bytes, "\xFB\xFF", 2);
    ck_assert(!base64_read("+", 1, bytes, &size));
    buffer_close(&text);
}
END_TEST

struct seen {
    char text[400];
};

static bool note(void *context, const char *path, const char *text, struct forestd_error *error)
{
    struct seen *seen = context;
    size_t used = strlen(seen->text);
    (void)error;
    (void)snprintf(seen->text + used, sizeof seen->text - used, "%s=%s;", path, text);
    return true;
}

START_TEST(xml_is_walked)
{
    static const char page[] = "<?xml version=\"1.0\"?><a:L xmlns:a=\"u\"><a:C><K>x &amp; y</K></a:C><T/></a:L>";
    struct seen seen = {0};
    struct forestd_error error;
    ck_assert_msg(xml_walk(page, sizeof page - 1, note, &seen, &error), "%s", error.message);
    ck_assert_str_eq(seen.text, "L/C/K=x & y;L/C=;L/T=;L=;");
    ck_assert(!xml_walk("<a>", 3, note, &seen, &error));
    ck_assert_int_eq(error.code, FORESTD_FORMAT);
    char text[8] = "";
    ck_assert(xml_find(page, sizeof page - 1, "K", text, sizeof text));
    ck_assert_str_eq(text, "x & y");
    ck_assert(!xml_find(page, sizeof page - 1, "N", text, sizeof text));
}
END_TEST

/* Entities that stand for ever more entities are refused by expat itself. */
START_TEST(xml_that_grows_is_refused)
{
    struct buffer text = {0};
    ck_assert(buffer_print(&text, NULL, "<!DOCTYPE a [<!ENTITY e0 \"eeeeeeeeee\">"));
    for (int i = 1; i < 12; i++)
        ck_assert(buffer_print(&text, NULL, "<!ENTITY e%d \"&e%d;&e%d;&e%d;&e%d;&e%d;&e%d;&e%d;&e%d;\">", i, i - 1,
                               i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1));
    ck_assert(buffer_print(&text, NULL, "]><a>&e11;</a>"));
    struct seen seen = {0};
    ck_assert(!xml_walk(text.bytes, text.size, note, &seen, NULL));
    buffer_close(&text);
}
END_TEST

START_TEST(refusals_are_read)
{
    static const struct {
        const char *body;
        const char *code;
        const char *message;
    } cases[] = {
        {"<Error><Code>NoSuchKey</Code><Message>It is not there.</Message></Error>", "NoSuchKey", "It is not there."},
        {"<?xml version=\"1.0\"?>\n<Error><Code>AuthenticationFailed</Code><Message>No.\nRequestId:1</Message></Error>",
         "AuthenticationFailed", "No."},
        {"{\"error\":{\"code\":403,\"message\":\"no access\",\"status\":\"PERMISSION_DENIED\"}}", "PERMISSION_DENIED",
         "no access"},
        {"{\"error\":{\"code\":404,\"message\":\"No such object\",\"errors\":[{\"reason\":\"notFound\"}]}}", "",
         "No such object"},
        {"{\"error\":\"invalid_grant\",\"error_description\":\"Bad.\"}", "invalid_grant", "Bad."},
        {"{\"code\":\"InvalidRole\",\"message\":\"x\\u0007y\"}", "InvalidRole", "x y"},
        {"Not Found", "", "Not Found"},
        {"<html><body>502</body></html>", "", ""},
        {"", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_call call = {0};
        struct refusal refusal;
        ck_assert(buffer_append(&call.body_read, cases[i].body, strlen(cases[i].body) + 1, NULL));
        call.body_read.size--;
        refusal_read(&call, &refusal);
        if (*cases[i].code)
            ck_assert_str_eq(refusal.code, cases[i].code);
        ck_assert_str_eq(refusal.message, cases[i].message);
        call_forget(&call);
    }
}
END_TEST

START_TEST(an_account_key_signs)
{
    /* The published key of Azurite, and what Python's hmac makes with it of the text that the documentation asks for. */
    static const char key[] = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/"
                              "K1SZFPTOtr/KBHBeksoGMGw==";
    struct http_headers headers = {0};
    struct forestd_error error;
    ck_assert(headers_add(&headers, &error, "x-ms-version", "2021-12-02"));
    ck_assert(headers_add(&headers, &error, "x-ms-date", "Mon, 01 Jan 2024 00:00:00 GMT"));
    ck_assert(azure_key_sign(key, "devstoreaccount1", "GET",
                             "http://127.0.0.1:10000/devstoreaccount1/m?restype=container&comp=list&prefix=a%2F",
                             &headers, &error));
    ck_assert_str_eq(headers.lines[2],
                     "Authorization: SharedKey devstoreaccount1:h3JV5Xp2ynwGHv9+jVRDuRWCss4BxsRVLfwxelCKoLI=");
    headers_close(&headers);
    ck_assert(!azure_key_sign("!", "a", "GET", "http://h/c/b", &headers, &error));
    headers_close(&headers);
}
END_TEST

static void write_file(char path[32], const char *text)
{
    strcpy(path, "/tmp/forestd-profile-XXXXXX");
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(close(file), 0);
}

START_TEST(profiles_are_read)
{
    char credentials[32];
    char config[32];
    write_file(credentials, "[default]\naws_access_key_id = A # mine\n aws_secret = x\n[two]\nregion=here\n");
    write_file(config, "[default]\nregion = eu-west-1\ns3 =\n  addressing_style = virtual\n; no\n"
                       "[profile two]\nregion = there\nservices = local\n[two]\nregion=nobody\n"
                       "[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:1\n");
    setenv("AWS_SHARED_CREDENTIALS_FILE", credentials, 1); // NOLINT(concurrency-mt-unsafe)
    setenv("AWS_CONFIG_FILE", config, 1);                  // NOLINT(concurrency-mt-unsafe)
    struct forestd_error error;
    struct profiles *profiles = profiles_open(&error);
    ck_assert_msg(profiles != NULL, "%s", error.message);
    ck_assert_str_eq(profiles_get(profiles, "default", "aws_access_key_id"), "A");
    ck_assert_str_eq(profiles_get(profiles, "default", "region"), "eu-west-1");
    ck_assert_str_eq(profiles_get(profiles, "default", "s3.addressing_style"), "virtual");
    ck_assert_ptr_null(profiles_get(profiles, "default", "addressing_style"));
    ck_assert_str_eq(profiles_get(profiles, "two", "region"), "here");
    ck_assert_str_eq(profiles_get(profiles, "two", "services"), "local");
    ck_assert_str_eq(profiles_service(profiles, "local", "s3.endpoint_url"), "http://127.0.0.1:1");
    ck_assert(profiles_have(profiles, "two") && !profiles_have(profiles, "three"));
    profiles_close(profiles);
    (void)unlink(credentials);
    (void)unlink(config);
}
END_TEST

SUITE(cloud, times_are_read, this_machine_is_known, letters_are_encoded, base64_goes_both_ways, xml_is_walked,
      xml_that_grows_is_refused, refusals_are_read, an_account_key_signs, profiles_are_read)
