/*
 * Which of several files is the model: the one rule for directories and for archives.
 *
 * A file whose name ends as a model's does is a candidate. Where no name does, a file whose first bytes are a pickle's
 * or a known compression's is one. Exactly one candidate must be left.
 */
#ifndef BASE_CANDIDATE_H
#define BASE_CANDIDATE_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

/* What a packed file (model/packed.h) begins with: not text, and changed by whoever takes it for text. */
#define PACKED_MAGIC                                                                                                   \
    "\x8D"                                                                                                             \
    "FRST\r\n\x1A"
enum { PACKED_MAGIC_SIZE = 8 };

/* What bytes begin with. */
enum content {
    CONTENT_UNKNOWN,
    CONTENT_PICKLE,
    CONTENT_ZLIB,
    CONTENT_GZIP,
    CONTENT_BZIP2,
    CONTENT_XZ,
    CONTENT_LZMA,
    CONTENT_LZ4,
    CONTENT_ZIP,
    CONTENT_TAR,
    CONTENT_PACKED,    /* forestd's own (model/packed.h) */
    CONTENT_OLD_JOBLIB /* 'ZF': joblib before 0.10 */
};

enum { CONTENT_HEAD = 512 }; /* bytes that content_of looks at */

/* `size` is how many bytes there are at `head`, CONTENT_HEAD being enough. */
enum content content_of(const uint8_t *head, size_t size);

/* The word for messages: "gzip", "tar". */
const char *content_word(enum content content);

enum { CANDIDATE_NAME = 240, CANDIDATES_LISTED = 6 };

struct candidates {
    size_t named;           /* candidates by their name */
    size_t looking;         /* candidates by their bytes */
    size_t others;          /* neither */
    uint64_t named_keys[2]; /* what the first two of each were offered with */
    uint64_t looking_keys[2];
    char named_paths[2][CANDIDATE_NAME];
    char looking_paths[2][CANDIDATE_NAME];
    char other_paths[CANDIDATES_LISTED][CANDIDATE_NAME];
};

/* Whether a path is passed over: a part of it begins with a dot or is `code`, or it leaves the folder it is in. */
bool candidate_hidden(const char *path);

/* Bytes of `path` before the ending of a model's name; all of them where it has none. */
size_t candidate_stem(const char *path);

/* Offers the file at `path`, with the bytes it begins with; `key` tells it from the others. */
void candidates_offer(struct candidates *candidates, const char *path, const uint8_t *head, size_t size, uint64_t key);

/* The one candidate's key, and its path in `*path`. `what` names the place: "the directory", "the archive". */
bool candidates_choose(const struct candidates *candidates, const char *what, uint64_t *key, const char **path,
                       struct forestd_error *error);

#endif
