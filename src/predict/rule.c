#include "predict/rule.h"

#include "predict/cells.h"
#include "predict/chain.h"
#include "predict/lanes.h"
#include "predict/twin.h"
#include "predict/walks.h"

/*
 * The numbers come from tests/bench/walks on one core of servers: those of strips and trees from one of 2019 (32 KiB,
 * 512 KiB and 16 MiB of cache), the others from one of 2021 (32 KiB, 512 KiB and 32 MiB), those of lanes from one of 2023
 * (48 KiB, 2 MiB and 260 MiB). They move where the one way is about as fast as the other. Those of the twin are reckoned.
 */
enum {
    ROWS_TOGETHER = 8,    /* below, a block of rows would be mostly empty */
    ROWS_STRIPS = 32,     /* the same for strips */
    ROWS_REST = 256,      /* below, lists of unfinished rows are too short, but those of strips */
    DEPTH_STRIPS = 3,     /* shallower trees have no top */
    LEVELS_WASTED = 6,    /* levels below the middle leaf from which leaving out pays */
    ROWS_OF_LANES = 256,  /* that go through sixteen trees together; below, a heap is not worth filling */
    ROWS_CHAIN = 600,     /* below, linking a chain costs more than it saves */
    TIMES_NEAR = 16,      /* the near cache: slots of a larger forest come from memory, not from a cache */
    SLOTS_TWIN = 16,      /* slots of a tree that are copied in the time that a row saves there */
    TWIN_BYTES = 1 << 20, /* most that the values of rows take that go through a twin together */
    FAR_BYTES = 4 << 20   /* most that rows take that wait in the cells for huge trees */
};

/* What a forest is to the cache that a core has to itself. */
enum distance {
    NEAR,   /* it lies there */
    BEYOND, /* each of its trees lies there while it is walked */
    FAR     /* not even a tree does, with rows beside it */
};

static size_t tree_bytes(const struct plan *plan)
{
    return plan->bytes / plan->tree_count;
}

static enum distance distance_of(const struct plan *plan)
{
    if (plan->bytes <= plan->processor.near_cache)
        return NEAR;
    return tree_bytes(plan) <= plan->processor.near_cache / 4 ? BEYOND : FAR;
}

/*
 * Rows that go through all trees together: each tree is read once for them, and each of them once for a tree. They stay
 * in the cache, but where a tree costs more to read than all of them.
 */
static size_t rows_together(const struct plan *plan, size_t features, size_t block_rows, size_t count)
{
    static const size_t most[] = {[NEAR] = 512, [BEYOND] = 16384, [FAR] = 16384};
    const size_t bytes[] = {
        [NEAR] = plan->processor.near_cache / 4, [BEYOND] = plan->processor.near_cache / 2, [FAR] = FAR_BYTES};
    enum distance distance = distance_of(plan);
    size_t rows = most[distance];
    while (rows > 2 * (size_t)LANES_ROWS && cells_size(features, block_rows, rows) > bytes[distance])
        rows /= 2;
    return count < rows ? count : rows;
}

/* Reading a tree costs a load for each of its lines; rows that walk it want about ten of them each. */
static bool worth_touching(const struct plan *plan, size_t rows)
{
    return distance_of(plan) != NEAR && rows * 10 >= tree_bytes(plan) / 64;
}

static struct choice choose_trees(const struct plan *plan, size_t count)
{
    if (plan->slot_count * sizeof(struct slot) > TIMES_NEAR * plan->processor.near_cache)
        return (struct choice){WAY_TREES_FAR, false, count,
                               "a forest larger than the caches, and too few rows to read its trees for: all trees "
                               "wait for memory together"};
    if (plan->depth > plan->middle + LEVELS_WASTED)
        return (struct choice){WAY_TREES_REST, false, count,
                               "few rows, and paths of very different lengths: trees that are done are left out"};
    return (struct choice){WAY_TREES, false, count, "few rows, and paths of about one length"};
}

#ifdef LANES_BUILT
/* Rows that go through sixteen trees together: as many as predict.c has room for without asking for memory. */
static size_t rows_through_lanes(size_t features, size_t count)
{
    size_t rows = count < ROWS_OF_LANES ? count : ROWS_OF_LANES;
    while (rows > 1 && rows * lanes_bytes(features) > LANES_BYTES)
        rows /= 2;
    return rows;
}

/* Sixteen at a time, where the processor has it. Rows are the better lanes where trees end in the heap of registers. */
static struct choice choose_lanes(const struct forest *forest, size_t count)
{
    const struct plan *plan = forest->plan;
    enum distance distance = distance_of(plan);
    size_t rows = rows_together(plan, forest->features, LANES_ROWS, count);
    bool touch = worth_touching(plan, rows);
    bool shallow = plan->depth <= HEAP_LEVELS;
    bool few = count < ROWS_OF_LANES || (distance == FAR && !touch);
    if (few || (!shallow && distance == NEAR && lanes_stride(forest->features) <= (size_t)2 * LANES))
        return (struct choice){WAY_LANES_TREES, false, rows_through_lanes(forest->features, count),
                               few ? "few rows: trees are the lanes"
                                   : "paths of different lengths, and rows that registers hold: trees are the lanes"};
    return (struct choice){WAY_LANES_ROWS, touch, rows,
                           shallow ? "trees that registers hold: rows are the lanes" : "many rows: rows are the lanes"};
}
#endif

struct choice rule_choose(const struct forest *forest, size_t count)
{
    const struct plan *plan = forest->plan;
    if (!plan)
        return (struct choice){WAY_PORTABLE, false, count, "the forest has not been laid out"};
#ifdef LANES_BUILT
    if (plan->processor.avx512 && !plan->wide && plan->tree_count >= LANES / 2)
        return choose_lanes(forest, count);
#endif
    enum distance distance = distance_of(plan);
    bool avx2 = plan->processor.avx2 && plan->depth >= DEPTH_STRIPS;
    bool deep = plan->depth > plan->middle + LEVELS_WASTED;
    size_t rows = rows_together(plan, forest->features, avx2 ? STRIP_ROWS : BLOCK_ROWS, count);
    bool touch = worth_touching(plan, rows);
    size_t least = avx2 ? ROWS_STRIPS : distance == NEAR ? ROWS_TOGETHER : 2 * ROWS_TOGETHER;
    if (count < least || (distance == FAR && !touch) || forest->features > CELLS_MOST_FEATURES)
        return choose_trees(plan, count);
#ifdef CHAIN_BUILT
    if (deep && avx2 && count >= ROWS_CHAIN && chain_fits(plan, forest->features))
        return (struct choice){WAY_CHAIN, false, count,
                               "many rows, and paths of very different lengths in small trees: all trees are one long "
                               "path"};
#endif
    if (deep && (avx2 || count >= ROWS_REST))
        return (struct choice){avx2 ? WAY_STRIPS_REST : WAY_ROWS_REST, touch, rows,
                               "many rows, and paths of very different lengths: rows that are done are left out"};
    return (struct choice){avx2 ? WAY_STRIPS : WAY_ROWS, touch, rows,
                           deep ? "too few rows to leave out those that are done" : "paths of about one length"};
}

bool rule_choose_twin(const struct forest *forest, size_t count, struct choice *choice)
{
    const struct plan *plan = forest->plan;
    if (count < ROWS_STRIPS || count * SLOTS_TWIN < plan->slot_count / plan->tree_count || !twin_fits(forest))
        return false;
    bool deep = plan->depth > plan->middle + LEVELS_WASTED;
    bool strips = plan->processor.avx2 && plan->depth >= DEPTH_STRIPS;
    enum way way = strips ? deep ? WAY_STRIPS_REST : WAY_STRIPS : deep && count >= ROWS_REST ? WAY_ROWS_REST : WAY_ROWS;
#ifdef LANES_BUILT
    way = plan->processor.avx512 && !plan->wide ? WAY_LANES_ROWS : way;
#endif
    *choice = (struct choice){.way = way, .reason = "rows with missing values"};
    size_t block_rows = choice_block_rows(choice);
    size_t rows = rows_together(plan, 2 * forest->features, block_rows, count);
    while (rows > ROWS_STRIPS && rows * forest->width * sizeof(double) > TWIN_BYTES)
        rows /= 2;
    choice->rows = rows;
    return cells_size(2 * forest->features, block_rows, rows) <= FAR_BYTES && choice_possible(choice, forest);
}

size_t choice_block_rows(const struct choice *choice)
{
    bool strips = choice->way == WAY_STRIPS || choice->way == WAY_STRIPS_REST;
    return choice->way == WAY_LANES_ROWS ? LANES_ROWS : strips ? STRIP_ROWS : BLOCK_ROWS;
}

bool choice_possible(const struct choice *choice, const struct forest *forest)
{
    const struct plan *plan = forest->plan;
    switch (choice->way) {
    case WAY_PORTABLE:
        return forest->nodes != NULL;
    case WAY_TREES:
    case WAY_TREES_REST:
    case WAY_TREES_FAR:
        return plan && !choice->touch;
    case WAY_ROWS:
    case WAY_ROWS_REST:
        return plan && forest->features <= CELLS_MOST_FEATURES;
    case WAY_STRIPS:
    case WAY_STRIPS_REST:
        return plan && plan->processor.avx2 && forest->features <= CELLS_MOST_FEATURES;
    case WAY_CHAIN:
#ifdef CHAIN_BUILT
        return plan && plan->processor.avx2 && chain_fits(plan, forest->features) && !choice->touch;
#else
        return false;
#endif
    case WAY_LANES_TREES:
        return plan && plan->processor.avx512 && !plan->wide && !choice->touch;
    case WAY_LANES_ROWS:
        return plan && plan->processor.avx512 && !plan->wide;
    case WAYS:
        break;
    }
    return false;
}

const char *choice_name(const struct choice *choice)
{
    switch (choice->way) {
    case WAY_PORTABLE:
        return "portable";
    case WAY_TREES:
        return "trees interleaved";
    case WAY_TREES_REST:
        return "trees interleaved, finished ones left out";
    case WAY_TREES_FAR:
        return "trees level by level";
    case WAY_ROWS:
        return choice->touch ? "rows interleaved, tree by tree" : "rows interleaved";
    case WAY_ROWS_REST:
        return choice->touch ? "rows interleaved, finished ones left out, tree by tree"
                             : "rows interleaved, finished ones left out";
    case WAY_STRIPS:
        return choice->touch ? "rows interleaved, dense top, tree by tree" : "rows interleaved, dense top";
    case WAY_STRIPS_REST:
        return choice->touch ? "rows interleaved, dense top, finished ones left out, tree by tree"
                             : "rows interleaved, dense top, finished ones left out";
    case WAY_CHAIN:
        return "along a chain of the trees";
    case WAY_LANES_TREES:
        return "sixteen trees at a time";
    case WAY_LANES_ROWS:
        return choice->touch ? "sixteen rows at a time, tree by tree" : "sixteen rows at a time";
    case WAYS:
        break;
    }
    return "";
}
