#include "model/plan.h"

#include <stdlib.h>

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
