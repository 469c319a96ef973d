#include "base/number.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <system_error>

namespace
{

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The exponent of ten that stands at `text`, kept small enough to add to. */
long exponent_at(const char *text, const char *end)
{
    const long most = 1000000000;
    const bool negative = text < end && *text == '-';
    if (text < end && (*text == '-' || *text == '+'))
        text++;
    long exponent = 0;
    for (; text < end && exponent < most; text++)
        exponent = exponent * 10 + (*text - '0');
    return negative ? -exponent : exponent;
}

/*
 * What a number that no double is near to becomes. The text is known to be one; its size in powers of ten, which is
 * far from 0 here, tells infinity from zero.
 */
double out_of_range(const char *text, const char *end, bool negative)
{
    long place = 0; /* digits before the point, or less the zeros after it */
    bool point = false;
    bool begun = false; /* a digit that is not 0 was met */
    for (; text < end && (is_digit(*text) || *text == '.'); text++) {
        if (*text == '.')
            point = true;
        else if (begun || *text != '0') {
            begun = true;
            place += point ? 0 : 1;
        } else if (point)
            place--;
    }
    const long exponent = text < end ? exponent_at(text + 1, end) : 0;
    const double value = place + exponent > 0 ? std::numeric_limits<double>::infinity() : 0.0;
    return negative ? -value : value;
}

/* Puts `count` digits in place for a number whose first digit counts tens to the `exponent`, without an exponent. */
size_t write_fixed(const char *digits, size_t count, int exponent, char *text)
{
    char *at = text;
    if (exponent < 0) {
        *at++ = '0';
        *at++ = '.';
        for (int i = -1; i > exponent; i--)
            *at++ = '0';
        std::memcpy(at, digits, count);
        return static_cast<size_t>(at - text) + count;
    }
    const size_t whole = static_cast<size_t>(exponent) + 1;
    for (size_t i = 0; i < whole; i++)
        *at++ = i < count ? digits[i] : '0';
    *at++ = '.';
    if (count <= whole)
        *at++ = '0';
    for (size_t i = whole; i < count; i++)
        *at++ = digits[i];
    return static_cast<size_t>(at - text);
}

/*
 * Most numbers that are answered have few decimals. A number of at most 15 digits that reads back as `value` is its
 * shortest text, since no two such numbers are one double. `value` is in [0.0001, 1e9). Returns 0 when it has more than
 * six decimals.
 */
size_t write_short(double value, char *text)
{
    const int64_t unit = 1000000;
    const int64_t whole = std::llround(value * static_cast<double>(unit));
    if (static_cast<double>(whole) / static_cast<double>(unit) != value)
        return 0;
    char *at = std::to_chars(text, text + NUMBER_TEXT_SIZE, whole / unit).ptr;
    int64_t rest = whole % unit;
    *at++ = '.';
    do {
        rest *= 10;
        *at++ = static_cast<char>('0' + rest / unit);
        rest %= unit;
    } while (rest != 0);
    return static_cast<size_t>(at - text);
}

size_t write_word(const char *word, char *text)
{
    const size_t size = std::strlen(word);
    std::memcpy(text, word, size);
    return size;
}

} // namespace

extern "C" size_t number_write(double value, char text[NUMBER_TEXT_SIZE])
{
    if (std::isnan(value))
        return write_word("NaN", text);
    if (std::isinf(value))
        return write_word(value < 0 ? "-Infinity" : "Infinity", text);
    char *at = text;
    if (std::signbit(value)) {
        *at++ = '-';
        value = -value;
    }
    if (value == 0 || (value >= 0.0001 && value < 1e9)) {
        const size_t size = write_short(value, at);
        if (size != 0)
            return static_cast<size_t>(at - text) + size;
    }
    char shortest[NUMBER_TEXT_SIZE];
    char *end = std::to_chars(shortest, shortest + sizeof shortest, value, std::chars_format::scientific).ptr;
    char *mark = end - 4; /* the shortest exponent: e+00 */
    while (*mark != 'e')
        mark--;
    const int exponent = static_cast<int>(exponent_at(mark + 1, end));
    if (exponent < -4 || exponent >= 16) {
        std::memcpy(at, shortest, static_cast<size_t>(end - shortest));
        return static_cast<size_t>(at + (end - shortest) - text);
    }
    char digits[NUMBER_TEXT_SIZE];
    digits[0] = shortest[0];
    size_t count = 1;
    for (const char *digit = shortest + 2; digit < mark; digit++)
        digits[count++] = *digit;
    return static_cast<size_t>(at - text) + write_fixed(digits, count, exponent, at);
}

extern "C" size_t number_write_integer(int64_t value, char text[NUMBER_TEXT_SIZE])
{
    return static_cast<size_t>(std::to_chars(text, text + NUMBER_TEXT_SIZE, value).ptr - text);
}

extern "C" size_t number_write_natural(uint64_t value, char text[NUMBER_TEXT_SIZE])
{
    return static_cast<size_t>(std::to_chars(text, text + NUMBER_TEXT_SIZE, value).ptr - text);
}

extern "C" bool number_read(const char *text, size_t size, double *value)
{
    const char *end = text + size;
    const bool negative = size > 0 && *text == '-';
    if (size > 0 && (*text == '-' || *text == '+'))
        text++;
    /* from_chars would take `inf`, `nan` and a further minus sign here. */
    if (text == end || (!is_digit(*text) && *text != '.'))
        return false;
    double magnitude = 0;
    const std::from_chars_result result = std::from_chars(text, end, magnitude, std::chars_format::general);
    if (result.ec == std::errc::invalid_argument || result.ptr != end)
        return false;
    if (result.ec == std::errc::result_out_of_range)
        *value = out_of_range(text, end, negative);
    else
        *value = negative ? -magnitude : magnitude;
    return true;
}
