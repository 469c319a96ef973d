#include "base/number.h"

#include <array>
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
    bool negative = text < end && *text == '-';
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
    long exponent = text < end ? exponent_at(text + 1, end) : 0;
    double value = place + exponent > 0 ? std::numeric_limits<double>::infinity() : 0.0;
    return negative ? -value : value;
}

/* A whole number near `value`, which is not negative: nearly always the nearest. Who asks compares what it leads to. */
int64_t whole_near(double value)
{
    return static_cast<int64_t>(value + 0.5); // NOLINT(bugprone-incorrect-roundings)
}

/*
 * Most numbers that are answered have few decimals. A number of at most 15 digits that reads back as `value` is its
 * shortest text, since no two such numbers are one double. `value` is in [0.0001, 1e9). Returns 0 when it has more than
 * six decimals.
 */
size_t write_short(double value, char *text)
{
    const int64_t unit = 1000000;
    int64_t whole = whole_near(value * static_cast<double>(unit));
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

__extension__ typedef unsigned __int128 uint128;

template <std::size_t count> constexpr std::array<uint64_t, count> make_powers(uint64_t base)
{
    std::array<uint64_t, count> powers{1};
    for (std::size_t i = 1; i < count; i++)
        powers[i] = powers[i - 1] * base;
    return powers;
}

enum { DECIMALS_LIMIT = 20, EIGHT_DIGITS = 100000000 };

constexpr std::array<uint64_t, 17> tens = make_powers<17>(10);
constexpr std::array<uint64_t, DECIMALS_LIMIT + 1> fives = make_powers<DECIMALS_LIMIT + 1>(5);

/*
 * Writes eight digits of a number below 10^8: fours in 32 bits each, twos in 16, ones in 8. The divisions by 100 and by 10
 * are products with a little more than their inverse, and right for all that comes.
 */
void write_eight(uint64_t number, char *text)
{
    uint64_t fours = number / 10000 | (number % 10000) << 32;
    uint64_t hundreds = fours * 10486 >> 20 & 0x0000007F0000007F;
    uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
    uint64_t first = twos * 103 >> 10 & 0x000F000F000F000F;
    uint64_t ones = (first | (twos - first * 10) << 8) + 0x3030303030303030;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    ones = __builtin_bswap64(ones);
#endif
    std::memcpy(text, &ones, sizeof ones);
}

/*
 * Writes `digits` / 10^`decimals`, which has the same whole as `value`. There are 1 to DECIMALS_LIMIT decimals, and 17
 * digits at most, none of them before the point where there are more than 16 decimals.
 */
size_t write_decimals(double value, uint64_t digits, unsigned decimals, char *text)
{
    char *point = text + 1;
    *text = '0';
    if (value >= 1) {
        point = std::to_chars(text, text + NUMBER_TEXT_SIZE, digits / tens[decimals]).ptr;
        digits %= tens[decimals];
    }
    /* Sixteen are written, of which the last may be too many, behind what there is before them: zeros and a digit. */
    unsigned before = decimals > 16 ? decimals - 16 : 0;
    digits *= tens[16 + before - decimals];
    char *at = point + 1;
    std::memcpy(at, "0000", DECIMALS_LIMIT - 16);
    point[before] = static_cast<char>('0' + digits / tens[16]);
    *point = '.';
    write_eight(digits / EIGHT_DIGITS % EIGHT_DIGITS, at + before);
    write_eight(digits % EIGHT_DIGITS, at + before + 8);
    return static_cast<size_t>(at - text) + decimals;
}

/*
 * The shortest text of a number in [0.0001, 1e9) that is not whole. Returns 0 for a power of two, whose neighbour below
 * is nearer than the one above.
 *
 * The number is m / 2^q, and reads back from all that is nearer to it than half of 1 / 2^q. There is one k for which 1 / 2^q
 * is 1 to 10 times 1 / 10^k: of the multiples of 1 / 10^k one at least is so near, and of those of 10 / 10^k one at most,
 * which is the shorter text. In units of 1 / 10^k the number is m * 5^k / 2^(q - k), and so everything here is whole and
 * exact. This is Raffaello Giulietti's "The Schubfach way to render doubles", which needs rounded powers of ten only
 * for numbers further from 1.
 */
size_t write_long(double value, char *text)
{
    const uint64_t implied = UINT64_C(1) << 52;
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    uint64_t fraction = bits & (implied - 1);
    if (fraction == 0)
        return 0;
    unsigned q = 1075 - static_cast<unsigned>(bits >> 52);
    unsigned k = (q * 1233 + 4095) >> 12; /* q * log10(2), rounded up */
    unsigned shift = q - k;
    uint64_t one = UINT64_C(1) << shift;
    uint64_t apart = fives[k]; /* of the neighbours, where a unit is `one`; odd, so nothing is just half of it away */
    uint128 product = static_cast<uint128>(implied | fraction) * apart;
    auto digits = static_cast<uint64_t>(product >> shift);
    uint64_t rest = static_cast<uint64_t>(product) & (one - 1);
    uint64_t below = digits % 10 * one + rest; /* to the multiple of ten there, and above */
    uint64_t above = 10 * one - below;
    if (2 * below > apart && 2 * above > apart) {
        if (2 * rest > one || (2 * rest == one && digits % 2 == 1))
            digits++;
        return write_decimals(value, digits, k, text);
    }
    digits = above < below ? digits / 10 + 1 : digits / 10;
    for (k--; digits % 10 == 0; k--)
        digits /= 10;
    return write_decimals(value, digits, k, text);
}

/* A number of thousandths and its text: `0.0`, `0.001` to `0.999`, `1.0`. */
struct thousandth {
    double value;
    char text[7];
    unsigned char size;
};

enum { THOUSAND = 1000 };

constexpr std::array<thousandth, THOUSAND + 1> make_thousandths()
{
    std::array<thousandth, THOUSAND + 1> table{};
    for (unsigned i = 0; i <= THOUSAND; i++) {
        thousandth &entry = table[i];
        const char digits[] = {static_cast<char>('0' + i / THOUSAND), '.', static_cast<char>('0' + i / 100 % 10),
                               static_cast<char>('0' + i / 10 % 10), static_cast<char>('0' + i % 10)};
        entry.value = i / static_cast<double>(THOUSAND);
        entry.size = sizeof digits;
        while (entry.size > 3 && digits[entry.size - 1] == '0')
            entry.size--;
        for (unsigned char at = 0; at < entry.size; at++)
            entry.text[at] = digits[at];
    }
    return table;
}

constexpr std::array<thousandth, THOUSAND + 1> thousandths = make_thousandths();

/*
 * The probabilities of most forests are the votes of ten, a hundred, two hundred trees: whole thousandths. `value` is
 * in [0, 1]. Returns 0 when it is another number.
 */
size_t write_thousandth(double value, char *text)
{
    const thousandth &entry = thousandths[static_cast<size_t>(whole_near(value * static_cast<double>(THOUSAND)))];
    if (entry.value != value)
        return 0;
    std::memcpy(text, entry.text, sizeof entry.text);
    return entry.size;
}

size_t write_word(const char *word, char *text)
{
    size_t size = std::strlen(word);
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
    if (value < 1e9) {
        size_t size = value <= 1 ? write_thousandth(value, at) : 0;
        if (size == 0 && value >= 1e-4)
            size = write_short(value, at);
        if (size == 0 && value >= 1e-4)
            size = write_long(value, at);
        if (size != 0)
            return static_cast<size_t>(at - text) + size;
    }
    if (value >= 1e-4 && value < 1e16) {
        char *end = std::to_chars(at, at + NUMBER_TEXT_SIZE - 4, value, std::chars_format::fixed).ptr;
        if (value == std::trunc(value)) {
            *end++ = '.';
            *end++ = '0';
        }
        return static_cast<size_t>(end - text);
    }
    char *end = std::to_chars(at, at + NUMBER_TEXT_SIZE - 1, value, std::chars_format::scientific).ptr;
    return static_cast<size_t>(end - text);
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
    bool negative = size > 0 && *text == '-';
    if (size > 0 && (*text == '-' || *text == '+'))
        text++;
    /* from_chars would take `inf`, `nan` and a further minus sign here. */
    if (text == end || !(is_digit(*text) || *text == '.'))
        return false;
    double magnitude = 0;
    std::from_chars_result result = std::from_chars(text, end, magnitude, std::chars_format::general);
    if (result.ec == std::errc::invalid_argument || result.ptr != end)
        return false;
    if (result.ec == std::errc::result_out_of_range)
        *value = out_of_range(text, end, negative);
    else
        *value = negative ? -magnitude : magnitude;
    return true;
}
