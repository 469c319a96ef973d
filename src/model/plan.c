#include "model/plan.h"

#include <inttypes.h>
#include <stdlib.h>

static bool bad_slot(struct forestd_error *error, size_t tree, size_t slot, const char *what)
{
    return error_set(error, FORESTD_FOREST, at_node(tree, slot),
                     "tree %zu, slot %zu: %s; the file is damaged: pack the model again", tree, slot, what);
}

static uint64_t missing_bit(const struct plan *plan, size_t slot)
{
    return plan->missing ? plan->missing[slot / 64] >> (slot % 64) & 1 : 0;
}

/* What is wrong with a slot whose step has been found good; called once, for the message. */
static bool refuse(const struct plan *plan, size_t index, uint32_t slot, bool leaf, struct forestd_error *error)
{
    if (!leaf)
        return bad_slot(error, index, slot, "its cell is not one of a row's");
    if (missing_bit(plan, plan->trees[index].first + slot))
        return bad_slot(error, index, slot, "a missing value leaves a leaf");
    return bad_slot(error, index, slot, "the leaf has no row of values");
}

/*
 * Backwards, so that the heights of a slot's children are known when it is met. Inlined once for each form; what is
 * usual takes no branch that is not predicted.
 */
static inline __attribute__((always_inline)) bool prove(const struct plan *plan, bool wide, bool missing,
                                                        size_t features, size_t index, uint32_t *heights,
                                                        struct forestd_error *error)
{
    const struct plan_tree *tree = &plan->trees[index];
    const size_t first = tree->first;
    const uint64_t cells = 4 * ((uint64_t)features + 1);
    for (uint32_t i = tree->slots; i-- > 0;) {
        uint32_t key = wide ? plan->wide[first + i].key : plan->slots[first + i].key;
        uint32_t cell = wide ? plan->wide[first + i].cell : plan->slots[first + i].cell;
        uint32_t step = wide ? plan->steps[first + i] : plan->slots[first + i].step;
        if (step == 0) {
            heights[i] = 0;
            if (cell != 0 || key >= plan->leaf_count || (missing && missing_bit(plan, first + i)))
                return refuse(plan, index, i, true, error);
            continue;
        }
        if (step >= tree->slots - 1 - i)
            return bad_slot(error, index, i, "its children are outside the tree");
        if (cell - 4 >= cells - 4 || cell % 4 != 0)
            return refuse(plan, index, i, false, error);
        uint32_t left = heights[i + step];
        uint32_t right = heights[i + step + 1];
        heights[i] = 1 + (left > right ? left : right);
    }
    if (heights[1] > tree->depth || tree->middle > tree->depth)
        return bad_slot(error, index, 1, "the tree is deeper than it says");
    return true;
}

bool plan_prove_tree(const struct plan *plan, size_t features, size_t index, uint32_t *heights,
                     struct forestd_error *error)
{
    if (plan->wide)
        return plan->missing ? prove(plan, true, true, features, index, heights, error)
                             : prove(plan, true, false, features, index, heights, error);
    return plan->missing ? prove(plan, false, true, features, index, heights, error)
                         : prove(plan, false, false, features, index, heights, error);
}

void plan_count_splits(const struct plan *plan, size_t *splits)
{
    for (size_t i = 0; i < plan->slot_count; i++) {
        uint32_t cell = plan->wide ? plan->wide[i].cell : plan->slots[i].cell;
        if (cell)
            splits[cell / 4 - 1]++;
    }
}

void plan_close(struct plan *plan)
{
    if (!plan)
        return;
    free(plan->memory);
    free(plan);
}
