#include "storage/address.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where the scheme ends: 0 for a path. */
static size_t scheme_size(const char *text)
{
    size_t size = 0;
    while (isalnum((unsigned char)text[size]) || (size && strchr("+-.", text[size]) && text[size]))
        size++;
    return size && strncmp(text + size, "://", 3) == 0 ? size : 0;
}

char *address_show(const char *text)
{
    size_t scheme = scheme_size(text);
    bool web = scheme && strncasecmp(text, "http", 4) == 0;
    if (!web)
        return strdup(text);
    const char *host = text + scheme + 3;
    size_t size = strcspn(host, "/?#");
    const char *at = memrchr(host, '@', size);
    const char *from = at ? at + 1 : host;
    const char *end = from + strcspn(from, "?#");
    char *shown = NULL;
    if (asprintf(&shown, "%.*s://%.*s%s", (int)scheme, text, (int)(end - from), from, *end == '?' ? "?..." : "") < 0)
        return NULL;
    return shown;
}

static int digit(char letter)
{
    return isdigit((unsigned char)letter) ? letter - '0' : tolower((unsigned char)letter) - 'a' + 10;
}

/* Takes percent-encoding away, in place. A 0 that is encoded stays as it is written. */
static void decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        bool coded = *from == '%' && isxdigit((unsigned char)from[1]) && isxdigit((unsigned char)from[2]);
        int letter = coded ? digit(from[1]) * 16 + digit(from[2]) : 0;
        if (letter) {
            *to++ = (char)letter;
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

static bool is_azure(const char *host, size_t size)
{
    const char *dot = memchr(host, '.', size);
    return dot && (size_t)(host + size - dot) > 6 && strncasecmp(dot, ".blob.", 6) == 0 && dot > host;
}

/* The first part of a path, and the rest behind its slash. */
static void split_path(struct address *address, const char *path, size_t size)
{
    const char *slash = memchr(path, '/', size);
    size_t first = slash ? (size_t)(slash - path) : size;
    address->bucket = strndup(path, first);
    address->key = slash ? strndup(slash + 1, size - first - 1) : strdup("");
}

static bool read_bucket(struct address *address, enum place place, const char *rest, struct forestd_error *error)
{
    address->place = place;
    split_path(address, rest, strlen(rest));
    if (!address->bucket || *address->bucket)
        return true;
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                     "%s: which bucket? s3://BUCKET/KEY, gs://BUCKET/KEY or "
                     "azblob://CONTAINER/KEY",
                     address->shown);
}

static bool read_azure(struct address *address, const char *text, const char *host, size_t size,
                       struct forestd_error *error)
{
    const char *path = host + size;
    size_t path_size = strcspn(path, "?#");
    const char *query = path[path_size] == '?' ? path + path_size + 1 : "";
    address->place = PLACE_AZURE;
    address->host = strndup(text, (size_t)(host - text) + size);
    address->account = strndup(host, strcspn(host, "."));
    address->query = strndup(query, strcspn(query, "#"));
    split_path(address, path + (*path == '/'), path_size - (*path == '/'));
    if (address->bucket)
        decode(address->bucket);
    if (address->key)
        decode(address->key);
    if (!address->bucket || *address->bucket)
        return true;
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                     "%s: which container? https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB", address->shown);
}

static bool read_web(struct address *address, const char *text, struct forestd_error *error)
{
    const char *host = strstr(text, "://") + 3;
    size_t size = strcspn(host, "/?#");
    if (size == 0)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "%s: which host? https://HOST/PATH", address->shown);
    if (is_azure(host, size))
        return read_azure(address, text, host, size, error);
    address->place = PLACE_WEB;
    address->host = strndup(text, strcspn(text, "#"));
    return true;
}

static bool read_scheme(struct address *address, const char *text, struct forestd_error *error)
{
    size_t size = scheme_size(text);
    const char *rest = text + size + 3;
    if (size == 0)
        return true;
    if (size == 2 && strncasecmp(text, "s3", 2) == 0)
        return read_bucket(address, PLACE_S3, rest, error);
    if (size == 2 && strncasecmp(text, "gs", 2) == 0)
        return read_bucket(address, PLACE_GOOGLE, rest, error);
    if (size == 6 && strncasecmp(text, "azblob", 6) == 0)
        return read_bucket(address, PLACE_AZURE, rest, error);
    if ((size == 5 && strncasecmp(text, "https", 5) == 0) || (size == 4 && strncasecmp(text, "http", 4) == 0))
        return read_web(address, text, error);
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                     "%s: no model can be fetched by %.*s: forestd knows s3, gs, azblob, https and paths",
                     address->shown, (int)size, text);
}

bool address_read(struct address *address, const char *text, struct forestd_error *error)
{
    *address = (struct address){.place = PLACE_PATH, .shown = address_show(text)};
    bool good = address->shown ? read_scheme(address, text, error) : error_memory(error, strlen(text), "an address");
    char **const parts[] = {&address->host, &address->account, &address->bucket, &address->key, &address->query};
    for (size_t i = 0; good && i < sizeof parts / sizeof *parts; i++) {
        if (!*parts[i])
            *parts[i] = strdup("");
        if (!*parts[i])
            good = error_memory(error, strlen(text), "an address");
    }
    if (!good)
        address_close(address);
    return good;
}

void address_close(struct address *address)
{
    free(address->shown);
    free(address->host);
    free(address->account);
    free(address->bucket);
    free(address->key);
    free(address->query);
    *address = (struct address){0};
}
