#include "predict/chain.h"

#ifdef CHAIN_BUILT
#include "base/pages.h"

enum {
    PLACES = 2 << CHAIN_MARKS,   /* of a tree's first levels: the children of place i are 2 i and 2 i + 1 */
    TREE_MARKS = PLACES - 2,     /* all but the root, which is 1 */
    MOST_SLOTS = UINT16_MAX + 1, /* of a chain */
    TREE_BYTES = 4096,           /* larger trees, several of which are walked at once, want too much of the cache */
    KEYS_BYTES = 64 << 10,       /* of rows: they come from a near cache, and leave the nearest to the trees */
    LEAST_ROWS = 4 * CHAIN_LANES
};

/* ---- sizes ---- */

/* Slots of the chain that `count` trees make. */
static size_t count_slots(const struct plan_tree *trees, size_t count)
{
    size_t slots = (size_t)trees[count - 1].first + trees[count - 1].slots - trees[0].first;
    return slots + (count + 1) * TREE_MARKS + 2;
}

size_t chain_trees(const struct plan *plan, size_t first)
{
    size_t count = 0;
    while (first + count < plan->tree_count && count_slots(plan->trees + first, count + 1) <= MOST_SLOTS)
        count++;
    return count;
}

bool chain_fits(const struct plan *plan, size_t features)
{
    if (!plan->votes || plan->leaf_count != 2 || plan->wide || !plan->tree_count ||
        plan->slot_count * sizeof(struct slot) > plan->tree_count * TREE_BYTES ||
        (features + 1) * sizeof(uint32_t) * CHAIN_LANES > UINT16_MAX)
        return false;
    for (size_t first = 0; first < plan->tree_count;) {
        size_t count = chain_trees(plan, first);
        if (!count)
            return false;
        first += count;
    }
    return true;
}

size_t chain_rows(size_t features)
{
    size_t rows = CHAIN_ROWS;
    while (rows > LEAST_ROWS && rows * (features + 1) * sizeof(uint32_t) > KEYS_BYTES)
        rows -= CHAIN_LANES;
    return rows;
}

size_t chain_slots_size(const struct plan *plan)
{
    size_t slots = plan->slot_count + (plan->tree_count + 1) * TREE_MARKS + 2;
    return pages_round((slots < MOST_SLOTS ? slots : MOST_SLOTS) * sizeof(struct slot));
}

size_t chain_keys_size(size_t features)
{
    return pages_round(chain_rows(features) * (features + 1) * sizeof(uint32_t));
}

/* ---- links ---- */

/* A chain while it is written. */
struct linking {
    const struct slot *from; /* the plan's slots, counted from the first tree's */
    const struct plan_tree *trees;
    size_t count;
    struct slot *slots;
    size_t start;
};

/* What the leaves before a tree, or before the end, become: a copy of its root. */
struct entry {
    uint32_t key;
    uint16_t cell;
    uint16_t left[2]; /* [class] the root's left child, or where there is no more to ask, the next slot */
};

/* The chain's slot that a slot of the plan becomes. */
static size_t linked(const struct linking *linking, size_t slot)
{
    return linking->start + 2 + slot;
}

static size_t first_slot(const struct linking *linking, size_t tree)
{
    return linking->trees[tree].first - linking->trees[0].first;
}

/* The first of a tree's marks, less the two places that are none. */
static size_t marks_of(size_t tree)
{
    return tree * TREE_MARKS - 2;
}

static void put(const struct linking *linking, size_t slot, struct slot split, size_t left)
{
    linking->slots[slot] = (struct slot){split.key, (uint16_t)(split.cell * CHAIN_LANES), (uint16_t)(left - slot)};
}

/* A slot from which all rows go to `to`: the sentinel is not above its key. */
static void put_way(const struct linking *linking, size_t slot, size_t to)
{
    put(linking, slot, (struct slot){0}, to);
}

static struct entry entry_of(const struct linking *linking, size_t tree)
{
    const uint16_t marks = (uint16_t)(marks_of(tree) + 2);
    if (tree == linking->count)
        return (struct entry){0, 0, {(uint16_t)(linking->start + 1), marks}};
    size_t root = first_slot(linking, tree) + 1;
    struct slot split = linking->from[root];
    if (!split.step)
        return (struct entry){0, 0, {(uint16_t)linked(linking, root), marks}};
    return (struct entry){
        split.key, (uint16_t)(split.cell * CHAIN_LANES), {(uint16_t)linked(linking, root + split.step), marks}};
}

/* A leaf above the last marks goes on through them as through splits whose left side comes out at it. */
static void put_marks(const struct linking *linking, size_t tree)
{
    const size_t marks = marks_of(tree);
    size_t at[2 * PLACES] = {0, first_slot(linking, tree) + 1};
    for (size_t place = 1; place < PLACES; place++) {
        struct slot split = linking->from[at[place]];
        at[2 * place] = at[place] + split.step;
        at[2 * place + 1] = at[place] + split.step + (split.step != 0);
        size_t to = 2 * place < PLACES ? marks + 2 * place : linked(linking, at[2 * place]);
        if (place > 1 && split.step)
            put(linking, marks + place, split, to);
        else if (place > 1)
            put_way(linking, marks + place, to);
    }
}

/* Without branches: whether a slot is a leaf is as good as chance. */
static void put_tree(const struct linking *linking, size_t tree)
{
    const struct entry next = entry_of(linking, tree + 1);
    const size_t first = first_slot(linking, tree);
    const struct slot *from = linking->from + first;
    const size_t here = linked(linking, first);
    struct slot *to = linking->slots + here;
    for (uint32_t i = 0; i < linking->trees[tree].slots; i++) {
        struct slot split = from[i];
        uint16_t way = (uint16_t)((split.key ? next.left[1] : next.left[0]) - (here + i));
        uint16_t cell = (uint16_t)(split.cell * CHAIN_LANES);
        to[i].key = split.step ? split.key : next.key;
        to[i].cell = split.step ? cell : next.cell;
        to[i].step = split.step ? split.step : way;
    }
}

void chain_link(const struct plan *plan, size_t first, size_t count, struct chain *chain)
{
    const struct plan_tree *trees = plan->trees + first;
    const size_t start = (count + 1) * TREE_MARKS;
    const size_t end = start + 1;
    const struct linking linking = {plan->slots + trees[0].first, trees, count, chain->slots, start};
    const struct entry entry = entry_of(&linking, 0);
    chain->slots[start] = (struct slot){entry.key, entry.cell, (uint16_t)(entry.left[0] - start)};
    put_way(&linking, end, end);
    for (size_t tree = 0; tree < count; tree++) {
        put_marks(&linking, tree);
        put_tree(&linking, tree);
    }
    for (size_t place = 2; place < PLACES; place++)
        put_way(&linking, marks_of(count) + place, 2 * place < PLACES ? marks_of(count) + 2 * place : end);
    chain->start = (uint16_t)start;
    chain->end = (uint16_t)end;
    chain->marks = (uint16_t)start;
}
#endif
