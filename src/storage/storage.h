/*
 * A model's address to its bytes.
 */
#ifndef STORAGE_STORAGE_H
#define STORAGE_STORAGE_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

/* A file's bytes, mapped read-only. */
struct artifact {
    const uint8_t *bytes;
    size_t size;
    char *path; /* the file itself: where the address was a directory, the one that was found in it */
};

/*
 * Fetches the model at `address`: a file, or a directory that holds one (dotfiles, `._*` and folders called `code` are
 * passed over; two candidates are an error that names both).
 */
bool storage_fetch(const char *address, struct artifact *artifact, struct forestd_error *error);

void artifact_close(struct artifact *artifact);

#endif
