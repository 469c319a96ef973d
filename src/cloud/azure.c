#include "cloud/azure.h"

#include "cloud/azure_key.h"
#include "cloud/refusal.h"
#include "cloud/text.h"
#include "cloud/token.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    ANSWER = 64 * 1024,
    ATTEMPTS = 4,
    PATIENCE_MS = 10000,
    SERVICE_MS = 5000, /* for the answer of a metadata service that is named */
    FIRST_MS = 1000    /* for a connection to it, and for all where nobody named it */
};

struct azure {
    struct http_client *client;
    const char *resource;
    char *account;
    char *endpoint;
    char *signature;
    char *key;
    struct token token;
    bool none; /* nothing is configured, and nobody answered */
    char used[240];
};

/* Azurite's account; its key is published and the same everywhere. https://learn.microsoft.com/azure/storage/common/storage-use-azurite */
static const char local_connection[] =
    "AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1";

/* The value of `name` in "Name=value;Name=value", for the caller to free; NULL where it is not there. */
static char *part_of(const char *connection, const char *name)
{
    size_t size = strlen(name);
    while (connection && *connection) {
        size_t length = strcspn(connection, ";");
        if (length > size && strncasecmp(connection, name, size) == 0 && connection[size] == '=')
            return strndup(connection + size + 1, length - size - 1);
        connection += length + (connection[length] == ';');
    }
    return NULL;
}

static char *copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

static void read_connection(struct azure *azure, const char *connection)
{
    if (strncasecmp(connection, "UseDevelopmentStorage=true", 26) == 0)
        connection = local_connection;
    azure->account = part_of(connection, "AccountName");
    azure->key = part_of(connection, "AccountKey");
    azure->signature = part_of(connection, "SharedAccessSignature");
    azure->endpoint = part_of(connection, "BlobEndpoint");
    if (azure->endpoint || !azure->account)
        return;
    char *protocol = part_of(connection, "DefaultEndpointsProtocol");
    char *suffix = part_of(connection, "EndpointSuffix");
    azure->endpoint = text_print(NULL, "%s://%s.blob.%s", protocol ? protocol : "https", azure->account,
                                 suffix ? suffix : "core.windows.net");
    free(protocol);
    free(suffix);
}

struct azure *azure_open(struct http_client *client, const char *resource, struct forestd_error *error)
{
    struct azure *azure = calloc(1, sizeof *azure);
    if (!azure) {
        error_memory(error, sizeof *azure, "Azure's settings");
        return NULL;
    }
    azure->client = client;
    azure->resource = resource;
    /* Accounts, their keys and signatures are storage's alone. */
    if (strstr(resource, "://storage.") == NULL)
        return azure;
    const char *connection = variable("AZURE_STORAGE_CONNECTION_STRING");
    if (connection)
        read_connection(azure, connection);
    if (!azure->account)
        azure->account = copy(variable("AZURE_STORAGE_ACCOUNT"));
    if (!azure->endpoint)
        azure->endpoint = copy(variable("AZURE_STORAGE_SERVICE_ENDPOINT"));
    if (!azure->signature)
        azure->signature = copy(variable("AZURE_STORAGE_SAS_TOKEN"));
    if (!azure->key)
        azure->key = copy(variable("AZURE_STORAGE_KEY"));
    for (size_t size = azure->endpoint ? strlen(azure->endpoint) : 0; size && azure->endpoint[size - 1] == '/'; size--)
        azure->endpoint[size - 1] = '\0';
    return azure;
}

void azure_close(struct azure *azure)
{
    if (!azure)
        return;
    free(azure->account);
    free(azure->endpoint);
    secret_free(azure->signature);
    secret_free(azure->key);
    token_close(&azure->token);
    free(azure);
}

const char *azure_account(const struct azure *azure)
{
    return azure->account;
}

const char *azure_endpoint(const struct azure *azure)
{
    return azure->endpoint;
}

const char *azure_signature(const struct azure *azure)
{
    const char *text = azure->signature;
    return text && *text == '?' ? text + 1 : text;
}

static bool append_parameter(struct buffer *body, const char *name, const char *value, struct forestd_error *error)
{
    return text_append(body, name, error) && encode_append(body, value, false, error);
}

/* Asks the tenant for a token: with a secret, or with a token that the cluster wrote. */
static bool from_tenant(struct azure *azure, const char *secret, const char *assertion, struct forestd_error *error)
{
    static const char bearer[] =
        "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=";
    const char *tenant = variable("AZURE_TENANT_ID");
    const char *id = variable("AZURE_CLIENT_ID");
    const char *authority = variable("AZURE_AUTHORITY_HOST");
    if (!tenant || !id)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "%s is set, %s is not: Azure's tenant wants both",
                         secret ? "AZURE_CLIENT_SECRET" : "AZURE_FEDERATED_TOKEN_FILE",
                         tenant ? "AZURE_CLIENT_ID" : "AZURE_TENANT_ID");
    if (!authority)
        authority = "https://login.microsoftonline.com";
    const char *slash = authority[strlen(authority) - 1] == '/' ? "" : "/";
    const char *scheme = strstr(authority, "://") ? "" : "https://";
    char *address = text_print(error, "%s%s%s%s/oauth2/v2.0/token", scheme, authority, slash, tenant);
    (void)snprintf(azure->used, sizeof azure->used, "the %s of the client %.100s",
                   secret ? "secret" : "workload identity", id);
    struct buffer body = {0};
    bool good = address && append_parameter(&body, "grant_type=client_credentials&client_id=", id, error) &&
                append_parameter(&body, "&scope=", azure->resource, error) &&
                append_parameter(&body, "%2F.default", "", error) &&
                append_parameter(&body, secret ? "&client_secret=" : bearer, secret ? secret : assertion, error);
    struct http_call call = {
        .method = "POST", .address = address, .body = body.bytes, .body_size = body.size, .total_ms = PATIENCE_MS};
    good = good && headers_add(&call.headers, error, "Content-Type", "application/x-www-form-urlencoded");
    if (good) {
        ask_patiently(azure->client, &call, ANSWER, ATTEMPTS);
        good = token_take(&azure->token, &call, azure->used, error);
    }
    call_forget(&call);
    if (body.bytes)
        explicit_bzero(body.bytes, body.size);
    buffer_close(&body);
    free(address);
    return good;
}

static bool from_workload(struct azure *azure, const char *file, struct forestd_error *error)
{
    char *assertion = text_file(file, error);
    if (!assertion)
        return error_prefix(error, "Azure's workload identity");
    bool good = from_tenant(azure, NULL, assertion, error);
    secret_free(assertion);
    return good;
}

/* One of the services that lend a token to whoever runs beside them. */
struct service {
    const char *endpoint;
    const char *version;
    const char *client_parameter; /* how the identity is named, where there are several */
    const char *header;
    const char *secret; /* the header's value */
    const char *used;
    bool named; /* by the environment */
};

/* Nothing is configured, and who lends tokens to this machine lends none. */
static bool has_none(const struct azure *azure, const struct http_call *call, struct forestd_error *error)
{
    const char *storage = strstr(azure->resource, "://storage.")
                              ? "no shared access signature in the address or AZURE_STORAGE_SAS_TOKEN, no "
                                "AZURE_STORAGE_KEY, "
                              : "";
    struct forestd_error why = {0};
    if (call->outcome == HTTP_DONE)
        (void)refusal_error(call, "the machine's metadata service lends no token", NULL, &why);
    else
        (void)error_set(&why, FORESTD_IO, at_nowhere(),
                        "no metadata service answers at http://169.254.169.254 within a second");
    return error_set(
        error, FORESTD_IO, at_nowhere(),
        "no Azure credential: %sno AZURE_CLIENT_SECRET, no AZURE_FEDERATED_TOKEN_FILE, no IDENTITY_ENDPOINT, "
        "and %s: set one, or give the machine an identity",
        storage, why.message);
}

static bool from_service(struct azure *azure, const struct service *service, struct forestd_error *error)
{
    const char *id = variable("AZURE_CLIENT_ID");
    struct buffer address = {0};
    bool good = text_append(&address, service->endpoint, error) &&
                text_append(&address, strchr(service->endpoint, '?') ? "&" : "?", error) &&
                append_parameter(&address, "api-version=", service->version, error) &&
                append_parameter(&address, "&resource=", azure->resource, error) &&
                (!id || (text_append(&address, "&", error) &&
                         append_parameter(&address, service->client_parameter, id, error))) &&
                text_end(&address, error);
    struct http_call call = {.method = "GET",
                             .address = (const char *)address.bytes,
                             .connect_ms = FIRST_MS,
                             .total_ms = service->named ? SERVICE_MS : FIRST_MS,
                             .direct = true};
    good = good && headers_add(&call.headers, error, service->header, "%s", service->secret);
    if (good)
        ask_patiently(azure->client, &call, ANSWER, service->named ? ATTEMPTS : 1);
    /* Who answered was reached: it may come to itself. */
    if (good && !service->named && call.outcome == HTTP_DONE && refusal_passes(&call)) {
        call.total_ms = SERVICE_MS;
        ask_patiently(azure->client, &call, ANSWER, ATTEMPTS);
    }
    (void)snprintf(azure->used, sizeof azure->used, "%s%s%.60s", service->used, id ? " " : "", id ? id : "");
    azure->none = good && !service->named && (call.outcome != HTTP_DONE || call.status != 200);
    if (azure->none)
        good = has_none(azure, &call, error);
    else if (good)
        good = token_take(&azure->token, &call, azure->used, error);
    call_forget(&call);
    buffer_close(&address);
    return good;
}

static bool from_identity(struct azure *azure, struct forestd_error *error)
{
    const char *endpoint = variable("IDENTITY_ENDPOINT");
    const char *header = variable("IDENTITY_HEADER");
    const char *older = variable("MSI_ENDPOINT");
    const char *secret = variable("MSI_SECRET");
    const char *authority = variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    if (endpoint && header) {
        const struct service app = {
            endpoint, "2019-08-01", "client_id=", "X-IDENTITY-HEADER", header, "the managed identity of the app", true};
        return from_service(azure, &app, error);
    }
    if (older && secret) {
        const struct service learning = {
            older, "2017-09-01", "clientid=", "secret", secret, "the managed identity of the endpoint", true};
        return from_service(azure, &learning, error);
    }
    char *address =
        text_print(error, "%s/metadata/identity/oauth2/token", authority ? authority : "http://169.254.169.254");
    const struct service machine = {
        address,          "2018-02-01", "client_id=", "Metadata", "true", "the managed identity of the machine",
        authority != NULL};
    bool good = address && from_service(azure, &machine, error);
    free(address);
    return good;
}

bool azure_ready(struct azure *azure, struct forestd_error *error)
{
    if (azure->key) {
        (void)snprintf(azure->used, sizeof azure->used, "the account key of the environment");
        return true;
    }
    if (token_fresh(&azure->token))
        return true;
    const char *secret = variable("AZURE_CLIENT_SECRET");
    const char *file = variable("AZURE_FEDERATED_TOKEN_FILE");
    bool good = false;
    if (secret)
        good = from_tenant(azure, secret, NULL, error);
    else if (file)
        good = from_workload(azure, file, error);
    else
        good = from_identity(azure, error);
    /* A token that is still good is better than none. */
    return good || (azure->token.text && (int64_t)time(NULL) < azure->token.expires);
}

bool azure_has_none(const struct azure *azure)
{
    return azure->none;
}

void azure_expire(struct azure *azure)
{
    token_close(&azure->token);
}

bool azure_authorize(const struct azure *azure, const char *method, const char *address, const char *account,
                     struct http_headers *headers, struct forestd_error *error)
{
    if (azure->key)
        return azure_key_sign(azure->key, account, method, address, headers, error);
    return headers_add(headers, error, "Authorization", "Bearer %s", azure->token.text);
}

const char *azure_used(const struct azure *azure)
{
    return azure->used;
}
