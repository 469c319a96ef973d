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

/* A float64. */
static inline double bytes_real(const uint8_t *bytes, bool big)
{
    uint64_t number = bytes_natural(bytes, 8, big);
    double real;
    memcpy(&real, &number, sizeof real);
    return real;
}

#endif
