#include "cloud/jwt.h"

#include "cloud/digest.h"
#include "cloud/text.h"
#include <gmp.h>
#include <nettle/asn1.h>
#include <nettle/rsa.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BITS = 16384 };

static bool bad_key(struct forestd_error *error)
{
    return error_set(error, FORESTD_FORMAT, at_nowhere(),
                     "its private key is no RSA key in PEM (BEGIN PRIVATE KEY): download the key file again");
}

/* The bytes between a PEM's lines, for the caller to free. */
static uint8_t *read_pem(const char *pem, size_t *size)
{
    const char *begin = strstr(pem, "-----BEGIN ");
    begin = begin ? strstr(begin + 11, "-----") : NULL;
    const char *end = begin ? strstr(begin + 5, "-----END ") : NULL;
    if (!end)
        return NULL;
    begin += 5;
    size_t length = (size_t)(end - begin);
    uint8_t *bytes = malloc(length + 3);
    if (bytes && base64_read(begin, length, bytes, size))
        return bytes;
    free(bytes);
    return NULL;
}

/* PKCS #8 wraps the key of PKCS #1: SEQUENCE { version, algorithm, OCTET STRING { key } } (RFC 5208). */
static void unwrap(const uint8_t **der, size_t *size)
{
    struct asn1_der_iterator outer;
    struct asn1_der_iterator inner;
    if (asn1_der_iterator_first(&outer, *size, *der) == ASN1_ITERATOR_CONSTRUCTED && outer.type == ASN1_SEQUENCE &&
        asn1_der_decode_constructed(&outer, &inner) == ASN1_ITERATOR_PRIMITIVE && inner.type == ASN1_INTEGER &&
        asn1_der_iterator_next(&inner) == ASN1_ITERATOR_CONSTRUCTED && inner.type == ASN1_SEQUENCE &&
        asn1_der_iterator_next(&inner) == ASN1_ITERATOR_PRIMITIVE && inner.type == ASN1_OCTETSTRING) {
        *der = inner.data;
        *size = inner.length;
    }
}

static bool read_key(const char *pem, struct rsa_private_key *key, struct forestd_error *error)
{
    struct rsa_public_key other; /* its numbers lie beside those of the private one */
    size_t size = 0;
    uint8_t *bytes = read_pem(pem, &size);
    const uint8_t *der = bytes;
    rsa_public_key_init(&other);
    if (bytes)
        unwrap(&der, &size);
    bool good = bytes && rsa_keypair_from_der(&other, key, KEY_BITS, size, der) == 1;
    rsa_public_key_clear(&other);
    if (bytes)
        explicit_bzero(bytes, (size_t)(der - bytes) + size);
    free(bytes);
    return good || bad_key(error);
}

static bool append_signature(struct buffer *buffer, size_t begin, const struct rsa_private_key *key,
                             struct forestd_error *error)
{
    struct sha256_ctx hash;
    mpz_t number;
    mpz_init(number);
    sha256_init(&hash);
    sha256_update(&hash, buffer->size - begin, buffer->bytes + begin);
    bool good = rsa_sha256_sign(key, &hash, number) == 1 || bad_key(error);
    uint8_t *bytes = calloc(1, key->size);
    if (good && bytes) {
        nettle_mpz_get_str_256(key->size, bytes, number);
        good = text_append(buffer, ".", error) && base64url_append(buffer, bytes, key->size, error);
    } else if (good) {
        good = error_memory(error, key->size, "a signature");
    }
    free(bytes);
    mpz_clear(number);
    return good;
}

bool jwt_append(struct buffer *buffer, const char *pem, const char *key_id, const char *claims,
                struct forestd_error *error)
{
    struct rsa_private_key key;
    struct buffer header = {0};
    size_t begin = buffer->size;
    rsa_private_key_init(&key);
    /* An identifier is letters and digits: anything else would have to be quoted. */
    if (key_id && key_id[strspn(key_id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.")])
        key_id = NULL;
    bool good = read_key(pem, &key, error) &&
                (key_id ? buffer_print(&header, error, "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"%s\"}", key_id)
                        : buffer_print(&header, error, "{\"alg\":\"RS256\",\"typ\":\"JWT\"}")) &&
                base64url_append(buffer, header.bytes, header.size, error) && text_append(buffer, ".", error) &&
                base64url_append(buffer, claims, strlen(claims), error) &&
                append_signature(buffer, begin, &key, error) && text_end(buffer, error);
    buffer_close(&header);
    rsa_private_key_clear(&key);
    return good;
}
