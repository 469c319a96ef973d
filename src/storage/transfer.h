/*
 * One object, fetched: by several connections where it is large, resumed where one breaks, checked.
 *
 * The first request asks for the whole object; its answer's headers tell size, state and checksum. Where the object is
 * large, further connections fetch parts of it from its end on, until they meet the first. All of them name the state
 * that the first one saw; where the object changes meanwhile, it is fetched anew. A thread reckons the checksum as the
 * bytes come in order.
 */
#ifndef STORAGE_TRANSFER_H
#define STORAGE_TRANSFER_H

#include "storage/source.h"
#include "storage/target.h"

struct transfer_options {
    struct budget *budget; /* for memory; NULL = without bound */
    bool cache;            /* into a file of the cache instead of memory */
    unsigned seconds;      /* for all of it; 0 = 1800 */
};

/*
 * Fetches the object `key`; `name` is how messages and the cache call it. The target is the caller's to close when it
 * is true; its bytes are then whole and proved, `*size` of them. When it is false, `*status` is the service's answer,
 * 0 where there was none.
 */
bool transfer(struct source *source, const char *key, const char *name, const struct transfer_options *options,
              struct target *target, size_t *size, long *status, struct forestd_error *error);

#endif
