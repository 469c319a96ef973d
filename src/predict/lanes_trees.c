/*
 * Sixteen trees for one row. Where the row's keys fit four registers at most, a permutation finds them, and only slots
 * are gathered.
 */
#include "predict/lanes.h"

#ifdef LANES_BUILT
#include "model/key.h"
#include "predict/sixteen.h"

enum {
    TOGETHER = 4,      /* rows, or sixteens of trees, that are walked together */
    MOST_REGISTERS = 4 /* of a row's keys */
};

/* How rows are walked: constants where a walk is inlined. */
struct manner {
    int registers; /* of a row's keys; 0 = they are gathered */
    bool missing;
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

/* Who of those that miss a value goes right: no comparison sends them there. */
INLINE __mmask16 missing_right(const struct plan *plan, sixteen at, sixteen keys)
{
    __mmask16 missing = _mm512_cmpeq_epi32_mask(keys, all(KEY_MISSING));
    sixteen words = gather_some(plan->missing, missing, _mm512_srli_epi32(at, 5));
    return _mm512_mask_test_epi32_mask(missing, words, _mm512_sllv_epi32(all(1), _mm512_and_si512(at, all(31))));
}

INLINE void step(struct sixteen_trees *walk, const struct plan *plan, struct manner manner)
{
    struct gathered found = gather(plan->slots, walk->at);
    walk->splits = found.keys;
    walk->rest = found.rest;
    /* A permutation looks at the lowest bits alone; what lies above them may stay where no mask tests it. */
    sixteen places = _mm512_srli_epi32(walk->rest, 2);
    if (manner.registers != 1 && manner.registers != 2)
        places = _mm512_and_si512(places, all(0x3FFF));
    sixteen keys = find_keys(walk, manner.registers, places);
    __mmask16 right = _mm512_cmplt_epu32_mask(walk->splits, keys);
    if (manner.missing)
        right |= missing_right(plan, walk->at, keys);
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
INLINE void finish(struct sixteen_trees *walks, size_t together, const struct plan *plan, struct manner manner)
{
    for (size_t level = 0; level < plan->middle; level++)
        for (size_t i = 0; i < together; i++)
            step(&walks[i], plan, manner);
    for (;;) {
        sixteen rest = _mm512_setzero_si512();
        for (size_t i = 0; i < together; i++) {
            step(&walks[i], plan, manner);
            rest = _mm512_or_si512(rest, walks[i].rest);
        }
        if (!_mm512_test_epi32_mask(rest, all(0xFFFF0000U)))
            return;
    }
}

INLINE void walk_rows(const struct plan *plan, struct manner manner, const struct lanes_keys *keys, size_t rows,
                      sixteen roots, uint32_t *leaves)
{
    for (size_t first = 0; first < rows; first += TOGETHER) {
        struct sixteen_trees walks[TOGETHER];
        size_t some = rows - first < TOGETHER ? rows - first : TOGETHER;
        for (size_t i = 0; i < TOGETHER; i++)
            begin(&walks[i], manner.registers, keys->keys + (first + (i < some ? i : 0)) * keys->stride, roots);
        finish(walks, TOGETHER, plan, manner);
        for (size_t i = 0; i < some; i++)
            _mm512_storeu_si512(leaves + (first + i) * LANES, walks[i].splits);
    }
}

INLINE void walk_some(const struct plan *plan, struct manner manner, const uint32_t *keys, size_t together,
                      uint32_t *at)
{
    struct sixteen_trees walks[TOGETHER];
    for (size_t i = 0; i < together; i++)
        begin(&walks[i], manner.registers, keys, _mm512_loadu_si512(at + i * LANES));
    finish(walks, together, plan, manner);
    for (size_t i = 0; i < together; i++)
        _mm512_storeu_si512(at + i * LANES, walks[i].splits);
}

INLINE void walk_row(const struct plan *plan, struct manner manner, const uint32_t *keys, size_t count, uint32_t *at)
{
    size_t first = 0;
    for (; first + (size_t)2 * LANES < count; first += (size_t)TOGETHER * LANES)
        walk_some(plan, manner, keys, TOGETHER, at + first);
    if (first + LANES < count)
        walk_some(plan, manner, keys, 2, at + first);
    else if (first < count)
        walk_some(plan, manner, keys, 1, at + first);
}

/* Calls the walk with each manner as constants. */
#define IN_MANNER(keys, WALK)                                                                                          \
    do {                                                                                                               \
        const size_t registers = (keys)->stride / LANES;                                                               \
        if ((keys)->missing)                                                                                           \
            IN_REGISTERS(registers, true, WALK);                                                                       \
        else                                                                                                           \
            IN_REGISTERS(registers, false, WALK);                                                                      \
    } while (0)

#define IN_REGISTERS(registers, missing, WALK)                                                                         \
    do {                                                                                                               \
        if ((registers) == 1)                                                                                          \
            WALK(((struct manner){1, missing}));                                                                       \
        else if ((registers) == 2)                                                                                     \
            WALK(((struct manner){2, missing}));                                                                       \
        else if ((registers) == 4)                                                                                     \
            WALK(((struct manner){4, missing}));                                                                       \
        else                                                                                                           \
            WALK(((struct manner){0, missing}));                                                                       \
    } while (0)

AVX512 void lanes_trees(const struct plan *plan, const struct lanes_keys *keys, size_t rows,
                        const uint32_t roots[LANES], uint32_t *leaves)
{
    sixteen from = _mm512_loadu_si512(roots);
#define WALK_ROWS(manner) walk_rows(plan, manner, keys, rows, from, leaves)
    IN_MANNER(keys, WALK_ROWS);
}

AVX512 void lanes_row(const struct plan *plan, const struct lanes_keys *keys, size_t count, uint32_t *at)
{
#define WALK_ROW(manner) walk_row(plan, manner, keys->keys, count, at)
    IN_MANNER(keys, WALK_ROW);
}
#endif
