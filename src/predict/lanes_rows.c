/*
 * Sixteen rows in one tree.
 */
#include "predict/lanes.h"

#ifdef LANES_BUILT
#include "predict/sixteen.h"
#include "predict/walks.h"

enum {
    TOGETHER = 4, /* blocks that are walked together, so that there are steps to do while some wait */
    PAST = 2,     /* levels below the middle leaf from which on rows that are done are left out */
    AT_A_TIME = 2 /* levels between two looks at who is done */
};

/* ---- the heap ---- */

INLINE sixteen load(const uint32_t *from)
{
    return _mm512_load_si512(from);
}

/* One level of the heap: from the slots of its places to those of the next. */
static AVX512 void fill_level(const struct plan *plan, struct heap *heap, size_t width, const uint32_t *at,
                              uint32_t *next)
{
    for (size_t i = 0; i < width; i += LANES) {
        __mmask16 there = (__mmask16)(width - i < LANES ? (1U << (width - i)) - 1 : 0xFFFF);
        sixteen slot = _mm512_maskz_loadu_epi32(there, at + i);
        struct gathered found = gather(plan->slots, slot);
        /* A cell is 4 x (feature + 1): the keys of sixteen rows lie 16 x (feature + 1) numbers behind the block. */
        sixteen cells = _mm512_slli_epi32(_mm512_and_si512(found.rest, all(0xFFFF)), 2);
        sixteen steps = _mm512_srli_epi32(found.rest, 16);
        sixteen left = _mm512_add_epi32(slot, steps);
        sixteen right = _mm512_mask_add_epi32(left, _mm512_test_epi32_mask(steps, steps), left, all(1));
        _mm512_mask_storeu_epi32(heap->keys + width + i, there, found.keys);
        _mm512_mask_storeu_epi32(heap->cells + width + i, there, cells);
        const sixteen first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const sixteen second = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        _mm512_storeu_si512(next + 2 * i, _mm512_permutex2var_epi32(left, first, right));
        _mm512_storeu_si512(next + 2 * i + LANES, _mm512_permutex2var_epi32(left, second, right));
    }
}

AVX512 void heap_fill(const struct plan *plan, const struct plan_tree *tree, struct heap *heap)
{
    _Alignas(64) uint32_t at[2][(1 << HEAP_LEVELS) + LANES] = {{tree->first + 1}};
    heap->whole = tree->depth <= HEAP_LEVELS;
    heap->levels = heap->whole ? tree->depth : HEAP_DEEP_LEVELS;
    heap->levels = heap->levels < 4 ? 4 : heap->levels;
    for (uint32_t level = 0; level < heap->levels; level++)
        fill_level(plan, heap, (size_t)1 << level, at[level % 2], at[(level + 1) % 2]);
    const uint32_t *last = at[heap->levels % 2];
    for (size_t i = 0; i < (size_t)1 << heap->levels; i += LANES) {
        sixteen exits = load(last + i);
        if (heap->whole)
            exits = gather_halves(plan->slots, exits);
        _mm512_store_si512(heap->exits + i, exits);
    }
    for (size_t i = 0; i < 16; i++) {
        heap->third[i] = heap->keys[4 + i / 4];
        heap->fourth[i] = heap->keys[8 + i / 2];
    }
}

/* ---- rows through it ---- */

/* Who turns right: whose key is above the split's. */
INLINE __mmask16 turns(sixteen splits, sixteen keys)
{
    return _mm512_cmplt_epu32_mask(splits, keys);
}

INLINE sixteen keys_at(const struct heap *heap, const uint32_t *block, size_t place)
{
    return load(block + heap->cells[place]);
}

INLINE sixteen choose(__mmask16 turned, sixteen left, sixteen right)
{
    return _mm512_mask_blend_epi32(turned, left, right);
}

INLINE sixteen turn(sixteen path, __mmask16 right, uint32_t by)
{
    return _mm512_mask_add_epi32(path, right, path, all(by));
}

/* Four levels: the keys of all their splits are read, and chosen from; nothing is gathered. Returns the path. */
INLINE sixteen walk_top(const struct heap *heap, const uint32_t *block)
{
#define KEYS(place) keys_at(heap, block, place)
    __mmask16 one = turns(all(heap->keys[1]), KEYS(1));
    sixteen path = turn(_mm512_setzero_si512(), one, 8);
    __mmask16 two = turns(choose(one, all(heap->keys[2]), all(heap->keys[3])), choose(one, KEYS(2), KEYS(3)));
    path = turn(path, two, 4);
    __mmask16 three = turns(_mm512_permutexvar_epi32(path, load(heap->third)),
                            choose(one, choose(two, KEYS(4), KEYS(5)), choose(two, KEYS(6), KEYS(7))));
    path = turn(path, three, 2);
    sixteen left = choose(two, choose(three, KEYS(8), KEYS(9)), choose(three, KEYS(10), KEYS(11)));
    sixteen right = choose(two, choose(three, KEYS(12), KEYS(13)), choose(three, KEYS(14), KEYS(15)));
    __mmask16 four = turns(_mm512_permutexvar_epi32(path, load(heap->fourth)), choose(one, left, right));
    return turn(path, four, 1);
#undef KEYS
}

INLINE sixteen of_32(sixteen path, const uint32_t *table)
{
    return _mm512_permutex2var_epi32(load(table), path, load(table + 16));
}

INLINE sixteen of_64(sixteen path, const uint32_t *table)
{
    __mmask16 upper = _mm512_test_epi32_mask(path, all(32));
    return choose(upper, of_32(path, table), of_32(path, table + 32));
}

INLINE sixteen of_128(sixteen path, const uint32_t *table)
{
    __mmask16 upper = _mm512_test_epi32_mask(path, all(64));
    return choose(upper, of_64(path, table), of_64(path, table + 64));
}

INLINE sixteen look_up(uint32_t level, sixteen path, const uint32_t *table)
{
    if (level == 4)
        return _mm512_permutexvar_epi32(path, load(table));
    if (level == 5)
        return of_32(path, table);
    return level == 6 ? of_64(path, table) : of_128(path, table);
}

/* One level below the top, 4 to 7, for all blocks: its tables stay in registers. */
INLINE void walk_level(const struct heap *heap, uint32_t level, const uint32_t *block, size_t stride, size_t blocks,
                       uint32_t *paths)
{
    const uint32_t *splits = heap->keys + ((size_t)1 << level);
    const uint32_t *cells = heap->cells + ((size_t)1 << level);
    for (size_t i = 0; i < blocks; i++, block += stride, paths += LANES) {
        sixteen path = _mm512_loadu_si512(paths);
        sixteen cell = _mm512_or_si512(look_up(level, path, cells), count_up());
        __mmask16 right = turns(look_up(level, path, splits), gather_numbers(block, cell));
        _mm512_storeu_si512(paths, turn(_mm512_add_epi32(path, path), right, 1));
    }
}

AVX512 void lanes_heap(const struct heap *heap, const struct cells *cells, size_t first, size_t blocks, uint32_t *at)
{
    const uint32_t *block = cells->keys + first * cells->stride;
    for (size_t i = 0; i < blocks; i++)
        _mm512_storeu_si512(at + i * LANES, walk_top(heap, block + i * cells->stride));
    if (heap->levels > 4)
        walk_level(heap, 4, block, cells->stride, blocks, at);
    if (heap->levels > 5)
        walk_level(heap, 5, block, cells->stride, blocks, at);
    if (heap->levels > 6)
        walk_level(heap, 6, block, cells->stride, blocks, at);
    if (heap->levels > 7)
        walk_level(heap, 7, block, cells->stride, blocks, at);
    for (size_t i = 0; i < blocks * LANES; i += LANES)
        _mm512_storeu_si512(at + i, gather_numbers(heap->exits, _mm512_loadu_si512(at + i)));
}

/* ---- below it ---- */

/* Sixteen steps. `places`: where each row's keys begin, in numbers behind `keys`. */
INLINE sixteen step(const struct slot *slots, const uint32_t *keys, sixteen places, sixteen at)
{
    struct gathered found = gather(slots, at);
    sixteen cells = _mm512_and_si512(_mm512_slli_epi32(found.rest, 2), all(0x3FFFF));
    __mmask16 right = turns(found.keys, gather_numbers(keys, _mm512_add_epi32(cells, places)));
    return turn(_mm512_add_epi32(at, _mm512_srli_epi32(found.rest, 16)), right, 1);
}

/* Those that are not at a leaf. */
INLINE __mmask16 unfinished(const struct slot *slots, sixteen at)
{
    sixteen rest = gather_halves((const char *)slots + 4, at);
    return _mm512_test_epi32_mask(rest, rest);
}

/* Rows on their way, in lists; the last sixteen are room for lanes past the end. */
struct walkers {
    uint32_t rows[CHUNK_ROWS + LANES];
    uint32_t places[CHUNK_ROWS + LANES];
    uint32_t at[CHUNK_ROWS + LANES];
};

/* Appends the lanes of `which` to the lists. Returns how many there are then. */
INLINE size_t keep(struct walkers *walkers, size_t count, __mmask16 which, sixteen rows, sixteen places, sixteen at)
{
    _mm512_storeu_si512(walkers->rows + count, _mm512_maskz_compress_epi32(which, rows));
    _mm512_storeu_si512(walkers->places + count, _mm512_maskz_compress_epi32(which, places));
    _mm512_storeu_si512(walkers->at + count, _mm512_maskz_compress_epi32(which, at));
    return count + (size_t)__builtin_popcount(which);
}

INLINE size_t walk_blocks(const struct slot *slots, uint32_t levels, const uint32_t *keys, size_t stride, size_t blocks,
                          uint32_t *at, struct walkers *walkers)
{
    size_t count = 0;
    for (size_t first = 0; first < blocks; first += TOGETHER) {
        sixteen here[TOGETHER];
        size_t some = blocks - first < TOGETHER ? blocks - first : TOGETHER;
        for (size_t i = 0; i < TOGETHER; i++)
            here[i] = _mm512_loadu_si512(at + (first + (i < some ? i : 0)) * LANES);
        for (uint32_t level = 0; level < levels; level++)
            for (size_t i = 0; i < TOGETHER; i++)
                here[i] = step(slots, keys + (first + (i < some ? i : 0)) * stride, count_up(), here[i]);
        for (size_t i = 0; i < some; i++) {
            size_t block = first + i;
            sixteen rows = _mm512_add_epi32(count_up(), all((uint32_t)(block * LANES)));
            sixteen places = _mm512_add_epi32(count_up(), all((uint32_t)(block * stride)));
            _mm512_storeu_si512(at + block * LANES, here[i]);
            count = keep(walkers, count, unfinished(slots, here[i]), rows, places, here[i]);
        }
    }
    return count;
}

AVX512 void lanes_rest(const struct plan *plan, const struct plan_tree *tree, uint32_t walked,
                       const struct cells *cells, size_t first, size_t blocks, uint32_t *at)
{
    const struct slot *slots = plan->slots;
    const uint32_t *keys = cells->keys + first * cells->stride;
    struct walkers walkers;
    uint32_t levels = tree->middle + PAST < tree->depth ? tree->middle + PAST : tree->depth;
    levels = levels > walked ? levels - walked : 0;
    size_t count = walk_blocks(slots, levels, keys, cells->stride, blocks, at, &walkers);
    while (count) {
        size_t kept = 0;
        for (size_t i = 0; i < count; i += LANES) {
            __mmask16 there = (__mmask16)(count - i < LANES ? (1U << (count - i)) - 1 : 0xFFFF);
            sixteen rows = _mm512_maskz_loadu_epi32(there, walkers.rows + i);
            sixteen places = _mm512_maskz_loadu_epi32(there, walkers.places + i);
            sixteen here = _mm512_maskz_loadu_epi32(there, walkers.at + i);
            for (size_t k = 0; k < AT_A_TIME; k++)
                here = step(slots, keys, places, here);
            __mmask16 on = there & unfinished(slots, here);
            scatter_numbers(at, there & (__mmask16)~on, rows, here);
            kept = keep(&walkers, kept, on, rows, places, here);
        }
        count = kept;
    }
}

/* ---- cells ---- */

AVX512 void lanes_fill(struct cells *cells, const float *rows, size_t count)
{
    const size_t features = cells->features;
    for (size_t first = 0; first < count; first += LANES) {
        uint32_t *keys = cells->keys + first / LANES * cells->stride;
        sixteen last = all((uint32_t)(count - first < LANES ? count - first - 1 : LANES - 1));
        sixteen places = _mm512_mullo_epi32(_mm512_min_epu32(count_up(), last), all((uint32_t)features));
        const float *from = rows + first * features;
        _mm512_store_si512(keys, _mm512_setzero_si512());
        for (size_t i = 0; i < features; i++) {
            /* As key_of_cell. */
            __m512 number = _mm512_add_ps(gather_floats(from + i, places), _mm512_setzero_ps());
            __mmask16 none = _mm512_cmp_ps_mask(number, number, _CMP_UNORD_Q);
            sixteen bits = _mm512_castps_si512(number);
            sixteen flip = _mm512_or_si512(_mm512_srai_epi32(bits, 31), all(0x80000000U));
            _mm512_store_si512(keys + (i + 1) * LANES, _mm512_maskz_xor_epi32((__mmask16)~none, bits, flip));
        }
    }
}
#endif
