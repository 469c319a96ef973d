#include "model/packed_layout.h"

/* Puts `count` things of `size` bytes each at the next place. */
static bool place(struct packed_layout *layout, enum packed_section section, uint64_t count, uint64_t size)
{
    uint64_t start = (layout->end + PACKED_ALIGNMENT - 1) / PACKED_ALIGNMENT * PACKED_ALIGNMENT;
    layout->at[section] = layout->end;
    if (__builtin_mul_overflow(count, size, &layout->size[section]))
        return false;
    if (layout->size[section] == 0)
        return true;
    layout->at[section] = start;
    return layout->size[section] < INT64_MAX / 2 &&
           !__builtin_add_overflow(start, layout->size[section], &layout->end) && layout->end < INT64_MAX / 2;
}

bool packed_lay_out(const struct packed_header *header, uint64_t width, struct packed_layout *layout)
{
    uint32_t flags = header->flags;
    uint64_t row = 0;
    *layout = (struct packed_layout){.end = PACKED_HEADER};
    return !__builtin_mul_overflow(width, sizeof(double), &row) &&
           place(layout, SECTION_TREES, header->trees, sizeof(struct plan_tree)) &&
           place(layout, SECTION_SLOTS, header->slots, sizeof(struct slot)) &&
           place(layout, SECTION_STEPS, flags & PACKED_WIDE ? header->slots : 0, sizeof(uint32_t)) &&
           place(layout, SECTION_MISSING, flags & PACKED_MISSING ? header->slots / 64 + (header->slots % 64 != 0) : 0,
                 sizeof(uint64_t)) &&
           place(layout, SECTION_LEAVES, flags & PACKED_VOTES ? 0 : header->leaf_count, row) &&
           place(layout, SECTION_CHOICES, flags & PACKED_CHOICES ? header->leaf_count : 0,
                 header->outputs * sizeof(uint32_t)) &&
           place(layout, SECTION_DESCRIPTION, header->description, 1);
}
