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

/*
 * How many of the eight bytes, from the first, are digits. A byte less '0' is 10 or more when it is none; adding 0x76
 * lifts it over 0x7F then, and carries only into bytes behind it, which count no more.
 */
static inline unsigned number_digit_count(uint64_t bytes)
{
    uint64_t values = bytes ^ 0x3030303030303030;
    uint64_t others = ((values + 0x7676767676767676) | values) & 0x8080808080808080;
    return others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
}

/* The number that eight values of digits make, the first in the lowest byte: pairs, then fours, then all. */
static inline uint64_t number_eight(uint64_t bytes)
{
    const uint64_t pairs = 0x000000FF000000FF;
    bytes = bytes * 10 + (bytes >> 8);
    return ((bytes & pairs) * (100 + (UINT64_C(1000000) << 32)) +
            ((bytes >> 16) & pairs) * (1 + (UINT64_C(10000) << 32))) >>
           32;
}

/*
 * Reads up to eight digits behind those in `digits`, and returns the place behind them. They are moved up in their
 * register, with zeros before them, so that no branch depends on how many there are. There must be eight bytes.
 */
static inline const char *number_scan_eight(const char *at, uint64_t *digits)
{
    static const uint32_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    uint64_t bytes = number_load_eight(at);
    unsigned count = number_digit_count(bytes);
    unsigned half = 4 * (8 - count); /* in bits; twice, for a shift by 64 is not defined */
    bytes = (bytes ^ 0x3030303030303030) << half << half;
    *digits = *digits * tens[count] + number_eight(bytes);
    return at + count;
}

/*
 * Reads all digits behind those in `digits`. Most numbers have few decimals or 15 to 18: two steps are taken without
 * asking whether the first of them met the end, since behind it the second finds no digit.
 */
static inline const char *number_scan_fraction(const char *at, const char *end, uint64_t *digits)
{
    const char *after = at;
    if (end - at >= 24) {
        after = number_scan_eight(at, digits);
        if (after - at < 8)
            return after;
        after = number_scan_eight(after, digits);
        after = number_scan_eight(after, digits);
    }
    while (after < end && number_digit(*after))
        *digits = *digits * 10 + (uint64_t)(*after++ - '0');
    return after;
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
        at = number_scan_fraction(at, end, &digits);
        exponent = point - at;
        if (exponent == 0)
            return NULL;
    }
    const int most = 19; /* digits that 64 bits always hold */
    if (at - first > most && number_significant(first, at) > (size_t)most)
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
    uint32_t bits = 0;
    memcpy(&bits, &low, sizeof bits);
    bits |= (uint32_t)negative << 31; /* signs are as good as random: no branch */
    memcpy(value, &bits, sizeof bits);
    return at;
}

#endif
