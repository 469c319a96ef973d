#include "cloud/aws_source.h"

#include "cloud/refusal.h"
#include "cloud/text.h"
#include "cloud/token.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ANSWER = 64 * 1024,
    ATTEMPTS = 4,
    PATIENCE_MS = 5000, /* for the answer of a service that is named, or has answered */
    FIRST_MS = 1000,    /* for a connection to it, and for all where nobody named it */
};

/* {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"} */
static enum aws_found take_keys(const struct http_call *call, const char *what, struct aws_lent *lent,
                                struct forestd_error *error)
{
    if (call->outcome != HTTP_DONE || call->status != 200) {
        refusal_error(call, what, NULL, error);
        return AWS_FAILED;
    }
    cJSON *root = cJSON_ParseWithLength((const char *)call->body_read.bytes, call->body_read.size);
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItem(root, "AccessKeyId"));
    const char *secret = cJSON_GetStringValue(cJSON_GetObjectItem(root, "SecretAccessKey"));
    const char *token = cJSON_GetStringValue(cJSON_GetObjectItem(root, "Token"));
    const char *until = cJSON_GetStringValue(cJSON_GetObjectItem(root, "Expiration"));
    bool good = id && *id && secret && *secret
                    ? aws_lent_set(lent, id, secret, token, error)
                    : error_set(error, FORESTD_FORMAT, at_nowhere(), "%s: the answer holds no keys", what);
    lent->expires = until ? time_read(until) : 0;
    cJSON_Delete(root);
    return good ? AWS_FOUND : AWS_FAILED;
}

/* Tokens are sent to this machine, to the fixed addresses of ECS and EKS, or over TLS only. */
static bool may_be_told(const char *address)
{
    static const char *const hosts[] = {"http://169.254.170.2", "http://169.254.170.23", "http://[fd00:ec2::23]"};
    if (strncmp(address, "https://", 8) == 0 || (strncmp(address, "http://", 7) == 0 && address_is_loopback(address)))
        return true;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        size_t size = strlen(hosts[i]);
        if (strncmp(address, hosts[i], size) == 0 && strchr(":/", address[size]))
            return true;
    }
    return false;
}

/* The token is read anew each time: EKS changes the file. */
static bool add_token(struct http_call *call, struct forestd_error *error)
{
    const char *file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (!file)
        return !token || headers_add(&call->headers, error, "Authorization", "%s", token);
    char *text = text_file(file, error);
    bool good = text ? headers_add(&call->headers, error, "Authorization", "%s", text)
                     : error_prefix(error, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    secret_free(text);
    return good;
}

enum aws_found aws_from_container(const struct aws_asking *asking, struct aws_lent *lent, struct forestd_error *error)
{
    static const char what[] = "AWS's keys from the container's endpoint";
    const char *relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!relative && !full)
        return AWS_ABSENT;
    if (!relative && !may_be_told(full)) {
        error_set(
            error, FORESTD_ARGUMENT, at_nowhere(),
            "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor this machine nor ECS's or EKS's own address: "
            "forestd sends no token there");
        return AWS_FAILED;
    }
    char *address = relative ? text_print(error, "http://169.254.170.2%s", relative) : text_print(error, "%s", full);
    struct http_call call = {
        .method = "GET", .address = address, .connect_ms = FIRST_MS, .total_ms = PATIENCE_MS, .direct = true};
    enum aws_found found = AWS_FAILED;
    if (address && add_token(&call, error)) {
        ask_patiently(asking->client, &call, ANSWER, ATTEMPTS);
        found = take_keys(&call, what, lent, error);
    }
    (void)snprintf(lent->used, sizeof lent->used, "the access key %.40s of the container's endpoint",
                   lent->id ? lent->id : "");
    call_forget(&call);
    free(address);
    return found;
}

/* One question to the instance's metadata; `name` = NULL asks for the session's token. */
static bool ask_instance(const struct aws_asking *asking, const char *base, const char *session, const char *name,
                         unsigned attempts, unsigned patience, struct http_call *call, struct forestd_error *error)
{
    char *address =
        text_print(error, name ? "%s/latest/meta-data/iam/security-credentials/%s" : "%s/latest/api/token%s", base,
                   name ? name : "");
    *call = (struct http_call){.method = name ? "GET" : "PUT",
                               .address = address,
                               .body = name ? NULL : "",
                               .connect_ms = FIRST_MS,
                               .total_ms = patience,
                               .direct = true};
    bool good = address && (name ? headers_add(&call->headers, error, "x-aws-ec2-metadata-token", "%s", session)
                                 : headers_add(&call->headers, error, "x-aws-ec2-metadata-token-ttl-seconds", "21600"));
    if (good)
        ask_patiently(asking->client, call, ANSWER, attempts);
    if (good && call->outcome != HTTP_DONE)
        refusal_error(call, "AWS's instance metadata", NULL, error);
    free(address);
    call->address = base;
    return good && call->outcome == HTTP_DONE;
}

/* The name of the instance's role: the answer's first line. */
static char *role_name(const struct http_call *call, struct forestd_error *error)
{
    const char *text = (const char *)call->body_read.bytes;
    return text_print(error, "%.*s", (int)strcspn(text, "\r\n"), text);
}

static enum aws_found ask_role(const struct aws_asking *asking, const char *base, const char *session,
                               struct aws_lent *lent, long *status, struct forestd_error *error)
{
    struct http_call call;
    char *role = NULL;
    enum aws_found found = AWS_FAILED;
    if (ask_instance(asking, base, session, "", ATTEMPTS, PATIENCE_MS, &call, error)) {
        if (call.status == 200 && call.body_read.size) {
            role = role_name(&call, error);
        } else if (call.status == 404 || call.status == 200) {
            error_set(error, FORESTD_IO, at_nowhere(), "the instance has no role");
            found = AWS_ABSENT;
        } else {
            refusal_error(&call, "the role of AWS's instance metadata", NULL, error);
        }
    }
    *status = call.status;
    call_forget(&call);
    if (!role)
        return found;
    if (ask_instance(asking, base, session, role, ATTEMPTS, PATIENCE_MS, &call, error))
        found = take_keys(&call, "AWS's keys from the instance metadata", lent, error);
    (void)snprintf(lent->used, sizeof lent->used, "the access key %.40s of the instance's role %.80s",
                   lent->id ? lent->id : "", role);
    *status = call.status;
    call_forget(&call);
    free(role);
    return found;
}

/* A session's token, and with it the role and its keys. */
static enum aws_found ask_session(const struct aws_asking *asking, const char *base, bool named, struct aws_lent *lent,
                                  long *status, struct forestd_error *error)
{
    struct http_call call;
    enum aws_found found = named ? AWS_FAILED : AWS_ABSENT;
    *status = 0;
    if (!ask_instance(asking, base, NULL, NULL, named ? ATTEMPTS : 1, named ? PATIENCE_MS : FIRST_MS, &call, error)) {
        if (!named)
            error_set(error, FORESTD_IO, at_nowhere(), "no metadata service answers at %s within a second", base);
    } else if (call.status != 200) {
        refusal_error(&call, "AWS's instance metadata (version 2)", NULL, error);
    } else {
        found = ask_role(asking, base, (const char *)call.body_read.bytes, lent, status, error);
    }
    call_forget(&call);
    return found;
}

enum aws_found aws_from_instance(const struct aws_asking *asking, struct aws_lent *lent, struct forestd_error *error)
{
    const char *named = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    if (variable_true("AWS_EC2_METADATA_DISABLED")) {
        error_set(error, FORESTD_IO, at_nowhere(), "AWS_EC2_METADATA_DISABLED is set");
        return AWS_ABSENT;
    }
    const char *usual = mode && strcmp(mode, "IPv6") == 0 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
    char *base = text_print(error, "%s", named ? named : usual);
    if (!base)
        return AWS_FAILED;
    for (size_t size = strlen(base); size && base[size - 1] == '/'; size--)
        base[size - 1] = '\0';
    long status = 0;
    enum aws_found found = ask_session(asking, base, named != NULL, lent, &status, error);
    /* A session that ended between two questions: once more. */
    if (found == AWS_FAILED && status == 401)
        found = ask_session(asking, base, named != NULL, lent, &status, error);
    free(base);
    return found;
}
