#include "cloud/digest.h"

#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <string.h>

void sha256(const void *bytes, size_t size, uint8_t digest[SHA256_SIZE])
{
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, size, bytes);
    sha256_digest(&context, SHA256_SIZE, digest);
}

void hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size, uint8_t digest[SHA256_SIZE])
{
    struct hmac_sha256_ctx context;
    hmac_sha256_set_key(&context, key_size, key);
    hmac_sha256_update(&context, size, bytes);
    hmac_sha256_digest(&context, SHA256_SIZE, digest);
}

void hex_write(const uint8_t *bytes, size_t size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = '\0';
}

void sha256_hex(const void *bytes, size_t size, char text[SHA256_HEX])
{
    uint8_t digest[SHA256_SIZE];
    sha256(bytes, size, digest);
    hex_write(digest, sizeof digest, text);
}

bool base64_append(struct buffer *buffer, const void *bytes, size_t size, struct forestd_error *error)
{
    if (!buffer_reserve(buffer, BASE64_ENCODE_RAW_LENGTH(size), error))
        return false;
    base64_encode_raw((char *)buffer->bytes + buffer->size, size, bytes);
    buffer->size += BASE64_ENCODE_RAW_LENGTH(size);
    return true;
}

bool base64url_append(struct buffer *buffer, const void *bytes, size_t size, struct forestd_error *error)
{
    struct base64_encode_ctx context;
    if (!buffer_reserve(buffer, BASE64_ENCODE_LENGTH(size) + BASE64_ENCODE_FINAL_LENGTH, error))
        return false;
    base64url_encode_init(&context);
    char *text = (char *)buffer->bytes + buffer->size;
    size_t written = base64_encode_update(&context, text, size, bytes);
    written += base64_encode_final(&context, text + written);
    while (written && text[written - 1] == '=')
        written--;
    buffer->size += written;
    return true;
}

bool base64_read(const char *text, size_t text_size, uint8_t *bytes, size_t *size)
{
    struct base64_decode_ctx context;
    base64_decode_init(&context);
    *size = BASE64_DECODE_LENGTH(text_size);
    return base64_decode_update(&context, size, bytes, text_size, text) == 1 && base64_decode_final(&context) == 1;
}
