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

/* What a slot is, in either form. */
struct look {
    uint32_t key;
    uint32_t cell;
    uint32_t step;
};

static inline __attribute__((always_inline)) struct look look_at(const struct plan *plan, bool wide, size_t slot)
{
    if (wide)
        return (struct look){plan->wide[slot].key, plan->wide[slot].cell, plan->steps[slot]};
    const struct slot *at = &plan->slots[slot];
    return (struct look){at->key, at->cell, at->step};
}

/* Says what is wrong with a tree of which something is. */
static bool refuse(const struct plan *plan, size_t features, size_t index, struct forestd_error *error)
{
    const struct plan_tree *tree = &plan->trees[index];
    for (uint32_t i = 0; i < tree->slots; i++) {
        size_t slot = tree->first + (size_t)i;
        struct look look = look_at(plan, plan->wide != NULL, slot);
        if (look.step == 0 && (look.cell != 0 || look.key >= plan->leaf_count))
            return bad_slot(error, index, i, "the leaf has no row of values");
        if (look.step == 0 && missing_bit(plan, slot))
            return bad_slot(error, index, i, "a missing value leaves a leaf");
        if (look.step >= tree->slots - 1 - i && look.step)
            return bad_slot(error, index, i, "its children are outside the tree");
        if (look.step && (look.cell < 4 || look.cell / 4 > features || look.cell % 4 != 0))
            return bad_slot(error, index, i, "its cell is not one of a row's");
    }
    return bad_slot(error, index, 1, "the tree is deeper than it says");
}

/*
 * Backwards, so that the heights of a slot's children are known when it is met. Inlined once for each form. Whether a
 * slot is a leaf is as good as chance: no branch depends on it.
 */
static inline __attribute__((always_inline)) bool prove(const struct plan *plan, bool wide, bool missing,
                                                        size_t features, size_t index, uint32_t *heights)
{
    const struct plan_tree *tree = &plan->trees[index];
    const size_t first = tree->first;
    const uint32_t cells = 4 * (uint32_t)features;
    const uint64_t leaves = plan->leaf_count;
    uint32_t wrong = 0;
    heights[tree->slots] = 0;
    for (uint32_t i = tree->slots; i-- > 0;) {
        struct look look = look_at(plan, wide, first + i);
        uint32_t leaf = look.step == 0;
        uint32_t split = leaf - 1; /* all ones, or 0 */
        if ((look.step >= tree->slots - 1 - i) & (look.step != 0))
            return false;
        heights[i] = 0;
        uint32_t left = heights[i + look.step];
        uint32_t right = heights[i + look.step + 1];
        heights[i] = (1 + (left > right ? left : right)) & split;
        uint32_t no_leaf = (uint32_t)(look.cell != 0) | (uint32_t)(look.key >= leaves);
        uint32_t no_split = (uint32_t)(look.cell - 4 >= cells) | (look.cell & 3);
        if (missing)
            no_leaf |= (uint32_t)missing_bit(plan, first + i);
        wrong |= (no_leaf & ~split) | (no_split & split);
    }
    return !wrong && heights[1] <= tree->depth && tree->middle <= tree->depth;
}

static bool prove_form(const struct plan *plan, size_t features, size_t index, uint32_t *heights)
{
    if (plan->wide)
        return plan->missing ? prove(plan, true, true, features, index, heights)
                             : prove(plan, true, false, features, index, heights);
    return plan->missing ? prove(plan, false, true, features, index, heights)
                         : prove(plan, false, false, features, index, heights);
}

bool plan_prove_tree(const struct plan *plan, size_t features, size_t index, uint32_t *heights,
                     struct forestd_error *error)
{
    return prove_form(plan, features, index, heights) || refuse(plan, features, index, error);
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
