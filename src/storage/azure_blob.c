/*
 * Azure Blob Storage. https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
 */
#include "storage/source.h"

#include "cloud/azure.h"
#include "cloud/text.h"
#include "cloud/xml.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char version[] = "2021-12-02";
static const char resource[] = "https://storage.azure.com";

struct azure_blob {
    struct azure *azure;
    char *host;          /* "https://ACCOUNT.blob.core.windows.net", for Azurite with the account behind it */
    const char *account; /* for the account key; NULL = not known */
    const char *query;   /* signs, or chooses a version; "" = none */
    bool is_signed;
    bool anonymous; /* there is no credential: what is public can be had */
    char used[FORESTD_MESSAGE_SIZE];
};

static bool append_query(struct buffer *text, const struct azure_blob *blob, const struct wish *wish,
                         struct forestd_error *error)
{
    const char *mark = "?";
    if (!wish->key) {
        if (!text_append(text, "?restype=container&comp=list&prefix=", error) ||
            !encode_append(text, wish->prefix, false, error) ||
            (*wish->page && (!text_append(text, "&marker=", error) || !encode_append(text, wish->page, false, error))))
            return false;
        mark = "&";
    }
    return !*blob->query || (text_append(text, mark, error) && text_append(text, blob->query, error));
}

static char *write_address(const struct source *source, const struct wish *wish, struct forestd_error *error)
{
    const struct azure_blob *blob = source->state;
    struct buffer text = {0};
    bool good = text_append(&text, blob->host, error) && text_append(&text, "/", error) &&
                encode_append(&text, source->address->bucket, false, error) &&
                (!wish->key || (text_append(&text, "/", error) && encode_append(&text, wish->key, true, error))) &&
                append_query(&text, blob, wish, error) && text_end(&text, error);
    if (good)
        return (char *)text.bytes;
    buffer_close(&text);
    return NULL;
}

/* Whoever gives a whole address may mean a public blob; where only the environment speaks, a credential is missing. */
static bool authorize(struct azure_blob *blob, const struct source *source, struct http_call *call,
                      struct forestd_error *error)
{
    if (blob->is_signed || blob->anonymous)
        return true;
    struct forestd_error why;
    if (azure_ready(blob->azure, &why)) {
        (void)snprintf(blob->used, sizeof blob->used, "%s", azure_used(blob->azure));
        return azure_authorize(blob->azure, "GET", call->address, blob->account, &call->headers, error);
    }
    if (azure_has_none(blob->azure) && *source->address->host) {
        blob->anonymous = true;
        (void)snprintf(blob->used, sizeof blob->used, "none: %.1400s", why.message);
        return true;
    }
    if (error)
        *error = why;
    return false;
}

static bool prepare(struct source *source, const struct wish *wish, struct http_call *call, struct forestd_error *error)
{
    struct azure_blob *blob = source->state;
    char date[40];
    struct tm parts;
    time_t now = time(NULL);
    gmtime_r(&now, &parts);
    (void)strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    call->method = "GET";
    call->kept = write_address(source, wish, error);
    call->address = call->kept;
    return call->kept && headers_add(&call->headers, error, "x-ms-version", "%s", version) &&
           headers_add(&call->headers, error, "x-ms-date", "%s", date) && add_range(wish, &call->headers, error) &&
           (!wish->key || pin_match(wish, &call->headers, error)) && authorize(blob, source, call, error);
}

static bool learn(struct source *source, const struct http_call *call)
{
    struct azure_blob *blob = source->state;
    const char *code = call_header(call, "x-ms-error-code");
    bool unknown = call->status == 401 || (code && strcmp(code, "AuthenticationFailed") == 0);
    if (!unknown || blob->is_signed || blob->anonymous)
        return false;
    azure_expire(blob->azure);
    return true;
}

static bool see(void *context, const char *path, const char *text, struct forestd_error *error)
{
    struct listing *listing = context;
    if (strcmp(path, "EnumerationResults/Blobs/Blob/Name") == 0)
        return listing_add(listing, text, error);
    if (strcmp(path, "EnumerationResults/NextMarker") == 0)
        return listing_continue(listing, text, error);
    return true;
}

static bool read_page(const struct http_call *call, struct listing *listing, struct forestd_error *error)
{
    return listing_continue(listing, "", error) &&
           xml_walk(call->body_read.bytes, call->body_read.size, see, listing, error);
}

static const char *used(const struct source *source)
{
    const struct azure_blob *blob = source->state;
    return blob->used;
}

static void close_source(struct source *source)
{
    struct azure_blob *blob = source->state;
    azure_close(blob->azure);
    free(blob->host);
    free(blob);
}

static bool find_host(struct azure_blob *blob, const struct address *address, struct forestd_error *error)
{
    const char *endpoint = azure_endpoint(blob->azure);
    const char *account = azure_account(blob->azure);
    blob->account = *address->account ? address->account : account;
    if (*address->host)
        blob->host = text_print(error, "%s", address->host);
    else if (endpoint)
        blob->host = text_print(error, "%s", endpoint);
    else if (account)
        blob->host = text_print(error, "https://%s.blob.core.windows.net", account);
    else
        error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                  "%s: which account? set AZURE_STORAGE_ACCOUNT or AZURE_STORAGE_CONNECTION_STRING, or write "
                  "https://ACCOUNT.blob.core.windows.net/%s/%s",
                  address->shown, address->bucket, address->key);
    return blob->host != NULL;
}

/* A signature in the address comes before one of the environment. */
static void find_signature(struct azure_blob *blob, const struct address *address)
{
    const char *given = azure_signature(blob->azure);
    blob->query = address->query;
    blob->is_signed = strstr(address->query, "sig=") != NULL;
    if (blob->is_signed)
        (void)snprintf(blob->used, sizeof blob->used, "the shared access signature in the address");
    if (blob->is_signed || !given)
        return;
    blob->query = given;
    blob->is_signed = true;
    (void)snprintf(blob->used, sizeof blob->used, "the shared access signature of the environment");
}

bool azure_blob_open(struct source *source, struct forestd_error *error)
{
    struct azure_blob *blob = calloc(1, sizeof *blob);
    if (!blob)
        return error_memory(error, sizeof *blob, "a container");
    source->state = blob;
    source->parts = true;
    source->lists = true;
    source->prepare = prepare;
    source->learn = learn;
    source->read_page = read_page;
    source->pin = pin_by_etag;
    source->used = used;
    source->close = close_source;
    blob->azure = azure_open(source->client, resource, error);
    if (blob->azure && find_host(blob, source->address, error)) {
        find_signature(blob, source->address);
        return true;
    }
    close_source(source);
    return false;
}
