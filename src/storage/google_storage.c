/*
 * Google Cloud Storage, by its JSON interface. https://cloud.google.com/storage/docs/json_api/v1
 */
#include "storage/source.h"

#include "cloud/google.h"
#include "cloud/text.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char scope[] = "https://www.googleapis.com/auth/devstorage.read_only";

struct google_storage {
    struct google *google; /* NULL = an emulator, which is told no secret */
    char *host;            /* "https://storage.googleapis.com" */
};

static char *write_address(const struct source *source, const struct wish *wish, struct forestd_error *error)
{
    const struct google_storage *storage = source->state;
    struct buffer text = {0};
    bool good = buffer_print(&text, error, "%s/storage/v1/b/", storage->host) &&
                encode_append(&text, source->address->bucket, false, error) && text_append(&text, "/o", error);
    if (wish->key)
        good = good && text_append(&text, "/", error) && encode_append(&text, wish->key, false, error) &&
               text_append(&text, "?alt=media", error) &&
               (!*wish->pin ||
                (text_append(&text, "&generation=", error) && encode_append(&text, wish->pin, false, error)));
    else
        good = good && text_append(&text, "?maxResults=1000&fields=items(name),nextPageToken&prefix=", error) &&
               encode_append(&text, wish->prefix, false, error) &&
               (!*wish->page ||
                (text_append(&text, "&pageToken=", error) && encode_append(&text, wish->page, false, error)));
    if (good && text_end(&text, error))
        return (char *)text.bytes;
    buffer_close(&text);
    return NULL;
}

static bool prepare(struct source *source, const struct wish *wish, struct http_call *call, struct forestd_error *error)
{
    struct google_storage *storage = source->state;
    if (storage->google && !google_ready(storage->google, error))
        return false;
    call->method = "GET";
    call->kept = write_address(source, wish, error);
    call->address = call->kept;
    /* Without this an object that is stored compressed comes unpacked, of unknown length and never in parts. */
    return call->kept && add_range(wish, &call->headers, error) &&
           (!wish->key || headers_add(&call->headers, error, "Accept-Encoding", "gzip")) &&
           (!storage->google || google_authorize(storage->google, &call->headers, error));
}

static bool learn(struct source *source, const struct http_call *call)
{
    struct google_storage *storage = source->state;
    if (call->status != 401 || !storage->google)
        return false;
    google_expire(storage->google);
    return true;
}

static bool read_page(const struct http_call *call, struct listing *listing, struct forestd_error *error)
{
    cJSON *root = cJSON_ParseWithLength((const char *)call->body_read.bytes, call->body_read.size);
    const char *next = cJSON_GetStringValue(cJSON_GetObjectItem(root, "nextPageToken"));
    const cJSON *item = NULL;
    bool good =
        cJSON_IsObject(root) || error_set(error, FORESTD_FORMAT, at_nowhere(), "the list of objects is no JSON object");
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(root, "items"))
    {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(item, "name"));
        good = good && (!name || listing_add(listing, name, error));
    }
    good = good && listing_continue(listing, next ? next : "", error);
    cJSON_Delete(root);
    return good;
}

static void pin(const struct http_call *call, char text[PIN_SIZE])
{
    const char *generation = call_header(call, "X-Goog-Generation");
    (void)snprintf(text, PIN_SIZE, "%s", generation && strlen(generation) < PIN_SIZE ? generation : "");
}

static const char *used(const struct source *source)
{
    const struct google_storage *storage = source->state;
    return storage->google ? google_used(storage->google) : "none: STORAGE_EMULATOR_HOST is set";
}

static void close_source(struct source *source)
{
    struct google_storage *storage = source->state;
    google_close(storage->google);
    free(storage->host);
    free(storage);
}

/* Where STORAGE_EMULATOR_HOST or gcloud's own variable says, without a slash at the end. */
static char *find_host(bool *emulated, struct forestd_error *error)
{
    const char *emulator = variable("STORAGE_EMULATOR_HOST");
    const char *other = variable("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE");
    *emulated = emulator != NULL;
    const char *host = emulator ? emulator : other ? other : "https://storage.googleapis.com";
    char *text = text_print(error, "%s%s", strstr(host, "://") ? "" : "http://", host);
    char *path = text ? strstr(text, "/storage/v1") : NULL;
    if (path)
        *path = '\0';
    for (size_t size = text ? strlen(text) : 0; size && text[size - 1] == '/'; size--)
        text[size - 1] = '\0';
    return text;
}

bool google_storage_open(struct source *source, struct forestd_error *error)
{
    bool emulated = false;
    struct google_storage *storage = calloc(1, sizeof *storage);
    if (!storage)
        return error_memory(error, sizeof *storage, "a bucket");
    source->state = storage;
    source->parts = true;
    source->lists = true;
    source->prepare = prepare;
    source->learn = learn;
    source->read_page = read_page;
    source->pin = pin;
    source->used = used;
    source->close = close_source;
    storage->host = find_host(&emulated, error);
    if (storage->host && !emulated)
        storage->google = google_open(source->client, scope, error);
    if (storage->host && (emulated || storage->google))
        return true;
    close_source(source);
    return false;
}
