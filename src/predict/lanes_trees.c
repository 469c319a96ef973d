/*
 * Sixteen trees for one row. Where the row's keys fit four registers at most, a permutation finds them, and only slots
 * are gathered.
 */
#include "predict/lanes.h"

#ifdef LANES_BUILT
#include "predict/sixteen.h"

enum {
    TOGETHER = 4,      /* rows, or sixteens of trees, that are walked together */
    MOST_REGISTERS = 4 /* of a row's keys */
};

/* A walk of sixteen trees. */
struct sixteen_trees {
    sixteen keys[MOST_REGISTERS]; /* the row's, as far as they are in registers */
    const uint32_t *row;          /* all of them */
    sixteen at;
    sixteen splits; /* the keys of the slots that were left last: those of leaves where the walk had arrived */
    sixteen rest;   /* and their cells and steps */
};

/* The row's keys at sixteen places. */
INLINE sixteen find_keys(const struct sixteen_trees *walk, int registers, sixteen places)
{
    const sixteen *keys = walk->keys;
    if (registers == 1)
        return _mm512_permutexvar_epi32(places, keys[0]);
    if (registers == 2)
        return _mm512_permutex2var_epi32(keys[0], places, keys[1]);
    if (registers == 4)
        return _mm512_mask_blend_epi32(_mm512_test_epi32_mask(places, all(32)),
                                       _mm512_permutex2var_epi32(keys[0], places, keys[1]),
                                       _mm512_permutex2var_epi32(keys[2], places, keys[3]));
    return gather_numbers(walk->row, places);
}

INLINE void step(struct sixteen_trees *walk, const struct slot *slots, int registers)
{
    struct gathered found = gather(slots, walk->at);
    walk->splits = found.keys;
    walk->rest = found.rest;
    /* A permutation looks at the lowest bits alone; what lies above them may stay where no mask tests it. */
    sixteen places = _mm512_srli_epi32(walk->rest, 2);
    if (registers != 1 && registers != 2)
        places = _mm512_and_si512(places, all(0x3FFF));
    __mmask16 right = _mm512_cmplt_epu32_mask(walk->splits, find_keys(walk, registers, places));
    sixteen left = _mm512_add_epi32(walk->at, _mm512_srli_epi32(walk->rest, 16));
    walk->at = _mm512_mask_add_epi32(left, right, left, all(1));
}

INLINE void begin(struct sixteen_trees *walk, int registers, const uint32_t *row, sixteen roots)
{
    walk->row = row;
    walk->at = roots;
    for (int i = 0; i < registers; i++)
        walk->keys[i] = _mm512_loadu_si512(row + (size_t)i * LANES);
}

/* Until all have arrived, and one step more, which finds the leaves. */
INLINE void finish(struct sixteen_trees *walks, size_t together, const struct slot *slots, int registers,
                   uint32_t levels)
{
    for (uint32_t level = 0; level < levels; level++)
        for (size_t i = 0; i < together; i++)
            step(&walks[i], slots, registers);
    for (;;) {
        sixteen rest = _mm512_setzero_si512();
        for (size_t i = 0; i < together; i++) {
            step(&walks[i], slots, registers);
            rest = _mm512_or_si512(rest, walks[i].rest);
        }
        if (!_mm512_test_epi32_mask(rest, all(0xFFFF0000U)))
            return;
    }
}

INLINE void walk_rows(const struct plan *plan, int registers, const uint32_t *keys, size_t stride, size_t rows,
                      sixteen roots, uint32_t middle, uint32_t *leaves)
{
    for (size_t first = 0; first < rows; first += TOGETHER) {
        struct sixteen_trees walks[TOGETHER];
        size_t some = rows - first < TOGETHER ? rows - first : TOGETHER;
        for (size_t i = 0; i < TOGETHER; i++)
            begin(&walks[i], registers, keys + (first + (i < some ? i : 0)) * stride, roots);
        finish(walks, TOGETHER, plan->slots, registers, middle);
        for (size_t i = 0; i < some; i++)
            _mm512_storeu_si512(leaves + (first + i) * LANES, walks[i].splits);
    }
}

AVX512 void lanes_trees(const struct plan *plan, const uint32_t *keys, size_t stride, size_t rows,
                        const uint32_t roots[LANES], uint32_t middle, uint32_t *leaves)
{
    sixteen from = _mm512_loadu_si512(roots);
    if (stride == LANES)
        walk_rows(plan, 1, keys, stride, rows, from, middle, leaves);
    else if (stride == (size_t)2 * LANES)
        walk_rows(plan, 2, keys, stride, rows, from, middle, leaves);
    else if (stride == (size_t)4 * LANES)
        walk_rows(plan, 4, keys, stride, rows, from, middle, leaves);
    else
        walk_rows(plan, 0, keys, stride, rows, from, middle, leaves);
}

INLINE void walk_some(const struct plan *plan, int registers, const uint32_t *keys, size_t together, uint32_t *at)
{
    struct sixteen_trees walks[TOGETHER];
    for (size_t i = 0; i < together; i++)
        begin(&walks[i], registers, keys, _mm512_loadu_si512(at + i * LANES));
    finish(walks, together, plan->slots, registers, (uint32_t)plan->middle);
    for (size_t i = 0; i < together; i++)
        _mm512_storeu_si512(at + i * LANES, walks[i].splits);
}

INLINE void walk_row(const struct plan *plan, int registers, const uint32_t *keys, size_t count, uint32_t *at)
{
    size_t first = 0;
    for (; first + (size_t)2 * LANES < count; first += (size_t)TOGETHER * LANES)
        walk_some(plan, registers, keys, TOGETHER, at + first);
    if (first + LANES < count)
        walk_some(plan, registers, keys, 2, at + first);
    else if (first < count)
        walk_some(plan, registers, keys, 1, at + first);
}

AVX512 void lanes_row(const struct plan *plan, const uint32_t *keys, size_t stride, size_t count, uint32_t *at)
{
    if (stride == LANES)
        walk_row(plan, 1, keys, count, at);
    else if (stride == (size_t)2 * LANES)
        walk_row(plan, 2, keys, count, at);
    else if (stride == (size_t)4 * LANES)
        walk_row(plan, 4, keys, count, at);
    else
        walk_row(plan, 0, keys, count, at);
}
#endif
