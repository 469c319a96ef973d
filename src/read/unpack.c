#include "read/unpack.h"

#include "base/candidate.h"
#include "base/text.h"
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

enum {
    LAYER_LIMIT = 6,     /* archives and compressions inside each other */
    ENTRY_LIMIT = 10000, /* files in an archive */
    STEP = 256 * 1024,   /* bytes that a decompressor is given room for at a time */
    RATIO = 300,         /* no forest shrinks by as much: its thresholds are nearly random */
    GRACE = 64 * 1024 * 1024
};

/* The most that `size` bytes of a file may become. */
static size_t allowed(size_t size)
{
    return size > (SIZE_MAX / 2 - GRACE) / RATIO ? SIZE_MAX / 2 : GRACE + RATIO * size;
}

static bool too_large(const struct buffer *out, struct forestd_error *error)
{
    return error_set(error, FORESTD_LIMIT, at_nowhere(),
                     "it unpacks to more than %zu bytes, over %d times its size, as no model does: it is damaged, or "
                     "made to harm",
                     out->limit, RATIO);
}

/* Room for the next step of a decompressor: all that is left of a limit that is near. */
static bool make_room(struct buffer *out, struct forestd_error *error)
{
    size_t left = out->limit - out->size;
    if (left == 0)
        return too_large(out, error);
    return buffer_reserve(out, left < STEP ? left : STEP, error);
}

static bool bad_zlib(int status, const z_stream *stream, struct forestd_error *error)
{
    if (status == Z_MEM_ERROR)
        return error_memory(error, 0, "decompression");
    if (status == Z_BUF_ERROR || status == Z_OK)
        return error_set(error, FORESTD_FORMAT, at_byte(stream->total_in),
                         "its zlib compression ends in the middle, after %lu bytes: copy or download the file again",
                         stream->total_in);
    return error_set(error, FORESTD_FORMAT, at_byte(stream->total_in),
                     "its zlib compression is damaged near byte %lu (%s): copy or download the file again",
                     stream->total_in, stream->msg ? stream->msg : "bad data");
}

static bool inflate_all(z_stream *stream, const uint8_t *bytes, size_t size, struct buffer *out,
                        struct forestd_error *error)
{
    size_t given = 0;
    for (;;) {
        if (stream->avail_in == 0) {
            size_t part = size - given < (1U << 30) ? size - given : 1U << 30;
            stream->next_in = bytes + given;
            stream->avail_in = (uInt)part;
            given += part;
        }
        if (!make_room(out, error))
            return false;
        size_t room = out->capacity - out->size;
        stream->next_out = out->bytes + out->size;
        stream->avail_out = room < (1U << 30) ? (uInt)room : 1U << 30;
        uInt before = stream->avail_out;
        int status = inflate(stream, Z_NO_FLUSH);
        out->size += before - stream->avail_out;
        if (status == Z_STREAM_END)
            return true;
        if (status != Z_OK || (stream->avail_in == 0 && given == size && stream->avail_out > 0))
            return bad_zlib(status, stream, error);
    }
}

static bool unpack_zlib(const uint8_t *bytes, size_t size, struct buffer *out, struct forestd_error *error)
{
    z_stream stream = {0};
    if (inflateInit(&stream) != Z_OK)
        return error_memory(error, 0, "decompression");
    bool good = inflate_all(&stream, bytes, size, out, error);
    inflateEnd(&stream);
    return good;
}

/* libarchive's sentences, and what to do about them. */
static bool bad_archive(struct archive *archive, enum content content, struct forestd_error *error)
{
    const char *why = archive_error_string(archive);
    if (!why)
        why = "no reason given";
    if (strstr(why, "memory") || strstr(why, "allocate"))
        return error_set(error, FORESTD_MEMORY, at_nowhere(), "no memory to read its %s part", content_word(content));
    if (strstr(why, "ncrypt") || strstr(why, "assphrase"))
        return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                         "the archive is encrypted: forestd reads archives without a password");
    return error_set(error, FORESTD_FORMAT, at_nowhere(),
                     "its %s part is damaged or ends in the middle (%s): copy or download the file again",
                     content_word(content), why);
}

static struct archive *open_archive(const uint8_t *bytes, size_t size, enum content content,
                                    struct forestd_error *error)
{
    struct archive *archive = archive_read_new();
    if (!archive) {
        error_memory(error, 0, "an archive");
        return NULL;
    }
    int status = ARCHIVE_OK;
    switch (content) {
    case CONTENT_TAR:
        status = archive_read_support_format_tar(archive);
        break;
    case CONTENT_ZIP:
        status = archive_read_support_format_zip(archive);
        break;
    case CONTENT_GZIP:
        status = archive_read_support_filter_gzip(archive);
        break;
    case CONTENT_BZIP2:
        status = archive_read_support_filter_bzip2(archive);
        break;
    case CONTENT_XZ:
        status = archive_read_support_filter_xz(archive);
        break;
    case CONTENT_LZMA:
        status = archive_read_support_filter_lzma(archive);
        break;
    default:
        status = archive_read_support_filter_lz4(archive);
        break;
    }
    if (content != CONTENT_TAR && content != CONTENT_ZIP)
        (void)archive_read_support_format_raw(archive);
    /* A filter that libarchive lacks is ARCHIVE_WARN: it would start a program. */
    if (status == ARCHIVE_OK && archive_read_open_memory(archive, bytes, size) == ARCHIVE_OK)
        return archive;
    if (status != ARCHIVE_OK)
        error_set(error, FORESTD_UNSUPPORTED, at_nowhere(), "this build of forestd cannot read %s",
                  content_word(content));
    else
        bad_archive(archive, content, error);
    archive_read_free(archive);
    return NULL;
}

/*
 * The data of the entry at hand. Where it lies in the archive as it is, `view` points there and nothing is copied;
 * else `out` has it.
 */
static bool read_data(struct archive *archive, enum content content, struct unpacked *from, struct unpacked *to,
                      struct forestd_error *error)
{
    const void *block = NULL;
    size_t size = 0;
    la_int64_t offset = 0;
    to->bytes = NULL;
    to->size = 0;
    for (;;) {
        int status = archive_read_data_block(archive, &block, &size, &offset);
        if (status == ARCHIVE_EOF)
            break;
        if (status != ARCHIVE_OK)
            return bad_archive(archive, content, error);
        if (size == 0)
            continue;
        const uint8_t *bytes = block;
        bool inside = to->buffer.size == 0 && (uint64_t)offset == to->size && bytes >= from->bytes &&
                      bytes + size <= from->bytes + from->size && (to->size == 0 || bytes == to->bytes + to->size);
        if (inside) {
            to->bytes = to->size ? to->bytes : bytes;
            to->size += size;
            continue;
        }
        if (to->size && !buffer_append(&to->buffer, to->bytes, to->size, error))
            return false;
        to->size = 0;
        if ((uint64_t)offset != to->buffer.size)
            return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(), "the model lies in the archive with holes");
        if (size > to->buffer.limit - to->buffer.size)
            return too_large(&to->buffer, error);
        if (!buffer_append(&to->buffer, bytes, size, error))
            return false;
    }
    if (to->size == 0) {
        to->bytes = to->buffer.bytes;
        to->size = to->buffer.size;
    }
    return true;
}

static bool unpack_stream(struct unpacked *from, enum content content, struct unpacked *to, struct forestd_error *error)
{
    struct archive_entry *entry = NULL;
    struct archive *archive = open_archive(from->bytes, from->size, content, error);
    if (!archive)
        return false;
    int status = archive_read_next_header(archive, &entry);
    bool good = status == ARCHIVE_OK || status == ARCHIVE_WARN;
    if (!good)
        bad_archive(archive, content, error);
    /* libarchive hands bytes on as they are where it does not take them for compressed after all. */
    if (good && archive_filter_code(archive, 0) == ARCHIVE_FILTER_NONE)
        good = error_set(error, FORESTD_FORMAT, at_byte(0),
                         "it begins as %s does and is not: copy or download the file again", content_word(content));
    good = good && read_data(archive, content, from, to, error);
    archive_read_free(archive);
    return good;
}

static const char *entry_path(struct archive_entry *entry)
{
    const char *path = archive_entry_pathname_utf8(entry);
    if (!path)
        path = archive_entry_pathname(entry);
    if (!path)
        return "(a name that cannot be read)";
    while (path[0] == '.' && path[1] == '/')
        path += 2;
    return path;
}

/* A regular file under a path that stays inside the archive; links of either kind are not. */
static bool is_file(struct archive_entry *entry)
{
    return archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry) &&
           !archive_entry_symlink(entry) && !candidate_hidden(entry_path(entry));
}

/* Moves to the next entry; false at the end, and with `*good` false on an error. */
static bool next_entry(struct archive *archive, enum content content, struct archive_entry **entry, bool *good,
                       struct forestd_error *error)
{
    int status = archive_read_next_header(archive, entry);
    *good = status == ARCHIVE_OK || status == ARCHIVE_WARN || status == ARCHIVE_EOF;
    if (!*good)
        bad_archive(archive, content, error);
    return *good && status != ARCHIVE_EOF;
}

static bool list_entries(struct archive *archive, enum content content, struct candidates *candidates,
                         struct forestd_error *error)
{
    struct archive_entry *entry = NULL;
    bool good = true;
    for (uint64_t i = 0; next_entry(archive, content, &entry, &good, error); i++) {
        if (i >= ENTRY_LIMIT)
            return error_set(error, FORESTD_LIMIT, at_nowhere(),
                             "the archive holds more than %d entries: pack the model alone", ENTRY_LIMIT);
        if (!is_file(entry))
            continue;
        uint8_t head[CONTENT_HEAD];
        la_ssize_t size = archive_read_data(archive, head, sizeof head);
        candidates_offer(candidates, entry_path(entry), head, size > 0 ? (size_t)size : 0, i);
    }
    return good;
}

/* Finds which entry is the model, and how messages call it. */
static bool choose_entry(const struct unpacked *from, enum content content, uint64_t *index, char path[CANDIDATE_NAME],
                         struct forestd_error *error)
{
    struct candidates candidates = {0};
    const char *chosen = NULL;
    struct archive *archive = open_archive(from->bytes, from->size, content, error);
    bool good = archive && list_entries(archive, content, &candidates, error) &&
                candidates_choose(&candidates, "the archive", index, &chosen, error);
    if (good)
        (void)snprintf(path, CANDIDATE_NAME, "%s", chosen);
    if (archive)
        archive_read_free(archive);
    return good;
}

static bool unpack_entry(struct unpacked *from, enum content content, uint64_t index, struct unpacked *to,
                         struct forestd_error *error)
{
    struct archive_entry *entry = NULL;
    struct archive *archive = open_archive(from->bytes, from->size, content, error);
    bool good = archive != NULL;
    for (uint64_t i = 0; good && i <= index; i++)
        if (!next_entry(archive, content, &entry, &good, error) && good)
            good = error_set(error, FORESTD_FORMAT, at_nowhere(), "the archive cannot be read twice alike");
    good = good && read_data(archive, content, from, to, error);
    if (archive)
        archive_read_free(archive);
    return good;
}

static bool unpack_archive(struct unpacked *from, enum content content, struct unpacked *to, char path[CANDIDATE_NAME],
                           struct forestd_error *error)
{
    uint64_t index = 0;
    return choose_entry(from, content, &index, path, error) && unpack_entry(from, content, index, to, error);
}

/* Opcodes that a pickle without a protocol (0 and 1) can begin with. */
static bool can_be_pickle(const uint8_t *bytes, size_t size)
{
    return bytes && size && bytes[0] && strchr("(c]})IFLSVNKJMXTUG", bytes[0]);
}

static bool refuse_content(const uint8_t *bytes, size_t size, struct forestd_error *error)
{
    static const char pointer[] = "version https://git-lfs";
    if (!bytes || size == 0)
        return error_set(error, FORESTD_FORMAT, at_byte(0), "it is empty: copy or download the file again");
    if (size >= sizeof pointer - 1 && memcmp(bytes, pointer, sizeof pointer - 1) == 0)
        return error_set(error, FORESTD_FORMAT, at_byte(0),
                         "it is a Git LFS pointer, not the model itself: run git lfs pull");
    return error_set(error, FORESTD_FORMAT, at_byte(0),
                     "it begins with '%s', as neither a pickle nor a known compression or archive does: save the model "
                     "with joblib.dump or pickle.dump",
                     text_quote(bytes, size < 16 ? size : 16).text);
}

/* Unpacks one layer of `from` into `to`, and says in `word` what it was. */
static bool unpack_layer(struct unpacked *from, enum content content, struct unpacked *to, char word[CANDIDATE_NAME],
                         struct forestd_error *error)
{
    switch (content) {
    case CONTENT_TAR:
    case CONTENT_ZIP:
        return unpack_archive(from, content, to, word, error);
    case CONTENT_ZLIB:
        if (!unpack_zlib(from->bytes, from->size, &to->buffer, error))
            return false;
        to->bytes = to->buffer.bytes;
        to->size = to->buffer.size;
        return true;
    case CONTENT_OLD_JOBLIB:
        return error_set(error, FORESTD_UNSUPPORTED, at_byte(0),
                         "it was compressed by joblib before 0.10, which forestd does not read: load the model with "
                         "the joblib that wrote it and save it again with one of today");
    default:
        return unpack_stream(from, content, to, error);
    }
}

static void add_word(char layers[LAYERS_TEXT], const char *word)
{
    size_t used = strlen(layers);
    if (*word)
        (void)snprintf(layers + used, LAYERS_TEXT - used, "%s%s", used ? " > " : "", word);
}

bool unpack(const uint8_t *bytes, size_t size, struct budget *budget, struct unpacked *unpacked,
            struct forestd_error *error)
{
    *unpacked = (struct unpacked){.bytes = bytes, .size = size};
    for (int layer = 0; layer <= LAYER_LIMIT; layer++) {
        enum content content = content_of(unpacked->bytes, unpacked->size);
        if (content == CONTENT_PICKLE || content == CONTENT_PACKED ||
            (content == CONTENT_UNKNOWN && can_be_pickle(unpacked->bytes, unpacked->size)))
            return true;
        if (content == CONTENT_UNKNOWN)
            return refuse_content(unpacked->bytes, unpacked->size, error);
        struct unpacked inner = {.buffer = {.limit = allowed(size), .budget = budget}};
        char word[CANDIDATE_NAME] = "";
        add_word(unpacked->layers, content_word(content));
        if (!unpack_layer(unpacked, content, &inner, word, error)) {
            buffer_close(&inner.buffer);
            return false;
        }
        add_word(unpacked->layers, word);
        if (inner.buffer.bytes) {
            buffer_close(&unpacked->buffer);
            unpacked->buffer = inner.buffer;
        }
        unpacked->bytes = inner.bytes;
        unpacked->size = inner.size;
    }
    return error_set(error, FORESTD_LIMIT, at_nowhere(), "more than %d archives and compressions lie inside each other",
                     LAYER_LIMIT);
}

void unpacked_close(struct unpacked *unpacked)
{
    buffer_close(&unpacked->buffer);
}
