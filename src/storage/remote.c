#include "storage/remote.h"

#include "base/candidate.h"
#include "cloud/client.h"
#include "cloud/text.h"
#include "storage/source.h"
#include "storage/transfer.h"
#include <stdlib.h>
#include <string.h>

enum {
    OBJECT_LIMIT = 10000, /* to search */
    HEAD_LIMIT = 64,      /* whose first bytes are looked at, where no name says which is the model */
    DEPTH_LIMIT = 8
};

static bool open_source(struct source *source, struct forestd_error *error)
{
    switch (source->address->place) {
    case PLACE_S3:
        return s3_open(source, error);
    case PLACE_GOOGLE:
        return google_storage_open(source, error);
    case PLACE_AZURE:
        return azure_blob_open(source, error);
    default:
        return web_open(source, error);
    }
}

/* The certificates that AWS's own tools are told to trust. */
static const char *ca_file(const struct address *address)
{
    return address->place == PLACE_S3 ? variable("AWS_CA_BUNDLE") : NULL;
}

static bool fetch_object(struct source *source, const char *key, const char *name,
                         const struct storage_options *options, struct artifact *artifact, long *status,
                         struct forestd_error *error)
{
    const struct transfer_options wanted = {options->budget, options->cache, options->seconds};
    struct target target;
    size_t size = 0;
    if (!transfer(source, key, name, &wanted, &target, &size, status, error))
        return false;
    artifact->bytes = target.bytes;
    artifact->size = size;
    artifact->mapped = target.size;
    artifact->budget = target.file < 0 ? target.budget : NULL;
    /* The mapping stays when the file's number goes. */
    target.bytes = NULL;
    target_close(&target);
    artifact->path = strdup(name);
    return artifact->path || error_memory(error, strlen(name), "an address");
}

/* Whether the object is looked at: no folder's own entry, nothing hidden, not too deep. */
static bool is_shown(const char *path)
{
    size_t size = strlen(path);
    size_t depth = 0;
    for (const char *letter = path; *letter; letter++)
        depth += *letter == '/';
    return size && path[size - 1] != '/' && depth < DEPTH_LIMIT && !candidate_hidden(path);
}

/* Offers the objects by name, or with `source` by name and first bytes. */
static bool offer(const struct listing *listing, size_t prefix, struct source *source, struct candidates *candidates,
                  struct forestd_error *error)
{
    size_t read = 0;
    for (size_t i = 0; i < listing->count; i++) {
        const char *path = listing->keys[i] + prefix;
        uint8_t head[CONTENT_HEAD];
        size_t size = sizeof head;
        if (!is_shown(path))
            continue;
        if (!source || read++ >= HEAD_LIMIT)
            size = 0;
        else if (!source_head(source, listing->keys[i], head, &size, error))
            return false;
        candidates_offer(candidates, path, head, size, i);
    }
    return true;
}

static const char *choose(struct source *source, const struct listing *listing, size_t prefix,
                          struct forestd_error *error)
{
    struct candidates *candidates = calloc(1, sizeof *candidates);
    const char *path = NULL;
    uint64_t key = 0;
    bool good = candidates || error_memory(error, sizeof *candidates, "searching a prefix");
    good = good && offer(listing, prefix, NULL, candidates, error);
    if (good && candidates->named == 0) {
        *candidates = (struct candidates){0};
        good = offer(listing, prefix, source, candidates, error);
    }
    if (good && !candidates_choose(candidates, "the prefix", &key, &path, error))
        good = error_prefix(error, source->address->shown);
    free(candidates);
    return good ? listing->keys[key] : NULL;
}

/* The address of an object that was found under a prefix. */
static char *name_found(const struct address *address, const char *key, size_t prefix, struct forestd_error *error)
{
    size_t size = strlen(address->shown);
    const char *query = strstr(address->shown, "?...");
    if (query)
        size = (size_t)(query - address->shown);
    bool slash = size && address->shown[size - 1] == '/';
    return text_print(error, "%.*s%s%s", (int)size, address->shown, slash ? "" : "/", key + prefix);
}

static bool fetch_listed(struct source *source, const struct listing *listing, size_t prefix,
                         const struct storage_options *options, struct artifact *artifact, struct forestd_error *error)
{
    long status = 0;
    const char *key = choose(source, listing, prefix, error);
    char *name = key ? name_found(source->address, key, prefix, error) : NULL;
    bool good = name && fetch_object(source, key, name, options, artifact, &status, error);
    free(name);
    return good;
}

/* What the address names: an object; where there is none, or the key ends in a slash, a prefix. */
static bool fetch(struct source *source, const struct storage_options *options, struct artifact *artifact,
                  struct forestd_error *error)
{
    const struct address *address = source->address;
    struct listing listing = {0};
    long status = 0;
    size_t size = strlen(address->key);
    bool folder = source->lists && (size == 0 || address->key[size - 1] == '/');
    if (!folder && fetch_object(source, address->key, address->shown, options, artifact, &status, error))
        return true;
    /* S3 answers 403 for what is not there to who may not list. */
    if (!folder && (!source->lists || (status != 404 && status != 403)))
        return false;
    char *prefix = text_print(error, "%s%s", address->key, folder ? "" : "/");
    struct forestd_error why = {0};
    bool listed = prefix && source_list(source, prefix, OBJECT_LIMIT, &listing, &why);
    bool good = false;
    if (listed && listing.count)
        good = fetch_listed(source, &listing, strlen(prefix), options, artifact, error);
    else if (folder && listed)
        error_set(error, FORESTD_NOT_FOUND, at_nowhere(), "%s: there is nothing under it", address->shown);
    else if (folder && error)
        *error = why;
    free(prefix);
    listing_close(&listing);
    return good;
}

bool remote_fetch(const struct address *address, const struct storage_options *options, struct artifact *artifact,
                  struct forestd_error *error)
{
    struct source source = {.client = client_open(ca_file(address), error), .address = address};
    bool good = source.client && open_source(&source, error);
    if (good) {
        good = fetch(&source, options, artifact, error);
        source.close(&source);
    }
    client_close(source.client);
    return good;
}
