#include "predict/walk.h"

#include <math.h>
#include <string.h>

/* Levels between two looks at whether every lane has arrived. */
enum { STRIDE = 4 };

/* A leaf's children are itself, so a lane that has arrived stays there whatever its row holds. */
static inline uint32_t step(const struct lane *lane, uint32_t at, bool missing)
{
    const struct node *node = &lane->nodes[at];
    double cell = (double)lane->row[node->feature];
    unsigned side = cell > node->threshold;
    if (missing && isnan(cell))
        side = node->extra & 1;
    return node->child[side];
}

static inline void follow(const struct lane lanes[LANES], uint32_t depth, bool missing, uint32_t at[LANES])
{
    for (uint32_t level = 0; level < depth; level += STRIDE) {
        for (int k = 0; k < STRIDE - 1; k++)
            for (int i = 0; i < LANES; i++)
                at[i] = step(&lanes[i], at[i], missing);
        uint32_t moved = 0;
        for (int i = 0; i < LANES; i++) {
            uint32_t next = step(&lanes[i], at[i], missing);
            moved |= next ^ at[i];
            at[i] = next;
        }
        if (!moved)
            return;
    }
}

void walk(const struct lane lanes[LANES], uint32_t depth, bool missing, uint32_t leaves[LANES])
{
    uint32_t at[LANES] = {0};
    if (missing)
        follow(lanes, depth, true, at);
    else
        follow(lanes, depth, false, at);
    for (int i = 0; i < LANES; i++)
        leaves[i] = lanes[i].nodes[at[i]].extra;
}
