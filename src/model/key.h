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

/* The keys of a missing value: below every number's, and above. */
enum { KEY_MISSING = 0 };
#define KEY_MISSING_ABOVE UINT32_MAX

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

/* The same key, but above every number's where the value is missing. */
static inline uint32_t key_above(uint32_t key)
{
    return key == KEY_MISSING ? KEY_MISSING_ABOVE : key;
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
    if ((double)near > threshold)
        near = nextafterf(near, -(float)HUGE_VAL);
    return key_of_cell(near);
}

#endif
