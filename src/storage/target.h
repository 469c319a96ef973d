/*
 * Where an object's bytes go: memory of their own, or a file that is mapped.
 *
 * A file of the cache lies in $TMPDIR/forestd-UID, a folder that only its user may enter. Until all of it is there and
 * proved, its name ends in ".part"; what a process that died has left of those is removed by the next.
 */
#ifndef STORAGE_TARGET_H
#define STORAGE_TARGET_H

#include "base/budget.h"
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

struct target {
    uint8_t *bytes;
    size_t size;           /* bytes that are mapped */
    int file;              /* of the cache; -1 = memory */
    struct budget *budget; /* what memory is taken from, all `size` bytes; NULL = without bound */
    char *part_path;       /* while the file is being written */
    char *path;            /* what it will be called; NULL = it loses its name instead */
};

/* Memory for `size` bytes. Refuses more than the machine, or the process's group, may have. */
bool target_open_memory(struct target *target, size_t size, struct budget *budget, struct forestd_error *error);

/* Makes memory larger. It may move. */
bool target_grow(struct target *target, size_t size, struct forestd_error *error);

/*
 * A file for the object `address` in the state `pin`: true with `*found` when it is there already, else a new one of
 * `size` bytes. An empty pin is never found again.
 */
bool target_open_cache(struct target *target, const char *address, const char *pin, size_t size, bool *found,
                       struct forestd_error *error);

/* All bytes are there and proved: gives the file its name, and removes older states of the same object. */
bool target_keep(struct target *target, struct forestd_error *error);

/* Unmaps the bytes; a file that was not kept is removed. */
void target_close(struct target *target);

#endif
