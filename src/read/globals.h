/*
 * The closed table of classes and functions that a model file may name, and what each means to the reader. A name
 * outside of it ends the reading; a name inside of it is never called either.
 */
#ifndef READ_GLOBALS_H
#define READ_GLOBALS_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum meaning {
    MEANS_UNKNOWN,       /* not in the table: only where a report is made */
    MEANS_NOTHING,       /* known, and of no weight for predictions */
    MEANS_ESTIMATOR,     /* a scikit-learn estimator that forestd reads */
    MEANS_TREE,          /* sklearn.tree._tree.Tree */
    MEANS_RECONSTRUCTOR, /* copyreg._reconstructor: protocols 0 and 1 make every object with it */
    MEANS_ENCODE,        /* _codecs.encode: protocols below 3 write bytes with it */
    MEANS_WRAPPER,       /* joblib's NumpyArrayWrapper: an array's bytes follow it */
    MEANS_OLD_WRAPPER,   /* joblib before 0.10: arrays in files beside the model */
    MEANS_RECONSTRUCT,   /* numpy's _reconstruct: an array in a plain pickle */
    MEANS_BUFFER,        /* numpy's _frombuffer: the same from protocol 5 on */
    MEANS_DTYPE,
    MEANS_SCALAR
};

struct global {
    const char *module; /* as the table has it: today's name of the module */
    const char *name;
    enum meaning meaning;
};

/* A text in a file, not ended by 0. */
struct span {
    const uint8_t *bytes;
    size_t size;
};

/* The table's entry for a class, old names of its module included, or NULL. */
const struct global *global_find(struct span module, struct span name);

/* Fills the error for a class that is not in the table: which, at which byte, and what to do. Returns false. */
bool global_refuse(struct span module, struct span name, size_t byte, struct forestd_error *error);

#endif
