#include "model/plan.h"

#include "predict/planner.h"
#include "unit/forests.h"
#include "unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A plan that is damaged and mended again: its arrays, to be written. */
struct patient {
    struct forest *forest;
    struct plan *plan;
    struct plan_tree *trees;
    struct slot *slots;
    struct wide_slot *wide;
    uint32_t *steps;
    uint64_t *missing;
    uint32_t *heights;
};

static struct patient patient_open(const struct recipe *recipe)
{
    struct patient patient = {.forest = forest_grow(recipe)};
    ck_assert(forest_plan(patient.forest, NULL));
    struct plan *plan = patient.forest->plan;
    patient.plan = plan;
    patient.trees = (struct plan_tree *)(uintptr_t)plan->trees;
    patient.slots = (struct slot *)(uintptr_t)plan->slots;
    patient.wide = (struct wide_slot *)(uintptr_t)plan->wide;
    patient.steps = (uint32_t *)(uintptr_t)plan->steps;
    patient.missing = (uint64_t *)(uintptr_t)plan->missing;
    patient.heights = malloc((plan->slot_count + 1) * sizeof *patient.heights);
    ck_assert_ptr_nonnull(patient.heights);
    return patient;
}

static void patient_close(struct patient *patient)
{
    free(patient->heights);
    forest_close(patient->forest);
}

struct parts {
    uint32_t key;
    uint32_t cell;
    uint32_t step;
};

static struct parts parts_of(const struct patient *patient, size_t slot)
{
    if (patient->wide)
        return (struct parts){patient->wide[slot].key, patient->wide[slot].cell, patient->steps[slot]};
    const struct slot *at = &patient->slots[slot];
    return (struct parts){at->key, at->cell, at->step};
}

static void put(const struct patient *patient, size_t slot, struct parts parts)
{
    if (patient->wide) {
        patient->wide[slot] = (struct wide_slot){parts.key, parts.cell};
        patient->steps[slot] = parts.step;
    } else {
        patient->slots[slot] = (struct slot){parts.key, (uint16_t)parts.cell, (uint16_t)parts.step};
    }
}

static bool prove(const struct patient *patient, size_t tree, struct forestd_error *error)
{
    return plan_prove_tree(patient->plan, patient->forest->features, tree, patient->heights, error);
}

/* With every register that the processor has, and without. */
static void expect(const struct patient *patient, size_t tree, size_t slot, const char *what)
{
    const struct processor processor = patient->plan->processor;
    char said[256];
    (void)snprintf(said, sizeof said, "tree %zu, slot %zu: %s; the file is damaged: pack the model again", tree, slot,
                   what);
    for (unsigned plain = 0; plain < 2; plain++) {
        struct forestd_error error = {0};
        patient->plan->processor.avx2 = processor.avx2 && !plain;
        if (prove(patient, tree, &error) || strcmp(error.message, said) != 0)
            ck_abort_msg("\"%s\" was said, and not \"%s\"", error.message, said);
    }
    patient->plan->processor = processor;
}

static void expect_with(const struct patient *patient, size_t tree, size_t slot, struct parts parts, const char *what)
{
    const size_t at = patient->trees[tree].first + slot;
    const struct parts whole = parts_of(patient, at);
    put(patient, at, parts);
    expect(patient, tree, slot, what);
    put(patient, at, whole);
}

static void damage_leaf(const struct patient *patient, size_t tree, size_t slot)
{
    const size_t at = patient->trees[tree].first + slot;
    const struct parts whole = parts_of(patient, at);
    const uint32_t keys[] = {(uint32_t)patient->plan->leaf_count, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        expect_with(patient, tree, slot, (struct parts){keys[i], 0, 0}, "the leaf has no row of values");
    expect_with(patient, tree, slot, (struct parts){whole.key, 4, 0}, "the leaf has no row of values");
    if (!patient->missing)
        return;
    patient->missing[at / 64] ^= 1ULL << at % 64;
    expect(patient, tree, slot, "a missing value leaves a leaf");
    patient->missing[at / 64] ^= 1ULL << at % 64;
}

static void damage_split(const struct patient *patient, size_t tree, size_t slot)
{
    const uint32_t after = patient->trees[tree].slots - 1 - (uint32_t)slot;
    const struct parts whole = parts_of(patient, patient->trees[tree].first + slot);
    const uint32_t cells[] = {
        0, 3, whole.cell + 1, whole.cell + 2, 4 * ((uint32_t)patient->forest->features + 1), 0x80000000};
    const uint32_t steps[] = {after, after + 1, after + 2, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (patient->wide || (cells[i] <= UINT16_MAX))
            expect_with(patient, tree, slot, (struct parts){whole.key, cells[i], whole.step},
                        "its cell is not one of a row's");
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] && (patient->wide || steps[i] <= UINT16_MAX))
            expect_with(patient, tree, slot, (struct parts){whole.key, whole.cell, steps[i]},
                        "its children are outside the tree");
    if (whole.step + 1 < after)
        expect_with(patient, tree, slot, (struct parts){whole.key, whole.cell, whole.step + 1},
                    "its children are not side by side");
    expect_with(patient, tree, slot, (struct parts){whole.key, whole.cell, 0}, "the leaf has no row of values");
}

START_TEST(every_slot_is_proved)
{
    const struct recipe recipes[] = {
        {.trees = 9, .features = 3, .outputs = 1, .depth = 7, .seed = 1},
        {.trees = 9, .features = 3, .outputs = 1, .depth = 7, .accepts_nan = true, .seed = 2},
        {.trees = 9, .features = 3, .outputs = 1, .classes = 3, .depth = 7, .pure = true, .seed = 3},
        {.trees = 9, .features = 17000, .outputs = 1, .depth = 7, .seed = 4},
        {.trees = 9, .features = 17000, .outputs = 1, .depth = 7, .accepts_nan = true, .seed = 5},
        {.trees = 1, .features = 16382, .outputs = 1, .depth = 300, .chains = true, .accepts_nan = true, .seed = 6},
    };
    for (size_t k = 0; k < sizeof recipes / sizeof *recipes; k++) {
        struct patient patient = patient_open(&recipes[k]);
        ck_assert((patient.wide != NULL) == (recipes[k].features > 16382));
        for (size_t i = 0; i < recipes[k].trees; i++) {
            ck_assert(prove(&patient, i, NULL));
            for (size_t slot = 0; slot < patient.trees[i].slots; slot++) {
                if (parts_of(&patient, patient.trees[i].first + slot).step)
                    damage_split(&patient, i, slot);
                else
                    damage_leaf(&patient, i, slot);
            }
            ck_assert(prove(&patient, i, NULL));
        }
        patient_close(&patient);
    }
}
END_TEST

/* Levels that a byte counts, and those that it does not. */
START_TEST(depth_is_proved)
{
    for (unsigned depth = 240; depth < 540; depth += 7) {
        for (size_t features = 3; features < 34000; features *= 10000) {
            const struct recipe recipe = {
                .trees = 1, .features = features, .outputs = 1, .depth = depth, .chains = true, .seed = depth};
            struct patient patient = patient_open(&recipe);
            const uint32_t right = patient.trees[0].depth;
            ck_assert_uint_gt(right, 200);
            patient.trees[0].middle = 0;
            ck_assert(prove(&patient, 0, NULL));
            for (uint32_t i = 0; i < right; i++) {
                patient.trees[0].depth = i;
                expect(&patient, 0, 1, "the tree is deeper than it says");
            }
            patient.trees[0].depth = right;
            patient.trees[0].middle = right + 1;
            expect(&patient, 0, 1, "the tree is deeper than it says");
            patient_close(&patient);
        }
    }
}
END_TEST

SUITE(plan, every_slot_is_proved, depth_is_proved)
