#include "predict/twin.h"

#include "base/pages.h"
#include "model/key.h"
#include <string.h>

enum {
    TWIN_SLOTS = 8 << 10,     /* at a time: they are walked while they are in the near cache still */
    TWIN_MOST_SLOTS = 1 << 20 /* of a tree: eight megabytes of a call's memory */
};

_Static_assert(sizeof(struct slot) == sizeof(struct wide_slot), "either kind has room where the other has");

static size_t largest_tree(const struct plan *plan)
{
    size_t most = 0;
    for (size_t i = 0; i < plan->tree_count; i++)
        most = plan->trees[i].slots > most ? plan->trees[i].slots : most;
    return most;
}

bool twin_fits(const struct forest *forest)
{
    const struct plan *plan = forest->plan;
    size_t last_cell = 2 * forest->features * sizeof(uint32_t);
    return last_cell <= (plan->wide ? INT32_MAX : UINT16_MAX) && largest_tree(plan) <= TWIN_MOST_SLOTS;
}

size_t twin_trees(const struct plan *plan, size_t first)
{
    size_t count = 1;
    size_t slots = plan->trees[first].slots;
    while (count < TWIN_TREES && first + count < plan->tree_count &&
           slots + plan->trees[first + count].slots <= TWIN_SLOTS)
        slots += plan->trees[first + count++].slots;
    return count;
}

size_t twin_slots_size(const struct plan *plan)
{
    size_t most = largest_tree(plan);
    return pages_round((most > TWIN_SLOTS ? most : TWIN_SLOTS) * sizeof(struct slot));
}

/*
 * The key of a split that sends missing values right. Infinity, which training writes where it sent nothing else right,
 * is not less than itself; the largest number sends all numbers left as well.
 */
static uint32_t key_below_missing(uint32_t key)
{
    const uint32_t largest = 0xFF7FFFFFU;
    return key < largest ? key : largest;
}

static bool missing_right(const struct plan *plan, size_t slot)
{
    return plan->missing[slot / 64] >> (slot % 64) & 1;
}

static void make_slots(const struct plan *plan, size_t features, size_t first, size_t count, struct slot *slots)
{
    const uint16_t half = (uint16_t)(features * sizeof(uint32_t));
    for (size_t i = 0; i < count; i++) {
        struct slot slot = plan->slots[first + i];
        bool right = missing_right(plan, first + i);
        slot.key = right ? key_below_missing(slot.key) : slot.key;
        slot.cell = (uint16_t)(slot.cell + (right ? half : 0));
        slots[i] = slot;
    }
}

static void make_wide_slots(const struct plan *plan, size_t features, size_t first, size_t count,
                            struct wide_slot *slots)
{
    const uint32_t half = (uint32_t)(features * sizeof(uint32_t));
    for (size_t i = 0; i < count; i++) {
        struct wide_slot slot = plan->wide[first + i];
        bool right = missing_right(plan, first + i);
        slot.key = right ? key_below_missing(slot.key) : slot.key;
        slot.cell += right ? half : 0;
        slots[i] = slot;
    }
}

void twin_make(const struct forest *forest, size_t first, size_t count, void *slots, struct twin *twin)
{
    const struct plan *plan = forest->plan;
    const size_t begin = plan->trees[first].first;
    twin->forest = *forest;
    twin->forest.features = 2 * forest->features;
    twin->forest.plan = &twin->plan;
    twin->plan = *plan;
    twin->plan.missing = NULL;
    twin->plan.roots = NULL;
    twin->plan.memory = NULL;
    twin->plan.trees = twin->trees;
    twin->plan.tree_count = count;
    twin->plan.slot_count = 0;
    for (size_t i = 0; i < count; i++) {
        twin->trees[i] = plan->trees[first + i];
        twin->trees[i].first = (uint32_t)twin->plan.slot_count;
        twin->plan.slot_count += twin->trees[i].slots;
    }
    if (plan->wide) {
        make_wide_slots(plan, forest->features, begin, twin->plan.slot_count, slots);
        twin->plan.wide = slots;
        twin->plan.steps = plan->steps + begin;
    } else {
        make_slots(plan, forest->features, begin, twin->plan.slot_count, slots);
        twin->plan.slots = slots;
    }
}

void twin_fill_row(const float *row, size_t features, float *twice)
{
    memcpy(twice, row, features * sizeof *row);
    for (size_t i = 0; i < features; i++)
        twice[features + i] = isnan(row[i]) ? HUGE_VALF : row[i];
}
