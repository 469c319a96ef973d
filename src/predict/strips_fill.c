/*
 * Rows to strips: keys row by row as they are walked, and the same feature by feature as the top compares them.
 */
#include "predict/strips.h"

#ifdef STRIPS_BUILT
#include "model/key.h"
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline)) AVX2

enum { EIGHT = 8 };

/* As key_of_cell. `missing` gathers who is. */
INLINE __m256i keys_of(__m256 cells, __m256 *missing)
{
    __m256 no = _mm256_cmp_ps(cells, cells, _CMP_UNORD_Q);
    __m256i bits = _mm256_castps_si256(_mm256_add_ps(cells, _mm256_setzero_ps()));
    __m256i turned = _mm256_or_si256(_mm256_srai_epi32(bits, 31), _mm256_set1_epi32(INT32_MIN));
    *missing = _mm256_or_ps(*missing, no);
    return _mm256_andnot_si256(_mm256_castps_si256(no), _mm256_xor_si256(bits, turned));
}

/* The first `count` lanes, all ones. */
INLINE __m256i first_lanes(size_t count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/*
 * The keys of a row behind their sentinel. Up to seven numbers past its end are written, too: the beginning of the next
 * row, which is filled later, or room at the end. Returns whether a value is missing.
 */
INLINE bool fill_row(uint32_t *keys, const float *row, size_t features)
{
    __m256 missing = _mm256_setzero_ps();
    size_t i = 0;
    keys[0] = 0;
    for (; i + EIGHT <= features; i += EIGHT)
        _mm256_storeu_si256((__m256i *)(void *)(keys + 1 + i), keys_of(_mm256_loadu_ps(row + i), &missing));
    if (i < features) {
        __m256 rest = _mm256_maskload_ps(row + i, first_lanes(features - i));
        _mm256_storeu_si256((__m256i *)(void *)(keys + 1 + i), keys_of(rest, &missing));
    }
    return _mm256_movemask_ps(missing) != 0;
}

/* Eight keys of each of eight rows, ordered, as eight rows of each of eight keys. */
INLINE void turn_over(const uint32_t *keys, size_t row_step, int32_t *ordered, size_t count)
{
    __m256 rows[EIGHT];
    __m256 pairs[EIGHT];
    __m256 fours[EIGHT];
    const __m256i sign = _mm256_set1_epi32(INT32_MIN);
    for (size_t i = 0; i < EIGHT; i++)
        rows[i] = _mm256_castsi256_ps(
            _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(const void *)(keys + i * row_step)), sign));
    for (size_t i = 0; i < EIGHT; i += 2) {
        pairs[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
    }
    for (size_t i = 0; i < EIGHT; i += 4) {
        fours[i] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
        fours[i + 1] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0xEE);
        fours[i + 2] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
        fours[i + 3] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xEE);
    }
    for (size_t i = 0; i < EIGHT; i++) {
        if (i == count)
            return;
        __m256 low = fours[i % 4];
        __m256 high = fours[4 + i % 4];
        __m256 all = i < 4 ? _mm256_permute2f128_ps(low, high, 0x20) : _mm256_permute2f128_ps(low, high, 0x31);
        _mm256_store_ps((float *)(void *)(ordered + i * STRIP_ROWS), all);
    }
}

AVX2 void strips_fill(struct cells *cells, const float *rows, size_t count)
{
    const size_t features = cells->features;
    for (size_t first = 0; first < count; first += STRIP_ROWS) {
        size_t strip = first / STRIP_ROWS;
        uint32_t *keys = cells->keys + strip * cells->stride;
        int32_t *ordered = cells->ordered + strip * cells->stride;
        bool missing = false;
        for (size_t i = 0; i < STRIP_ROWS; i++) {
            size_t row = first + i < count ? first + i : count - 1;
            missing |= fill_row(keys + i * cells->row_step, rows + row * features, features);
        }
        cells->missing[strip] = missing;
        for (size_t cell = 0; cell <= features; cell += EIGHT)
            for (size_t i = 0; i < STRIP_ROWS; i += EIGHT)
                turn_over(keys + i * cells->row_step + cell, cells->row_step, ordered + cell * STRIP_ROWS + i,
                          features + 1 - cell);
    }
}
#endif
