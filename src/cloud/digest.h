/*
 * Hashes, and bytes as text: what signatures and checksums are made of.
 */
#ifndef CLOUD_DIGEST_H
#define CLOUD_DIGEST_H

#include "base/buffer.h"
#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, SHA256_HEX = 65, MD5_SIZE = 16 };

void sha256(const void *bytes, size_t size, uint8_t digest[SHA256_SIZE]);

void hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size, uint8_t digest[SHA256_SIZE]);

/* `size` bytes in lower-case hexadecimal and a 0: 2 * size + 1 bytes of `text`. */
void hex_write(const uint8_t *bytes, size_t size, char *text);

/* The SHA-256 of the bytes in lower-case hexadecimal. */
void sha256_hex(const void *bytes, size_t size, char text[SHA256_HEX]);

/* Appends base64 with padding, or base64url without. */
bool base64_append(struct buffer *buffer, const void *bytes, size_t size, struct forestd_error *error);
bool base64url_append(struct buffer *buffer, const void *bytes, size_t size, struct forestd_error *error);

/* Reads base64, white space in it passed over, into `bytes` of at least 3 * strlen(text) / 4 + 3. */
bool base64_read(const char *text, size_t text_size, uint8_t *bytes, size_t *size);

#endif
