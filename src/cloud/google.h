/*
 * Google Cloud's application default credentials. https://google.aip.dev/auth/4110
 *
 * Looked for in this order: the file that GOOGLE_APPLICATION_CREDENTIALS names; gcloud's own
 * application_default_credentials.json (CLOUDSDK_CONFIG, else ~/.config/gcloud); the metadata server (GCE_METADATA_HOST).
 * The file is a service account's key or an authorized user's; other kinds are refused by name.
 */
#ifndef CLOUD_GOOGLE_H
#define CLOUD_GOOGLE_H

#include "cloud/client.h"

struct google;

/* Asks nobody. `scope` and `client` must outlive it. */
struct google *google_open(struct http_client *client, const char *scope, struct forestd_error *error);

/* NULL is allowed. */
void google_close(struct google *google);

/*
 * Makes sure that there is a token which is good for a while: before each request. Fails within a second or so where
 * nothing is configured and no metadata server answers.
 */
bool google_ready(struct google *google, struct forestd_error *error);

/* The service refused the token: google_ready asks for another. */
void google_expire(struct google *google);

/* Adds Authorization, and x-goog-user-project where the credential names a project to charge. */
bool google_authorize(const struct google *google, struct http_headers *headers, struct forestd_error *error);

/* How messages call the credential: "the service account x@y of /key.json". Never a secret. */
const char *google_used(const struct google *google);

#endif
