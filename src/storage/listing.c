#include "storage/listing.h"

#include <stdlib.h>
#include <string.h>

bool listing_add(struct listing *listing, const char *key, struct forestd_error *error)
{
    if (listing->count == listing->capacity) {
        size_t capacity = listing->capacity ? 2 * listing->capacity : 64;
        char **keys = realloc(listing->keys, capacity * sizeof *keys);
        if (!keys)
            return error_memory(error, capacity * sizeof *keys, "a list of objects");
        listing->keys = keys;
        listing->capacity = capacity;
    }
    listing->keys[listing->count] = strdup(key);
    if (!listing->keys[listing->count])
        return error_memory(error, strlen(key), "an object's key");
    listing->count++;
    return true;
}

bool listing_continue(struct listing *listing, const char *next, struct forestd_error *error)
{
    free(listing->next);
    listing->next = *next ? strdup(next) : NULL;
    return !*next || listing->next || error_memory(error, strlen(next), "a page of a list");
}

void listing_close(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free(listing->keys[i]);
    free(listing->keys);
    free(listing->next);
    *listing = (struct listing){0};
}
