#include "base/number.h"
#include "base/number_run.h"
#include "base/number_scan.h"
#include "unit/suite.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static double of_bits(uint64_t bits)
{
    double value = 0;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool same(double left, double right)
{
    return memcmp(&left, &right, sizeof left) == 0;
}

/* What Python's repr() writes; NaN and the infinities as json.dumps does. */
static const struct {
    double value;
    const char *text;
} written[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {1.0, "1.0"},
    {-1.5, "-1.5"},
    {0.1, "0.1"},
    {0.30000000000000004, "0.30000000000000004"},
    {1 / 3.0, "0.3333333333333333"},
    {2 / 3.0, "0.6666666666666666"},
    {0.001, "0.001"},
    {0.0001, "0.0001"},
    {0.00012345, "0.00012345"},
    {0.00001, "1e-05"},
    {0.000012345, "1.2345e-05"},
    {123456789.125, "123456789.125"},
    {100.0, "100.0"},
    {1e15, "1000000000000000.0"},
    {1234567890123456.0, "1234567890123456.0"},
    {9007199254740993.0, "9007199254740992.0"},
    {9999999999999998.0, "9999999999999998.0"},
    {1e16, "1e+16"},
    {1.2345e16, "1.2345e+16"},
    {1e22, "1e+22"},
    {1e23, "1e+23"},
    {1e100, "1e+100"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {5e-324, "5e-324"},
    {-5e-324, "-5e-324"},
    {4.35, "4.35"},
    {999999999999999.9, "999999999999999.9"},
    {-123.456e-7, "-1.23456e-05"},
    {HUGE_VAL, "Infinity"},
    {-HUGE_VAL, "-Infinity"},
    {(double)NAN, "NaN"},
};

START_TEST(writes_as_repr_does)
{
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        char text[NUMBER_TEXT_SIZE + 1];
        text[number_write(written[i].value, text)] = '\0';
        ck_assert_str_eq(text, written[i].text);
    }
}
END_TEST

START_TEST(writes_whole_numbers)
{
    char text[NUMBER_TEXT_SIZE + 1];
    text[number_write_integer(INT64_MIN, text)] = '\0';
    ck_assert_str_eq(text, "-9223372036854775808");
    text[number_write_integer(0, text)] = '\0';
    ck_assert_str_eq(text, "0");
    text[number_write_natural(UINT64_MAX, text)] = '\0';
    ck_assert_str_eq(text, "18446744073709551615");
}
END_TEST

/* The shortest text of a whole number of thousandths is that of the fraction itself. */
START_TEST(writes_thousandths)
{
    for (int i = 0; i <= 1000; i++) {
        char wanted[NUMBER_TEXT_SIZE];
        char text[NUMBER_TEXT_SIZE];
        int size = snprintf(wanted, sizeof wanted, "%.3f", i / 1000.0);
        while (wanted[size - 1] == '0' && wanted[size - 2] != '.')
            size--;
        ck_assert_uint_eq(number_write(i / 1000.0, text), (size_t)size);
        ck_assert_mem_eq(text, wanted, (size_t)size);
        ck_assert_uint_ge(number_write(nextafter(i / 1000.0, 2), text), 6);
    }
}
END_TEST

/* FORESTD_NUMBERS asks for another count, such as 100000000. Such long runs want CK_FORK=no, which knows no time limit. */
static long long text_count(void)
{
    const char *wanted = getenv("FORESTD_NUMBERS");
    return wanted ? strtoll(wanted, NULL, 10) : 300000;
}

START_TEST(reads_back_what_it_writes)
{
    uint64_t state = 88172645463325252;
    for (int i = 0; i < 500000; i++) {
        uint64_t bits = next(&state);
        if (i % 4 == 0)
            bits &= ~(UINT64_C(0x7FF) << 52); /* a denormal */
        double value = of_bits(bits);
        if (isnan(value) || isinf(value))
            continue;
        char text[NUMBER_TEXT_SIZE + 1];
        size_t size = number_write(value, text);
        ck_assert_uint_le(size, NUMBER_TEXT_SIZE);
        text[size] = '\0';
        double back = 0;
        ck_assert_msg(number_read(text, size, &back) && same(back, value), "%s", text);
        ck_assert_msg(same(strtod(text, NULL), value), "%s", text);
    }
}
END_TEST

/* The digits of a text from the first that is not 0 to the last. */
static size_t significant(const char *text, char *digits)
{
    size_t count = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text >= (count ? '0' : '1') && *text <= '9')
            digits[count++] = *text;
    }
    while (count && digits[count - 1] == '0')
        count--;
    return count;
}

/* No fewer digits read back as the number, and none as many are nearer to it. Of powers of two, whose neighbour below is
 * nearer, the nearest digits may not read back where others do. */
static void check_shortest(double value)
{
    int exponent = 0;
    if (frexp(value, &exponent) == 0.5)
        return;
    char text[NUMBER_TEXT_SIZE + 1];
    char wanted[64];
    text[number_write(value, text)] = '\0';
    int places = 14;
    do
        (void)snprintf(wanted, sizeof wanted, "%.*e", places, value);
    while (places++ < 16 && !same(strtod(wanted, NULL), value));
    char digits[sizeof wanted];
    char wanted_digits[sizeof wanted];
    size_t count = significant(text, digits);
    if (count != significant(wanted, wanted_digits) || memcmp(digits, wanted_digits, count) != 0 ||
        !same(strtod(text, NULL), value))
        ck_abort_msg("%s is written as %s", wanted, text);
}

/* Numbers as answers have them: less than 1 or not, of all the digits or few, beside few digits and halves of halves. */
START_TEST(writes_the_shortest_text)
{
    uint64_t state = 362436069;
    for (long long i = 0, count = text_count(); i < count; i++) {
        double value = (double)(next(&state) >> 11) * 0x1p-53;
        switch (i % 5) {
        case 0:
            break;
        case 1:
            value = ldexp(value, (int)(next(&state) % 50) - 16);
            break;
        case 2:
            value = (double)(next(&state) % 1000) / (double)(next(&state) % 1000 + 1);
            break;
        case 3:
            value = floor(value * 1e9) / pow(10, (double)(next(&state) % 14));
            value = nextafter(value, next(&state) % 2 ? HUGE_VAL : 0);
            break;
        default:
            value = ldexp((double)(next(&state) >> (11 + next(&state) % 52)), -(int)(next(&state) % 66));
            break;
        }
        check_shortest(value);
    }
}
END_TEST

#define MORE_NUMBERS ",98765432109876543210,98765432109876543210,98765432109876543210,9"

/* The text is read as strtod reads it, and the quick way agrees where it does not pass. */
static void check_reading(const char *text)
{
    double value = 0;
    double wanted = strtod(text, NULL);
    if (!number_read(text, strlen(text), &value) || !same(value, wanted))
        ck_abort_msg("%s is read as %a, not as %a", text, value, wanted);
    /* At the end of a piece of a body, and in its middle, where digits of further numbers are looked at. */
    static const char *const behind[] = {",", MORE_NUMBERS};
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        char line[2048];
        size_t size = strlen(text);
        size_t more = strlen(behind[i]);
        memcpy(line, text, size);
        memcpy(line + size, behind[i], more);
        float quick = 0;
        const char *after = number_scan(line, line + size + more, &quick);
        float rounded = (float)wanted;
        if (after && (after != line + size || memcmp(&quick, &rounded, sizeof quick) != 0))
            ck_abort_msg("%s is scanned as %a, not as %a", text, (double)quick, (double)rounded);
    }
}

START_TEST(reads_as_strtod_does)
{
    static const char *const texts[] = {
        "0", "-0", "+1", ".5", "5.", "-.5e1", "1e5", "1E-5", "1e+5", "007", "00.1", "1e0", "0e999999999999",
        "0.0e-999999",
        /* out of range, and just not */
        "1e308", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "1e309", "-1e400",
        "1e99999999999999999999", "1e-307", "1e-323", "5e-324", "4.9e-324", "2.5e-324", "2.4703282292062327e-324",
        "2.4703282292062328e-324", "-1e-400", "1e-99999999999999999999", "0.0000000000000000000000001e30",
        "2.2250738585072011e-308", "2.2250738585072012e-308", "2.2250738585072014e-308",
        /* halfway between two doubles, and a little beside */
        "9007199254740993", "9007199254740993.0000000000000000000000000001", "9007199254740992.9999999999999999999",
        "9007199254740995", "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
        "0.500000000000000166533453693773481063544750213623046875",
        /* halfway between two float32, and a little beside */
        "16777217", "16777219", "16777217.0000001", "16777216.9999999", "1.00000005960464477539062",
        "1.000000059604644775390625", "1.00000005960464477539063", "33554434.000000001", "8589973504.9999999999",
        "3.4028235677973366e38", "3.4028235677973365e38", "7.006492321624085e-46", "7.0064923216240853e-46",
        "16777216.99999999999999999", "1.0000000596046447753906249", "1.0000000596046447753906251",
        "0.00000000000000001", "0.00000000000000001234", "0.0000000000000001234", "1.00000000000000000e5",
        "0.9999999999999999999999999", "0.12345678901234567890123456789e-20", "1.1754943508222875e-38",
        "12345678901234567890", "0.00012345678901234567", "1e-44", "1e22", "1e23", "1e-45", "1e-20", "1e-21",
        /* more decimals than are read at once, of numbers too small for that */
        "0.00000000000000000", "0.00000000000000009", "0.0000000000000001", "0.00001525878906250001",
        "0.00001525878906249999", "-0.00001525878906249999e5", "0.00001525878906249999e-20",
        /* as many bytes as are looked at for the end, and one more or less */
        "-0.00012345678901234567", "-0.000123456789012345678", "-0.0123456789012345678901234567",
        "-0.01234567890123456789012345678", "0.012345678901234567890123456789", "-0.012345678901234567890123456789",
        "-123456789012345678", "-1234567890123456789", "123456789012345678.5", "123456789012345678.12345678",
        "-123456789012345678.12345678901"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_reading(texts[i]);
}
END_TEST

/*
 * A number in the middle between two doubles, written out to its last digit, or a little more than that.
 */
static void write_middle(uint64_t *state, char *text, size_t size)
{
    double value = ldexp((double)(next(state) >> 11 | UINT64_C(1) << 52), -(int)(next(state) % 60));
    long double middle = (long double)value + (long double)(nextafter(value, HUGE_VAL) - value) / 2;
    int used = snprintf(text, size, "%.61Lf", middle);
    if (next(state) % 2)
        (void)snprintf(text + used, size - (size_t)used, "%" PRIu64, next(state) % 1000);
}

START_TEST(reads_random_texts_as_strtod_does)
{
    uint64_t state = 1234567;
    for (long long i = 0, count = text_count(); i < count; i++) {
        char text[160];
        double value = of_bits(next(&state));
        float narrow = (float)((double)(int64_t)next(&state) * 0x1p-40);
        double step = fabs((double)nextafterf(narrow, INFINITY) - (double)narrow);
        switch (i % 8) {
        case 0:
            (void)snprintf(text, sizeof text, "%.17g", value);
            break;
        case 1:
            (void)snprintf(text, sizeof text, "%.16e", value);
            break;
        case 2: /* as measurements are */
            (void)snprintf(text, sizeof text, "%.*f", (int)(next(&state) % 30),
                           (double)(int64_t)next(&state) * 0x1p-60);
            break;
        case 3: /* halfway between two float32 */
            (void)snprintf(text, sizeof text, "%.17g", (double)narrow + step / 2);
            break;
        case 4: /* beside it by an ulp of a double */
            (void)snprintf(text, sizeof text, "%.17g",
                           nextafter((double)narrow + step / 2, next(&state) % 2 ? HUGE_VAL : -HUGE_VAL));
            break;
        case 5:
            write_middle(&state, text, sizeof text);
            break;
        case 6: /* as prices are */
            (void)snprintf(text, sizeof text, "%d.%02d", (int)(next(&state) % 100000), (int)(next(&state) % 100));
            break;
        default:
            (void)snprintf(text, sizeof text, "%" PRIu64 "e%d", next(&state) >> next(&state) % 60,
                           (int)(next(&state) % 100) - 60);
            break;
        }
        if (!strchr(text, 'n'))
            check_reading(text);
    }
}
END_TEST

/* What other programs write is hardly ever left for the longer way. */
START_TEST(scans_nearly_all_numbers)
{
    static const int count = 10000;
    uint64_t state = 7654321;
    int left = 0;
    for (int i = 0; i < count; i++) {
        char text[128];
        double value = (double)(int64_t)next(&state) * 0x1p-62;
        if (i % 2)
            value = ldexp(value, (int)(next(&state) % 40) - 20);
        char *end = text + number_write(value, text);
        memcpy(end, MORE_NUMBERS, sizeof MORE_NUMBERS);
        float scanned = 0;
        const char *after = number_scan(text, end + sizeof MORE_NUMBERS, &scanned);
        ck_assert_msg(!after || (after == end && scanned == (float)value), "%s", text);
        left += !after;
    }
    ck_assert_int_lt(left, count / 1000);
}
END_TEST

enum { RUN_MOST = 80, RUN_TEXT = RUN_MOST * 80 };

/* Writes a text that may be no number, at most 70 bytes, and returns how many. */
static size_t write_cell(uint64_t *state, char *text)
{
    static const char *const others[] = {
        "NaN", "null", "", "-", "5.", ".5", "01", "1e5", "1.5e-3", "1.2.3", "1 2", "-0", "0", "7", "00.5", "+1", "1.x",
        "x1.5", "[1", "2]", "\"3\"", "-0.0", "1.\n5", "--1", "0x10", "1,", " 1", "  2.5", "3.5 ",
        /* more digits than are read, or than are looked at */
        "9999999999999999999.5", "0.00000000000000000001", "0.00001525878906249999", "0.00000000000000000000000000000",
        "0.1234567890123456789012345", "0.12345678901234567x", "0.1234567890123456e1",
        "123456789012345.123456789012345678901234"};
    float narrow = (float)((double)(int64_t)next(state) * 0x1p-61);
    double step = (double)nextafterf(narrow, INFINITY) - (double)narrow;
    switch (next(state) % 8 * (next(state) % 4 > 0)) {
    case 1:
        return (size_t)sprintf(text, "%d.%02d", (int)(next(state) % 100000), (int)(next(state) % 100));
    case 2:
        return (size_t)sprintf(text, "%.17g", (double)narrow + step / 2 * (next(state) % 16 == 0));
    case 3:
        return (size_t)sprintf(text, "%" PRId64, (int64_t)next(state) >> next(state) % 64);
    case 4:
        return (size_t)sprintf(text, "%.*f", (int)(next(state) % 30), ldexp(1, -(int)(next(state) % 30)));
    case 5:
        if (next(state) % 16 == 0)
            return (size_t)sprintf(text, "%s", others[next(state) % (sizeof others / sizeof *others)]);
        return (size_t)sprintf(text, "0.0");
    default:
        return number_write((double)narrow, text);
    }
}

/* A run takes what scanning one after the other takes, some or all of it, and its numbers are the same. */
static void check_run(const char *text, const char *end, size_t most)
{
    float values[RUN_MOST];
    size_t count = 0;
    const char *at = number_run(text, end, RUN_PLAIN, values, most, &count);
    ck_assert_uint_le(count, most);
    for (size_t i = 0; i < count; i++) {
        double value = 0;
        const char *comma = memchr(text, ',', (size_t)(end - text));
        const char *first = text + (*text == '-');
        bool zeros = first[0] == '0' && number_digit(first[1]);
        if (!comma || zeros || !number_read(text, (size_t)(comma - text), &value))
            ck_abort_msg("number %zu of a run is none: %.40s", i, text);
        float rounded = (float)value;
        if (memcmp(&values[i], &rounded, sizeof rounded) != 0)
            ck_abort_msg("%.40s is run over as %a, not as %a", text, (double)values[i], (double)rounded);
        text = comma + 1 + (comma[1] == ' ');
    }
    ck_assert_ptr_eq(at, text);
}

START_TEST(runs_over_numbers_as_they_are_read)
{
    uint64_t state = 97531;
    size_t taken = 0;
    for (long long i = 0, count = text_count() / 40; i < count; i++) {
        char *text = malloc(RUN_TEXT);
        char *end = text;
        ck_assert_ptr_nonnull(text);
        const char *between = next(&state) % 4 ? ", " : ",";
        for (size_t cells = next(&state) % RUN_MOST; cells; cells--) {
            end += write_cell(&state, end);
            end += sprintf(end, "%s", between);
        }
        /* Just as long as it is, so that a read behind its end is seen. */
        size_t size = (size_t)(end - text);
        char *exact = malloc(size ? size : 1);
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, text, size);
        check_run(exact, exact + size, 1 + next(&state) % RUN_MOST);
        free(exact);
        free(text);
    }
    /* What it is for is taken as a whole. */
    char plain[RUN_TEXT + 1];
    memset(plain, ' ', sizeof plain);
    for (size_t i = 0, at = 0; i < RUN_MOST; i++)
        at += (size_t)sprintf(plain + at, "%s%d.%016d, ", i % 3 ? "-" : "", (int)i % 10, (int)i * 123457);
    float values[RUN_MOST];
    number_run(plain, plain + RUN_TEXT, RUN_PLAIN, values, RUN_MOST, &taken);
#if defined(__SSE2__)
    ck_assert_uint_eq(taken, RUN_MOST);
#endif
}
END_TEST

START_TEST(refuses_what_is_no_number)
{
    static const char *const texts[] = {"",         "-",   "+",   ".",    "-.",  "e5",  "1e",  "1e+", "1.2.3",
                                        " 1",       "1 ",  "1x",  "0x1",  "--1", "+-1", "nan", "inf", "-inf",
                                        "infinity", "1_0", "1,0", "1e5.", "1f",  ".e1", "NaN", "1e 5"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double value = 0;
        ck_assert_msg(!number_read(texts[i], strlen(texts[i]), &value), "'%s' is taken", texts[i]);
    }
}
END_TEST

START_TEST(scans_only_numbers_of_json)
{
    static const char *const texts[] = {"01,", ".5,",  "5.,",  "+1,",      "-,",
                                        "1e,", "1e+,", "nan,", ",",        "--1,",
                                        "1",   "1.5",  "1e5",  "1e12345,", "123456789012345678901,"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        float value = 0;
        ck_assert_msg(!number_scan(texts[i], texts[i] + strlen(texts[i]), &value), "'%s' is taken", texts[i]);
    }
}
END_TEST

SUITE(number, writes_as_repr_does, writes_whole_numbers, writes_thousandths, reads_back_what_it_writes,
      writes_the_shortest_text, reads_as_strtod_does, reads_random_texts_as_strtod_does, scans_nearly_all_numbers,
      runs_over_numbers_as_they_are_read, refuses_what_is_no_number, scans_only_numbers_of_json)
