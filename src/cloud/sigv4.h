/*
 * AWS Signature Version 4, in the Authorization header.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * libcurl can sign too, but the 7.88 of Debian 12 neither sorts the query nor sends S3's hash of the body.
 */
#ifndef CLOUD_SIGV4_H
#define CLOUD_SIGV4_H

#include "cloud/headers.h"
#include <stdint.h>

struct sigv4_keys {
    const char *id;
    const char *secret;
    const char *token; /* NULL = a long-lived key */
};

struct sigv4_request {
    const char *method;
    const char *address; /* percent-encoded, as it is sent: scheme, host, path and query */
    const void *body;
    size_t body_size;
    const char *region;
    const char *service; /* "s3", "sts", "sagemaker", "lambda", "execute-api" */
    int64_t now;         /* seconds since 1970 */
};

/*
 * Adds x-amz-date, x-amz-security-token where there is a token, x-amz-content-sha256 for S3, and Authorization. Signed
 * are these, the host, and all headers that are in `headers` already.
 */
bool sigv4_sign(const struct sigv4_request *request, const struct sigv4_keys *keys, struct http_headers *headers,
                struct forestd_error *error);

#endif
