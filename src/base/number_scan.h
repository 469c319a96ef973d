/*
 * The quick way from text to float32, for the loops that read matrices: most numbers take some ten nanoseconds and no
 * call. What it cannot settle it leaves to number_read.
 */
#ifndef BASE_NUMBER_SCAN_H
#define BASE_NUMBER_SCAN_H

#include "base/number_digits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { NUMBER_LEAST_TEN = -20, NUMBER_MOST_TEN = 22 };

/* The doubles nearest to the powers of ten from the least to the most. */
static const double number_tens[] = {1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10,
                                     1e-9,  1e-8,  1e-7,  1e-6,  1e-5,  1e-4,  1e-3,  1e-2,  1e-1,  1e0,   1e1,
                                     1e2,   1e3,   1e4,   1e5,   1e6,   1e7,   1e8,   1e9,   1e10,  1e11,  1e12,
                                     1e13,  1e14,  1e15,  1e16,  1e17,  1e18,  1e19,  1e20,  1e21,  1e22};

/* Digits before the point that are read, which 63 bits hold; of an exponent; and bytes that are looked at. */
enum { NUMBER_DIGITS = 18, NUMBER_EXPONENT_DIGITS = 4, NUMBER_REACH = 64 };

static inline bool number_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Multiplies by the power of ten whose exponent is at `text`. Returns the byte after it; NULL when it is none, or out
 * of the table. */
static inline const char *number_scan_exponent(const char *text, double *number)
{
    bool negative = *text == '-';
    text += *text == '-' || *text == '+';
    const char *digits = text;
    int exponent = 0;
    while (text - digits < NUMBER_EXPONENT_DIGITS && number_digit(*text))
        exponent = exponent * 10 + (*text++ - '0');
    exponent = negative ? -exponent : exponent;
    if (text == digits || number_digit(*text) || exponent < NUMBER_LEAST_TEN || exponent > NUMBER_MOST_TEN)
        return NULL;
    *number *= number_tens[exponent - NUMBER_LEAST_TEN];
    return text;
}

/*
 * Rounds a double to float32. Returns false when it lies so near to the middle between two that a number beside it, by
 * 2^-37 of it, may round to the other. Not for what is less than the least normal float32, but 0.
 */
static inline bool number_round(double number, float *value)
{
    const uint32_t middle = 1U << 28; /* of the 29 bits that float32 has not */
    const uint32_t beside = 1U << 16; /* 2^-37 of the 53 bits that a double has */
    uint64_t bits = 0;
    memcpy(&bits, &number, sizeof bits);
    *value = (float)number;
    return (((uint32_t)bits - middle + beside) & (2 * middle - 1)) > 2 * beside;
}

/*
 * number_scan, where there are NUMBER_REACH bytes. Signs and counts of digits are as good as random: there is no branch
 * on them. And where the next number begins must be known early: nothing on the way there waits for this one's value.
 */
static inline const char *number_scan_far(const char *text, float *value)
{
    uint32_t others = digits_others(text);
    uint32_t negative = others & 1;
    uint32_t point = others & ~UINT32_C(1);
    uint32_t behind = point & (point - 1);
    if (!behind || negative != (*text == '-'))
        return NULL;
    const char *first = text + negative;
    const char *at = text + __builtin_ctz(point);
    int64_t whole = *first & 0xF;
    if (at - first != 1) {
        if (at == first || *first == '0' || at - first > NUMBER_DIGITS)
            return NULL;
        for (const char *next = first + 1; next < at; next++)
            whole = whole * 10 + (*next & 0xF);
    }
    double number = (double)whole;
    if (*at == '.') {
        const char *decimals = at + 1;
        at = text + __builtin_ctz(behind);
        size_t count = (size_t)(at - decimals);
        number += digits_fraction(decimals, count);
        if (count == 0 || ((number < 0x1p-16) & (count > DIGITS_READ)))
            return NULL;
    }
    if (*at == 'e' || *at == 'E') {
        at = number_scan_exponent(at + 1, &number);
        if (!at)
            return NULL;
    }
    float magnitude = 0;
    if (!number_round(number, &magnitude))
        return NULL;
    uint32_t bits = 0;
    memcpy(&bits, &magnitude, sizeof bits);
    bits |= negative << 31;
    memcpy(value, &bits, sizeof bits);
    return at;
}

/* number_scan, where there are fewer. Not part of the loops, whose registers it would take. */
__attribute__((noinline)) static const char *number_scan_near(const char *text, size_t size, float *value)
{
    char copy[NUMBER_REACH] = {0};
    memcpy(copy, text, size);
    const char *after = number_scan_far(copy, value);
    return after && (size_t)(after - copy) < size ? text + (after - copy) : NULL;
}

/*
 * Reads the JSON number at `text` as the double nearest to it and then as the float32 nearest to that, which is what
 * `json.loads` and numpy's cast make of it. Returns the byte after it; NULL when the number is not one of JSON's,
 * reaches up to `end` (there may be more of it), or needs number_read.
 *
 * The double that is computed may miss the nearest one. The digits before the point, those behind it, the power of ten,
 * the product and the sum are each rounded, which makes 6 * 2^-53 of it at most; and where there are decimals that were
 * not read, 10^-16 of a number that is 2^-16 at least, before its power of ten. Both together are less than 2^-37 of it.
 * Rounding never changes the order of numbers, so where no middle between two float32 is as near, it is right.
 */
static inline const char *number_scan(const char *text, const char *end, float *value)
{
    if (end - text >= NUMBER_REACH)
        return number_scan_far(text, value);
    float scanned = 0;
    const char *after = number_scan_near(text, (size_t)(end - text), &scanned);
    *value = scanned;
    return after;
}

#endif
