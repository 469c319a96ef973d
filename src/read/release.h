/*
 * What scikit-learn's releases do differently.
 */
#ifndef READ_RELEASE_H
#define READ_RELEASE_H

#include "base/error.h"
#include "read/value.h"

struct release {
    unsigned major;
    unsigned minor;
};

/* Reads `_sklearn_version` from an estimator's state, and refuses the releases whose files forestd does not read. */
bool release_read(const struct value *estimator, struct release *release, struct forestd_error *error);

bool release_from(const struct release *release, unsigned major, unsigned minor);

/*
 * Whether this release predicts rows with missing values for an estimator. `tree` is the tree itself, or the first one
 * of a forest: its parameters decide.
 */
bool release_accepts_nan(const struct release *release, bool forest, const struct value *tree);

#endif
