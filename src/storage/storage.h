/*
 * A model's address to its bytes.
 */
#ifndef STORAGE_STORAGE_H
#define STORAGE_STORAGE_H

#include "base/budget.h"
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

/* All zero is the usual. */
struct storage_options {
    bool cache;       /* what is fetched goes to a file under $TMPDIR that the next start finds again, not to memory */
    unsigned seconds; /* that fetching may take in all; 0 = 1800 */
    struct budget *budget; /* what memory for fetched bytes is taken from; NULL = without bound */
};

/* A model's bytes, in memory or mapped, read-only. */
struct artifact {
    const uint8_t *bytes;
    size_t size;
    size_t mapped;         /* bytes of the mapping */
    struct budget *budget; /* what `mapped` was taken from; NULL = none, as for files */
    char *path; /* the file or object itself: where the address was a directory or prefix, the one found in it */
};

/*
 * Fetches the model at `address`: a path, s3://, gs://, azblob://, or https:// (https://ACCOUNT.blob.core.windows.net
 * with Azure's credentials); a file or object, or a directory or prefix that holds one (dotfiles, `._*` and folders
 * called `code` are passed over; two candidates are an error that names both). What is not whole is never given.
 * Credentials are found as each cloud's own tools find them (src/cloud). `options` may be NULL.
 */
bool storage_fetch(const char *address, const struct storage_options *options, struct artifact *artifact,
                   struct forestd_error *error);

void artifact_close(struct artifact *artifact);

/* The address without what is secret in it, for messages and logs; for the caller to free. */
char *storage_show(const char *address);

#endif
