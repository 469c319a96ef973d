/*
 * The top of a tree, densely: each split of the first levels is compared for eight rows by one instruction, and the
 * turns that matter are selected. It costs less than walking as long as the splits are few.
 */
#include "predict/walks.h"

void top_fill(const struct plan *plan, uint32_t root, struct top *top)
{
    uint32_t level[16] = {root};
    for (size_t width = 1; width < 16; width *= 2) {
        for (size_t i = width; i-- > 0;) {
            uint32_t at = level[i];
            uint32_t key = plan->wide ? plan->wide[at].key : plan->slots[at].key;
            uint32_t step = plan->wide ? plan->steps[at] : plan->slots[at].step;
            top->keys[width - 1 + i] = (int32_t)(key ^ 0x80000000U);
            top->cells[width - 1 + i] = plan->wide ? plan->wide[at].cell : plan->slots[at].cell;
            level[2 * i] = at + step;
            level[2 * i + 1] = at + step + (step != 0);
        }
    }
    for (size_t i = 0; i < 16; i++)
        top->exits[i] = level[i];
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

/* All ones in the lanes that turn right at split `index`. */
static inline AVX2 __m256i turn(const struct top *top, const char *cells, size_t index)
{
    __m256i keys = _mm256_load_si256((const __m256i *)(const void *)(cells + (size_t)top->cells[index] * BLOCK_ROWS));
    return _mm256_cmpgt_epi32(keys, _mm256_set1_epi32(top->keys[index]));
}

/* `right` where `turned`, else `left`. */
static inline AVX2 __m256i choose(__m256i left, __m256i right, __m256i turned)
{
    return _mm256_blendv_epi8(left, right, turned);
}

static inline AVX2 void walk_block(const struct top *top, const char *cells, uint32_t *at)
{
    __m256i one = turn(top, cells, 0);
    __m256i two = choose(turn(top, cells, 1), turn(top, cells, 2), one);
    __m256i three = choose(choose(turn(top, cells, 3), turn(top, cells, 4), two),
                           choose(turn(top, cells, 5), turn(top, cells, 6), two), one);
    /* The four pairs of the last level are chosen by the third turn, and so on upwards. */
    __m256i low = choose(choose(turn(top, cells, 7), turn(top, cells, 8), three),
                         choose(turn(top, cells, 9), turn(top, cells, 10), three), two);
    __m256i high = choose(choose(turn(top, cells, 11), turn(top, cells, 12), three),
                          choose(turn(top, cells, 13), turn(top, cells, 14), three), two);
    __m256i four = choose(low, high, one);
    /* A turn is -1: the path below the first one is its three last bits. */
    __m256i path = _mm256_add_epi32(two, two);
    path = _mm256_add_epi32(path, three);
    path = _mm256_add_epi32(path, path);
    path = _mm256_add_epi32(path, four);
    path = _mm256_sub_epi32(_mm256_setzero_si256(), path);
    __m256i left = _mm256_permutevar8x32_epi32(_mm256_load_si256((const __m256i *)(const void *)top->exits), path);
    __m256i right =
        _mm256_permutevar8x32_epi32(_mm256_load_si256((const __m256i *)(const void *)(top->exits + 8)), path);
    _mm256_storeu_si256((__m256i *)(void *)at, choose(left, right, one));
}

AVX2 void walk_top_avx2(const struct top *top, const struct cells *cells, size_t first, size_t blocks, uint32_t *at)
{
    const char *keys = (const char *)(cells->ordered + first * cells->stride);
    for (size_t i = 0; i < blocks; i++, keys += cells->stride * sizeof(int32_t), at += BLOCK_ROWS)
        walk_block(top, keys, at);
}
#endif
