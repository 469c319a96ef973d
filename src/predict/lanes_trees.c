/*
 * Sixteen trees for one row. Where the row's keys fit four registers at most, a permutation finds them, and only slots
 * are gathered.
 */
#include "predict/lanes.h"

#ifdef LANES_BUILT
#include "model/key.h"
#include "predict/sixteen.h"
#include "predict/walks.h"

enum {
    TOGETHER = 4,       /* rows, or sixteens of trees, that are walked together */
    MOST_REGISTERS = 4, /* of a row's keys */
    LEVELS_WASTED = 2,  /* levels below the middle leaf up to which no tree is left out that is done */
    AT_A_TIME = 3       /* levels between two looks at which are done */
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

INLINE void walk_each(const struct plan *plan, struct manner manner, const struct lanes_keys *keys, size_t rows,
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

/* Trees of one row that are on their way, in lists; the last lanes are room for those past the end. */
struct walkers {
    uint32_t trees[TREES_AT_ONCE + TOGETHER * LANES];
    uint32_t at[TREES_AT_ONCE + TOGETHER * LANES];
    size_t count;
};

/* Adds those of sixteen trees to the lists that are on their way. */
INLINE void keep(const struct sixteen_trees *walk, __mmask16 on, sixteen trees, struct walkers *walkers)
{
    _mm512_storeu_si512(walkers->trees + walkers->count, _mm512_maskz_compress_epi32(on, trees));
    _mm512_storeu_si512(walkers->at + walkers->count, _mm512_maskz_compress_epi32(on, walk->at));
    walkers->count += (size_t)__builtin_popcount(on);
}

/* `together` sixteens by `levels` and one more, which finds the leaves. */
INLINE void walk_some(const struct plan *plan, struct manner manner, const uint32_t *keys, size_t together,
                      size_t levels, const uint32_t *at, struct sixteen_trees walks[TOGETHER])
{
    for (size_t i = 0; i < together; i++)
        begin(&walks[i], manner.registers, keys, _mm512_loadu_si512(at + i * LANES));
    for (size_t level = 0; level <= levels; level++)
        for (size_t i = 0; i < together; i++)
            step(&walks[i], plan, manner);
}

/* Which of sixteen trees are on their way. */
INLINE __mmask16 unfinished(const struct sixteen_trees *walk)
{
    return _mm512_test_epi32_mask(walk->rest, all(0xFFFF0000U));
}

/* The first levels of trees one behind the other. */
INLINE void walk_first(const struct plan *plan, struct manner manner, const uint32_t *keys, size_t first,
                       size_t together, uint32_t *at, struct walkers *walkers)
{
    struct sixteen_trees walks[TOGETHER];
    const size_t levels = plan->depth <= plan->middle + LEVELS_WASTED ? plan->depth : plan->middle;
    walk_some(plan, manner, keys, together, levels, at + first, walks);
    for (size_t i = 0; i < together; i++, first += LANES) {
        __mmask16 on = unfinished(&walks[i]);
        _mm512_storeu_si512(at + first, walks[i].splits);
        if (on)
            keep(&walks[i], on, _mm512_add_epi32(count_up(), all((uint32_t)first)), walkers);
    }
}

/* Some more levels of those in the lists. */
INLINE void walk_more(const struct plan *plan, struct manner manner, const uint32_t *keys, size_t first,
                      size_t together, uint32_t *leaves, struct walkers *walkers)
{
    struct sixteen_trees walks[TOGETHER];
    walk_some(plan, manner, keys, together, AT_A_TIME - 1, walkers->at + first, walks);
    for (size_t i = 0; i < together; i++, first += LANES) {
        __mmask16 on = unfinished(&walks[i]);
        sixteen trees = _mm512_loadu_si512(walkers->trees + first);
        scatter_numbers(leaves, (__mmask16)~on, trees, walks[i].splits);
        keep(&walks[i], on, trees, walkers);
    }
}

/* Calls WALK(first, together) until `count` trees have been walked. */
#define IN_SIXTEENS(count, WALK)                                                                                       \
    do {                                                                                                               \
        size_t first = 0;                                                                                              \
        for (; first + (size_t)3 * LANES < (count); first += (size_t)TOGETHER * LANES)                                 \
            WALK(first, 4);                                                                                            \
        if (first + (size_t)2 * LANES < (count))                                                                       \
            WALK(first, 3);                                                                                            \
        else if (first + LANES < (count))                                                                              \
            WALK(first, 2);                                                                                            \
        else if (first < (count))                                                                                      \
            WALK(first, 1);                                                                                            \
    } while (0)

INLINE void walk_row(const struct plan *plan, struct manner manner, const uint32_t *keys, size_t count, uint32_t *at)
{
    struct walkers walkers;
    walkers.count = 0;
    for (size_t i = count; i % LANES; i++)
        at[i] = 0;
#define WALK_FIRST(first, together) walk_first(plan, manner, keys, first, together, at, &walkers)
    IN_SIXTEENS(count, WALK_FIRST);
    while (walkers.count) {
        const size_t some = walkers.count;
        for (size_t i = some; i % LANES; i++) {
            walkers.at[i] = 0;
            walkers.trees[i] = TREES_AT_ONCE;
        }
        walkers.count = 0;
#define WALK_MORE(first, together) walk_more(plan, manner, keys, first, together, at, &walkers)
        IN_SIXTEENS(some, WALK_MORE);
    }
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
#define WALK_EACH(manner) walk_each(plan, manner, keys, rows, from, leaves)
    IN_MANNER(keys, WALK_EACH);
}

AVX512 void lanes_row(const struct plan *plan, const struct lanes_keys *keys, size_t count, uint32_t *at)
{
#define WALK_ROW(manner) walk_row(plan, manner, keys->keys, count, at)
    IN_MANNER(keys, WALK_ROW);
}
#endif
