#include "base/budget.h"

void budget_open(struct budget *budget, size_t bytes)
{
    atomic_init(&budget->left, bytes);
}

bool budget_take(struct budget *budget, size_t bytes)
{
    if (!budget)
        return true;
    size_t left = atomic_load_explicit(&budget->left, memory_order_relaxed);
    do {
        if (left < bytes)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&budget->left, &left, left - bytes, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

void budget_give_back(struct budget *budget, size_t bytes)
{
    if (budget)
        atomic_fetch_add_explicit(&budget->left, bytes, memory_order_relaxed);
}
