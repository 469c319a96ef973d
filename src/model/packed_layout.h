/*
 * Where the sections of a packed file lie: what its writer and its reader share.
 */
#ifndef MODEL_PACKED_LAYOUT_H
#define MODEL_PACKED_LAYOUT_H

#include "model/packed.h"

enum packed_flag {
    PACKED_VOTES = 1,
    PACKED_WIDE = 2,
    PACKED_MISSING = 4,
    PACKED_NAMED = 8,
    PACKED_CHOICES = 16,
    PACKED_FLAGS = 31
};

#define PACKED_ORDER 0x01020304U

/* The first 128 bytes. */
struct packed_header {
    uint8_t magic[8];
    uint32_t order;
    uint32_t version;
    uint64_t size;
    uint64_t check;
    uint32_t task;
    uint32_t combination;
    uint32_t flags;
    uint32_t outputs;
    uint64_t features;
    uint64_t trees;
    uint64_t nodes;
    uint64_t leaves;
    uint64_t slots;
    uint64_t leaf_count;
    uint64_t description;
    uint64_t source;
    uint64_t zero[2];
};

_Static_assert(sizeof(struct packed_header) == PACKED_HEADER, "the header has 128 bytes");
_Static_assert(sizeof(struct plan_tree) == 20 && sizeof(struct slot) == 8 && sizeof(struct wide_slot) == 8,
               "arrays lie in the file as in memory");

enum packed_section {
    SECTION_TREES,
    SECTION_SLOTS,
    SECTION_STEPS,
    SECTION_MISSING,
    SECTION_LEAVES,
    SECTION_CHOICES,
    SECTION_DESCRIPTION,
    SECTIONS
};

struct packed_layout {
    uint64_t at[SECTIONS];   /* byte at which a section begins */
    uint64_t size[SECTIONS]; /* its bytes, 0 where there is none */
    uint64_t end;            /* of the file */
};

/* The layout that a header and a width mean; false when it is larger than any file. */
bool packed_lay_out(const struct packed_header *header, uint64_t width, struct packed_layout *layout);

#endif
