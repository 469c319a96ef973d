/*
 * The proof of a plan's trees. Opening a packed file is little else, and so it goes through a tree twice: forwards for
 * what a slot says by itself, backwards for the depth.
 */
#include "model/plan.h"

#include <string.h>

static bool bad_slot(struct forestd_error *error, size_t tree, size_t slot, const char *what)
{
    return error_set(error, FORESTD_FOREST, at_node(tree, slot),
                     "tree %zu, slot %zu: %s; the file is damaged: pack the model again", tree, slot, what);
}

static uint64_t missing_bit(const struct plan *plan, size_t slot)
{
    return plan->missing ? plan->missing[slot / 64] >> (slot % 64) & 1 : 0;
}

/* What is wrong with a slot of a tree by itself; NULL where it is right. */
static const char *fault_of(const struct plan *plan, size_t features, const struct plan_tree *tree, uint32_t i)
{
    const size_t slot = tree->first + (size_t)i;
    const uint32_t key = plan->wide ? plan->wide[slot].key : plan->slots[slot].key;
    const uint32_t cell = plan->wide ? plan->wide[slot].cell : plan->slots[slot].cell;
    const uint32_t step = plan->wide ? plan->steps[slot] : plan->slots[slot].step;
    if (step == 0 && (cell != 0 || key >= plan->leaf_count))
        return "the leaf has no row of values";
    if (step == 0)
        return missing_bit(plan, slot) ? "a missing value leaves a leaf" : NULL;
    if (step >= tree->slots - 1 - i)
        return "its children are outside the tree";
    if ((i + step) % 2 != 0)
        return "its children are not side by side";
    return cell < 4 || cell / 4 > features || cell % 4 != 0 ? "its cell is not one of a row's" : NULL;
}

/* Says what is wrong with a tree of which something is. */
static bool refuse(const struct plan *plan, size_t features, size_t index, struct forestd_error *error)
{
    const struct plan_tree *tree = &plan->trees[index];
    for (uint32_t i = 0; i < tree->slots; i++) {
        const char *fault = fault_of(plan, features, tree, i);
        if (fault)
            return bad_slot(error, index, i, fault);
    }
    return bad_slot(error, index, 1, "the tree is deeper than it says");
}

/*
 * Eight slots side by side: whether a slot is a leaf is as good as chance, and no branch may depend on it. All numbers
 * are below 2^31, so that the highest bit of a difference says that it is negative.
 */
typedef uint32_t eight __attribute__((vector_size(32)));

enum { EIGHT = 8 };

#define ALL(number) ((eight){0} + (uint32_t)(number))

/*
 * Whether fault_of finds nothing in the slots [from, to) of a tree, which are whole eights among all slots. Lanes are in
 * the order in which two registers are taken apart without crossing their middles.
 */
static inline __attribute__((always_inline)) bool prove_eights(const struct plan *plan, bool wide, bool missing,
                                                               size_t features, const struct plan_tree *tree,
                                                               uint32_t from, uint32_t to)
{
    const eight place = {0, 1, 4, 5, 2, 3, 6, 7};
    const eight odd = (place + from) & 1; /* the lowest bit of a step to an even slot */
    const eight bit = ALL(1) << place;
    const eight last_leaf = ALL(plan->leaf_count - 1);
    const eight last_cell = ALL(4 * features);
    eight left = ALL(tree->slots - 1 - from) - place; /* slots that follow */
    eight high = {0};                                 /* what was found wrong, in highest bits */
    eight wrong = {0};                                /* and in any */
    for (uint32_t i = from; i < to; i += EIGHT, left -= EIGHT) {
        const size_t slot = tree->first + (size_t)i;
        const char *at = wide ? (const char *)(plan->wide + slot) : (const char *)(plan->slots + slot);
        eight first;
        eight second;
        eight step;
        memcpy(&first, at, sizeof first);
        memcpy(&second, at + sizeof first, sizeof second);
        const eight key = __builtin_shufflevector(first, second, 0, 2, 8, 10, 4, 6, 12, 14);
        eight cell = __builtin_shufflevector(first, second, 1, 3, 9, 11, 5, 7, 13, 15);
        if (wide) {
            memcpy(&step, plan->steps + slot, sizeof step);
            step = __builtin_shufflevector(step, step, 0, 1, 4, 5, 2, 3, 6, 7);
            high |= step | cell;
        } else {
            step = cell >> 16;
            cell &= 0xFFFF;
        }
        const eight leaf = (eight)(step == 0);
        const eight row = key & leaf;
        wrong |= leaf ^ (eight)(cell == 0);
        wrong |= (cell & 3) | ((step ^ (odd & ~leaf)) & 1);
        high |= (left - step) | (last_cell - cell) | row | (last_leaf - row);
        if (missing)
            wrong |= ALL(plan->missing[slot / 64] >> slot % 64) & bit & leaf;
    }
    wrong |= high & 0x80000000U;
    uint32_t found = 0;
    for (unsigned k = 0; k < EIGHT; k++)
        found |= wrong[k];
    return found == 0;
}

static inline __attribute__((always_inline)) bool
prove_eights_of(const struct plan *plan, size_t features, const struct plan_tree *tree, uint32_t from, uint32_t to)
{
    if (plan->wide)
        return plan->missing ? prove_eights(plan, true, true, features, tree, from, to)
                             : prove_eights(plan, true, false, features, tree, from, to);
    return plan->missing ? prove_eights(plan, false, true, features, tree, from, to)
                         : prove_eights(plan, false, false, features, tree, from, to);
}

static bool prove_eights_plainly(const struct plan *plan, size_t features, const struct plan_tree *tree, uint32_t from,
                                 uint32_t to)
{
    return prove_eights_of(plan, features, tree, from, to);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static bool
prove_eights_by_avx2(const struct plan *plan, size_t features, const struct plan_tree *tree, uint32_t from, uint32_t to)
{
    return prove_eights_of(plan, features, tree, from, to);
}
#else
#define prove_eights_by_avx2 prove_eights_plainly
#endif

/* Whether each slot is right by itself. */
static bool prove_slots(const struct plan *plan, size_t features, const struct plan_tree *tree)
{
    const uint32_t before = -tree->first % EIGHT;
    const uint32_t from = before < tree->slots ? before : tree->slots;
    const uint32_t to = from + (tree->slots - from) / EIGHT * EIGHT;
    for (uint32_t i = 0; i < from; i++)
        if (fault_of(plan, features, tree, i))
            return false;
    for (uint32_t i = to; i < tree->slots; i++)
        if (fault_of(plan, features, tree, i))
            return false;
    return plan->processor.avx2 ? prove_eights_by_avx2(plan, features, tree, from, to)
                                : prove_eights_plainly(plan, features, tree, from, to);
}

/*
 * Whether no part of the tree is deeper than the tree says. Backwards, a pair of children at a time: a slot is one level
 * above its children's pair, a leaf has none. A pair's levels lie at its first slot, and are never looked for at its
 * second one. Levels that do not fit into a byte have been 255 before, which is too many.
 */
static inline __attribute__((always_inline)) bool prove_shallow(const struct plan *plan, bool wide,
                                                                const struct plan_tree *tree, uint8_t *restrict levels)
{
    const struct slot *slots = wide ? NULL : plan->slots + tree->first;
    const uint32_t *steps = wide ? plan->steps + tree->first : NULL;
    const size_t ahead = plan->slot_count - tree->first - tree->slots;
    const char *next =
        wide ? (const char *)(plan->wide + tree->first + tree->slots) : (const char *)(slots + tree->slots);
    memset(levels, 0, tree->slots);
    for (size_t i = tree->slots; i > 0;) {
        i -= 2;
        /* Meanwhile the next tree comes from memory, for what goes through it first. */
        if (i % EIGHT == 0 && i < ahead)
            __builtin_prefetch(next + i * sizeof *slots);
        const uint8_t left = levels[i + (wide ? steps[i] : slots[i].step)];
        const uint8_t right = levels[i + 1 + (wide ? steps[i + 1] : slots[i + 1].step)];
        levels[i] = (uint8_t)((left > right ? left : right) + 1);
    }
    uint8_t most = 0; /* of the root's pair, one more than the tree has */
    for (size_t i = 0; i < tree->slots; i++)
        most = levels[i] > most ? levels[i] : most;
    return most <= tree->depth + 1;
}

/* The same for any depth. heights: levels below a pair */
static inline __attribute__((always_inline)) bool prove_deep(const struct plan *plan, bool wide,
                                                             const struct plan_tree *tree, uint32_t *restrict heights)
{
    const struct slot *slots = wide ? NULL : plan->slots + tree->first;
    const uint32_t *steps = wide ? plan->steps + tree->first : NULL;
    heights[0] = 0;
    for (size_t pair = tree->slots / 2; pair-- > 0;) {
        uint32_t left = wide ? steps[2 * pair] : slots[2 * pair].step;
        uint32_t right = wide ? steps[2 * pair + 1] : slots[2 * pair + 1].step;
        uint32_t below_left = (heights[pair + left / 2] + 1) & (0 - (uint32_t)(left != 0));
        uint32_t below_right = (heights[pair + (right + 1) / 2] + 1) & (0 - (uint32_t)(right != 0));
        heights[pair] = below_left > below_right ? below_left : below_right;
    }
    return heights[0] <= tree->depth;
}

static bool prove_depth(const struct plan *plan, const struct plan_tree *tree, uint32_t *heights)
{
    if (tree->middle > tree->depth)
        return false;
    if (tree->depth + 1 < UINT8_MAX)
        return plan->wide ? prove_shallow(plan, true, tree, (uint8_t *)heights)
                          : prove_shallow(plan, false, tree, (uint8_t *)heights);
    return plan->wide ? prove_deep(plan, true, tree, heights) : prove_deep(plan, false, tree, heights);
}

bool plan_prove_tree(const struct plan *plan, size_t features, size_t index, uint32_t *heights,
                     struct forestd_error *error)
{
    const struct plan_tree *tree = &plan->trees[index];
    bool good = tree->slots % 2 == 0 && prove_slots(plan, features, tree) && prove_depth(plan, tree, heights);
    return good || refuse(plan, features, index, error);
}
