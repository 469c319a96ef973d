#include "model/packed_layout.h"

#include "base/candidate.h"
#include "base/text.h"
#include "model/checksum.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file on its way to a forest. */
struct reading {
    const uint8_t *bytes;
    size_t size;
    struct packed_header header;
    struct packed_layout layout;
    struct forest *forest;
    struct plan *plan;
    size_t at;  /* byte of the description that is read next */
    size_t end; /* of the description */
    struct forestd_error *error;
};

static bool damaged(const struct reading *reading, uint64_t byte, const char *what)
{
    return error_set(reading->error, FORESTD_FORMAT, at_byte(byte),
                     "byte %" PRIu64 ": %s; the file is damaged: copy it again, or pack the model again", byte, what);
}

/* ---- the header ---- */

static bool read_header(struct reading *reading)
{
    struct packed_header *header = &reading->header;
    if (reading->size < PACKED_HEADER)
        return damaged(reading, reading->size, "it ends inside its header");
    memcpy(header, reading->bytes, sizeof *header);
    if (memcmp(header->magic, PACKED_MAGIC, sizeof header->magic) != 0)
        return damaged(reading, 0, "it is no packed file");
    if (header->order == __builtin_bswap32(PACKED_ORDER))
        return error_set(
            reading->error, FORESTD_UNSUPPORTED, at_byte(8),
            "byte 8: it is packed for processors of the other byte order: pack the model on one like this");
    if (header->order != PACKED_ORDER)
        return damaged(reading, 8, "its byte order is none");
    if (header->version != PACKED_VERSION)
        return error_set(reading->error, FORESTD_UNSUPPORTED, at_byte(12),
                         "byte 12: it is a packed file of version %" PRIu32 ", and this forestd reads version %d: pack "
                         "the model again with this forestd, or serve it with the one that packed it",
                         header->version, PACKED_VERSION);
    if (header->size != reading->size)
        return error_set(reading->error, FORESTD_FORMAT, at_byte(reading->size),
                         "it should have %" PRIu64 " bytes and has %zu: copy it again", header->size, reading->size);
    return true;
}

static bool check_header(const struct reading *reading)
{
    const struct packed_header *header = &reading->header;
    uint32_t flags = header->flags;
    uint64_t cells = 4 * (header->features + 1);
    if (header->task > 1 || header->combination > 1 || flags & ~(uint32_t)PACKED_FLAGS)
        return damaged(reading, 32, "its task, combination or flags are none");
    if (header->outputs < 1 || header->features < 1 || header->features > PLAN_MOST_FEATURES || header->trees < 1)
        return damaged(reading, 44, "its outputs, features or trees cannot be");
    if (!(flags & PACKED_WIDE) && cells > UINT16_MAX)
        return damaged(reading, 48, "it has too many features for its form");
    if (header->slots > PLAN_MOST_SLOTS || header->trees > header->slots / 2 || header->leaf_count < 1 ||
        header->leaf_count > PLAN_MOST_SLOTS)
        return damaged(reading, 80, "its slots or leaves cannot be");
    if (header->trees > header->nodes || header->leaves > header->nodes || header->nodes > UINT32_MAX)
        return damaged(reading, 64, "its nodes cannot be");
    if ((header->combination == 1 || flags & PACKED_CHOICES) && header->trees != 1)
        return damaged(reading, 36, "it is one tree and has several");
    if (flags & PACKED_VOTES && (header->task != 0 || header->outputs != 1 || flags & PACKED_CHOICES))
        return damaged(reading, 40, "its leaves cannot be votes");
    if (flags & PACKED_CHOICES && header->task != 0)
        return damaged(reading, 40, "a regressor has choices");
    return header->zero[0] == 0 && header->zero[1] == 0 ? true
                                                        : damaged(reading, 112, "there is something in its header");
}

/* ---- the description ---- */

static bool read_part(struct reading *reading, void *to, size_t size)
{
    if (reading->end - reading->at < size)
        return damaged(reading, reading->at, "its description ends too early");
    memcpy(to, reading->bytes + reading->at, size);
    reading->at += size;
    return true;
}

/* A text where it lies. Only a label's may hold a byte 0. */
static bool read_text(struct reading *reading, const char **text, size_t *size)
{
    uint32_t count = 0;
    size_t start = reading->at;
    if (!read_part(reading, &count, sizeof count))
        return false;
    if (reading->end - reading->at <= count || reading->bytes[reading->at + count] != 0)
        return damaged(reading, start, "a text does not end where it should");
    *text = (const char *)reading->bytes + reading->at;
    reading->at += count + (size_t)1;
    if (!text_is_utf8(*text, count) || (!size && strlen(*text) != count))
        return damaged(reading, start, "a text is not UTF-8");
    if (size)
        *size = count;
    return true;
}

/* A text of letters that may stand in any message. */
static bool read_word(struct reading *reading, const char **text)
{
    size_t start = reading->at;
    if (!read_text(reading, text, NULL))
        return false;
    for (const char *letter = *text; *letter; letter++)
        if (*letter <= 0x20 || *letter > 0x7E)
            return damaged(reading, start, "a name is not one");
    return (*text)[0] || damaged(reading, start, "a name is empty");
}

static bool no_memory(const struct reading *reading)
{
    return error_memory(reading->error, reading->size, "a packed model");
}

static bool read_classes(struct reading *reading)
{
    struct forest *forest = reading->forest;
    size_t start = reading->at;
    if ((reading->end - reading->at) / sizeof *forest->classes < forest->outputs)
        return damaged(reading, reading->at, "its description ends too early");
    uint32_t *classes = arena_take(&forest->memory, forest->outputs * sizeof *classes);
    if (!classes)
        return no_memory(reading);
    forest->classes = classes;
    if (!read_part(reading, classes, forest->outputs * sizeof *classes))
        return false;
    for (size_t i = 0; i < forest->outputs; i++) {
        if (classes[i] < 1 || (forest->task == FORESTD_REGRESSOR && classes[i] != 1))
            return damaged(reading, start, "an output has no classes");
        forest->width += classes[i];
    }
    if (reading->plan->votes && reading->plan->leaf_count != forest->width)
        return damaged(reading, start, "its votes are not for its classes");
    return true;
}

static bool read_label(struct reading *reading, struct forestd_label *label)
{
    uint8_t kind = 0;
    uint64_t word = 0;
    size_t start = reading->at;
    if (!read_part(reading, &kind, sizeof kind))
        return false;
    label->kind = (enum forestd_label_kind)kind;
    if (kind == FORESTD_TEXT)
        return read_text(reading, &label->as.text, &label->text_size);
    if (kind > FORESTD_TEXT || !read_part(reading, &word, sizeof word))
        return damaged(reading, start, "a label is of no kind");
    if (kind == FORESTD_INTEGER)
        memcpy(&label->as.integer, &word, sizeof word);
    else if (kind == FORESTD_UNSIGNED)
        label->as.natural = word;
    else if (kind == FORESTD_REAL)
        memcpy(&label->as.real, &word, sizeof word);
    else
        label->as.boolean = word != 0;
    return true;
}

static bool read_labels(struct reading *reading)
{
    const size_t least = 6; /* bytes of a label */
    struct forest *forest = reading->forest;
    const struct forestd_label **labels = arena_take(&forest->memory, forest->outputs * sizeof(void *));
    if (!labels)
        return no_memory(reading);
    for (size_t output = 0; output < forest->outputs; output++) {
        if (forest->classes[output] > (reading->end - reading->at) / least)
            return damaged(reading, reading->at, "its description ends too early");
        struct forestd_label *of = arena_take(&forest->memory, forest->classes[output] * sizeof *of);
        if (!of)
            return no_memory(reading);
        for (uint32_t i = 0; i < forest->classes[output]; i++)
            if (!read_label(reading, &of[i]))
                return false;
        labels[output] = of;
    }
    forest->labels = labels;
    return true;
}

static bool read_names(struct reading *reading)
{
    const size_t least = 5; /* bytes of a text */
    struct forest *forest = reading->forest;
    if (forest->features > (reading->end - reading->at) / least)
        return damaged(reading, reading->at, "its description ends too early");
    const char **names = arena_take(&forest->memory, forest->features * sizeof *names);
    if (!names)
        return no_memory(reading);
    for (size_t i = 0; i < forest->features; i++)
        if (!read_text(reading, &names[i], NULL))
            return false;
    forest->names = names;
    return forest_index_names(forest, reading->error);
}

/* The description, which is the file's end: where it begins needs nothing but the header's sizes. */
static bool read_description(struct reading *reading)
{
    struct forest *forest = reading->forest;
    const struct packed_header *header = &reading->header;
    if (header->description > reading->size - PACKED_HEADER)
        return damaged(reading, 96, "its description is larger than the file");
    reading->end = reading->size;
    reading->at = reading->size - (size_t)header->description;
    bool good = read_word(reading, &forest->estimator) && read_word(reading, &forest->release) &&
                read_classes(reading) && (forest->task == FORESTD_REGRESSOR || read_labels(reading)) &&
                (!(header->flags & PACKED_NAMED) || read_names(reading));
    return good && (reading->at == reading->end || damaged(reading, reading->at, "there is more than its description"));
}

/* ---- the arrays ---- */

static const void *section(const struct reading *reading, enum packed_section section)
{
    return reading->layout.size[section] ? reading->bytes + reading->layout.at[section] : NULL;
}

static bool find_sections(struct reading *reading)
{
    const struct packed_header *header = &reading->header;
    struct plan *plan = reading->plan;
    if (!packed_lay_out(header, reading->forest->width, &reading->layout) || reading->layout.end != reading->size)
        return damaged(reading, 16, "its sections do not fill it");
    plan->trees = section(reading, SECTION_TREES);
    if (header->flags & PACKED_WIDE)
        plan->wide = section(reading, SECTION_SLOTS);
    else
        plan->slots = section(reading, SECTION_SLOTS);
    plan->steps = section(reading, SECTION_STEPS);
    plan->missing = section(reading, SECTION_MISSING);
    plan->leaves = section(reading, SECTION_LEAVES);
    plan->leaf_choice = section(reading, SECTION_CHOICES);
    plan->bytes = (size_t)(reading->layout.at[SECTION_DESCRIPTION] - PACKED_HEADER);
    return true;
}

/* That the trees lie one after another among the slots; `*most` is the slots of the largest. */
static bool prove_places(struct reading *reading, size_t *most)
{
    struct forest *forest = reading->forest;
    struct plan *plan = reading->plan;
    uint64_t slots = 0;
    uint64_t nodes = 0;
    uint64_t middle = 0;
    forest->trees = malloc(forest->tree_count * sizeof *forest->trees);
    if (!forest->trees)
        return no_memory(reading);
    for (size_t i = 0; i < plan->tree_count; i++) {
        const struct plan_tree *tree = &plan->trees[i];
        if (tree->first != slots || tree->slots < 2 || tree->slots > plan->slot_count - slots ||
            tree->depth >= tree->slots || tree->middle > tree->depth || tree->nodes < 1)
            return error_set(reading->error, FORESTD_FOREST, at_node(i, 0),
                             "tree %zu: it does not lie where it should; the file is damaged: pack the model again", i);
        forest->trees[i] = (struct tree){(size_t)nodes, tree->nodes, tree->depth};
        slots += tree->slots;
        nodes += tree->nodes;
        middle += tree->middle;
        *most = tree->slots > *most ? tree->slots : *most;
        plan->depth = tree->depth > plan->depth ? tree->depth : plan->depth;
    }
    plan->middle = plan->tree_count ? (size_t)(middle / plan->tree_count) : 0;
    if (slots != plan->slot_count || nodes != forest->node_count)
        return damaged(reading, 56, "its trees are not its slots and nodes");
    return plan_take_roots(plan) || no_memory(reading);
}

static bool prove_leaves(const struct reading *reading)
{
    const struct plan *plan = reading->plan;
    const struct forest *forest = reading->forest;
    double sum = 0;
    size_t numbers = plan->leaves ? plan->leaf_count * forest->width : 0;
    for (size_t i = 0; i < numbers; i++)
        sum += plan->leaves[i] * 0;
    if (sum != 0)
        return damaged(reading, reading->layout.at[SECTION_LEAVES], "a value of a leaf is not finite");
    size_t choices = plan->leaf_choice ? plan->leaf_count * forest->outputs : 0;
    for (size_t i = 0; i < choices; i++)
        if (plan->leaf_choice[i] >= forest->classes[i % forest->outputs])
            return damaged(reading, reading->layout.at[SECTION_CHOICES], "a choice is no class");
    return true;
}

/*
 * One pass through the file: each tree is summed up and proved while it is in the cache. The checksum is compared at
 * the end; the proof does not rely on it.
 */
static bool prove_arrays(const struct reading *reading, size_t most, XXH3_state_t *state)
{
    const struct plan *plan = reading->plan;
    const struct processor *processor = &plan->processor;
    const uint8_t *bytes = reading->bytes;
    const size_t checked = offsetof(struct packed_header, task);
    size_t start = (size_t)reading->layout.at[SECTION_SLOTS];
    uint32_t *heights = malloc((most / 2 + 1) * sizeof *heights);
    bool good = heights || no_memory(reading);
    (void)XXH3_64bits_reset(state);
    checksum_add(state, processor, bytes + checked, start - checked);
    for (size_t i = 0; good && i < plan->tree_count; i++) {
        size_t size = plan->trees[i].slots * sizeof(struct slot);
        checksum_add(state, processor, bytes + start, size);
        start += size;
        good = plan_prove_tree(plan, reading->forest->features, i, heights, reading->error);
    }
    free(heights);
    if (!good || !prove_leaves(reading))
        return false;
    checksum_add(state, processor, bytes + start, reading->size - start);
    return XXH3_64bits_digest(state) == reading->header.check ||
           damaged(reading, 24, "its checksum does not fit its content");
}

static bool prove_all(struct reading *reading)
{
    size_t most = 0;
    if (!prove_places(reading, &most))
        return false;
    XXH3_state_t *state = XXH3_createState();
    bool good = state ? prove_arrays(reading, most, state) : no_memory(reading);
    (void)XXH3_freeState(state);
    return good;
}

/* ---- all ---- */

static bool read_forest(struct reading *reading)
{
    if (!read_header(reading) || !check_header(reading))
        return false;
    const struct packed_header *header = &reading->header;
    struct forest *forest = reading->forest;
    struct plan *plan = reading->plan;
    forest->task = header->task ? FORESTD_REGRESSOR : FORESTD_CLASSIFIER;
    forest->combination = header->combination ? COMBINE_SINGLE : COMBINE_MEAN;
    forest->accepts_nan = header->flags & PACKED_MISSING;
    forest->features = (size_t)header->features;
    forest->outputs = header->outputs;
    forest->tree_count = (size_t)header->trees;
    forest->node_count = (size_t)header->nodes;
    forest->leaf_count = (size_t)header->leaves;
    (void)snprintf(forest->version, sizeof forest->version, "%016" PRIx64, header->source);
    plan->processor = processor_look();
    plan->votes = header->flags & PACKED_VOTES;
    plan->tree_count = forest->tree_count;
    plan->slot_count = (size_t)header->slots;
    plan->leaf_count = (size_t)header->leaf_count;
    return read_description(reading) && find_sections(reading) && prove_all(reading);
}

/* The bytes themselves, or a copy that belongs to the forest. */
static const uint8_t *keep(struct forest *forest, const uint8_t *bytes, size_t size, bool copy)
{
    if (!copy && (uintptr_t)bytes % PACKED_ALIGNMENT == 0)
        return bytes;
    if (forest_claim(forest, size, NULL))
        forest->bytes = aligned_alloc(PACKED_ALIGNMENT, (size / PACKED_ALIGNMENT + 1) * PACKED_ALIGNMENT);
    if (forest->bytes)
        memcpy(forest->bytes, bytes, size);
    return forest->bytes;
}

struct forest *packed_open(const uint8_t *bytes, size_t size, bool copy, struct budget *budget,
                           struct forestd_error *error)
{
    struct forest *forest = forest_open(budget, error);
    if (!forest)
        return NULL;
    struct plan *plan = calloc(1, sizeof *plan);
    forest->plan = plan;
    struct reading reading = {.size = size, .forest = forest, .plan = plan, .error = error};
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
        (void)error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                        "this processor stores numbers big end first, and packed files are for the others: open the "
                        "model that it was packed from");
    else if (!plan || !(reading.bytes = keep(forest, bytes, size, copy)))
        (void)no_memory(&reading);
    else if (read_forest(&reading))
        return forest;
    forest_close(forest);
    return NULL;
}
