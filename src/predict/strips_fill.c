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

/* As key_of_cell. */
INLINE __m256i keys_of(__m256 cells)
{
    __m256 missing = _mm256_cmp_ps(cells, cells, _CMP_UNORD_Q);
    __m256i bits = _mm256_castps_si256(_mm256_add_ps(cells, _mm256_setzero_ps()));
    __m256i turned = _mm256_or_si256(_mm256_srai_epi32(bits, 31), _mm256_set1_epi32(INT32_MIN));
    return _mm256_andnot_si256(_mm256_castps_si256(missing), _mm256_xor_si256(bits, turned));
}

/* The first `count` lanes, all ones. */
INLINE __m256i first_lanes(size_t count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE void store(void *to, __m256i numbers)
{
    _mm256_storeu_si256(to, numbers);
}

/* Eight rows of eight numbers as eight columns. */
INLINE void turn_over(__m256 rows[EIGHT])
{
    __m256 pairs[EIGHT];
    __m256 fours[EIGHT];
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
    for (size_t i = 0; i < EIGHT / 2; i++) {
        rows[i] = _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x20);
        rows[i + 4] = _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x31);
    }
}

/*
 * Eight rows, up to eight features of them from `feature` on. Whole registers are written to `keys`, so that a row's last
 * features, where they are fewer than eight, spoil the beginning of the next row and are to be written first.
 */
INLINE void fill_square(const struct cells *cells, const float *const rows[EIGHT], size_t feature, uint32_t *keys,
                        int32_t *ordered)
{
    const size_t count = cells->features - feature < EIGHT ? cells->features - feature : EIGHT;
    const __m256i there = first_lanes(count);
    __m256 square[EIGHT];
    for (size_t i = 0; i < EIGHT; i++) {
        __m256i row = keys_of(_mm256_maskload_ps(rows[i] + feature, there));
        store(keys + i * cells->row_step + 1 + feature, row);
        square[i] = _mm256_castsi256_ps(_mm256_xor_si256(row, _mm256_set1_epi32(INT32_MIN)));
    }
    turn_over(square);
    for (size_t i = 0; i < count; i++)
        store(ordered + (1 + feature + i) * STRIP_ROWS, _mm256_castps_si256(square[i]));
}

AVX2 void strips_fill(struct cells *cells, const float *rows, size_t count)
{
    const size_t features = cells->features;
    for (size_t first = 0; first < count; first += STRIP_ROWS) {
        size_t strip = first / STRIP_ROWS;
        for (size_t eight = 0; eight < STRIP_ROWS; eight += EIGHT) {
            const float *from[EIGHT];
            uint32_t *keys = cells->keys + strip * cells->stride + eight * cells->row_step;
            int32_t *ordered = cells->ordered + strip * cells->stride + eight;
            for (size_t i = 0; i < EIGHT; i++) {
                size_t row = first + eight + i;
                from[i] = rows + (row < count ? row : count - 1) * features;
            }
            if (features % EIGHT)
                fill_square(cells, from, features - features % EIGHT, keys, ordered);
            for (size_t feature = 0; feature + EIGHT <= features; feature += EIGHT)
                fill_square(cells, from, feature, keys, ordered);
            for (size_t i = 0; i < EIGHT; i++)
                keys[i * cells->row_step] = 0;
            store(ordered, _mm256_set1_epi32(INT32_MIN));
        }
        cells->keys[(strip + 1) * cells->stride] = 0; /* of a row that is not there, until the next strip's is */
    }
}
#endif
