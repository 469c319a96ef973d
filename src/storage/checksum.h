/*
 * What a service says that an object's bytes add up to, and whether they do.
 *
 *     struct checksum expected;
 *     checksum_find(&call, CHECKSUM_S3, &expected)     the strongest that is quickly reckoned
 *     struct checking *checking = checking_begin(&expected, &error);
 *     checking_add(...)                                all bytes, in their order
 *     checking_end(checking, name, &error)
 */
#ifndef STORAGE_CHECKSUM_H
#define STORAGE_CHECKSUM_H

#include "cloud/client.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum checksum_kind {
    CHECKSUM_NONE,
    CHECKSUM_CRC64NVME,
    CHECKSUM_CRC32C,
    CHECKSUM_CRC32,
    CHECKSUM_SHA256,
    CHECKSUM_SHA1,
    CHECKSUM_MD5
};

struct checksum {
    enum checksum_kind kind;
    uint8_t value[32]; /* as many bytes as the kind has, the first one the most significant */
    const char *from;  /* the header that said so, for messages */
};

/*
 * What the answer with the whole object says: x-amz-checksum-* (unless it is one over parts), x-goog-hash, Content-MD5.
 * With `etag` also S3's ETag, where that is an MD5: of objects that were sent in one part, with no key of their own.
 */
struct checksum checksum_find(const struct http_call *call, bool etag);

struct checking;

/* NULL and `error` when there is no memory. */
struct checking *checking_begin(const struct checksum *expected, struct forestd_error *error);

void checking_add(struct checking *checking, const uint8_t *bytes, size_t size);

/* Frees it. FORESTD_FORMAT when the bytes are others: the message begins with `name`. */
bool checking_end(struct checking *checking, const char *name, struct forestd_error *error);

#endif
