#include "predict/leaves.h"

#include <stdlib.h>
#include <string.h>

/* The class that has all the weight, or `count` where it is shared. Looks at bits: -0 is not 0 here. */
static uint32_t only_class(const double *row, uint32_t count)
{
    static const double one = 1;
    uint32_t class = count;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t bits = 0;
        memcpy(&bits, &row[i], sizeof bits);
        if (bits == 0)
            continue;
        if (class != count || memcmp(&row[i], &one, sizeof one) != 0)
            return count;
        class = i;
    }
    return class;
}

static bool find_votes(struct leaves *leaves, const struct forest *forest)
{
    if (forest->outputs != 1 || forest->task != FORESTD_CLASSIFIER || forest->leaf_choice)
        return false;
    uint32_t classes = forest->classes[0];
    for (size_t i = 0; i < forest->leaf_count; i++) {
        leaves->rows[i] = only_class(forest->leaves + i * forest->width, classes);
        if (leaves->rows[i] == classes)
            return false;
    }
    leaves->count = classes;
    return true;
}

/* The different leaves by their values: open addressing, never more than half full. */
struct place {
    uint32_t tag;   /* some bits of the hash, so that few other leaves are looked at */
    uint32_t index; /* 1 + which of `examples`, or 0 */
};

struct table {
    const struct forest *forest;
    struct place *places; /* [size] */
    size_t size;          /* a power of two */
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
    return hash ^ hash >> 29;
}

static uint64_t hash_leaf(const struct forest *forest, uint32_t leaf)
{
    const double *row = forest->leaves + leaf * forest->width;
    uint64_t hash = 0;
    for (size_t i = 0; i < forest->width; i++) {
        uint64_t bits = 0;
        memcpy(&bits, &row[i], sizeof bits);
        hash = mix(hash, bits);
    }
    for (size_t i = 0; forest->leaf_choice && i < forest->outputs; i++)
        hash = mix(hash, forest->leaf_choice[leaf * forest->outputs + i]);
    return mix(hash, 0);
}

static bool same_leaf(const struct forest *forest, uint32_t one, uint32_t other)
{
    size_t width = forest->width;
    if (width == 1 && !forest->leaf_choice) /* not worth a call */
        return memcmp(&forest->leaves[one], &forest->leaves[other], sizeof(double)) == 0;
    size_t outputs = forest->outputs;
    if (memcmp(forest->leaves + one * width, forest->leaves + other * width, width * sizeof *forest->leaves) != 0)
        return false;
    return !forest->leaf_choice || memcmp(forest->leaf_choice + one * outputs, forest->leaf_choice + other * outputs,
                                          outputs * sizeof *forest->leaf_choice) == 0;
}

/* The leaf's place, or the empty one that it should have. */
static struct place *find_place(const struct table *table, const uint32_t *examples, uint32_t leaf)
{
    uint64_t hash = hash_leaf(table->forest, leaf);
    uint32_t tag = (uint32_t)(hash >> 32);
    size_t at = (size_t)hash & (table->size - 1);
    for (;; at = (at + 1) & (table->size - 1)) {
        struct place *place = &table->places[at];
        if (place->index == 0)
            place->tag = tag;
        if (place->index == 0 || (place->tag == tag && same_leaf(table->forest, examples[place->index - 1], leaf)))
            return place;
    }
}

static bool grow(struct table *table, const struct leaves *leaves)
{
    struct table larger = {table->forest, NULL, table->size ? table->size * 2 : 1024};
    larger.places = calloc(larger.size, sizeof *larger.places);
    if (!larger.places)
        return false;
    for (size_t i = 0; i < leaves->count; i++)
        find_place(&larger, leaves->examples, leaves->examples[i])->index = (uint32_t)i + 1;
    free(table->places);
    *table = larger;
    return true;
}

static bool find_different(struct leaves *leaves, const struct forest *forest)
{
    struct table table = {forest, NULL, 0};
    leaves->examples = malloc((forest->leaf_count + 1) * sizeof *leaves->examples);
    bool good = leaves->examples != NULL;
    for (size_t i = 0; good && i < forest->leaf_count; i++) {
        if (leaves->count * 2 >= table.size)
            good = grow(&table, leaves);
        if (!good)
            break;
        struct place *place = find_place(&table, leaves->examples, (uint32_t)i);
        if (place->index == 0) {
            leaves->examples[leaves->count++] = (uint32_t)i;
            place->index = (uint32_t)leaves->count;
        }
        leaves->rows[i] = place->index - 1;
    }
    free(table.places);
    return good;
}

bool leaves_open(struct leaves *leaves, const struct forest *forest, struct forestd_error *error)
{
    *leaves = (struct leaves){0};
    size_t size = (forest->leaf_count + 1) * sizeof *leaves->rows;
    leaves->rows = malloc(size);
    if (leaves->rows) {
        leaves->votes = find_votes(leaves, forest);
        if (leaves->votes || find_different(leaves, forest))
            return true;
    }
    leaves_close(leaves);
    return error_memory(error, 3 * size, "the leaves of a forest");
}

void leaves_close(struct leaves *leaves)
{
    free(leaves->rows);
    free(leaves->examples);
    *leaves = (struct leaves){0};
}
