/*
 * Azure Storage's Shared Key, by which requests are signed with an account's key.
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
 */
#ifndef CLOUD_AZURE_KEY_H
#define CLOUD_AZURE_KEY_H

#include "cloud/headers.h"

/*
 * Adds Authorization for a request without a body. `key` is in base64, as the portal shows it; `address` is
 * percent-encoded, as it is sent; x-ms-date, x-ms-version, Range and If-Match are in `headers` already.
 */
bool azure_key_sign(const char *key, const char *account, const char *method, const char *address,
                    struct http_headers *headers, struct forestd_error *error);

#endif
