#include "base/candidate.h"

#include <stdio.h>
#include <string.h>

static const char *const model_endings[] = {".joblib", ".pkl", ".pickle", ".sav", ".model", ".jl", ".forest"};
static const char *const packed_endings[] = {"", ".gz", ".bz2", ".xz", ".lzma", ".lz4", ".z"};
static const char *const archive_endings[] = {".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip"};

static bool begins(const uint8_t *head, size_t size, const char *magic, size_t length)
{
    return size >= length && memcmp(head, magic, length) == 0;
}

/* A tar archive has no magic in its oldest form, but the sum of its header's bytes in it, in octal digits. */
static bool is_tar(const uint8_t *head, size_t size)
{
    if (size < CONTENT_HEAD)
        return false;
    unsigned sum = 0;
    unsigned written = 0;
    for (size_t i = 0; i < CONTENT_HEAD; i++)
        sum += i >= 148 && i < 156 ? ' ' : head[i];
    for (size_t i = 148; i < 156; i++)
        if (head[i] >= '0' && head[i] <= '7')
            written = written * 8 + (unsigned)(head[i] - '0');
    return head[0] != 0 && sum == written;
}

/* Protocols 0 and 1 have no magic: the objects that they begin with are written by copyreg or by name. */
static bool is_old_pickle(const uint8_t *head, size_t size)
{
    return begins(head, size, "ccopy", 5) || begins(head, size, "csklearn.", 9) || begins(head, size, "cnumpy", 6) ||
           begins(head, size, "(dp", 3) || begins(head, size, "(lp", 3) || begins(head, size, "]q", 2) ||
           begins(head, size, "}q", 2);
}

enum content content_of(const uint8_t *head, size_t size)
{
    if (size >= 2 && head[0] == 0x80 && head[1] <= 0x20)
        return CONTENT_PICKLE;
    if (begins(head, size, PACKED_MAGIC, PACKED_MAGIC_SIZE))
        return CONTENT_PACKED;
    if (begins(head, size, "\x1F\x8B", 2))
        return CONTENT_GZIP;
    if (begins(head, size, "BZh", 3))
        return CONTENT_BZIP2;
    if (begins(head, size, "\xFD\x37zXZ", 5))
        return CONTENT_XZ;
    if (begins(head, size, "\x04\x22\x4D\x18", 4))
        return CONTENT_LZ4;
    if (begins(head, size, "PK\x03\x04", 4) || begins(head, size, "PK\x05\x06", 4))
        return CONTENT_ZIP;
    if (begins(head, size, "ZF", 2))
        return CONTENT_OLD_JOBLIB;
    if (is_tar(head, size))
        return CONTENT_TAR;
    if (begins(head, size, "\x5D\x00", 2) && size >= 13)
        return CONTENT_LZMA;
    /* zlib with its usual window; a check makes the first two bytes a multiple of 31. */
    if (size >= 2 && head[0] == 0x78 && (head[0] * 256 + head[1]) % 31 == 0)
        return CONTENT_ZLIB;
    return is_old_pickle(head, size) ? CONTENT_PICKLE : CONTENT_UNKNOWN;
}

const char *content_word(enum content content)
{
    static const char *const words[] = {"unknown", "pickle", "zlib", "gzip", "bz2",    "xz",
                                        "lzma",    "lz4",    "zip",  "tar",  "forest", "joblib before 0.10"};
    return words[content];
}

static bool ends(const char *name, size_t size, const char *ending)
{
    size_t length = strlen(ending);
    return size >= length && memcmp(name + size - length, ending, length) == 0;
}

size_t candidate_stem(const char *path)
{
    size_t size = strlen(path);
    for (size_t i = 0; i < sizeof archive_endings / sizeof *archive_endings; i++)
        if (ends(path, size, archive_endings[i]))
            return size - strlen(archive_endings[i]);
    for (size_t i = 0; i < sizeof packed_endings / sizeof *packed_endings; i++) {
        if (!ends(path, size, packed_endings[i]))
            continue;
        size_t inner = size - strlen(packed_endings[i]);
        for (size_t k = 0; k < sizeof model_endings / sizeof *model_endings; k++)
            if (ends(path, inner, model_endings[k]))
                return inner - strlen(model_endings[k]);
    }
    return size;
}

static bool has_model_name(const char *path)
{
    return path[candidate_stem(path)] != '\0';
}

bool candidate_hidden(const char *path)
{
    if (*path == '/' || *path == '\\')
        return true;
    while (*path) {
        size_t size = strcspn(path, "/");
        bool here = size == 1 && path[0] == '.';
        bool folder = path[size] == '/';
        if ((path[0] == '.' && !here) || (folder && size == 4 && memcmp(path, "code", 4) == 0))
            return true;
        path += folder ? size + 1 : size;
    }
    return false;
}

/* Control characters in a name must not reach a terminal or a log. */
static void note(char paths[][CANDIDATE_NAME], size_t count, size_t limit, const char *path)
{
    if (count >= limit)
        return;
    (void)snprintf(paths[count], CANDIDATE_NAME, "%s", path);
    for (char *letter = paths[count]; *letter; letter++)
        if ((unsigned char)*letter < 0x20 || *letter == 0x7F)
            *letter = '?';
}

void candidates_offer(struct candidates *candidates, const char *path, const uint8_t *head, size_t size, uint64_t key)
{
    if (has_model_name(path)) {
        note(candidates->named_paths, candidates->named, 2, path);
        if (candidates->named < 2)
            candidates->named_keys[candidates->named] = key;
        candidates->named++;
    } else if (content_of(head, size) != CONTENT_UNKNOWN) {
        note(candidates->looking_paths, candidates->looking, 2, path);
        if (candidates->looking < 2)
            candidates->looking_keys[candidates->looking] = key;
        candidates->looking++;
    } else {
        note(candidates->other_paths, candidates->others, CANDIDATES_LISTED, path);
        candidates->others++;
    }
}

static bool none(const struct candidates *candidates, const char *what, struct forestd_error *error)
{
    if (candidates->others == 0)
        return error_set(error, FORESTD_NOT_FOUND, at_nowhere(),
                         "%s holds no file (dotfiles and folders called code are passed over): put the model in it",
                         what);
    char list[CANDIDATES_LISTED * (CANDIDATE_NAME + 2) + 1];
    size_t used = 0;
    size_t listed = candidates->others < CANDIDATES_LISTED ? candidates->others : CANDIDATES_LISTED;
    for (size_t i = 0; i < listed && used < 900; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", candidates->other_paths[i]);
    return error_set(error, FORESTD_NOT_FOUND, at_nowhere(),
                     "%s holds no model, only %zu other file%s (%s%s): the model's name should end in .joblib or .pkl",
                     what, candidates->others, candidates->others == 1 ? "" : "s", list,
                     candidates->others > listed ? ", ..." : "");
}

bool candidates_choose(const struct candidates *candidates, const char *what, uint64_t *key, const char **path,
                       struct forestd_error *error)
{
    bool named = candidates->named > 0;
    size_t count = named ? candidates->named : candidates->looking;
    const char(*paths)[CANDIDATE_NAME] = named ? candidates->named_paths : candidates->looking_paths;
    if (count == 0)
        return none(candidates, what, error);
    if (count > 1)
        return error_set(error, FORESTD_AMBIGUOUS, at_nowhere(),
                         "%s holds %zu files that could be the model, '%s' and '%s'%s: keep one, or name the one to "
                         "serve",
                         what, count, paths[0], paths[1], count > 2 ? " among them" : "");
    *key = named ? candidates->named_keys[0] : candidates->looking_keys[0];
    *path = paths[0];
    return true;
}
