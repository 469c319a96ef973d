#include "cloud/azure_key.h"

#include "cloud/digest.h"
#include "cloud/text.h"
#include "cloud/token.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PARAMETERS = 32 };

/* The value of a header that will be sent, or "". */
static const char *value_of(const struct http_headers *headers, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < headers->count; i++)
        if (strncasecmp(headers->lines[i], name, size) == 0 && headers->lines[i][size] == ':')
            return headers->lines[i] + size + 2;
    return "";
}

static int compare_lines(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The x-ms- headers by name, each as "name:value\n". */
static bool append_headers(struct buffer *text, const struct http_headers *headers, struct forestd_error *error)
{
    char *lines[HTTP_HEADERS];
    size_t count = 0;
    bool good = true;
    for (size_t i = 0; i < headers->count; i++) {
        if (strncasecmp(headers->lines[i], "x-ms-", 5) != 0)
            continue;
        size_t size = strcspn(headers->lines[i], ":");
        lines[count] = text_print(error, "%.*s:%s\n", (int)size, headers->lines[i], headers->lines[i] + size + 2);
        if (!lines[count]) {
            good = false;
            break;
        }
        for (size_t k = 0; k < size; k++)
            lines[count][k] = (char)tolower((unsigned char)lines[count][k]);
        count++;
    }
    qsort(lines, count, sizeof *lines, compare_lines);
    for (size_t i = 0; i < count; i++) {
        good = good && text_append(text, lines[i], error);
        free(lines[i]);
    }
    return good;
}

/* A parameter as it is signed: "name:value" with both decoded, in place. */
static void decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        unsigned letter = (unsigned char)*from;
        if (*from == '%' && isxdigit((unsigned char)from[1]) && isxdigit((unsigned char)from[2])) {
            const char digits[3] = {from[1], from[2], '\0'};
            letter = (unsigned)strtoul(digits, NULL, 16);
            from += 2;
        }
        *to++ = (char)letter;
    }
    *to = '\0';
}

static bool append_query(struct buffer *text, const char *query, struct forestd_error *error)
{
    char *copy = strdup(query);
    char *rest = copy;
    char *pieces[PARAMETERS];
    size_t count = 0;
    bool good = copy || error_memory(error, strlen(query), "a query");
    for (char *piece = strsep(&rest, "&"); good && piece; piece = strsep(&rest, "&")) {
        char *equals = strchr(piece, '=');
        if (!*piece)
            continue;
        if (count == PARAMETERS)
            good = error_set(error, FORESTD_LIMIT, at_nowhere(), "more than %d parameters to sign", PARAMETERS);
        else
            pieces[count++] = piece;
        if (equals)
            *equals = ':';
        decode(piece);
    }
    if (good)
        qsort(pieces, count, sizeof *pieces, compare_lines);
    for (size_t i = 0; good && i < count; i++)
        good = text_append(text, "\n", error) && text_append(text, pieces[i], error);
    free(copy);
    return good;
}

bool azure_key_sign(const char *key, const char *account, const char *method, const char *address,
                    struct http_headers *headers, struct forestd_error *error)
{
    const char *host = strstr(address, "://");
    const char *path = host ? host + 3 + strcspn(host + 3, "/?") : address;
    size_t path_size = strcspn(path, "?");
    const char *query = path[path_size] ? path + path_size + 1 : "";
    size_t key_size = 0;
    uint8_t *secret = malloc(strlen(key) + 3);
    struct buffer text = {0};
    struct buffer signature = {0};
    uint8_t digest[SHA256_SIZE];
    bool good = secret || error_memory(error, strlen(key), "a key");
    if (good && !base64_read(key, strlen(key), secret, &key_size))
        good = error_set(error, FORESTD_ARGUMENT, at_nowhere(), "the account key of Azure is not base64");
    /* Of the eleven headers that are signed by their place, a GET sends If-Match, the eighth, and Range, the last. */
    good = good && text_append(&text, method, error) && text_append(&text, "\n\n\n\n\n\n\n\n", error) &&
           text_append(&text, value_of(headers, "If-Match"), error) && text_append(&text, "\n\n\n", error) &&
           text_append(&text, value_of(headers, "Range"), error) && text_append(&text, "\n", error) &&
           append_headers(&text, headers, error) && text_append(&text, "/", error) &&
           text_append(&text, account, error) && buffer_append(&text, path, path_size, error) &&
           append_query(&text, query, error);
    if (good) {
        hmac_sha256(secret, key_size, text.bytes, text.size, digest);
        good = base64_append(&signature, digest, sizeof digest, error) &&
               headers_add(headers, error, "Authorization", "SharedKey %s:%.*s", account, (int)signature.size,
                           (const char *)signature.bytes);
    }
    if (secret)
        explicit_bzero(secret, key_size);
    free(secret);
    buffer_close(&text);
    buffer_close(&signature);
    return good;
}
