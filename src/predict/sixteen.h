/*
 * What both kinds of lanes (predict/lanes.h) are made of. Only for functions that are compiled for AVX-512.
 */
#ifndef PREDICT_SIXTEEN_H
#define PREDICT_SIXTEEN_H

#include "model/plan.h"
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f")))
#define INLINE static inline __attribute__((always_inline)) AVX512

typedef __m512i sixteen; /* uint32_t */

INLINE sixteen all(uint32_t number)
{
    return _mm512_set1_epi32((int)number);
}

INLINE sixteen count_up(void)
{
    return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/* Without optimization, gcc's gathers are macros that convert masks between signs. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"

/*
 * Says that the places of a gather or a scatter lie in one of the first sixteen registers: Bochs 2.7, the emulator of
 * tests/emulated, takes no others. On processors nothing comes of it.
 */
#define IN_FIRST_REGISTERS(places) __asm__("" : "+x"(places))

/* Sixteen numbers of four bytes, counted from `from`. */
INLINE sixteen gather_numbers(const void *from, sixteen places)
{
    IN_FIRST_REGISTERS(places);
    return _mm512_i32gather_epi32(places, from, 4);
}

/* Those of `which`; the others are 0. */
INLINE sixteen gather_some(const void *from, __mmask16 which, sixteen places)
{
    IN_FIRST_REGISTERS(places);
    return _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), which, places, from, 4);
}

/* The first four bytes of sixteen things of eight. */
INLINE sixteen gather_halves(const void *from, sixteen places)
{
    IN_FIRST_REGISTERS(places);
    return _mm512_i32gather_epi32(places, from, 8);
}

INLINE __m512 gather_floats(const float *from, sixteen places)
{
    IN_FIRST_REGISTERS(places);
    return _mm512_i32gather_ps(places, from, 4);
}

INLINE void scatter_numbers(uint32_t *to, __mmask16 which, sixteen places, sixteen numbers)
{
    IN_FIRST_REGISTERS(places);
    _mm512_mask_i32scatter_epi32(to, which, places, numbers, 4);
}

/* Sixteen slots: their keys, and cells and steps as they lie, the step in the upper half. */
struct gathered {
    sixteen keys;
    sixteen rest;
};

INLINE struct gathered gather(const struct slot *slots, sixteen at)
{
    const sixteen even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const sixteen odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    __m256i first = _mm512_castsi512_si256(at);
    __m256i last = _mm512_extracti64x4_epi64(at, 1);
    IN_FIRST_REGISTERS(first);
    IN_FIRST_REGISTERS(last);
    sixteen low = _mm512_i32gather_epi64(first, slots, 8);
    sixteen high = _mm512_i32gather_epi64(last, slots, 8);
    return (struct gathered){_mm512_permutex2var_epi32(low, even, high), _mm512_permutex2var_epi32(low, odd, high)};
}

#pragma GCC diagnostic pop

#endif
