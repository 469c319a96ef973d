/*
 * scikit-learn's estimators to a forest.
 */
#ifndef READ_SKLEARN_H
#define READ_SKLEARN_H

#include "model/forest.h"
#include "read/pickle.h"

/*
 * The forest that the pickle holds, proved, for the caller to close; NULL and `error` where it holds none. `size` is
 * the file's size unpacked: the trees may not be larger than that together, however often one is referred to.
 */
struct forest *sklearn_forest(const struct pickle *pickle, size_t size, struct budget *budget,
                              struct forestd_error *error);

#endif
