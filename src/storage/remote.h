/*
 * The one model at an address of a cloud: an object, or the one candidate among the objects under a prefix.
 */
#ifndef STORAGE_REMOTE_H
#define STORAGE_REMOTE_H

#include "storage/address.h"
#include "storage/storage.h"

/* Fills `artifact`, which is the caller's to close when it is true. */
bool remote_fetch(const struct address *address, const struct storage_options *options, struct artifact *artifact,
                  struct forestd_error *error);

#endif
