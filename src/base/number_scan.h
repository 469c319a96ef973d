/*
 * The quick way from text to float32, for the loops that read matrices: most numbers take some ten nanoseconds and no
 * call. What it cannot settle it leaves to number_read.
 */
#ifndef BASE_NUMBER_SCAN_H
#define BASE_NUMBER_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Powers of ten that a double holds exactly. */
static const double number_tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                     1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static inline bool number_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static inline uint64_t number_load_eight(const char *text)
{
    uint64_t bytes;
    memcpy(&bytes, text, sizeof bytes);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = __builtin_bswap64(bytes);
#endif
    return bytes;
}

/* Whether all eight bytes are digits: their high halves are 3, and adding 6 does not carry into them. */
static inline bool number_eight_digits(uint64_t bytes)
{
    const uint64_t high = 0xF0F0F0F0F0F0F0F0;
    return ((bytes & high) | (((bytes + 0x0606060606060606) & high) >> 4)) == 0x3333333333333333;
}

/* The number that eight digits make, the first in the lowest byte: pairs, then fours, then all, in one register. */
static inline uint64_t number_eight(uint64_t bytes)
{
    const uint64_t pairs = 0x000000FF000000FF;
    bytes -= 0x3030303030303030;
    bytes = bytes * 10 + (bytes >> 8);
    return ((bytes & pairs) * (100 + (UINT64_C(1000000) << 32)) +
            ((bytes >> 16) & pairs) * (1 + (UINT64_C(10000) << 32))) >>
           32;
}

/* Digits from the first that is not 0. */
static inline size_t number_significant(const char *text, const char *end)
{
    while (text < end && (*text == '0' || *text == '.'))
        text++;
    return (size_t)(end - text);
}

/* Reads an exponent behind its `e`; NULL when it has no digit, or more than four. */
static inline const char *number_scan_exponent(const char *text, const char *end, ptrdiff_t *exponent)
{
    bool negative = text < end && *text == '-';
    if (text < end && (*text == '-' || *text == '+'))
        text++;
    const char *digits = text;
    ptrdiff_t value = 0;
    while (text < end && text - digits < 5 && number_digit(*text))
        value = value * 10 + (*text++ - '0');
    *exponent += negative ? -value : value;
    return text == digits || text - digits > 4 ? NULL : text;
}

/*
 * Reads the JSON number at `text` as the double nearest to it and then as the float32 nearest to that, which is what
 * `json.loads` and numpy's cast make of it. Returns the byte after it; NULL when the number is not one of JSON's,
 * reaches up to `end` (there may be more of it), or needs number_read.
 *
 * The double that is computed may miss the nearest one by its last bits, when the digits make more than 2^53 or the
 * exponent is small. Rounding never changes the order of numbers, so where the float32 is the same a little below and a
 * little above, it is right.
 */
static inline const char *number_scan(const char *text, const char *end, float *value)
{
    const char *at = text;
    bool negative = at < end && *at == '-';
    at += negative;
    const char *first = at;
    uint64_t digits = 0;
    while (at < end && number_digit(*at))
        digits = digits * 10 + (uint64_t)(*at++ - '0');
    if (at == first || (at - first > 1 && *first == '0'))
        return NULL;
    ptrdiff_t exponent = 0;
    if (at < end && *at == '.') {
        const char *point = ++at;
        for (; end - at >= 8; at += 8) {
            uint64_t bytes = number_load_eight(at);
            if (!number_eight_digits(bytes))
                break;
            digits = digits * 100000000 + number_eight(bytes);
        }
        while (at < end && number_digit(*at))
            digits = digits * 10 + (uint64_t)(*at++ - '0');
        exponent = point - at;
        if (exponent == 0)
            return NULL;
    }
    const int most = 19; /* digits that 64 bits always hold */
    if (at - first > most && number_significant(first, at) > most)
        return NULL;
    if (at < end && (*at == 'e' || *at == 'E'))
        at = number_scan_exponent(at + 1, end, &exponent);
    if (!at || at == end || exponent < -44 || exponent > 22)
        return NULL;
    double near = (double)digits;
    bool exact = digits >> 53 == 0;
    if (exponent < -22) {
        near /= number_tens[22];
        exponent += 22;
        exact = false;
    }
    near = exponent < 0 ? near / number_tens[-exponent] : near * number_tens[exponent];
    double slack = near * 0x1p-50;
    float low = (float)(near - slack);
    if (low != (float)(near + slack)) {
        if (!exact)
            return NULL;
        low = (float)near; /* both parts were exact: one rounding, to the nearest double */
    }
    *value = negative ? -low : low;
    return at;
}

#endif
