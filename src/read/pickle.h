/*
 * The pickle machine: protocols 0 to 5, with the arrays that joblib lays between the opcodes. It builds plain data
 * (value.h) and calls nothing.
 *
 * Memory is bounded by the file's size: the arena, the memo and the stack each have a limit.
 */
#ifndef READ_PICKLE_H
#define READ_PICKLE_H

#include "base/error.h"
#include "read/value.h"

/* A class or function that the file names. */
struct mention {
    const struct global *global;
    size_t count;
    size_t first; /* byte of the first mention */
};

enum { MENTION_LIMIT = 256 };

struct pickle {
    struct value root;
    struct arena memory;
    bool lenient; /* classes outside of the table are taken as objects of no meaning, for reports */

    unsigned protocol;
    bool joblib;        /* holds an array that joblib wrote */
    size_t opcodes;     /* carried out */
    size_t array_bytes; /* of joblib's arrays */
    struct mention mentions[MENTION_LIMIT];
    size_t mention_count;
    size_t mentions_left_out; /* mentions of names that did not fit */
};

/*
 * Runs the pickle that `bytes`[0..size) begin with. The values refer to the bytes. `pickle` is filled as far as it
 * went also on failure, and is the caller's to close in any case.
 */
bool pickle_open(struct pickle *pickle, const uint8_t *bytes, size_t size, bool lenient, struct forestd_error *error);

void pickle_close(struct pickle *pickle);

#endif
