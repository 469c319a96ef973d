/*
 * The pickle machine: protocols 0 to 5, with the arrays that joblib lays between the opcodes. It builds plain data
 * (value.h) and calls nothing.
 *
 * Memory is bounded by the file's size: the arena, the memo and the stack each have a limit.
 */
#ifndef READ_PICKLE_H
#define READ_PICKLE_H

#include "base/error.h"
#include "read/census.h"
#include "read/value.h"

struct pickle {
    struct value root;
    struct arena memory;
    struct census *census; /* of the names in it, or NULL */

    size_t read; /* bytes that were read */
    unsigned protocol;
    bool joblib;              /* holds an array that joblib wrote */
    bool aligned;             /* and says how it is aligned */
    bool object_arrays;       /* holds an array of objects that joblib wrote, which is a pickle of its own: */
    unsigned object_protocol; /* its protocol */
    size_t array_bytes;       /* of all arrays of numbers and texts */
};

/*
 * Runs the pickle that `bytes`[0..size) begin with. The values refer to the bytes. `pickle` is filled as far as it
 * went also on failure, and is the caller's to close in any case.
 *
 * With a census, classes outside of the table of globals.h do not end the reading: they are counted in it, and their
 * objects mean nothing. No forest may be made of a pickle whose census says `refused`.
 */
bool pickle_open(struct pickle *pickle, const uint8_t *bytes, size_t size, struct census *census, struct budget *budget,
                 struct forestd_error *error);

void pickle_close(struct pickle *pickle);

#endif
