/*
 * Numbers as keys: unsigned integers in the same order as the float32 numbers that they stand for, so that a walk
 * compares integers.
 *
 * `(double)cell <= threshold` holds exactly where `key_of_cell(cell) <= key_of_threshold(threshold)` does: a float32 is
 * at most a float64 where it is at most the largest float32 that does not exceed it.
 */
#ifndef MODEL_KEY_H
#define MODEL_KEY_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* The key of a missing value, below every number's. */
enum { KEY_MISSING = 0 };

/* -0 and 0 have one key. */
static inline uint32_t key_of_cell(float cell)
{
    uint32_t bits = 0;
    cell += 0.0F;
    memcpy(&bits, &cell, sizeof bits);
    uint32_t negative = 0 - (bits >> 31);
    uint32_t key = bits ^ (negative | 0x80000000U);
    return (bits & 0x7FFFFFFFU) > 0x7F800000U ? KEY_MISSING : key;
}

/* The number that a key stands for; NaN for keys of no number. */
static inline float key_to_number(uint32_t key)
{
    float number;
    uint32_t bits = key & 0x80000000U ? key ^ 0x80000000U : ~key;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* `threshold` is not NaN. */
static inline uint32_t key_of_threshold(double threshold)
{
    /* A cast of what float32 does not reach is not defined. */
    float near = threshold > (double)3.40282347e38F    ? (isinf(threshold) ? (float)HUGE_VAL : 3.40282347e38F)
                 : threshold < -(double)3.40282347e38F ? -(float)HUGE_VAL
                                                       : (float)threshold;
    uint32_t key = key_of_cell(near);
    /* The next smaller number's. Below 0 comes the key of -0, which no cell has. */
    uint32_t step = key == 0x80000000U ? 2 : 1;
    return key - ((double)near > threshold ? step : 0);
}

#endif
