/*
 * Folders that hold several models, or several versions of one.
 *
 *     models/iris.joblib               model "iris"
 *     models/churn/model.joblib        model "churn"
 *     models/price/1/model.joblib      model "price", version 1
 *     models/price/2/model.joblib      model "price", version 2
 */
#ifndef STORAGE_COLLECTION_H
#define STORAGE_COLLECTION_H

#include "base/error.h"
#include <stddef.h>

/* One model of a folder; texts live during the call. `name` is NULL for versions of the folder itself. */
typedef bool collection_seer(void *context, const char *name, uint64_t version, const char *path,
                             struct forestd_error *error);

/*
 * Calls `see` for each model in `folder`, sorted by name: its files and sub-folders, of which those without a model are
 * passed over, as are dotfiles and `code`. Sub-folders whose names are numbers are versions. A sub-folder that holds
 * several models is an error.
 */
bool collection_read(const char *folder, collection_seer *see, void *context, struct forestd_error *error);

/* Calls `see` for the sub-folders of `folder` that are versions, and says in `*found` how many there were. */
bool collection_versions(const char *folder, const char *name, size_t *found, collection_seer *see, void *context,
                         struct forestd_error *error);

#endif
