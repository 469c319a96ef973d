#include "serve/unpacking.h"

#include <stdlib.h>
#include <strings.h>
#include <zlib.h>

enum {
    ROOM = 32 * 1024,
    INFLATE_BYTES = 48 * 1024, /* what zlib takes for itself, from above (zconf.h: 32 KiB and about 7 KiB) */
    GZIP_BITS = 15 + 16,
    ZLIB_BITS = 15,
    BARE_BITS = -15
};

struct unpacking {
    struct budget *budget;
    enum packing packing;
    z_stream stream;
    bool begun; /* `stream` is there */
    bool ended; /* a member, or all, has come to its end, and nothing after it was seen */
    size_t used;
    uint8_t bytes[ROOM];
};

enum packing packing_of(const char *encoding)
{
    if (!encoding || !*encoding || strcasecmp(encoding, "identity") == 0)
        return PACKING_NONE;
    if (strcasecmp(encoding, "gzip") == 0 || strcasecmp(encoding, "x-gzip") == 0)
        return PACKING_GZIP;
    return strcasecmp(encoding, "deflate") == 0 ? PACKING_DEFLATE : PACKING_UNKNOWN;
}

struct unpacking *unpacking_open(enum packing packing, struct budget *budget, struct forestd_error *error)
{
    const size_t size = sizeof(struct unpacking) + INFLATE_BYTES;
    struct unpacking *unpacking = budget_take(budget, size) ? malloc(sizeof *unpacking) : NULL;
    if (!unpacking) {
        error_memory(error, size, "a compressed body");
        return NULL;
    }
    unpacking->budget = budget;
    unpacking->packing = packing;
    unpacking->stream = (z_stream){0};
    unpacking->begun = false;
    unpacking->ended = false;
    unpacking->used = 0;
    return unpacking;
}

static const char *packing_name(const struct unpacking *unpacking)
{
    return unpacking->packing == PACKING_GZIP ? "gzip" : "deflate";
}

static bool fail(const struct unpacking *unpacking, struct forestd_error *error)
{
    return error_set(error, FORESTD_FORMAT, at_nowhere(),
                     "The body is not what Content-Encoding: %s says%s%s: compress it again, or send it as it is.",
                     packing_name(unpacking), unpacking->stream.msg ? ", " : "",
                     unpacking->stream.msg ? unpacking->stream.msg : "");
}

/* zlib's form begins with 8 in the low half of a byte; a bare block of deflate's hardly does. */
static bool begin(struct unpacking *unpacking, uint8_t first, struct forestd_error *error)
{
    int bits = GZIP_BITS;
    if (unpacking->packing == PACKING_DEFLATE)
        bits = (first & 15) == Z_DEFLATED ? ZLIB_BITS : BARE_BITS;
    if (inflateInit2(&unpacking->stream, bits) != Z_OK)
        return error_memory(error, INFLATE_BYTES, "a compressed body");
    unpacking->begun = true;
    return true;
}

/* After the end there may be another member of gzip's, and nothing else. */
static bool go_on(struct unpacking *unpacking, struct forestd_error *error)
{
    if (unpacking->packing != PACKING_GZIP || inflateReset(&unpacking->stream) != Z_OK)
        return fail(unpacking, error);
    unpacking->ended = false;
    return true;
}

bool unpacking_next(struct unpacking *unpacking, const void *piece, size_t size, const uint8_t **bytes, size_t *ready,
                    struct forestd_error *error)
{
    const uint8_t *input = piece;
    z_stream *stream = &unpacking->stream;
    *bytes = unpacking->bytes;
    for (*ready = 0; *ready == 0;) {
        bool more = unpacking->used < size;
        if (more && !unpacking->begun && !begin(unpacking, input[0], error))
            return false;
        if (more && unpacking->ended && !go_on(unpacking, error))
            return false;
        if (!unpacking->begun || unpacking->ended)
            break;
        size_t left = size - unpacking->used;
        stream->next_in = (Bytef *)(uintptr_t)(input + unpacking->used); /* zlib only reads it */
        stream->avail_in = left > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uInt)left;
        stream->next_out = unpacking->bytes;
        stream->avail_out = ROOM;
        uInt given = stream->avail_in;
        int result = inflate(stream, Z_NO_FLUSH);
        unpacking->used += given - stream->avail_in;
        *ready = ROOM - stream->avail_out;
        unpacking->ended = result == Z_STREAM_END;
        if (result == Z_BUF_ERROR)
            break; /* there is nothing more to be had of these bytes */
        if (result != Z_OK && result != Z_STREAM_END)
            return fail(unpacking, error);
    }
    if (*ready == 0)
        unpacking->used = 0;
    return true;
}

bool unpacking_finish(const struct unpacking *unpacking, struct forestd_error *error)
{
    return !unpacking->begun || unpacking->ended ||
           error_set(error, FORESTD_FORMAT, at_nowhere(),
                     "The body breaks off in the middle of what Content-Encoding: %s says: send all of it.",
                     packing_name(unpacking));
}

void unpacking_close(struct unpacking *unpacking)
{
    if (!unpacking)
        return;
    if (unpacking->begun)
        (void)inflateEnd(&unpacking->stream);
    budget_give_back(unpacking->budget, sizeof *unpacking + INFLATE_BYTES);
    free(unpacking);
}
