/*
 * The objects under a prefix.
 */
#ifndef STORAGE_LISTING_H
#define STORAGE_LISTING_H

#include "base/error.h"
#include <stddef.h>

struct listing {
    char **keys; /* [count] */
    size_t count;
    size_t capacity;
    char *next; /* what the next page is asked for with; NULL = this was the last */
};

bool listing_add(struct listing *listing, const char *key, struct forestd_error *error);

/* Remembers the next page's name; "" is none. */
bool listing_continue(struct listing *listing, const char *next, struct forestd_error *error);

void listing_close(struct listing *listing);

#endif
