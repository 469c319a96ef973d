/*
 * JSON Web Tokens signed with RS256 (RFC 7515, 7518), by which a service account says who it is.
 */
#ifndef CLOUD_JWT_H
#define CLOUD_JWT_H

#include "base/buffer.h"

/*
 * Appends "header.claims.signature". `pem` is the private key, in PKCS #8 ("BEGIN PRIVATE KEY") or PKCS #1 ("BEGIN RSA
 * PRIVATE KEY"); `key_id` may be NULL; `claims` is a JSON object.
 */
bool jwt_append(struct buffer *buffer, const char *pem, const char *key_id, const char *claims,
                struct forestd_error *error);

#endif
