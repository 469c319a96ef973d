/*
 * The one model in a directory.
 */
#ifndef STORAGE_FOLDER_H
#define STORAGE_FOLDER_H

#include "base/error.h"

/* The path of the one candidate under `folder`, for the caller to free; NULL and `error` when there is none or two. */
char *folder_search(const char *folder, struct forestd_error *error);

#endif
