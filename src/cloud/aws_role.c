#include "cloud/aws_source.h"

#include "cloud/aws.h"
#include "cloud/refusal.h"
#include "cloud/text.h"
#include "cloud/xml.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ANSWER = 256 * 1024, ATTEMPTS = 4, PATIENCE_MS = 10000, SECRET = 512, TOKEN = 16384 };

static bool append_parameter(struct buffer *body, const char *name, const char *value, struct forestd_error *error)
{
    return !value || (text_append(body, "&", error) && text_append(body, name, error) &&
                      text_append(body, "=", error) && encode_append(body, value, false, error));
}

static bool write_body(struct buffer *body, const struct aws_role *role, const char *web_token,
                       struct forestd_error *error)
{
    return text_append(body, web_token ? "Action=AssumeRoleWithWebIdentity" : "Action=AssumeRole", error) &&
           append_parameter(body, "Version", "2011-06-15", error) &&
           append_parameter(body, "RoleArn", role->arn, error) &&
           append_parameter(body, "RoleSessionName", role->session ? role->session : "forestd", error) &&
           append_parameter(body, "ExternalId", role->external_id, error) &&
           append_parameter(body, "DurationSeconds", role->seconds, error) &&
           append_parameter(body, "WebIdentityToken", web_token, error);
}

static bool take_keys(const struct http_call *call, const char *what, struct aws_lent *lent,
                      struct forestd_error *error)
{
    const struct buffer *body = &call->body_read;
    char id[SECRET] = "";
    char secret[SECRET] = "";
    char until[64] = "";
    char *token = calloc(1, TOKEN);
    if (!token)
        return error_memory(error, TOKEN, "a session token");
    bool there = xml_find(body->bytes, body->size, "AccessKeyId", id, sizeof id) &&
                 xml_find(body->bytes, body->size, "SecretAccessKey", secret, sizeof secret) &&
                 xml_find(body->bytes, body->size, "SessionToken", token, TOKEN) &&
                 xml_find(body->bytes, body->size, "Expiration", until, sizeof until);
    bool good = there ? aws_lent_set(lent, id, secret, token, error)
                      : error_set(error, FORESTD_FORMAT, at_nowhere(), "%s: the answer holds no keys", what);
    lent->expires = time_read(until);
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(token, TOKEN);
    free(token);
    return good;
}

static bool ask(const struct aws_asking *asking, const char *address, const struct buffer *body,
                const struct sigv4_keys *keys, const struct aws_role *role, struct aws_lent *lent,
                struct forestd_error *error)
{
    char what[480];
    struct http_call call = {
        .method = "POST", .address = address, .body = body->bytes, .body_size = body->size, .total_ms = PATIENCE_MS};
    const struct sigv4_request request = {.method = "POST",
                                          .address = address,
                                          .body = body->bytes,
                                          .body_size = body->size,
                                          .region = asking->region ? asking->region : "us-east-1",
                                          .service = "sts",
                                          .now = (int64_t)time(NULL)};
    (void)snprintf(what, sizeof what, "assuming the role %.160s of %.160s", role->arn, role->from);
    bool good = headers_add(&call.headers, error, "Content-Type", "application/x-www-form-urlencoded") &&
                (!keys || sigv4_sign(&request, keys, &call.headers, error));
    if (good) {
        ask_patiently(asking->client, &call, ANSWER, ATTEMPTS);
        good = call.outcome == HTTP_DONE && call.status == 200 ? take_keys(&call, what, lent, error)
                                                               : refusal_error(&call, what, NULL, error);
    }
    call_forget(&call);
    return good;
}

bool aws_assume(const struct aws_asking *asking, const struct aws_role *role, const struct sigv4_keys *keys,
                struct aws_lent *lent, struct forestd_error *error)
{
    struct buffer body = {0};
    char *web_token = NULL;
    char *address = NULL;
    if (role->token_file) {
        web_token = text_file(role->token_file, error);
        if (!web_token)
            return error_prefix(error, "the web identity token of AWS");
    }
    if (asking->sts_endpoint)
        address = text_print(error, "%s/", asking->sts_endpoint);
    else if (asking->region)
        address = text_print(error, "https://sts.%s.%s/", asking->region, aws_domain(asking->region));
    else
        address = text_print(error, "https://sts.amazonaws.com/");
    bool good =
        address && write_body(&body, role, web_token, error) && ask(asking, address, &body, keys, role, lent, error);
    (void)snprintf(lent->used, sizeof lent->used, "the role %.180s of %.40s", role->arn, role->from);
    free(web_token);
    free(address);
    buffer_close(&body);
    return good;
}
