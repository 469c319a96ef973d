/*
 * Numbers as they lie in files: little or big end first, at any address.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The unsigned number in `size` bytes, 1 to 8. */
static inline uint64_t bytes_natural(const uint8_t *bytes, size_t size, bool big)
{
    uint64_t number = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(&number, bytes, size);
    return big ? __builtin_bswap64(number) >> (64 - 8 * size) : number;
#else
    for (size_t i = 0; i < size; i++)
        number |= (uint64_t)bytes[i] << (8 * (big ? size - 1 - i : i));
    return number;
#endif
}

/* The same in two's complement. */
static inline int64_t bytes_integer(const uint8_t *bytes, size_t size, bool big)
{
    uint64_t number = bytes_natural(bytes, size, big);
    if (size < 8 && number >> (8 * size - 1))
        number |= UINT64_MAX << (8 * size);
    return (int64_t)number;
}

/* A float16; every one is a float32. */
static inline float bytes_half(const uint8_t *bytes, bool big)
{
    uint32_t bits = (uint32_t)bytes_natural(bytes, 2, big);
    uint32_t sign = (bits & 0x8000) << 16;
    uint32_t exponent = bits >> 10 & 0x1F;
    uint32_t fraction = bits & 0x3FF;
    if (exponent == 0) {
        float magnitude = (float)fraction * 0x1p-24F;
        return sign ? -magnitude : magnitude;
    }
    uint32_t single = sign | (exponent == 0x1F ? 0xFF : exponent + 112) << 23 | fraction << 13;
    float real;
    memcpy(&real, &single, sizeof real);
    return real;
}

/* A float32. */
static inline float bytes_single(const uint8_t *bytes, bool big)
{
    uint32_t number = (uint32_t)bytes_natural(bytes, 4, big);
    float real;
    memcpy(&real, &number, sizeof real);
    return real;
}

/* A float64. */
static inline double bytes_real(const uint8_t *bytes, bool big)
{
    uint64_t number = bytes_natural(bytes, 8, big);
    double real;
    memcpy(&real, &number, sizeof real);
    return real;
}

#endif
