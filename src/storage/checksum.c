#include "storage/checksum.h"

#include "cloud/digest.h"
#include "storage/crc.h"
#include <ctype.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *word;
    size_t size;
} kinds[] = {{"none", 0}, {"crc64nvme", 8}, {"crc32c", 4}, {"crc32", 4}, {"sha256", 32}, {"sha1", 20}, {"md5", 16}};

static bool take(struct checksum *checksum, enum checksum_kind kind, const char *text, size_t text_size,
                 const char *from)
{
    uint8_t bytes[96];
    size_t size = 0;
    if (text_size > 88 || !base64_read(text, text_size, bytes, &size) || size != kinds[kind].size)
        return false;
    checksum->kind = kind;
    checksum->from = from;
    memcpy(checksum->value, bytes, size);
    return true;
}

/* A check over parts is no check of the object: its type says so, or a dash and their number behind it. */
static bool find_amazon(const struct http_call *call, struct checksum *checksum)
{
    static const char *const headers[] = {"",
                                          "x-amz-checksum-crc64nvme",
                                          "x-amz-checksum-crc32c",
                                          "x-amz-checksum-crc32",
                                          "x-amz-checksum-sha256",
                                          "x-amz-checksum-sha1"};
    const char *type = call_header(call, "x-amz-checksum-type");
    if (type && strcasecmp(type, "COMPOSITE") == 0)
        return false;
    for (size_t kind = CHECKSUM_CRC64NVME; kind <= CHECKSUM_SHA1; kind++) {
        const char *value = call_header(call, headers[kind]);
        if (value && take(checksum, (enum checksum_kind)kind, value, strlen(value), headers[kind]))
            return true;
    }
    return false;
}

/* "crc32c=AAAAAA==,md5=..." in one header or two. */
static bool find_google(const struct http_call *call, enum checksum_kind kind, struct checksum *checksum)
{
    size_t length = strlen(kinds[kind].word);
    const char *value = call_header(call, "x-goog-hash");
    for (size_t i = 0; value; value = call_header_at(call, "x-goog-hash", ++i)) {
        for (const char *at = value; *at; at += strspn(at, ", ")) {
            size_t size = strcspn(at, ",");
            while (size && isblank((unsigned char)at[size - 1]))
                size--;
            if (size > length && strncmp(at, kinds[kind].word, length) == 0 && at[length] == '=' &&
                take(checksum, kind, at + length + 1, size - length - 1, "x-goog-hash"))
                return true;
            at += strcspn(at, ",");
        }
    }
    return false;
}

/* https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html: which ETags are an MD5. */
static bool find_etag(const struct http_call *call, struct checksum *checksum)
{
    const char *etag = call_header(call, "ETag");
    const char *encryption = call_header(call, "x-amz-server-side-encryption");
    if (!etag || strlen(etag) != 34 || etag[0] != '"' || etag[33] != '"' ||
        (encryption && strcmp(encryption, "AES256") != 0) ||
        call_header(call, "x-amz-server-side-encryption-customer-algorithm") ||
        call_header(call, "x-amz-storage-class-express"))
        return false;
    for (size_t i = 0; i < 16; i++) {
        const char digits[3] = {etag[1 + 2 * i], etag[2 + 2 * i], '\0'};
        if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]))
            return false;
        checksum->value[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    checksum->kind = CHECKSUM_MD5;
    checksum->from = "ETag";
    return true;
}

struct checksum checksum_find(const struct http_call *call, bool etag)
{
    struct checksum checksum = {0};
    const char *md5 = call_header(call, "Content-MD5");
    if (find_amazon(call, &checksum) || find_google(call, CHECKSUM_CRC32C, &checksum) ||
        find_google(call, CHECKSUM_MD5, &checksum) ||
        (md5 && take(&checksum, CHECKSUM_MD5, md5, strlen(md5), "Content-MD5")) || (etag && find_etag(call, &checksum)))
        return checksum;
    return (struct checksum){0};
}

struct checking {
    struct checksum expected;
    union {
        struct crc crc;
        struct sha256_ctx sha256;
        struct sha1_ctx sha1;
        struct md5_ctx md5;
    } as;
};

struct checking *checking_begin(const struct checksum *expected, struct forestd_error *error)
{
    struct checking *checking = calloc(1, sizeof *checking);
    if (!checking) {
        error_memory(error, sizeof *checking, "a checksum");
        return NULL;
    }
    checking->expected = *expected;
    switch (expected->kind) {
    case CHECKSUM_CRC64NVME:
        crc_begin(&checking->as.crc, CRC64NVME_POLYNOMIAL, 64);
        break;
    case CHECKSUM_CRC32C:
        crc_begin(&checking->as.crc, CRC32C_POLYNOMIAL, 32);
        break;
    case CHECKSUM_CRC32:
        crc_begin(&checking->as.crc, CRC32_POLYNOMIAL, 32);
        break;
    case CHECKSUM_SHA256:
        sha256_init(&checking->as.sha256);
        break;
    case CHECKSUM_SHA1:
        sha1_init(&checking->as.sha1);
        break;
    case CHECKSUM_MD5:
        md5_init(&checking->as.md5);
        break;
    case CHECKSUM_NONE:
        break;
    }
    return checking;
}

void checking_add(struct checking *checking, const uint8_t *bytes, size_t size)
{
    switch (checking->expected.kind) {
    case CHECKSUM_CRC64NVME:
    case CHECKSUM_CRC32C:
    case CHECKSUM_CRC32:
        crc_add(&checking->as.crc, bytes, size);
        break;
    case CHECKSUM_SHA256:
        sha256_update(&checking->as.sha256, size, bytes);
        break;
    case CHECKSUM_SHA1:
        sha1_update(&checking->as.sha1, size, bytes);
        break;
    case CHECKSUM_MD5:
        md5_update(&checking->as.md5, size, bytes);
        break;
    case CHECKSUM_NONE:
        break;
    }
}

static void write_number(uint64_t number, size_t size, uint8_t *bytes)
{
    for (size_t i = size; i > 0; i--, number >>= 8)
        bytes[i - 1] = (uint8_t)number;
}

bool checking_end(struct checking *checking, const char *name, struct forestd_error *error)
{
    const struct checksum expected = checking->expected;
    size_t size = kinds[expected.kind].size;
    uint8_t value[32] = {0};
    switch (expected.kind) {
    case CHECKSUM_CRC64NVME:
    case CHECKSUM_CRC32C:
    case CHECKSUM_CRC32:
        write_number(crc_end(&checking->as.crc), size, value);
        break;
    case CHECKSUM_SHA256:
        sha256_digest(&checking->as.sha256, size, value);
        break;
    case CHECKSUM_SHA1:
        sha1_digest(&checking->as.sha1, size, value);
        break;
    case CHECKSUM_MD5:
        md5_digest(&checking->as.md5, size, value);
        break;
    case CHECKSUM_NONE:
        break;
    }
    free(checking);
    if (memcmp(value, expected.value, size) == 0)
        return true;
    char texts[2][65];
    hex_write(expected.value, size, texts[0]);
    hex_write(value, size, texts[1]);
    return error_set(error, FORESTD_FORMAT, at_nowhere(),
                     "%s: what came is not what is there: its %s is %s, the service says %s (%s): fetch it again, or "
                     "put it there again",
                     name, kinds[expected.kind].word, texts[1], texts[0], expected.from);
}
