#include "model/plan.h"

#include <inttypes.h>
#include <stdlib.h>
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
        if (look.step && (i + look.step) % 2 != 0)
            return bad_slot(error, index, i, "its children are not side by side");
        if (look.step && (look.cell < 4 || look.cell / 4 > features || look.cell % 4 != 0))
            return bad_slot(error, index, i, "its cell is not one of a row's");
    }
    return bad_slot(error, index, 1, "the tree is deeper than it says");
}

/*
 * Four slots side by side: whether a slot is a leaf is as good as chance, and no branch may depend on it. All numbers
 * are below 2^31, so that the highest bit of a difference says that it is negative.
 */
typedef uint32_t four __attribute__((vector_size(16)));

static inline four four_of(uint32_t number)
{
    return (four){number, number, number, number};
}

struct bounds {
    four last_leaf;
    four last_cell;
};

/* What was found wrong with slots: highest bits, and lowest ones. */
struct wrong {
    four high;
    four low;
    four all;
};

/* Looks at four slots, alone and in their place. `left` is how many slots follow each; it is odd where the place is even. */
static inline void look_for_wrong(struct wrong *wrong, four key, four cell, four step, four left, four bits,
                                  const struct bounds *bounds)
{
    four leaf = (four)(step == 0);
    four room = left - 1 - step; /* even where the children's place is */
    four split_high = room | step | (cell - 4) | (bounds->last_cell - cell);
    four leaf_high = key | (bounds->last_leaf - key);
    wrong->high |= (leaf_high & leaf) | (split_high & ~leaf) | cell;
    wrong->low |= (room & ~leaf & 1) | (cell & 3);
    wrong->all |= (cell | bits) & leaf;
}

/* Not 0 where a missing value goes right: a bit of its own in each lane. */
static inline four missing_bits(const struct plan *plan, size_t slot)
{
    size_t bit = slot % 64;
    uint64_t bits = plan->missing[slot / 64] >> bit;
    if (bit > 60) /* the four lie in two words */
        bits |= plan->missing[slot / 64 + 1] << (64 - bit);
    return four_of((uint32_t)bits) & (four){1, 2, 4, 8};
}

/* Whether each slot is right by itself. */
static inline __attribute__((always_inline)) bool prove_slots(const struct plan *plan, bool wide, bool missing,
                                                              const struct plan_tree *tree, size_t features)
{
    const struct bounds bounds = {four_of((uint32_t)plan->leaf_count - 1), four_of(4 * (uint32_t)features)};
    struct wrong wrong = {{0}, {0}, {0}};
    uint32_t i = 0;
    four left = {tree->slots - 1, tree->slots - 2, tree->slots - 3, tree->slots - 4};
    for (; i + 4 <= tree->slots; i += 4, left -= 4) {
        const size_t at = tree->first + (size_t)i;
        four low;
        four high;
        four step;
        const void *from = wide ? (const void *)(plan->wide + at) : (const void *)(plan->slots + at);
        memcpy(&low, from, sizeof low);
        memcpy(&high, (const char *)from + sizeof low, sizeof high);
        four key = __builtin_shufflevector(low, high, 0, 2, 4, 6);
        four cell = __builtin_shufflevector(low, high, 1, 3, 5, 7);
        if (wide) {
            memcpy(&step, plan->steps + at, sizeof step);
        } else {
            step = cell >> 16;
            cell &= 0xFFFF;
        }
        look_for_wrong(&wrong, key, cell, step, left, missing ? missing_bits(plan, at) : (four){0}, &bounds);
    }
    for (; i < tree->slots; i++) {
        struct look look = look_at(plan, wide, tree->first + (size_t)i);
        four bits = four_of(missing ? (uint32_t)missing_bit(plan, tree->first + (size_t)i) : 0);
        look_for_wrong(&wrong, four_of(look.key), four_of(look.cell), four_of(look.step), four_of(tree->slots - 1 - i),
                       bits, &bounds);
    }
    four found = (wrong.high & 0x80000000U) | wrong.low | wrong.all;
    return (found[0] | found[1] | found[2] | found[3]) == 0;
}

/* Whether the tree is as deep as it says at most: backwards, a pair of children at a time. heights: levels below a pair */
static inline __attribute__((always_inline)) bool prove_depth(const struct plan *plan, bool wide,
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
    return heights[0] <= tree->depth && tree->middle <= tree->depth;
}

static inline __attribute__((always_inline)) bool prove(const struct plan *plan, bool wide, size_t features,
                                                        const struct plan_tree *tree, uint32_t *heights)
{
    bool slots =
        plan->missing ? prove_slots(plan, wide, true, tree, features) : prove_slots(plan, wide, false, tree, features);
    return slots && prove_depth(plan, wide, tree, heights);
}

bool plan_prove_tree(const struct plan *plan, size_t features, size_t index, uint32_t *heights,
                     struct forestd_error *error)
{
    const struct plan_tree *tree = &plan->trees[index];
    bool good = tree->slots % 2 == 0 &&
                (plan->wide ? prove(plan, true, features, tree, heights) : prove(plan, false, features, tree, heights));
    return good || refuse(plan, features, index, error);
}

bool plan_take_roots(struct plan *plan)
{
    plan->roots = malloc((plan->tree_count + 1) * sizeof *plan->roots);
    for (size_t i = 0; plan->roots && i < plan->tree_count; i++)
        plan->roots[i] = plan->trees[i].first + 1;
    return plan->roots != NULL;
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
    free(plan->roots);
    free(plan->memory);
    free(plan);
}
