#include "cloud/google.h"

#include "cloud/jwt.h"
#include "cloud/refusal.h"
#include "cloud/text.h"
#include "cloud/token.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum {
    ANSWER = 64 * 1024,
    ATTEMPTS = 4,
    PATIENCE_MS = 10000,
    SERVER_MS = 5000, /* for the answer of a metadata server that is named, or has answered */
    FIRST_MS = 1000,  /* for a connection to it, and for all where nobody named it */
    LIFE = 3600       /* seconds; the most that Google takes */
};

struct google {
    struct http_client *client;
    const char *scope;
    struct token token;
    char *project; /* to charge, or NULL */
    char used[240];
};

struct google *google_open(struct http_client *client, const char *scope, struct forestd_error *error)
{
    struct google *google = calloc(1, sizeof *google);
    if (!google) {
        error_memory(error, sizeof *google, "Google's settings");
        return NULL;
    }
    google->client = client;
    google->scope = scope;
    return google;
}

void google_close(struct google *google)
{
    if (!google)
        return;
    token_close(&google->token);
    free(google->project);
    free(google);
}

static const char *string_of(const cJSON *root, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(root, name));
    return text && *text ? text : NULL;
}

/* Posts a form to a token service. */
static bool ask_token(struct google *google, const char *address, const struct buffer *body, const char *what,
                      struct forestd_error *error)
{
    struct http_call call = {
        .method = "POST", .address = address, .body = body->bytes, .body_size = body->size, .total_ms = PATIENCE_MS};
    bool good = headers_add(&call.headers, error, "Content-Type", "application/x-www-form-urlencoded");
    if (good) {
        ask_patiently(google->client, &call, ANSWER, ATTEMPTS);
        good = token_take(&google->token, &call, what, error);
    }
    call_forget(&call);
    return good;
}

/* Claims of https://developers.google.com/identity/protocols/oauth2/service-account */
static char *claims_of(const struct google *google, const char *email, const char *audience,
                       struct forestd_error *error)
{
    int64_t now = (int64_t)time(NULL);
    cJSON *claims = cJSON_CreateObject();
    cJSON_AddStringToObject(claims, "iss", email);
    cJSON_AddStringToObject(claims, "scope", google->scope);
    cJSON_AddStringToObject(claims, "aud", audience);
    cJSON_AddNumberToObject(claims, "iat", (double)now);
    cJSON_AddNumberToObject(claims, "exp", (double)(now + LIFE));
    char *text = cJSON_PrintUnformatted(claims);
    cJSON_Delete(claims);
    if (!text)
        error_memory(error, 0, "a token");
    return text;
}

static bool from_service_account(struct google *google, const cJSON *root, const char *path,
                                 struct forestd_error *error)
{
    static const char grant[] = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    const char *email = string_of(root, "client_email");
    const char *key = string_of(root, "private_key");
    const char *address = string_of(root, "token_uri");
    if (!email || !key)
        return error_set(error, FORESTD_FORMAT, at_nowhere(),
                         "%s: a service account's key has client_email and private_key", path);
    if (!address)
        address = "https://oauth2.googleapis.com/token";
    (void)snprintf(google->used, sizeof google->used, "the service account %.120s of %.90s", email, path);
    char *claims = claims_of(google, email, address, error);
    struct buffer body = {0};
    bool good = claims && text_append(&body, grant, error);
    if (good && !jwt_append(&body, key, string_of(root, "private_key_id"), claims, error))
        good = error_prefix(error, path);
    good = good && ask_token(google, address, &body, google->used, error);
    free(claims);
    buffer_close(&body);
    return good;
}

static bool append_parameter(struct buffer *body, const char *name, const char *value, struct forestd_error *error)
{
    return text_append(body, name, error) && encode_append(body, value, false, error);
}

static bool from_user(struct google *google, const cJSON *root, const char *path, struct forestd_error *error)
{
    const char *id = string_of(root, "client_id");
    const char *secret = string_of(root, "client_secret");
    const char *refresh = string_of(root, "refresh_token");
    const char *project = string_of(root, "quota_project_id");
    const char *address = string_of(root, "token_uri");
    if (!id || !secret || !refresh)
        return error_set(error, FORESTD_FORMAT, at_nowhere(),
                         "%s: an authorized user has client_id, client_secret and refresh_token: run gcloud auth "
                         "application-default login",
                         path);
    (void)snprintf(google->used, sizeof google->used, "the authorized user of %.160s", path);
    free(google->project);
    google->project = project ? strdup(project) : NULL;
    struct buffer body = {0};
    bool good =
        append_parameter(&body, "grant_type=refresh_token&client_id=", id, error) &&
        append_parameter(&body, "&client_secret=", secret, error) &&
        append_parameter(&body, "&refresh_token=", refresh, error) &&
        ask_token(google, address ? address : "https://oauth2.googleapis.com/token", &body, google->used, error);
    if (body.bytes)
        explicit_bzero(body.bytes, body.size);
    buffer_close(&body);
    return good;
}

static bool from_file(struct google *google, const char *path, struct forestd_error *error)
{
    char *text = text_file(path, error);
    if (!text)
        return error_prefix(error, "Google's credential");
    cJSON *root = cJSON_Parse(text);
    const char *type = string_of(root, "type");
    bool good = false;
    if (!type)
        error_set(error, FORESTD_FORMAT, at_nowhere(), "%s: it is no credential of Google's: no JSON with a type",
                  path);
    else if (strcmp(type, "service_account") == 0)
        good = from_service_account(google, root, path, error);
    else if (strcmp(type, "authorized_user") == 0)
        good = from_user(google, root, path, error);
    else
        error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                  "%s: forestd knows service_account and authorized_user, not '%.60s'", path, type);
    cJSON_Delete(root);
    secret_free(text);
    return good;
}

static bool from_server(struct google *google, struct forestd_error *error)
{
    static const char what[] = "Google's metadata server";
    const char *host = variable("GCE_METADATA_HOST");
    bool named = host || variable("GCE_METADATA_ROOT");
    if (!host)
        host = named ? variable("GCE_METADATA_ROOT") : "metadata.google.internal";
    char *address = text_print(error, "http://%s/computeMetadata/v1/instance/service-accounts/default/token?scopes=%s",
                               host, google->scope);
    struct http_call call = {.method = "GET",
                             .address = address,
                             .connect_ms = FIRST_MS,
                             .total_ms = named ? SERVER_MS : FIRST_MS,
                             .direct = true};
    bool good = address && headers_add(&call.headers, error, "Metadata-Flavor", "Google");
    if (good)
        ask_patiently(google->client, &call, ANSWER, named ? ATTEMPTS : 1);
    /* Who answered was reached: it may be slow, or come to itself. */
    if (good && !named && call.outcome == HTTP_DONE && refusal_passes(&call)) {
        call.total_ms = SERVER_MS;
        ask_patiently(google->client, &call, ANSWER, ATTEMPTS);
    }
    const char *flavor = good ? call_header(&call, "Metadata-Flavor") : NULL;
    bool answered = good && call.outcome == HTTP_DONE;
    bool google_itself = answered && flavor && strcmp(flavor, "Google") == 0;
    if (good && !google_itself && !named)
        good = error_set(error, FORESTD_IO, at_nowhere(),
                         "no Google credential: GOOGLE_APPLICATION_CREDENTIALS is not set, gcloud has left no "
                         "application_default_credentials.json, and no metadata server answers at %s within a second: "
                         "set one, or run where a service account is attached",
                         host);
    else if (answered && !google_itself)
        good = error_set(error, FORESTD_IO, at_nowhere(), "what answers at %s is not %s (no Metadata-Flavor: Google)",
                         host, what);
    else if (good)
        good = token_take(&google->token, &call, what, error);
    (void)snprintf(google->used, sizeof google->used, "the service account of the metadata server");
    call_forget(&call);
    free(address);
    return good;
}

/* gcloud's file, for the caller to free; NULL where it is not there. */
static char *gcloud_file(void)
{
    const char *folder = variable("CLOUDSDK_CONFIG");
    const char *user = home();
    char *path = NULL;
    if (folder)
        path = text_print(NULL, "%s/application_default_credentials.json", folder);
    else if (user)
        path = text_print(NULL, "%s/.config/gcloud/application_default_credentials.json", user);
    if (path && access(path, F_OK) == 0)
        return path;
    free(path);
    return NULL;
}

bool google_ready(struct google *google, struct forestd_error *error)
{
    if (token_fresh(&google->token))
        return true;
    const char *named = variable("GOOGLE_APPLICATION_CREDENTIALS");
    char *found = named ? NULL : gcloud_file();
    const char *path = named ? named : found;
    bool good = path ? from_file(google, path, error) : from_server(google, error);
    free(found);
    /* A token that is still good is better than none. */
    return good || (google->token.text && (int64_t)time(NULL) < google->token.expires);
}

void google_expire(struct google *google)
{
    token_close(&google->token);
}

bool google_authorize(const struct google *google, struct http_headers *headers, struct forestd_error *error)
{
    const char *project = variable("GOOGLE_CLOUD_QUOTA_PROJECT");
    if (!project)
        project = google->project;
    return headers_add(headers, error, "Authorization", "Bearer %s", google->token.text) &&
           (!project || headers_add(headers, error, "x-goog-user-project", "%s", project));
}

const char *google_used(const struct google *google)
{
    return google->used;
}
