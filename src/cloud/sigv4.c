#include "cloud/sigv4.h"

#include "cloud/digest.h"
#include "cloud/text.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { PARAMETERS = 64, STAMP = 16 };

/* The parts of an address, in place. */
struct parts {
    const char *host;
    size_t host_size;
    const char *path;
    size_t path_size;
    const char *query;
    size_t query_size;
};

static struct parts split(const char *address)
{
    struct parts parts = {0};
    const char *begin = strstr(address, "://");
    parts.host = begin ? begin + 3 : address;
    parts.host_size = strcspn(parts.host, "/?#");
    parts.path = parts.host + parts.host_size;
    parts.path_size = strcspn(parts.path, "?#");
    const char *rest = parts.path + parts.path_size;
    parts.query = *rest == '?' ? rest + 1 : rest;
    parts.query_size = *rest == '?' ? strcspn(parts.query, "#") : 0;
    return parts;
}

/* The usual port is not sent, and so not signed. */
static size_t host_length(const char *address, const struct parts *parts)
{
    const char *port = strncasecmp(address, "https:", 6) == 0 ? ":443" : ":80";
    size_t size = strlen(port);
    bool usual = parts->host_size > size && memcmp(parts->host + parts->host_size - size, port, size) == 0;
    return parts->host_size - (usual ? size : 0);
}

/* Every service but S3 signs the path encoded once more. */
static bool append_path(struct buffer *text, const struct parts *parts, bool s3, struct forestd_error *error)
{
    if (parts->path_size == 0)
        return text_append(text, "/\n", error);
    if (s3)
        return buffer_append(text, parts->path, parts->path_size, error) && text_append(text, "\n", error);
    char *path = strndup(parts->path, parts->path_size);
    bool good = path ? encode_append(text, path, true, error) && text_append(text, "\n", error)
                     : error_memory(error, parts->path_size, "a path");
    free(path);
    return good;
}

struct piece {
    const char *text;
    size_t size;
};

/* By name and then by value, byte by byte: `=` must not be compared with letters of a longer name. */
static int compare_parameters(const void *left, const void *right)
{
    const struct piece *one = left;
    const struct piece *other = right;
    size_t sizes[2] = {one->size, other->size};
    const char *equals[2] = {memchr(one->text, '=', one->size), memchr(other->text, '=', other->size)};
    if (equals[0])
        sizes[0] = (size_t)(equals[0] - one->text);
    if (equals[1])
        sizes[1] = (size_t)(equals[1] - other->text);
    size_t least = sizes[0] < sizes[1] ? sizes[0] : sizes[1];
    int order = memcmp(one->text, other->text, least);
    if (order == 0 && sizes[0] != sizes[1])
        return sizes[0] < sizes[1] ? -1 : 1;
    if (order)
        return order;
    size_t all = one->size < other->size ? one->size : other->size;
    order = memcmp(one->text, other->text, all);
    return order ? order : (one->size > other->size) - (one->size < other->size);
}

static bool append_query(struct buffer *text, const struct parts *parts, struct forestd_error *error)
{
    struct piece pieces[PARAMETERS];
    size_t count = 0;
    const char *end = parts->query + parts->query_size;
    for (const char *at = parts->query; at < end;) {
        const char *next = memchr(at, '&', (size_t)(end - at));
        size_t size = (size_t)((next ? next : end) - at);
        if (count == PARAMETERS)
            return error_set(error, FORESTD_LIMIT, at_nowhere(), "more than %d parameters to sign", PARAMETERS);
        if (size)
            pieces[count++] = (struct piece){at, size};
        at += size + 1;
    }
    qsort(pieces, count, sizeof *pieces, compare_parameters);
    for (size_t i = 0; i < count; i++) {
        bool lonely = !memchr(pieces[i].text, '=', pieces[i].size);
        if (!text_append(text, i ? "&" : "", error) || !buffer_append(text, pieces[i].text, pieces[i].size, error) ||
            !text_append(text, lonely ? "=" : "", error))
            return false;
    }
    return text_append(text, "\n", error);
}

/* A header's line by its lower-case name. */
struct line {
    char name[64];
    const char *value;
    size_t value_size;
};

static int compare_lines(const void *left, const void *right)
{
    return strcmp(((const struct line *)left)->name, ((const struct line *)right)->name);
}

static struct line line_of(const char *text)
{
    struct line line = {0};
    size_t size = strcspn(text, ":;");
    for (size_t i = 0; i < size && i + 1 < sizeof line.name; i++)
        line.name[i] = (char)tolower((unsigned char)text[i]);
    line.value = text + size + (text[size] != '\0');
    while (isblank((unsigned char)*line.value))
        line.value++;
    line.value_size = strlen(line.value);
    while (line.value_size && isblank((unsigned char)line.value[line.value_size - 1]))
        line.value_size--;
    return line;
}

/* Runs of blanks inside a value are signed as one. */
static bool append_value(struct buffer *text, const struct line *line, struct forestd_error *error)
{
    bool good = true;
    for (size_t i = 0; good && i < line->value_size; i++)
        if (line->value[i] != ' ' || line->value[i - 1] != ' ')
            good = buffer_append(text, line->value + i, 1, error);
    return good;
}

/* The headers' lines, an empty one, and the list of their names, which goes to `names` too. */
static bool append_headers(struct buffer *text, struct buffer *names, const struct sigv4_request *request,
                           const struct parts *parts, const struct http_headers *headers, struct forestd_error *error)
{
    struct line lines[HTTP_HEADERS + 1];
    size_t count = 0;
    for (size_t i = 0; i < headers->count; i++)
        lines[count++] = line_of(headers->lines[i]);
    lines[count++] = (struct line){"host", parts->host, host_length(request->address, parts)};
    qsort(lines, count, sizeof *lines, compare_lines);
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = text_append(text, lines[i].name, error) && text_append(text, ":", error) &&
               append_value(text, &lines[i], error) && text_append(text, "\n", error) &&
               text_append(names, i ? ";" : "", error) && text_append(names, lines[i].name, error);
    return good && text_append(text, "\n", error) && buffer_append(text, names->bytes, names->size, error) &&
           text_append(text, "\n", error) && text_end(names, error);
}

static bool canonical(struct buffer *text, struct buffer *names, const struct sigv4_request *request,
                      const char hash[SHA256_HEX], const struct http_headers *headers, struct forestd_error *error)
{
    struct parts parts = split(request->address);
    bool s3 = strcmp(request->service, "s3") == 0;
    return text_append(text, request->method, error) && text_append(text, "\n", error) &&
           append_path(text, &parts, s3, error) && append_query(text, &parts, error) &&
           append_headers(text, names, request, &parts, headers, error) && text_append(text, hash, error);
}

/* The key of a day, region and service, and what it makes of the string to sign. */
static bool signature(const struct sigv4_request *request, const struct sigv4_keys *keys, const char stamp[STAMP + 1],
                      const struct buffer *text, char hex[SHA256_HEX], struct forestd_error *error)
{
    char hash[SHA256_HEX];
    uint8_t key[SHA256_SIZE];
    sha256_hex(text->bytes, text->size, hash);
    char *first = text_print(error, "AWS4%s", keys->secret);
    char *whole = text_print(error, "AWS4-HMAC-SHA256\n%s\n%.8s/%s/%s/aws4_request\n%s", stamp, stamp, request->region,
                             request->service, hash);
    bool good = first && whole;
    if (good) {
        hmac_sha256(first, strlen(first), stamp, 8, key);
        hmac_sha256(key, sizeof key, request->region, strlen(request->region), key);
        hmac_sha256(key, sizeof key, request->service, strlen(request->service), key);
        hmac_sha256(key, sizeof key, "aws4_request", 12, key);
        hmac_sha256(key, sizeof key, whole, strlen(whole), key);
        hex_write(key, sizeof key, hex);
    }
    free(first);
    free(whole);
    return good;
}

bool sigv4_sign(const struct sigv4_request *request, const struct sigv4_keys *keys, struct http_headers *headers,
                struct forestd_error *error)
{
    char hash[SHA256_HEX];
    char hex[SHA256_HEX];
    char stamp[STAMP + 1];
    struct tm parts;
    time_t now = (time_t)request->now;
    gmtime_r(&now, &parts);
    (void)strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &parts);
    sha256_hex(request->body ? request->body : "", request->body_size, hash);
    if (!headers_add(headers, error, "x-amz-date", "%s", stamp) ||
        (keys->token && !headers_add(headers, error, "x-amz-security-token", "%s", keys->token)) ||
        (strcmp(request->service, "s3") == 0 && !headers_add(headers, error, "x-amz-content-sha256", "%s", hash)))
        return false;
    struct buffer text = {0};
    struct buffer names = {0};
    bool good = canonical(&text, &names, request, hash, headers, error) &&
                signature(request, keys, stamp, &text, hex, error) &&
                headers_add(headers, error, "Authorization",
                            "AWS4-HMAC-SHA256 Credential=%s/%.8s/%s/%s/aws4_request, SignedHeaders=%s, Signature=%s",
                            keys->id, stamp, request->region, request->service, (const char *)names.bytes, hex);
    buffer_close(&text);
    buffer_close(&names);
    return good;
}
