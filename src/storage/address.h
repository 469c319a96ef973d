/*
 * A model's address, in its parts.
 *
 *     s3://BUCKET/KEY
 *     gs://BUCKET/KEY
 *     azblob://CONTAINER/KEY                                   the account is in the environment
 *     https://ACCOUNT.blob.core.windows.net/CONTAINER/KEY?SAS  and the other clouds' *.blob.*
 *     https://HOST/PATH
 *     anything else                                            a path
 */
#ifndef STORAGE_ADDRESS_H
#define STORAGE_ADDRESS_H

#include "base/error.h"

enum place { PLACE_PATH, PLACE_S3, PLACE_GOOGLE, PLACE_AZURE, PLACE_WEB };

/* Texts are owned, and "" where the address has none of them. */
struct address {
    enum place place;
    char *shown;   /* as it was given, but for what may be secret: a user's name and password, and the query */
    char *host;    /* Azure: "https://ACCOUNT.blob.core.windows.net"; "" for azblob:// */
    char *account; /* Azure: as the host names it */
    char *bucket;  /* or container */
    char *key;     /* as the service calls the object, with no percent-encoding; may end in a slash or be empty */
    char *query;   /* Azure: what followed the question mark */
};

/* False with FORESTD_ARGUMENT where it is none of these: an unknown scheme, a bucket without a name. */
bool address_read(struct address *address, const char *text, struct forestd_error *error);

void address_close(struct address *address);

/* The text as it may be shown and logged, for the caller to free; NULL when there is no memory. */
char *address_show(const char *text);

#endif
