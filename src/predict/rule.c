#include "predict/rule.h"

#include "predict/cells.h"
#include "predict/walks.h"

/*
 * The numbers come from tests/bench/walks on one core of a server of 2021 (32 KiB, 512 KiB and 32 MiB of cache). They
 * move where the one way is about as fast as the other.
 */
enum {
    ROWS_TOGETHER = 8,    /* below, a block of rows would be mostly empty */
    ROWS_DENSE = 32,      /* below, gathering a tree's top costs more than it saves */
    ROWS_REST = 64,       /* below, lists of unfinished rows are too short */
    DEPTH_DENSE = 3,      /* shallower trees have no top */
    LEVELS_WASTED = 6,    /* levels below the middle leaf from which leaving out pays */
    CELLS_BYTES = 4 << 20 /* most that rows take that wait in the cells */
};

/* Rows that go through the forest together: as many as make reading each tree worth it, but no more than needed. */
static size_t rows_together(const struct forest *forest, bool dense, size_t count)
{
    const struct plan *plan = forest->plan;
    size_t most = CHUNK_ROWS;
    if (plan->bytes > plan->processor.near_cache)
        most = 1024;
    if (plan->bytes > 4 * plan->processor.near_cache)
        most = 16384;
    size_t row = cells_size(forest->features, BLOCK_ROWS, dense) / BLOCK_ROWS;
    while (most > BLOCK_ROWS && most * row > CELLS_BYTES)
        most /= 2;
    return count < most ? count : most;
}

static struct choice choose_trees(const struct plan *plan, size_t count)
{
    bool far = plan->bytes > 4 * plan->processor.near_cache;
    bool deep = plan->depth > plan->middle + LEVELS_WASTED;
    if (far)
        return (struct choice){WAY_TREES_FAR, false, false, count,
                               "few rows, and a forest larger than the cache: all trees wait for memory together"};
    if (deep)
        return (struct choice){WAY_TREES_REST, false, false, count,
                               "few rows, and paths of very different lengths: trees that are done are left out"};
    return (struct choice){WAY_TREES, false, false, count, "few rows, and paths of about one length"};
}

struct choice rule_choose(const struct forest *forest, size_t count)
{
    const struct plan *plan = forest->plan;
    if (!plan)
        return (struct choice){WAY_PORTABLE, false, false, count, "the forest has not been laid out"};
    bool near = plan->bytes <= 2 * plan->processor.near_cache;
    if (count < ROWS_TOGETHER || (count < (size_t)2 * ROWS_TOGETHER && !near))
        return choose_trees(plan, count);
    bool dense = plan->processor.avx2 && count >= ROWS_DENSE && plan->depth >= DEPTH_DENSE;
    size_t rows = rows_together(forest, dense, count);
    bool deep = plan->depth > plan->middle + LEVELS_WASTED;
    /* Reading a tree costs a load for each of its lines; rows walk past those that they need. */
    size_t lines = plan->bytes / 64 / (plan->tree_count ? plan->tree_count : 1);
    bool touch = !near && rows * 8 >= lines;
    if (deep && count >= ROWS_REST)
        return (struct choice){WAY_ROWS_REST, dense, touch, rows,
                               "many rows, and paths of very different lengths: rows that are done are left out"};
    return (struct choice){WAY_ROWS, dense, touch, rows, deep ? "some rows" : "paths of about one length"};
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
        return choice->dense
                   ? choice->touch ? "rows interleaved, dense top, tree by tree" : "rows interleaved, dense top"
                   : "rows interleaved";
    case WAY_ROWS_REST:
        break;
    }
    return choice->dense ? choice->touch ? "rows interleaved, dense top, finished ones left out, tree by tree"
                                         : "rows interleaved, dense top, finished ones left out"
                         : "rows interleaved, finished ones left out";
}
