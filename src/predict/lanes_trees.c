/*
 * Sixteen trees for one row. Where the row's keys fit four registers at most, a permutation finds them, and only slots
 * are gathered. Lanes that have not arrived after the first levels go on in lists, whose rows and trees are mixed.
 */
#include "predict/lanes.h"

#ifdef LANES_BUILT
#include "model/key.h"
#include "predict/sixteen.h"
#include "predict/walks.h"

enum {
    TOGETHER = 4,       /* rows, or sixteens of trees, that are walked together */
    MOST_REGISTERS = 4, /* of a row's keys */
    ROWS = 64,          /* whose lanes share lists */
    LEVELS_WASTED = 2,  /* levels below the middle leaf up to which no lane is left out that is done */
    AT_A_TIME = 3       /* levels between two looks at which are done */
};
_Static_assert((int)TREES_AT_ONCE <= ROWS * LANES, "the lanes of a row have room in the lists");

/* How rows are walked: constants where a walk is inlined. */
struct manner {
    int registers; /* of a row's keys; 0 = they are gathered */
    bool missing;
};

/* A walk of sixteen trees. */
struct sixteen_trees {
    sixteen keys[MOST_REGISTERS]; /* the row's, as far as they are in registers */
    const uint32_t *row;          /* all of them */
    sixteen rows;                 /* where those of each lane's own row begin, counted from there */
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
    return gather_numbers(walk->row, _mm512_add_epi32(places, walk->rows));
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

INLINE void begin(struct sixteen_trees *walk, int registers, const uint32_t *row, sixteen at)
{
    walk->row = row;
    walk->rows = _mm512_setzero_si512();
    walk->at = at;
    for (int i = 0; i < registers; i++)
        walk->keys[i] = _mm512_loadu_si512(row + (size_t)i * LANES);
}

/* `levels`, and one more, which finds the leaves of those that have arrived. */
INLINE void walk_some(const struct plan *plan, struct manner manner, size_t levels, size_t together,
                      struct sixteen_trees *walks)
{
    for (size_t level = 0; level <= levels; level++)
        for (size_t i = 0; i < together; i++)
            step(&walks[i], plan, manner);
}

/* Lanes that have not arrived. */
struct walkers {
    uint32_t places[ROWS * LANES + LANES]; /* of their leaves; the last are room for lanes past the end */
    uint32_t at[ROWS * LANES + LANES];
    size_t count;
};

/* Appends those of a walk. Returns which have arrived. */
INLINE __mmask16 keep(const struct sixteen_trees *walk, sixteen places, struct walkers *walkers)
{
    __mmask16 on = _mm512_test_epi32_mask(walk->rest, all(0xFFFF0000U));
    if (on) {
        _mm512_storeu_si512(walkers->places + walkers->count, _mm512_maskz_compress_epi32(on, places));
        _mm512_storeu_si512(walkers->at + walkers->count, _mm512_maskz_compress_epi32(on, walk->at));
        walkers->count += (size_t)__builtin_popcount(on);
    }
    return (__mmask16)~on;
}

/* Stores the leaves of walks that have taken the first levels, from `place` on; wrong ones where they have not arrived. */
INLINE void end_first(const struct sixteen_trees *walks, size_t some, size_t place, uint32_t *leaves,
                      struct walkers *walkers)
{
    for (size_t i = 0; i < some; i++, place += LANES) {
        _mm512_storeu_si512(leaves + place, walks[i].splits);
        (void)keep(&walks[i], _mm512_add_epi32(count_up(), all((uint32_t)place)), walkers);
    }
}

INLINE size_t first_levels(const struct plan *plan)
{
    return plan->depth <= plan->middle + LEVELS_WASTED ? plan->depth : plan->middle;
}

/* Some more levels of `together` sixteens from the lists, in which those of them are kept that have not arrived. */
INLINE void walk_more(const struct plan *plan, struct manner manner, const uint32_t *keys, size_t stride, size_t first,
                      size_t together, size_t count, uint32_t *leaves, struct walkers *walkers)
{
    struct sixteen_trees walks[TOGETHER];
    sixteen places[TOGETHER];
    __mmask16 there[TOGETHER];
    for (size_t i = 0; i < together; i++) {
        const size_t from = first + i * LANES;
        there[i] = (__mmask16)(count - from < LANES ? (1U << (count - from)) - 1 : 0xFFFF);
        places[i] = _mm512_maskz_loadu_epi32(there[i], walkers->places + from);
        begin(&walks[i], manner.registers, keys, _mm512_maskz_loadu_epi32(there[i], walkers->at + from));
        walks[i].rows = _mm512_mullo_epi32(_mm512_srli_epi32(places[i], 4), all((uint32_t)stride));
    }
    walk_some(plan, manner, AT_A_TIME - 1, together, walks);
    for (size_t i = 0; i < together; i++)
        scatter_numbers(leaves, there[i] & keep(&walks[i], places[i], walkers), places[i], walks[i].splits);
}

/* Calls WALK(first, together) until `count` lanes have been walked. */
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

/* The lists to their end. keys: [rows][stride]; all lanes are of the first row where `stride` is 0 */
INLINE void finish(const struct plan *plan, struct manner manner, const uint32_t *keys, size_t stride, uint32_t *leaves,
                   struct walkers *walkers)
{
    while (walkers->count) {
        const size_t count = walkers->count;
        walkers->count = 0;
#define WALK_MORE(first, together) walk_more(plan, manner, keys, stride, first, together, count, leaves, walkers)
        IN_SIXTEENS(count, WALK_MORE);
    }
}

/* Rows, at most ROWS, that share lists. */
INLINE void walk_sharing(const struct plan *plan, struct manner manner, const uint32_t *keys, size_t stride,
                         size_t rows, sixteen roots, uint32_t *leaves)
{
    struct walkers walkers;
    walkers.count = 0;
    for (size_t first = 0; first < rows; first += TOGETHER) {
        struct sixteen_trees walks[TOGETHER];
        size_t some = rows - first < TOGETHER ? rows - first : TOGETHER;
        for (size_t i = 0; i < TOGETHER; i++)
            begin(&walks[i], manner.registers, keys + (first + (i < some ? i : 0)) * stride, roots);
        walk_some(plan, manner, first_levels(plan), TOGETHER, walks);
        end_first(walks, some, first * LANES, leaves, &walkers);
    }
    finish(plan, (struct manner){0, manner.missing}, keys, stride, leaves, &walkers);
}

INLINE void walk_each(const struct plan *plan, struct manner manner, const struct lanes_keys *keys, size_t rows,
                      sixteen roots, uint32_t *leaves)
{
    for (size_t first = 0; first < rows; first += ROWS)
        walk_sharing(plan, manner, keys->keys + first * keys->stride, keys->stride,
                     rows - first < ROWS ? rows - first : ROWS, roots, leaves + first * LANES);
}

INLINE void walk_row(const struct plan *plan, struct manner manner, const uint32_t *keys, size_t count, uint32_t *at)
{
    struct walkers walkers;
    walkers.count = 0;
    for (size_t i = count; i % LANES; i++)
        at[i] = 0;
#define WALK_FIRST(first, together)                                                                                    \
    do {                                                                                                               \
        struct sixteen_trees walks[TOGETHER];                                                                          \
        for (size_t i = 0; i < (together); i++)                                                                        \
            begin(&walks[i], manner.registers, keys, _mm512_loadu_si512(at + (first) + i * LANES));                    \
        walk_some(plan, manner, first_levels(plan), together, walks);                                                  \
        end_first(walks, together, first, at, &walkers);                                                               \
    } while (0)
    IN_SIXTEENS(count, WALK_FIRST);
    finish(plan, manner, keys, 0, at, &walkers);
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
