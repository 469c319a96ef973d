/*
 * A compressed body, unpacked as it arrives: Content-Encoding gzip (RFC 1952, of one or several members) and deflate
 * (RFC 9110 section 8.4.1.2: zlib's form; the bare form, which some clients send, is taken as well).
 *
 * It holds some 100 KiB, whatever comes: the bytes go on in pieces, and their number is bounded by who takes them.
 */
#ifndef SERVE_UNPACKING_H
#define SERVE_UNPACKING_H

#include "base/budget.h"
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_DEFLATE, PACKING_UNKNOWN };

/* What a Content-Encoding says; NULL and "identity" are PACKING_NONE. */
enum packing packing_of(const char *encoding);

struct unpacking;

/* Its memory is taken from `budget` (or NULL). NULL without memory. */
struct unpacking *unpacking_open(enum packing packing, struct budget *budget, struct forestd_error *error);

/*
 * Unpacks more of a piece of the body. `*ready` is what came of it, lent until the next call; 0 when all of the piece
 * has been unpacked. The same piece must be given until then. FORESTD_FORMAT for what is not of this packing.
 */
bool unpacking_next(struct unpacking *unpacking, const void *piece, size_t size, const uint8_t **bytes, size_t *ready,
                    struct forestd_error *error);

/* The body is over. FORESTD_FORMAT when it broke off. A body of no bytes at all is whole. */
bool unpacking_finish(const struct unpacking *unpacking, struct forestd_error *error);

/* NULL is allowed. */
void unpacking_close(struct unpacking *unpacking);

#endif
