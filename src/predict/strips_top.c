/*
 * The top of a tree, densely: each split of the first levels is compared for a strip of rows, and the turns that matter
 * are selected. It costs less than walking as long as the splits are few.
 *
 * A comparison answers with four bytes a row; four of them are packed into one register of a byte a row before anything
 * is selected. Packing works within halves of registers, so that rows lie in another order, the same for all splits,
 * until unpacking the slots where they come out, a byte of which is found at a time, puts them right.
 */
#include "predict/strips.h"

#ifdef STRIPS_BUILT
#include "predict/walks.h"
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline)) AVX2

void top_fill(const struct plan *plan, uint32_t root, struct top *top)
{
    uint32_t at[2 << TOP_LEVELS] = {0, root};
    for (size_t place = 1; place <= TOP_SPLITS; place++) {
        uint32_t here = at[place];
        uint32_t cell = plan->wide ? plan->wide[here].cell : plan->slots[here].cell;
        uint32_t step = plan->wide ? plan->steps[here] : plan->slots[here].step;
        top->keys[place] = (int32_t)(leaf_at(plan, here) ^ 0x80000000U);
        top->cells[place] = cell * STRIP_ROWS;
        at[2 * place] = here + step;
        at[2 * place + 1] = here + step + (step != 0);
    }
    for (size_t path = 0; path < 1 << TOP_LEVELS; path++)
        for (size_t byte = 0; byte < 4; byte++)
            top->exits[byte][path] = (uint8_t)(at[(1 << TOP_LEVELS) + path] >> 8 * byte);
}

INLINE __m256i load(const char *from)
{
    return _mm256_load_si256((const __m256i *)(const void *)from);
}

/* All ones in the bytes of rows that turn right at the split of `place`. */
INLINE __m256i turns(const struct top *top, const char *strip, size_t place)
{
    const char *keys = strip + top->cells[place];
    __m256i split = _mm256_set1_epi32(top->keys[place]);
    __m256i first =
        _mm256_packs_epi32(_mm256_cmpgt_epi32(load(keys), split), _mm256_cmpgt_epi32(load(keys + 32), split));
    __m256i second =
        _mm256_packs_epi32(_mm256_cmpgt_epi32(load(keys + 64), split), _mm256_cmpgt_epi32(load(keys + 96), split));
    return _mm256_packs_epi16(first, second);
}

/* `right` where `turned`, else `left`. */
INLINE __m256i choose(__m256i left, __m256i right, __m256i turned)
{
    return _mm256_blendv_epi8(left, right, turned);
}

/* The turns at the split of two, four or eight that each row meets below `place`; it has turned there as `turned` says. */
INLINE __m256i turns_of_two(const struct top *top, const char *strip, size_t place, const __m256i *turned)
{
    return choose(turns(top, strip, 2 * place), turns(top, strip, 2 * place + 1), turned[0]);
}

INLINE __m256i turns_of_four(const struct top *top, const char *strip, size_t place, const __m256i *turned)
{
    return choose(turns_of_two(top, strip, 2 * place, turned + 1), turns_of_two(top, strip, 2 * place + 1, turned + 1),
                  turned[0]);
}

INLINE __m256i turns_of_eight(const struct top *top, const char *strip, size_t place, const __m256i *turned)
{
    return choose(turns_of_four(top, strip, 2 * place, turned + 1),
                  turns_of_four(top, strip, 2 * place + 1, turned + 1), turned[0]);
}

INLINE __m256i weigh(__m256i turned, char weight)
{
    return _mm256_and_si256(turned, _mm256_set1_epi8(weight));
}

/* Byte `byte` of the slots where the paths come out. */
INLINE __m256i exits_of(const struct top *top, size_t byte, __m256i paths)
{
    __m128i table = _mm_load_si128((const __m128i *)(const void *)top->exits[byte]);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), paths);
}

INLINE void store(uint32_t *at, __m256i slots)
{
    _mm256_storeu_si256((__m256i *)(void *)at, slots);
}

INLINE void top_of_strip(const struct top *top, const char *strip, uint32_t *at)
{
    __m256i turned[TOP_LEVELS];
    turned[0] = turns(top, strip, 1);
    turned[1] = turns_of_two(top, strip, 1, turned);
    turned[2] = turns_of_four(top, strip, 1, turned);
    turned[3] = turns_of_eight(top, strip, 1, turned);
    __m256i paths = _mm256_or_si256(_mm256_or_si256(weigh(turned[0], 8), weigh(turned[1], 4)),
                                    _mm256_or_si256(weigh(turned[2], 2), weigh(turned[3], 1)));
    __m256i byte_0 = exits_of(top, 0, paths);
    __m256i byte_1 = exits_of(top, 1, paths);
    __m256i byte_2 = exits_of(top, 2, paths);
    __m256i byte_3 = exits_of(top, 3, paths);
    __m256i low = _mm256_unpacklo_epi8(byte_0, byte_1);
    __m256i high = _mm256_unpacklo_epi8(byte_2, byte_3);
    store(at, _mm256_unpacklo_epi16(low, high));
    store(at + 8, _mm256_unpackhi_epi16(low, high));
    low = _mm256_unpackhi_epi8(byte_0, byte_1);
    high = _mm256_unpackhi_epi8(byte_2, byte_3);
    store(at + 16, _mm256_unpacklo_epi16(low, high));
    store(at + 24, _mm256_unpackhi_epi16(low, high));
}

AVX2 void strips_top(const struct top *top, const struct cells *cells, size_t first, size_t strips, uint32_t *at)
{
    const char *strip = (const char *)(cells->ordered + first * cells->stride);
    for (size_t i = 0; i < strips; i++, strip += cells->stride * sizeof(int32_t), at += STRIP_ROWS)
        top_of_strip(top, strip, at);
}
#endif
