/*
 * scikit-learn's estimators to a forest.
 */
#ifndef READ_SKLEARN_H
#define READ_SKLEARN_H

#include "model/forest.h"
#include "read/pickle.h"

/*
 * Fills `forest` from what the pickle holds. `size` is the file's size unpacked: the trees may not be larger than that
 * together, however often one is referred to.
 */
bool sklearn_forest(const struct pickle *pickle, size_t size, struct forest *forest, struct forestd_error *error);

#endif
