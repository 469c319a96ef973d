#include "model/key.h"

#include "unit/forests.h"
#include "unit/suite.h"
#include <float.h>

/* The largest float32 that does not exceed the threshold, found from the one nearest to it. */
static float largest_below(double threshold, float nearest)
{
    return (double)nearest > threshold ? nextafterf(nearest, -INFINITY) : nearest;
}

static void try_threshold(double threshold, float nearest)
{
    float largest = largest_below(threshold, nearest);
    uint32_t key = key_of_threshold(threshold);
    ck_assert_uint_eq(key, key_of_cell(largest));
    const float cells[] = {largest, nextafterf(largest, INFINITY), nextafterf(largest, -INFINITY), nearest, -largest};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        ck_assert(((double)cells[i] <= threshold) == (key_of_cell(cells[i]) <= key));
}

/* The number itself, and float64 numbers close to it on both sides. */
static void try_around(float number)
{
    try_threshold((double)number, number);
    try_threshold(nextafter((double)number, -INFINITY), number);
    try_threshold(nextafter((double)number, INFINITY), number);
}

START_TEST(keys_compare_as_numbers)
{
    const float numbers[] = {0.0F,  -0.0F,     FLT_TRUE_MIN,           -FLT_TRUE_MIN,          FLT_MIN, -FLT_MIN, 1.0F,
                             -1.0F, 0.1F,      nextafterf(1.0F, 0),    nextafterf(-1.0F, 0),   2.0F,    -2.0F,    0.5F,
                             -0.5F, 8388608.F, nextafterf(FLT_MAX, 0), -nextafterf(FLT_MAX, 0)};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        try_around(numbers[i]);
    uint64_t state = 1;
    for (int i = 0; i < 200000; i++) {
        float number = key_to_number((uint32_t)(random_next(&state) >> 32));
        if (isfinite(number) && fabsf(number) < FLT_MAX)
            try_around(number);
    }
}
END_TEST

/* What a cast to float32 rounds to 0, or does not reach. */
START_TEST(keys_of_far_thresholds)
{
    try_threshold(DBL_TRUE_MIN, 0);
    try_threshold(-DBL_TRUE_MIN, 0);
    try_threshold(-DBL_TRUE_MIN, -0.0F);
    try_threshold((double)FLT_MAX, FLT_MAX);
    try_threshold(-(double)FLT_MAX, -FLT_MAX);
    try_threshold(nextafter((double)FLT_MAX, INFINITY), FLT_MAX);
    try_threshold(nextafter(-(double)FLT_MAX, -INFINITY), -FLT_MAX);
    try_threshold(DBL_MAX, FLT_MAX);
    ck_assert_uint_eq(key_of_threshold(-DBL_MAX), key_of_cell(-INFINITY));
    ck_assert_uint_eq(key_of_threshold(INFINITY), key_of_cell(INFINITY));
    ck_assert_uint_eq(key_of_threshold(-INFINITY), key_of_cell(-INFINITY));
}
END_TEST

SUITE(key, keys_compare_as_numbers, keys_of_far_thresholds)
