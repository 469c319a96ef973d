#include "cloud/digest.h"
#include "cloud/jwt.h"
#include "unit/forests.h"
#include "unit/suite.h"

#include <gmp.h>
#include <nettle/bignum.h>
#include <nettle/rsa.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 1024 };

static struct rsa_public_key public_key;
static struct rsa_private_key private_key;

static void draw(void *context, size_t size, uint8_t *bytes)
{
    uint64_t *state = context;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(random_next(state) >> 33);
}

static void make_key(void)
{
    uint64_t state = 7;
    rsa_public_key_init(&public_key);
    rsa_private_key_init(&private_key);
    mpz_set_ui(public_key.e, 65537);
    ck_assert_int_eq(rsa_generate_keypair(&public_key, &private_key, &state, draw, NULL, NULL, BITS, 0), 1);
}

static void drop_key(void)
{
    rsa_public_key_clear(&public_key);
    rsa_private_key_clear(&private_key);
}

/* A value of ASN.1 with a length in two bytes. */
static void add_value(struct buffer *der, uint8_t tag, const void *bytes, size_t size)
{
    const uint8_t head[] = {tag, 0x82, (uint8_t)(size >> 8), (uint8_t)size};
    ck_assert(buffer_append(der, head, sizeof head, NULL) && buffer_append(der, bytes, size, NULL));
}

static void add_number(struct buffer *der, const mpz_t number)
{
    uint8_t bytes[BITS / 8 + 2] = {0};
    size_t size = nettle_mpz_sizeinbase_256_s(number);
    nettle_mpz_get_str_256(size, bytes, number);
    /* The shortest form has a length in one byte where that is enough. */
    if (size < 128) {
        const uint8_t head[] = {0x02, (uint8_t)size};
        ck_assert(buffer_append(der, head, sizeof head, NULL) && buffer_append(der, bytes, size, NULL));
    } else {
        const uint8_t head[] = {0x02, 0x81, (uint8_t)size};
        ck_assert(buffer_append(der, head, sizeof head, NULL) && buffer_append(der, bytes, size, NULL));
    }
}

/* The key as PKCS #1 has it (RFC 8017, A.1.2), and within PKCS #8 (RFC 5208) where it is `wrapped`. */
static void write_pem(struct buffer *pem, const char *label, bool wrapped)
{
    static const uint8_t version[] = {0x02, 0x01, 0x00};
    static const uint8_t algorithm[] = {0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                        0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00};
    struct buffer numbers = {0};
    struct buffer key = {0};
    struct buffer outside = {0};
    ck_assert(buffer_append(&numbers, version, sizeof version, NULL));
    add_number(&numbers, public_key.n);
    add_number(&numbers, public_key.e);
    add_number(&numbers, private_key.d);
    add_number(&numbers, private_key.p);
    add_number(&numbers, private_key.q);
    add_number(&numbers, private_key.a);
    add_number(&numbers, private_key.b);
    add_number(&numbers, private_key.c);
    add_value(&key, 0x30, numbers.bytes, numbers.size);
    if (wrapped) {
        ck_assert(buffer_append(&outside, version, sizeof version, NULL) &&
                  buffer_append(&outside, algorithm, sizeof algorithm, NULL));
        add_value(&outside, 0x04, key.bytes, key.size);
        key.size = 0;
        add_value(&key, 0x30, outside.bytes, outside.size);
    }
    ck_assert(buffer_append(pem, "-----BEGIN ", 11, NULL) && buffer_append(pem, label, strlen(label), NULL) &&
              buffer_append(pem, "-----\n", 6, NULL) && base64_append(pem, key.bytes, key.size, NULL) &&
              buffer_append(pem, "\n-----END ", 10, NULL) && buffer_append(pem, "", 1, NULL));
    buffer_close(&numbers);
    buffer_close(&key);
    buffer_close(&outside);
}

static void check_token(const char *label, bool wrapped)
{
    struct buffer pem = {0};
    struct buffer token = {0};
    struct forestd_error error;
    write_pem(&pem, label, wrapped);
    ck_assert_msg(jwt_append(&token, (const char *)pem.bytes, "k1", "{\"iss\":\"x\"}", &error), "%s", error.message);
    /* {"alg":"RS256","typ":"JWT","kid":"k1"} and {"iss":"x"} */
    static const char begin[] = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJpc3MiOiJ4In0.";
    char *text = (char *)token.bytes;
    ck_assert_mem_eq(text, begin, sizeof begin - 1);
    char *signature = strrchr(text, '.') + 1;
    struct sha256_ctx hash;
    sha256_init(&hash);
    sha256_update(&hash, (size_t)(signature - 1 - text), token.bytes);
    for (char *letter = signature; *letter; letter++)
        *letter = (char)(*letter == '-' ? '+' : *letter == '_' ? '/' : *letter);
    uint8_t bytes[BITS / 8 + 8];
    char padded[256];
    size_t size = strlen(signature);
    memcpy(padded, signature, size);
    while (size % 4)
        padded[size++] = '=';
    ck_assert(base64_read(padded, size, bytes, &size));
    mpz_t number;
    mpz_init(number);
    mpz_import(number, size, 1, 1, 0, 0, bytes);
    ck_assert_int_eq(rsa_sha256_verify(&public_key, &hash, number), 1);
    mpz_clear(number);
    buffer_close(&pem);
    buffer_close(&token);
}

START_TEST(signs_with_either_kind_of_key)
{
    make_key();
    check_token("PRIVATE KEY", true);
    check_token("RSA PRIVATE KEY", false);
    drop_key();
}
END_TEST

START_TEST(refuses_what_is_no_key)
{
    static const char *const keys[] = {"", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n!\n-----END ",
                                       "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct buffer token = {0};
        struct forestd_error error;
        ck_assert(!jwt_append(&token, keys[i], NULL, "{}", &error));
        ck_assert_int_eq(error.code, FORESTD_FORMAT);
        buffer_close(&token);
    }
}
END_TEST

SUITE(jwt, signs_with_either_kind_of_key, refuses_what_is_no_key)
