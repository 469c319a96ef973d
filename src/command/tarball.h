/*
 * model.tar.gz as SageMaker takes it: a tar archive, compressed by gzip, of a few files. The same files give the same bytes: owners are
 * root, the mode is 0644, times are SOURCE_DATE_EPOCH or 1970, and gzip's header has none.
 * https://reproducible-builds.org/specs/source-date-epoch/
 */
#ifndef COMMAND_TARBALL_H
#define COMMAND_TARBALL_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tarball_file {
    const char *name;
    const void *bytes;
    size_t size;
};

/* Writes the archive to the open file `file`, from where it stands. `*written` is its size. */
bool tarball_write(int file, const struct tarball_file *files, size_t count, uint64_t *written,
                   struct forestd_error *error);

#endif
