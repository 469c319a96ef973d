#include "predict/leaves.h"

#include "base/pages.h"
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

/*
 * The different leaves by their values: open addressing, never more than half full. A leaf belongs at the first bits of
 * its tag, so that growing is one pass over both tables and looks at no leaf.
 */
struct place {
    uint32_t tag;   /* half of the hash, so that few other leaves are looked at */
    uint32_t index; /* 1 + which of `examples`, or 0 */
};

struct table {
    const struct forest *forest;
    struct place *places; /* [1 << bits] */
    unsigned bits;
};

enum {
    FIRST_BITS = 10,
    ROOM_BITS = 18, /* of the largest table that is made for leaves not seen yet: two megabytes */
    MOST_BITS = 32,
    TRIES = 128, /* places that are looked at for a leaf: more than chance asks for, where half of them are empty */
    AHEAD = 32   /* leaves of which the places are asked for before the first is looked at */
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
    return hash ^ hash >> 29;
}

static uint32_t tag_of(const struct forest *forest, uint32_t leaf)
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
    return (uint32_t)(mix(hash, 0) >> 32);
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

static size_t first_place(const struct table *table, uint32_t tag)
{
    return tag >> (MOST_BITS - table->bits);
}

static size_t next_place(const struct table *table, size_t at)
{
    return (at + 1) & (((size_t)1 << table->bits) - 1);
}

/* The leaf's place, or the empty one that it should have. NULL where too many others are in its way: a file may have been
 * made so that they are. */
static struct place *find_place(const struct table *table, const uint32_t *examples, uint32_t leaf, uint32_t tag)
{
    size_t at = first_place(table, tag);
    for (unsigned i = 0; i < TRIES; i++, at = next_place(table, at)) {
        struct place *place = &table->places[at];
        if (place->index == 0 || (place->tag == tag && same_leaf(table->forest, examples[place->index - 1], leaf)))
            return place;
    }
    return NULL;
}

/* Which of the different leaves it is. One that finds no place is kept by itself, though there may be such a leaf. */
static uint32_t number_of(struct leaves *leaves, const struct table *table, uint32_t leaf, uint32_t tag)
{
    struct place *place = find_place(table, leaves->examples, leaf, tag);
    if (place && place->index)
        return place->index - 1;
    leaves->examples[leaves->count++] = leaf;
    if (place)
        *place = (struct place){tag, (uint32_t)leaves->count};
    return (uint32_t)leaves->count - 1;
}

static bool grow(struct table *table, unsigned bits)
{
    struct table larger = {table->forest, NULL, bits};
    size_t size = sizeof *larger.places << bits;
    larger.places = bits <= MOST_BITS ? pages_take(size) : NULL;
    if (!larger.places)
        return false;
    memset(larger.places, 0, size);
    for (size_t i = 0; table->places && i < (size_t)1 << table->bits; i++) {
        if (table->places[i].index == 0)
            continue;
        size_t at = first_place(&larger, table->places[i].tag);
        while (larger.places[at].index)
            at = next_place(&larger, at);
        larger.places[at] = table->places[i];
    }
    free(table->places);
    *table = larger;
    return true;
}

/* Room for all leaves, as far as that is little. */
static unsigned bits_for(size_t leaves)
{
    unsigned bits = FIRST_BITS;
    while (bits < ROOM_BITS && (size_t)1 << bits < 2 * leaves)
        bits++;
    return bits;
}

static bool find_different(struct leaves *leaves, const struct forest *forest)
{
    struct table table = {forest, NULL, 0};
    leaves->examples = malloc((forest->leaf_count + 1) * sizeof *leaves->examples);
    bool good = leaves->examples && grow(&table, bits_for(forest->leaf_count));
    for (size_t first = 0; good && first < forest->leaf_count; first += AHEAD) {
        if ((leaves->count + AHEAD) * 2 > (size_t)1 << table.bits)
            good = grow(&table, table.bits + 1);
        size_t many = forest->leaf_count - first < AHEAD ? forest->leaf_count - first : AHEAD;
        uint32_t tags[AHEAD];
        for (size_t i = 0; good && i < many; i++) {
            tags[i] = tag_of(forest, (uint32_t)(first + i));
            __builtin_prefetch(&table.places[first_place(&table, tags[i])], 1);
        }
        for (size_t i = 0; good && i < many; i++)
            leaves->rows[first + i] = number_of(leaves, &table, (uint32_t)(first + i), tags[i]);
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
