/*
 * Many digits at once, and no branch that depends on how many there are: with SSE2, which every x86-64 has, or in plain
 * registers.
 */
#ifndef BASE_NUMBER_DIGITS_H
#define BASE_NUMBER_DIGITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Bytes that digits_others looks at, at most, and digits that digits_fraction reads. */
enum { DIGITS_SEEN = 32, DIGITS_READ = 16 };

/* What is kept of digits' bytes: from DIGITS_SEEN - n on, the values of n, and then nothing. */
static const uint8_t digits_kept[DIGITS_SEEN + DIGITS_READ] = {
    0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF,
    0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF, 0xF,
};

/*
 * uint32_t digits_others(text)
 *     Bit i: byte i is no digit. The bits of the last eight of DIGITS_SEEN bytes may be 0 whatever they are.
 *
 * double digits_fraction(text, count)
 *     0.d, where d are the first `count` bytes, which are digits: 3 * 2^-53 of it beside it at most. From the
 *     seventeenth digit on they count nothing. Reads DIGITS_READ bytes.
 */

#if defined(__SSE2__)

static inline __m128i digits_load(const void *text)
{
    return _mm_loadu_si128((const __m128i *)text);
}

/* Which of sixteen bytes are digits. Bytes are compared with their sign, so '0' to '9' are moved to the least ten. */
static inline uint32_t digits_of_sixteen(const char *text)
{
    __m128i moved = _mm_add_epi8(digits_load(text), _mm_set1_epi8((char)(INT8_MIN - '0')));
    return (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(moved, _mm_set1_epi8(INT8_MIN + 10)));
}

static inline uint32_t digits_others(const char *text)
{
    return ~(digits_of_sixteen(text) | digits_of_sixteen(text + 16) << 16);
}

/* 0.d of sixteen digits' values. */
static inline double digits_fraction_of(__m128i values)
{
    __m128i even = _mm_and_si128(values, _mm_set1_epi16(0xFF));
    __m128i odd = _mm_srli_epi16(values, 8);
    __m128i fours = _mm_add_epi32(_mm_madd_epi16(even, _mm_set1_epi32(10 << 16 | 1000)),
                                  _mm_madd_epi16(odd, _mm_set1_epi32(1 << 16 | 100)));
    __m128i eights = _mm_madd_epi16(_mm_packs_epi32(fours, fours), _mm_set1_epi32(1 << 16 | 10000));
    __m128d parts = _mm_mul_pd(_mm_cvtepi32_pd(eights), _mm_set_pd(1e-16, 1e-8));
    return _mm_cvtsd_f64(_mm_add_sd(parts, _mm_unpackhi_pd(parts, parts)));
}

static inline double digits_fraction(const char *text, size_t count)
{
    return digits_fraction_of(_mm_and_si128(digits_load(text), digits_load(digits_kept + DIGITS_SEEN - count)));
}

#else

static inline uint64_t digits_load(const void *text)
{
    uint64_t bytes;
    memcpy(&bytes, text, sizeof bytes);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = __builtin_bswap64(bytes);
#endif
    return bytes;
}

/*
 * Which of eight bytes are none. A byte less '0' is 10 or more then, in its low seven bits or by its highest; adding
 * 0x76 to those seven sets the highest. The product gathers the bytes' bits in its highest byte.
 */
static inline uint32_t digits_others_of_eight(const char *text)
{
    const uint64_t low = 0x7F7F7F7F7F7F7F7F;
    uint64_t values = digits_load(text) ^ 0x3030303030303030;
    uint64_t others = (((values & low) + 0x7676767676767676) | values) & ~low;
    return (uint32_t)((others >> 7) * 0x0102040810204080 >> 56);
}

static inline uint32_t digits_others(const char *text)
{
    return digits_others_of_eight(text) | digits_others_of_eight(text + 8) << 8 |
           digits_others_of_eight(text + 16) << 16;
}

/* The number that eight digits make, as far as they are kept: pairs, then fours, then all. */
static inline double digits_eight(const char *text, const uint8_t *kept)
{
    const uint64_t pairs = 0x000000FF000000FF;
    uint64_t values = digits_load(text) & digits_load(kept);
    values = values * 10 + (values >> 8);
    values =
        (values & pairs) * (100 + (UINT64_C(1000000) << 32)) + ((values >> 16) & pairs) * (1 + (UINT64_C(10000) << 32));
    return (double)(int64_t)(values >> 32);
}

static inline double digits_fraction(const char *text, size_t count)
{
    const uint8_t *kept = digits_kept + DIGITS_SEEN - count;
    return digits_eight(text, kept) * 1e-8 + digits_eight(text + 8, kept + 8) * 1e-16;
}

#endif
#endif
