#include "predict/planner.h"

#include "base/pages.h"
#include "model/key.h"
#include "predict/leaves.h"
#include <stdlib.h>

/* Classes of which pairs of leaves are shared: more make more pairs than there is to save. */
enum { SHARED_CLASSES = 16 };

/* A node on its way to its slot. */
struct visit {
    uint32_t node;
    uint32_t slot;
    uint32_t level;
};

struct planning {
    const struct forest *forest;
    const struct leaves *leaves;
    bool shares; /* pairs of leaves */
    bool wide;

    /* The plan's arrays while they are written. */
    struct plan_tree *trees;
    struct slot *slots;
    struct wide_slot *far;
    uint32_t *steps;
    uint64_t *missing;

    /* Scratch. */
    uint32_t *sizes;                                 /* [most nodes] nodes of the subtree */
    uint32_t *levels;                                /* [most depth + 1] leaves at that level */
    struct visit *stack;                             /* [most depth + 2] */
    uint32_t pairs[SHARED_CLASSES * SHARED_CLASSES]; /* [classes][classes] slot of a tree's shared pair, or 0 */
};

static bool is_leaf(const struct node *nodes, uint32_t index)
{
    return nodes[index].child[0] == index;
}

/* Which shared pair a split's two leaves are, or -1. */
static int pair_of(const struct planning *planning, const struct node *nodes, const struct node *split)
{
    if (!planning->shares || !is_leaf(nodes, split->child[0]) || !is_leaf(nodes, split->child[1]))
        return -1;
    const struct leaves *leaves = planning->leaves;
    return (int)(leaves->rows[nodes[split->child[0]].extra] * leaves->count +
                 leaves->rows[nodes[split->child[1]].extra]);
}

/* Slots of a tree; with `shares`, forgets the pairs and marks those that it has. */
static uint32_t count_slots(struct planning *planning, const struct tree *tree)
{
    const struct node *nodes = planning->forest->nodes + tree->first;
    if (!planning->shares)
        return tree->count + 1;
    size_t classes = planning->leaves->count;
    memset(planning->pairs, 0, classes * classes * sizeof *planning->pairs);
    uint32_t slots = 2;
    for (uint32_t i = 0; i < tree->count; i++) {
        if (is_leaf(nodes, i))
            continue;
        int pair = pair_of(planning, nodes, &nodes[i]);
        if (pair >= 0 && planning->pairs[pair])
            continue;
        if (pair >= 0)
            planning->pairs[pair] = 1;
        slots += 2;
    }
    return slots;
}

/*
 * Places all trees. A step of 16 bits reaches across half a tree, and to its end where pairs are shared; larger trees
 * do not share, and the largest are wide.
 */
static bool place_trees(struct planning *planning, struct plan *plan, struct forestd_error *error)
{
    const struct forest *forest = planning->forest;
    uint64_t slots = 0;
    uint32_t most = 0;
    for (size_t i = 0; i < forest->tree_count; i++) {
        const struct tree *tree = &forest->trees[i];
        uint32_t count = count_slots(planning, tree);
        planning->trees[i] = (struct plan_tree){(uint32_t)slots, count, tree->count, tree->depth, 0};
        slots += count;
        most = count > most ? count : most;
        plan->depth = tree->depth > plan->depth ? tree->depth : plan->depth;
    }
    if (planning->shares && most > UINT16_MAX) {
        planning->shares = false;
        return place_trees(planning, plan, error);
    }
    planning->wide = most > 2 * (uint32_t)UINT16_MAX - 8 || 4 * (forest->features + 1) > UINT16_MAX;
    plan->slot_count = (size_t)slots;
    return (slots <= PLAN_MOST_SLOTS && forest->features <= PLAN_MOST_FEATURES) ||
           error_set(error, FORESTD_LIMIT, at_nowhere(), "too many nodes or features for a plan");
}

static void put(struct planning *planning, size_t slot, uint32_t key, uint32_t cell, uint32_t step)
{
    if (planning->wide) {
        planning->far[slot] = (struct wide_slot){key, cell};
        planning->steps[slot] = step; // NOLINT(clang-analyzer-core.NullDereference): wide plans have steps
    } else {
        planning->slots[slot] = (struct slot){key, (uint16_t)cell, (uint16_t)step};
    }
}

static void put_leaf(struct planning *planning, size_t slot, const struct node *leaf)
{
    put(planning, slot, planning->leaves->rows[leaf->extra], 0, 0);
}

static void put_split(struct planning *planning, size_t slot, const struct node *split, uint32_t step)
{
    put(planning, slot, key_of_threshold(split->threshold), 4 * (split->feature + 1), step);
    if (planning->missing && split->extra)
        planning->missing[slot / 64] |= UINT64_C(1) << (slot % 64);
}

/* The tree's shared pairs, at its end. Returns the first slot behind all others. */
static void put_pairs(struct planning *planning, const struct plan_tree *place)
{
    uint32_t next = place->slots;
    uint32_t classes = (uint32_t)planning->leaves->count;
    for (uint32_t i = 0; i < classes * classes; i++) {
        if (!planning->pairs[i])
            continue;
        next -= 2;
        planning->pairs[i] = next;
        put(planning, place->first + (size_t)next, i / classes, 0, 0);
        put(planning, place->first + (size_t)next + 1, i % classes, 0, 0);
    }
}

static void count_sizes(uint32_t *sizes, const struct node *nodes, uint32_t count)
{
    for (uint32_t i = count; i-- > 0;)
        sizes[i] = is_leaf(nodes, i) ? 1 : 1 + sizes[nodes[i].child[0]] + sizes[nodes[i].child[1]];
}

/* The level above which half the tree's leaves are. */
static uint32_t middle_level(const uint32_t *levels, uint32_t depth)
{
    uint64_t leaves = 0;
    for (uint32_t i = 0; i <= depth; i++)
        leaves += levels[i];
    uint64_t seen = 0;
    for (uint32_t i = 0; i < depth; i++) {
        seen += levels[i];
        if (seen * 2 >= leaves)
            return i;
    }
    return depth;
}

static void lay_out_tree(struct planning *planning, size_t index)
{
    const struct tree *tree = &planning->forest->trees[index];
    const struct node *nodes = planning->forest->nodes + tree->first;
    struct plan_tree *place = &planning->trees[index];
    memset(planning->levels, 0, (tree->depth + (size_t)1) * sizeof *planning->levels);
    if (planning->shares) {
        (void)count_slots(planning, tree);
        put_pairs(planning, place);
    }
    count_sizes(planning->sizes, nodes, tree->count);
    put(planning, place->first, 0, 0, 0);
    uint32_t next = 2;
    size_t waiting = 0;
    struct visit visit = {0, 1, 0};
    for (;;) {
        const struct node *node = &nodes[visit.node];
        size_t slot = place->first + (size_t)visit.slot;
        if (is_leaf(nodes, visit.node)) {
            put_leaf(planning, slot, node);
            planning->levels[visit.level]++;
            if (waiting == 0)
                break;
            visit = planning->stack[--waiting];
            continue;
        }
        int pair = pair_of(planning, nodes, node);
        if (pair >= 0) {
            put_split(planning, slot, node, planning->pairs[pair] - visit.slot);
            planning->levels[visit.level + 1] += 2;
            if (waiting == 0)
                break;
            visit = planning->stack[--waiting];
            continue;
        }
        put_split(planning, slot, node, next - visit.slot);
        unsigned small = planning->sizes[node->child[0]] <= planning->sizes[node->child[1]] ? 0 : 1;
        planning->stack[waiting++] = (struct visit){node->child[!small], next + !small, visit.level + 1};
        visit = (struct visit){node->child[small], next + small, visit.level + 1};
        next += 2;
    }
    place->middle = middle_level(planning->levels, tree->depth);
}

/* One run of memory for all arrays. */
static bool take_arrays(struct planning *planning, struct plan *plan, struct forestd_error *error)
{
    const struct forest *forest = planning->forest;
    size_t count = plan->slot_count;
    size_t slots = pages_round(count * sizeof(struct slot));
    size_t steps = planning->wide ? pages_round(count * sizeof *plan->steps) : 0;
    size_t missing = forest->accepts_nan ? pages_round((count + 63) / 64 * sizeof *plan->missing) : 0;
    size_t leaves = plan->votes ? 0 : pages_round(plan->leaf_count * forest->width * sizeof *plan->leaves);
    size_t choices =
        forest->leaf_choice ? pages_round(plan->leaf_count * forest->outputs * sizeof *plan->leaf_choice) : 0;
    size_t trees = pages_round(plan->tree_count * sizeof *plan->trees);
    plan->bytes = slots + steps + missing + leaves + choices + trees;
    char *memory = pages_take(plan->bytes);
    if (!memory)
        return error_memory(error, plan->bytes, "the plan of a forest");
    plan->memory = memory;
    if (planning->wide)
        planning->far = (struct wide_slot *)memory;
    else
        planning->slots = (struct slot *)memory;
    planning->steps = steps ? (uint32_t *)(memory + slots) : NULL;
    planning->missing = missing ? (uint64_t *)(memory + slots + steps) : NULL;
    double *rows = leaves ? (double *)(memory + slots + steps + missing) : NULL;
    uint32_t *choice = choices ? (uint32_t *)(memory + slots + steps + missing + leaves) : NULL;
    struct plan_tree *kept = (struct plan_tree *)(memory + slots + steps + missing + leaves + choices);
    memcpy(kept, planning->trees, plan->tree_count * sizeof *kept);
    free(planning->trees);
    planning->trees = kept;
    if (missing)
        memset(planning->missing, 0, missing);
    for (size_t i = 0; rows && i < plan->leaf_count; i++)
        memcpy(rows + i * forest->width, forest->leaves + planning->leaves->examples[i] * forest->width,
               forest->width * sizeof *rows);
    for (size_t i = 0; choice && i < plan->leaf_count; i++)
        memcpy(choice + i * forest->outputs, forest->leaf_choice + planning->leaves->examples[i] * forest->outputs,
               forest->outputs * sizeof *choice);
    plan->trees = kept;
    plan->slots = planning->slots;
    plan->wide = planning->far;
    plan->steps = planning->steps;
    plan->missing = planning->missing;
    plan->leaves = rows;
    plan->leaf_choice = choice;
    return true;
}

static bool take_scratch(struct planning *planning, const struct plan *plan, struct forestd_error *error)
{
    const struct forest *forest = planning->forest;
    size_t most = 0;
    for (size_t i = 0; i < forest->tree_count; i++)
        most = forest->trees[i].count > most ? forest->trees[i].count : most;
    planning->sizes = malloc((most + 1) * sizeof *planning->sizes);
    planning->levels = malloc((plan->depth + 1) * sizeof *planning->levels);
    planning->stack = malloc((plan->depth + 2) * sizeof *planning->stack);
    return (planning->sizes && planning->levels && planning->stack) ||
           error_memory(error, most * sizeof *planning->sizes, "the plan of a forest");
}

static bool lay_out(struct planning *planning, struct plan *plan, struct forestd_error *error)
{
    const struct forest *forest = planning->forest;
    planning->trees = malloc((forest->tree_count + 1) * sizeof *planning->trees);
    if (!planning->trees)
        return error_memory(error, forest->tree_count * sizeof *planning->trees, "the plan of a forest");
    bool good =
        place_trees(planning, plan, error) && take_scratch(planning, plan, error) && take_arrays(planning, plan, error);
    uint64_t middle = 0;
    for (size_t i = 0; good && i < forest->tree_count; i++) {
        lay_out_tree(planning, i);
        middle += plan->trees[i].middle;
    }
    plan->middle = forest->tree_count ? (size_t)(middle / forest->tree_count) : 0;
    if (good && !plan_take_roots(plan))
        good = error_memory(error, forest->tree_count * sizeof *plan->roots, "the plan of a forest");
    if (!plan->memory)
        free(planning->trees);
    free(planning->sizes);
    free(planning->levels);
    free(planning->stack);
    return good;
}

static struct plan *plan_make(const struct forest *forest, struct forestd_error *error)
{
    struct leaves leaves;
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) {
        error_memory(error, sizeof *plan, "the plan of a forest");
        return NULL;
    }
    bool good = leaves_open(&leaves, forest, error);
    if (good) {
        plan->processor = processor_look();
        plan->votes = leaves.votes;
        plan->tree_count = forest->tree_count;
        plan->leaf_count = leaves.count;
        struct planning planning = {
            .forest = forest, .leaves = &leaves, .shares = leaves.votes && leaves.count <= SHARED_CLASSES};
        good = lay_out(&planning, plan, error);
        leaves_close(&leaves);
    }
    if (good)
        return plan;
    plan_close(plan);
    return NULL;
}

bool forest_plan(struct forest *forest, struct forestd_error *error)
{
    struct plan *plan = plan_make(forest, error);
    if (!plan)
        return false;
    plan_close(forest->plan);
    forest->plan = plan;
    return true;
}
