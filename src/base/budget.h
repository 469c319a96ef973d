/*
 * A shared allowance of bytes: everything that requests hold in memory is taken from it, so that many requests together
 * cannot take more than the operator allows. Threads: all functions may be called at once.
 */
#ifndef BASE_BUDGET_H
#define BASE_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct budget {
    atomic_size_t left; /* bytes that may still be taken */
};

void budget_open(struct budget *budget, size_t bytes);

/* Takes `bytes`, or takes nothing and returns false. A NULL budget is without bound. */
bool budget_take(struct budget *budget, size_t bytes);

void budget_give_back(struct budget *budget, size_t bytes);

#endif
