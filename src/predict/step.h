/*
 * One step of a walk, in the form that the processor likes best.
 *
 * STEP_NARROW and STEP_WIDE move `at` (a uint64_t, the index of a slot) one level down. `x` is where keys lie:
 * that of a slot's cell is `disp` + `scale` * cell bytes behind it, both numbers written out. Slots whose step is 0 stay.
 *
 * On x86-64 a step is two loads of the slot, one of the key, a comparison with memory, and an addition with carry that
 * does the rest. No compiler finds that from C. With BMI2 one load of the slot serves the comparison and, shifted, the
 * addition: shifts of BMI2 leave the flags alone, and a fourth load, of which processors do two at once, is spared. On
 * arm64 a step is one load of the slot, one of the key, a comparison, an addition of the slot's upper bits, and an
 * increment on a condition: compilers find it where the slot is read as one number. The plain form below means the same;
 * sanitizers see it instead.
 */
#ifndef PREDICT_STEP_H
#define PREDICT_STEP_H

#include "model/key.h"
#include "model/plan.h"
#include <string.h>

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__ILP32__)
#if !defined(__has_feature)
#define STEP_IN_ASSEMBLER 1
#elif !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)
#define STEP_IN_ASSEMBLER 1
#endif
#endif

#ifdef STEP_IN_ASSEMBLER

#define STEP_NARROW(plan_slots, at, x, disp, scale)                                                                    \
    do {                                                                                                               \
        uint64_t step_scratch;                                                                                         \
        __asm__ volatile("movzwl 4(%[s],%q[i],8), %k[t]\n\t"                                                           \
                         "movl " #disp "(%[c],%q[t]," #scale "), %k[t]\n\t"                                            \
                         "cmpl %k[t], (%[s],%q[i],8)\n\t"                                                              \
                         "movzwl 6(%[s],%q[i],8), %k[t]\n\t"                                                           \
                         "adcl %k[t], %k[i]"                                                                           \
                         : [i] "+r"(at), [t] "=&r"(step_scratch)                                                       \
                         : [s] "r"(plan_slots), [c] "r"(x)                                                             \
                         : "cc", "memory");                                                                            \
    } while (0)

#define STEP_WIDE(plan_slots, plan_steps, at, x, disp, scale)                                                          \
    do {                                                                                                               \
        uint64_t step_scratch;                                                                                         \
        __asm__ volatile("movl 4(%[s],%q[i],8), %k[t]\n\t"                                                             \
                         "movl " #disp "(%[c],%q[t]," #scale "), %k[t]\n\t"                                            \
                         "cmpl %k[t], (%[s],%q[i],8)\n\t"                                                              \
                         "movl (%[n],%q[i],4), %k[t]\n\t"                                                              \
                         "adcl %k[t], %k[i]"                                                                           \
                         : [i] "+r"(at), [t] "=&r"(step_scratch)                                                       \
                         : [s] "r"(plan_slots), [n] "r"(plan_steps), [c] "r"(x)                                        \
                         : "cc", "memory");                                                                            \
    } while (0)

/* The same as STEP_NARROW with `disp` 0 and `scale` 1, by three loads instead of four. */
#define STEP_NARROW_BMI2(plan_slots, at, x)                                                                            \
    do {                                                                                                               \
        uint64_t step_slot, step_cell;                                                                                 \
        __asm__ volatile("movzwl 4(%[s],%q[i],8), %k[u]\n\t"                                                           \
                         "movq (%[s],%q[i],8), %q[t]\n\t"                                                              \
                         "cmpl (%[c],%q[u]), %k[t]\n\t"                                                                \
                         "shrxq %q[h], %q[t], %q[t]\n\t"                                                               \
                         "adcl %k[t], %k[i]"                                                                           \
                         : [i] "+r"(at), [t] "=&r"(step_slot), [u] "=&r"(step_cell)                                    \
                         : [s] "r"(plan_slots), [c] "r"(x), [h] "r"((uint64_t)48)                                      \
                         : "cc", "memory");                                                                            \
    } while (0)

/* The same where the keys begin at `place` behind `x`, a uint32_t that lies in memory. */
#define STEP_NARROW_PLACE(plan_slots, at, x, place)                                                                    \
    do {                                                                                                               \
        uint64_t step_slot, step_cell;                                                                                 \
        __asm__ volatile("movzwl 4(%[s],%q[i],8), %k[u]\n\t"                                                           \
                         "movq (%[s],%q[i],8), %q[t]\n\t"                                                              \
                         "addl %[p], %k[u]\n\t"                                                                        \
                         "cmpl (%[c],%q[u]), %k[t]\n\t"                                                                \
                         "shrxq %q[h], %q[t], %q[t]\n\t"                                                               \
                         "adcl %k[t], %k[i]"                                                                           \
                         : [i] "+r"(at), [t] "=&r"(step_slot), [u] "=&r"(step_cell)                                    \
                         : [s] "r"(plan_slots), [c] "r"(x), [h] "r"((uint64_t)48), [p] "m"(place)                      \
                         : "cc", "memory");                                                                            \
    } while (0)

/*
 * A step of a chain (predict/chain.h) for the ten rows whose keys lie side by side at `x`. One statement, so that the
 * walkers, a0 to a9, are sure to be in registers: with what a step takes, there are just as many.
 */
#define CHAIN_STEP(lane)                                                                                               \
    "movzwl 4(%[s],%q[a" #lane "],8), %k[u]\n\t"                                                                       \
    "movq (%[s],%q[a" #lane "],8), %q[t]\n\t"                                                                          \
    "cmpl 4*" #lane "(%[c],%q[u]), %k[t]\n\t"                                                                          \
    "rorxq $48, %q[t], %q[t]\n\t"                                                                                      \
    "adcw %w[t], %w[a" #lane "]\n\t"

#define TEN_CHAIN_STEP(chain_slots, x)                                                                                 \
    do {                                                                                                               \
        uint64_t step_slot, step_cell;                                                                                 \
        __asm__ volatile(                                                                                              \
            CHAIN_STEP(0) CHAIN_STEP(1) CHAIN_STEP(2) CHAIN_STEP(3) CHAIN_STEP(4) CHAIN_STEP(5) CHAIN_STEP(6)          \
                CHAIN_STEP(7) CHAIN_STEP(8) CHAIN_STEP(9)                                                              \
            : [a0] "+r"(a0), [a1] "+r"(a1), [a2] "+r"(a2), [a3] "+r"(a3), [a4] "+r"(a4), [a5] "+r"(a5), [a6] "+r"(a6), \
              [a7] "+r"(a7), [a8] "+r"(a8), [a9] "+r"(a9), [t] "=&r"(step_slot), [u] "=&r"(step_cell)                  \
            : [s] "r"(chain_slots), [c] "r"(x)                                                                         \
            : "cc", "memory");                                                                                         \
    } while (0)

/* Moves the pointer `x` by `bytes`, where a compiler would rather keep all the sums in registers that it has not. */
#define STEP_ASIDE(x, bytes) __asm__ volatile("addq %[b], %[c]" : [c] "+r"(x) : [b] "r"(bytes) : "cc")

#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

#define STEP_NARROW(plan_slots, at, x, disp, scale) ((at) = step_at_once(plan_slots, x, disp, scale, at))

#define STEP_WIDE(plan_slots, plan_steps, at, x, disp, scale)                                                          \
    ((at) = step_plainly((plan_slots)[at].key, (plan_slots)[at].cell, (plan_steps)[at], x, disp, scale, at))

#else

#define STEP_NARROW(plan_slots, at, x, disp, scale)                                                                    \
    ((at) = step_plainly((plan_slots)[at].key, (plan_slots)[at].cell, (plan_slots)[at].step, x, disp, scale, at))

#define STEP_WIDE(plan_slots, plan_steps, at, x, disp, scale)                                                          \
    ((at) = step_plainly((plan_slots)[at].key, (plan_slots)[at].cell, (plan_steps)[at], x, disp, scale, at))

#endif

#ifndef STEP_IN_ASSEMBLER
#define STEP_NARROW_BMI2(plan_slots, at, x) STEP_NARROW(plan_slots, at, x, 0, 1)
#define STEP_NARROW_PLACE(plan_slots, at, x, place) STEP_NARROW(plan_slots, at, (x) + (place), 0, 1)
#define STEP_ASIDE(x, bytes) ((x) += (bytes))
#define CHAIN_STEP(slots, at, x, lane)                                                                                 \
    ((at) = (uint16_t)step_plainly((slots)[at].key, (slots)[at].cell, (slots)[at].step, x, 4 * (size_t)(lane), 1, at))
#define TEN_CHAIN_STEP(chain_slots, x)                                                                                 \
    do {                                                                                                               \
        CHAIN_STEP(chain_slots, a0, x, 0);                                                                             \
        CHAIN_STEP(chain_slots, a1, x, 1);                                                                             \
        CHAIN_STEP(chain_slots, a2, x, 2);                                                                             \
        CHAIN_STEP(chain_slots, a3, x, 3);                                                                             \
        CHAIN_STEP(chain_slots, a4, x, 4);                                                                             \
        CHAIN_STEP(chain_slots, a5, x, 5);                                                                             \
        CHAIN_STEP(chain_slots, a6, x, 6);                                                                             \
        CHAIN_STEP(chain_slots, a7, x, 7);                                                                             \
        CHAIN_STEP(chain_slots, a8, x, 8);                                                                             \
        CHAIN_STEP(chain_slots, a9, x, 9);                                                                             \
    } while (0)
#endif

/* Eight walkers in registers, a0 to a7: as many as there are registers for on x86-64. */
#define EIGHT_LOAD(at)                                                                                                 \
    uint64_t a0 = (at)[0], a1 = (at)[1], a2 = (at)[2], a3 = (at)[3], a4 = (at)[4], a5 = (at)[5], a6 = (at)[6],         \
             a7 = (at)[7]

#define EIGHT_STORE(at)                                                                                                \
    do {                                                                                                               \
        (at)[0] = (uint32_t)a0;                                                                                        \
        (at)[1] = (uint32_t)a1;                                                                                        \
        (at)[2] = (uint32_t)a2;                                                                                        \
        (at)[3] = (uint32_t)a3;                                                                                        \
        (at)[4] = (uint32_t)a4;                                                                                        \
        (at)[5] = (uint32_t)a5;                                                                                        \
        (at)[6] = (uint32_t)a6;                                                                                        \
        (at)[7] = (uint32_t)a7;                                                                                        \
    } while (0)

/* One step of each. */
#define EIGHT_STEP(STEP)                                                                                               \
    do {                                                                                                               \
        STEP(a0);                                                                                                      \
        STEP(a1);                                                                                                      \
        STEP(a2);                                                                                                      \
        STEP(a3);                                                                                                      \
        STEP(a4);                                                                                                      \
        STEP(a5);                                                                                                      \
        STEP(a6);                                                                                                      \
        STEP(a7);                                                                                                      \
    } while (0)

/* `some` levels, a constant up to 4: a loop of few turns costs a wrong guess each time that it ends. */
#define FEW_LEVELS(LEVEL, STEP, some)                                                                                  \
    do {                                                                                                               \
        if ((some) > 0)                                                                                                \
            LEVEL(STEP);                                                                                               \
        if ((some) > 1)                                                                                                \
            LEVEL(STEP);                                                                                               \
        if ((some) > 2)                                                                                                \
            LEVEL(STEP);                                                                                               \
        if ((some) > 3)                                                                                                \
            LEVEL(STEP);                                                                                               \
    } while (0)

static inline uint32_t step_key(const void *x, size_t byte)
{
    uint32_t key;
    memcpy(&key, (const char *)x + byte, sizeof key);
    return key;
}

static inline uint64_t step_plainly(uint32_t threshold, size_t cell, uint32_t step, const void *x, size_t disp,
                                    size_t scale, uint64_t at)
{
    return at + step + (uint64_t)(threshold < step_key(x, disp + scale * cell));
}

/* The slot as one number: key, cell and step from the lowest bit on. */
static inline uint64_t step_at_once(const struct slot *slots, const void *x, size_t disp, size_t scale, uint64_t at)
{
    uint64_t slot;
    memcpy(&slot, slots + at, sizeof slot);
    uint32_t key = step_key(x, disp + scale * (slot >> 32 & 0xFFFF));
    return at + (slot >> 48) + (uint64_t)((uint32_t)slot < key);
}

/* A step where the key may be that of a missing value, which goes where the slot says. */
static inline uint64_t step_missing(const struct plan *plan, bool wide, const void *x, size_t disp, size_t scale,
                                    uint64_t at)
{
    uint32_t threshold = wide ? plan->wide[at].key : plan->slots[at].key;
    size_t cell = wide ? plan->wide[at].cell : plan->slots[at].cell;
    uint32_t step = wide ? plan->steps[at] : plan->slots[at].step;
    uint32_t key = step_key(x, disp + scale * cell);
    uint64_t right = plan->missing[at / 64] >> (at % 64);
    return at + step + ((uint64_t)(threshold < key) | ((uint64_t)(key == KEY_MISSING) & right));
}

#endif
