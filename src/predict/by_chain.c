/*
 * Along a chain: ten rows are interleaved, and walk a fixed number of steps at a time. Between two such walks, rows that
 * have arrived at the end are left out: the last of the others moves to their place, with its keys.
 */
#include "predict/chain.h"

#ifdef CHAIN_BUILT
#include "predict/cells.h"
#include "predict/step.h"
#include "predict/sums.h"
#include "predict/work.h"
#include <string.h>

/* NOLINTBEGIN(readability-isolate-declaration): the macros declare what lies in registers */

enum { LOOKS = 12 /* in one walk: some four trees lie in the nearest cache together */ };

/* Rows on their way, ten by ten. Those of a ten that are not there are at the end. */
struct walkers {
    size_t count;
    size_t ten_keys; /* that ten rows have: [1 + features][CHAIN_LANES] */
    uint32_t *keys;  /* [tens][ten_keys] */
    uint16_t at[CHAIN_ROWS];
    uint16_t row[CHAIN_ROWS];
    uint16_t votes[CHAIN_ROWS];
    uint16_t seen[LOOKS][CHAIN_ROWS]; /* where they were at each look */
};

/* ---- the walk ---- */

#define TEN(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9)
#define LOAD(lane) uint64_t a##lane = at[lane];
#define STORE(lane) to[lane] = (uint16_t)a##lane;

_Static_assert(CHAIN_MARKS == 4, "as many steps as there are marks lie between two looks");

static void walk_ten(const struct slot *slots, const uint32_t *keys, uint16_t *at, uint16_t *seen)
{
    uint16_t *to = seen;
    TEN(LOAD)
    for (size_t look = 0; look < LOOKS; look++, to += CHAIN_ROWS) {
        TEN_CHAIN_STEP(slots, keys);
        TEN_CHAIN_STEP(slots, keys);
        TEN_CHAIN_STEP(slots, keys);
        TEN_CHAIN_STEP(slots, keys);
        TEN(STORE)
    }
    memcpy(at, to - CHAIN_ROWS, CHAIN_LANES * sizeof *at);
}

static void count_votes(struct walkers *walkers, uint16_t marks)
{
    for (size_t look = 0; look < LOOKS; look++)
        for (size_t i = 0; i < walkers->count; i++)
            walkers->votes[i] = (uint16_t)(walkers->votes[i] + (walkers->seen[look][i] < marks));
}

/* ---- who walks ---- */

static uint32_t *keys_of(const struct walkers *walkers, size_t walker)
{
    return walkers->keys + walker / CHAIN_LANES * walkers->ten_keys + walker % CHAIN_LANES;
}

static void move_last(struct walkers *walkers, size_t to)
{
    size_t last = --walkers->count;
    const uint32_t *from_keys = keys_of(walkers, last);
    uint32_t *to_keys = keys_of(walkers, to);
    walkers->at[to] = walkers->at[last];
    walkers->row[to] = walkers->row[last];
    walkers->votes[to] = walkers->votes[last];
    for (size_t i = CHAIN_LANES; i < walkers->ten_keys; i += CHAIN_LANES)
        to_keys[i] = from_keys[i];
}

/* Makes up the last ten. */
static void fill_ten(struct walkers *walkers, uint16_t end)
{
    for (size_t i = walkers->count; i % CHAIN_LANES; i++) {
        walkers->at[i] = end;
        *keys_of(walkers, i) = 0;
    }
}

static size_t count_arrived(const struct walkers *walkers, uint16_t end)
{
    size_t arrived = 0;
    for (size_t i = 0; i < walkers->count; i++)
        arrived += walkers->at[i] == end;
    return arrived;
}

/* Adds the votes of those that have arrived, and leaves them out. */
static void leave_out(struct walkers *walkers, uint16_t end, double *values)
{
    for (size_t i = 0; i < walkers->count;) {
        if (walkers->at[i] != end) {
            i++;
            continue;
        }
        sums_add_votes(walkers->votes[i], values + (size_t)2 * walkers->row[i]);
        move_last(walkers, i);
    }
    fill_ten(walkers, end);
}

/* `count` rows along a chain. values: [count][2], added to */
static void walk_rows_along(const struct work *work, const struct chain *chain, struct walkers *walkers,
                            const float *rows, size_t count, double *values)
{
    const size_t features = work->forest->features;
    walkers->count = count;
    for (size_t i = 0; i < count; i++) {
        cells_fill_row(keys_of(walkers, i), CHAIN_LANES, rows + i * features, features);
        walkers->at[i] = chain->start;
        walkers->row[i] = (uint16_t)i;
        walkers->votes[i] = 0;
    }
    fill_ten(walkers, chain->end);
    while (walkers->count) {
        for (size_t i = 0; i < walkers->count; i += CHAIN_LANES)
            walk_ten(chain->slots, keys_of(walkers, i), walkers->at + i, walkers->seen[0] + i);
        count_votes(walkers, chain->marks);
        if (count_arrived(walkers, chain->end))
            leave_out(walkers, chain->end, values);
    }
}

void predict_by_chain(const struct work *work, void *memory, const float *rows, size_t count, double *values)
{
    const struct plan *plan = work->forest->plan;
    const size_t most = chain_rows(work->forest->features);
    const size_t together = work->choice->rows < most ? work->choice->rows : most;
    struct chain chain = {.slots = memory};
    struct walkers walkers = {.ten_keys = (work->forest->features + 1) * CHAIN_LANES,
                              .keys = (uint32_t *)(void *)((char *)memory + chain_slots_size(plan))};
    memset(values, 0, 2 * count * sizeof *values);
    for (size_t tree = 0; tree < plan->tree_count;) {
        size_t trees = chain_trees(plan, tree);
        chain_link(plan, tree, trees, &chain);
        for (size_t first = 0; first < count; first += together) {
            size_t some = count - first < together ? count - first : together;
            walk_rows_along(work, &chain, &walkers, rows + first * work->forest->features, some, values + 2 * first);
        }
        tree += trees;
    }
}

/* NOLINTEND(readability-isolate-declaration) */
#endif
