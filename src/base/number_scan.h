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

enum { NUMBER_LEAST_TEN = -44, NUMBER_MOST_TEN = 22 };

/* The doubles nearest to the powers of ten from the least to the most. */
static const double number_tens[] = {1e-44, 1e-43, 1e-42, 1e-41, 1e-40, 1e-39, 1e-38, 1e-37, 1e-36, 1e-35, 1e-34, 1e-33,
                                     1e-32, 1e-31, 1e-30, 1e-29, 1e-28, 1e-27, 1e-26, 1e-25, 1e-24, 1e-23, 1e-22, 1e-21,
                                     1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9,
                                     1e-8,  1e-7,  1e-6,  1e-5,  1e-4,  1e-3,  1e-2,  1e-1,  1e0,   1e1,   1e2,   1e3,
                                     1e4,   1e5,   1e6,   1e7,   1e8,   1e9,   1e10,  1e11,  1e12,  1e13,  1e14,  1e15,
                                     1e16,  1e17,  1e18,  1e19,  1e20,  1e21,  1e22};

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
static inline uint64_t number_of_values(uint64_t values)
{
    const uint64_t pairs = 0x000000FF000000FF;
    values = values * 10 + (values >> 8);
    return ((values & pairs) * (100 + (UINT64_C(1000000) << 32)) +
            ((values >> 16) & pairs) * (1 + (UINT64_C(10000) << 32))) >>
           32;
}

/* The number that eight digits make. */
static inline uint64_t number_eight(uint64_t bytes)
{
    return number_of_values(bytes ^ 0x3030303030303030);
}

/* The number that the first `count` of eight bytes make, which are digits. They are moved up in their register, with
 * zeros before them, so that no branch depends on how many there are. */
static inline uint64_t number_few(uint64_t bytes, unsigned count)
{
    unsigned half = 4 * (8 - count); /* in bits; twice, for a shift by 64 is not defined */
    return number_of_values((bytes ^ 0x3030303030303030) << half << half);
}

/* Digits that are read, which 63 bits hold; decimals among them, for those behind decide hardly ever; and bytes in which
 * a number that is read ends. */
enum { NUMBER_DIGITS = 18, NUMBER_DECIMALS = 16, NUMBER_REACH = 64 };

/*
 * Reads the decimals at `at` behind the digits in `digits`; `*count` is how many of them. Returns the byte after all;
 * NULL when there are 24 or more. There must be 24 bytes. Where the next number begins must be known early: nothing on
 * the way there waits for the digits' value.
 */
static inline const char *number_scan_decimals(const char *at, uint64_t *digits, ptrdiff_t *count)
{
    static const uint32_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    uint64_t first = number_load_eight(at);
    unsigned some = number_digit_count(first);
    *count = some;
    if (some < 8) {
        *digits = *digits * tens[some] + number_few(first, some);
        return at + some;
    }
    uint64_t second = number_load_eight(at + 8);
    some = number_digit_count(second);
    *count += some;
    *digits = (*digits * tens[8] + number_eight(first)) * tens[some] + number_few(second, some);
    unsigned more = some < 8 ? 0 : number_digit_count(number_load_eight(at + 16));
    return more < 8 ? at + 8 + some + more : NULL;
}

/* The same near the end of what may be read. */
static inline const char *number_scan_last_decimals(const char *at, const char *end, uint64_t *digits, ptrdiff_t *count)
{
    for (*count = 0; at < end && number_digit(*at); at++) {
        if (*count == NUMBER_DECIMALS)
            continue;
        *digits = *digits * 10 + (uint64_t)(*at - '0');
        ++*count;
    }
    return at;
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

/* number_scan, where `far` says that there are NUMBER_REACH bytes before `end`: none of them is asked for. */
__attribute__((always_inline)) static inline const char *number_scan_within(const char *text, const char *end, bool far,
                                                                            float *value)
{
    const char *at = text;
    bool negative = (far || at < end) && *at == '-';
    at += negative;
    if (!(far || at < end) || !number_digit(*at))
        return NULL;
    const char *first = at;
    uint64_t digits = (uint64_t)(*at++ - '0');
    while ((far || at < end) && number_digit(*at)) {
        if (*first == '0' || at - first == NUMBER_DIGITS)
            return NULL;
        digits = digits * 10 + (uint64_t)(*at++ - '0');
    }
    ptrdiff_t exponent = 0;
    bool cut = false;
    if ((far || at < end) && *at == '.') {
        ptrdiff_t room = NUMBER_DIGITS - (at - first);
        ptrdiff_t count = 0;
        const char *decimals = at + 1;
        at = far ? number_scan_decimals(decimals, &digits, &count)
                 : number_scan_last_decimals(decimals, end, &digits, &count);
        if (!at || count == 0 || count > room)
            return NULL;
        cut = at - decimals > count;
        exponent = -count;
    }
    if ((far || at < end) && (*at == 'e' || *at == 'E'))
        at = number_scan_exponent(at + 1, end, &exponent);
    if (!at || at == end || exponent < NUMBER_LEAST_TEN || exponent > NUMBER_MOST_TEN)
        return NULL;
    double unit = number_tens[exponent - NUMBER_LEAST_TEN];
    float low = (float)((double)(int64_t)digits * unit * (1 - 0x1p-50));
    float high = (float)((double)(int64_t)(digits + cut) * unit * (1 + 0x1p-50));
    if (low != high)
        return NULL;
    uint32_t bits = 0;
    memcpy(&bits, &low, sizeof bits);
    bits |= (uint32_t)negative << 31; /* signs are as good as random: no branch */
    memcpy(value, &bits, sizeof bits);
    return at;
}

/*
 * Reads the JSON number at `text` as the double nearest to it and then as the float32 nearest to that, which is what
 * `json.loads` and numpy's cast make of it. Returns the byte after it; NULL when the number is not one of JSON's,
 * reaches up to `end` (there may be more of it), or needs number_read.
 *
 * The double that is computed may miss the nearest one: there may be decimals that were not read, and the digits, the
 * power of ten and the products are each rounded, which makes 4 * 2^-53 of it at most. Rounding never changes the order
 * of numbers, so where the float32 is the same a little below and a little above, it is right.
 */
static inline const char *number_scan(const char *text, const char *end, float *value)
{
    return end - text >= NUMBER_REACH ? number_scan_within(text, end, true, value)
                                      : number_scan_within(text, end, false, value);
}

#endif
