#include "base/number_run.h"

#include "base/number_scan.h"

#if defined(__SSE2__)

enum {
    FEW = 4,           /* numbers that are not worth it */
    BLOCK = 32,        /* numbers that are checked and rounded together */
    WINDOW = 64,       /* bytes that are searched for commas at once */
    USUAL = 4,         /* commas in a window, or fewer */
    WHOLE_DIGITS = 15, /* before the point, which a double holds */
    DECIMALS = 24,     /* behind it, or fewer: all are seen to be digits, and DIGITS_READ are read */
    REACH = WINDOW + DECIMALS
};

/* What is kept of the bytes behind a point: from DECIMALS - n on, n bytes and then nothing. */
static const _Alignas(64) uint8_t decimals_kept[2 * DECIMALS] = {
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
};

#define LEAST (UINT64_C(0x3EF) << 52) /* 2^-16, as a double */

static const double wholes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

/* What is not settled about numbers that were read. */
struct doubt {
    __m128i others;  /* not 0: a byte was no digit */
    uint64_t beyond; /* its highest bit: digits that were not read may count */
};

static uint64_t commas_of_window(const char *text)
{
    const __m128i comma = _mm_set1_epi8(',');
    uint64_t commas = 0;
    for (unsigned i = 0; i < WINDOW; i += 16)
        commas |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(digits_load(text + i), comma)) << i;
    return commas;
}

/*
 * The places of `wanted` commas or some more, or of all as far as REACH bytes are left. How many a window has is as good as
 * random: there is no branch on it.
 */
static size_t find_commas(const char *text, const char *end, size_t wanted, uint32_t places[BLOCK + WINDOW])
{
    size_t count = 0;
    for (uint32_t first = 0; count < wanted && end - text >= REACH; first += WINDOW, text += WINDOW) {
        uint64_t commas = commas_of_window(text);
        for (unsigned i = 0; i < USUAL; i++) {
            places[count] = first + (uint32_t)__builtin_ctzll(commas | UINT64_C(1) << 63);
            count += commas != 0;
            commas &= commas - 1;
        }
        for (; commas; commas &= commas - 1)
            places[count++] = first + (uint32_t)__builtin_ctzll(commas);
    }
    return count;
}

/* digits_fraction of what is not known to be digits. */
static inline double read_decimals(const char *text, size_t count, __m128i *others)
{
    const __m128i zero = _mm_set1_epi8('0');
    const __m128i nine = _mm_set1_epi8(9);
    const uint8_t *kept = decimals_kept + DECIMALS - count;
    __m128i rest = _mm_sub_epi8(_mm_loadl_epi64((const __m128i *)(text + DIGITS_READ)), zero);
    rest = _mm_and_si128(rest, _mm_loadl_epi64((const __m128i *)(kept + DIGITS_READ)));
    __m128i digits = _mm_and_si128(_mm_sub_epi8(digits_load(text), zero), digits_load(kept));
    *others = _mm_or_si128(*others, _mm_or_si128(_mm_subs_epu8(digits, nine), _mm_subs_epu8(rest, nine)));
    return digits_fraction_of(digits);
}

/* Reads a number that `comma` follows. Returns false when it is not a plain one. */
static inline bool read_number(const char *text, const char *comma, double *value, struct doubt *doubt)
{
    uint64_t negative = *text == '-';
    const char *first = text + negative;
    const char *point = first + 1;
    unsigned digit = (unsigned char)*first - (unsigned)'0';
    if (digit > 9)
        return false;
    double number = wholes[digit];
    if (*point != '.') {
        int64_t whole = (int64_t)digit;
        for (; number_digit(*point) && point - first < WHOLE_DIGITS; point++)
            whole = whole * 10 + (*point - '0');
        number = (double)whole;
        if ((digit == 0 && point - first > 1) || (point != comma && *point != '.'))
            return false;
    }
    uint64_t bits = 0;
    if (point != comma) {
        size_t decimals = (size_t)(comma - point) - 1;
        if (decimals - 1 >= DECIMALS)
            return false;
        number += read_decimals(point + 1, decimals, &doubt->others);
        memcpy(&bits, &number, sizeof bits);
        /* Its highest bit: less than 2^-16. And of DIGITS_READ, which is 2^4: more decimals than that. */
        doubt->beyond |= (bits - LEAST) & (uint64_t)(decimals - 1) << (63 - 4);
    } else {
        memcpy(&bits, &number, sizeof bits);
    }
    bits |= negative << 63;
    memcpy(value, &bits, sizeof bits);
    return true;
}

/* Passes the beginning of the next row, behind a comma. Returns NULL when it is none. */
static inline const char *begin_row(const char *text)
{
    text += *text == ' ';
    return *text == '[' ? text + 1 : NULL;
}

/*
 * Reads `count` numbers or those before one that is not plain, or ends a row otherwise than run_place says. Returns how
 * many; 0 when one is in doubt.
 */
static size_t read_numbers(const char **text, const uint32_t *commas, size_t count, struct run_place place,
                           double *numbers)
{
    struct doubt doubt = {_mm_setzero_si128(), 0};
    const char *first = *text;
    const char *next = first;
    size_t left = place.features - place.column;
    size_t read = 0;
    for (; read < count; read++) {
        const char *comma = first + commas[read];
        const char *behind = comma + 1;
        if (--left == 0) {
            comma--;
            behind = *comma == ']' ? begin_row(behind) : NULL;
            left = place.features;
            if (!behind)
                break;
        }
        if (!read_number(next, comma, &numbers[read], &doubt))
            break;
        next = behind + (*behind == ' ');
    }
    __m128i digits = _mm_cmpeq_epi8(doubt.others, _mm_setzero_si128());
    if (_mm_movemask_epi8(digits) != 0xFFFF || doubt.beyond >> 63)
        return 0;
    *text = next;
    return read;
}

/* Stores the first `count` of four, as a loop: a copy of so few takes longer. */
static void store_some(float *values, __m128 four, size_t count)
{
    float all[4];
    _mm_storeu_ps(all, four);
    for (size_t i = 0; i < count && i < 4; i++)
        values[i] = all[i];
}

/* number_round for `numbers`[0..count), behind which are three more; false when one of them is in doubt. */
static bool round_numbers(const double *numbers, size_t count, float *values)
{
    const __m128i beside = _mm_set1_epi32(1 << 16);
    const __m128i least = _mm_set1_epi32(INT32_MIN + (1 << 20) + 1);
    __m128i near = _mm_setzero_si128();
    for (size_t i = 0; i < count; i += 4) {
        __m128d first = _mm_loadu_pd(numbers + i);
        __m128d second = _mm_loadu_pd(numbers + i + 2);
        __m128 low = _mm_shuffle_ps(_mm_castpd_ps(first), _mm_castpd_ps(second), _MM_SHUFFLE(2, 0, 2, 0));
        /* The 29 bits that float32 has not, and where they are near their middle, moved up to the least numbers. */
        __m128i above = _mm_slli_epi32(_mm_add_epi32(_mm_castps_si128(low), beside), 3);
        near = _mm_or_si128(near, _mm_cmplt_epi32(above, least));
        __m128 rounded = _mm_movelh_ps(_mm_cvtpd_ps(first), _mm_cvtpd_ps(second));
        if (count - i >= 4)
            _mm_storeu_ps(values + i, rounded);
        else
            store_some(values + i, rounded, count - i);
    }
    return _mm_movemask_epi8(near) == 0;
}

/* As number_run, of `most` up to BLOCK. */
static const char *run_block(const char *text, const char *end, struct run_place place, float *values, size_t most,
                             size_t *count)
{
    uint32_t commas[BLOCK + WINDOW];
    double numbers[BLOCK + 3];
    const char *next = text;
    size_t found = find_commas(text, end, most, commas);
    size_t read = read_numbers(&next, commas, found < most ? found : most, place, numbers);
    for (size_t i = 0; i < 3; i++)
        numbers[read + i] = 0;
    if (!round_numbers(numbers, read, values))
        read = 0;
    *count = read;
    return read ? next : text;
}

const char *number_run(const char *text, const char *end, struct run_place place, float *values, size_t most,
                       size_t *count)
{
    size_t read = 0;
    size_t more = most < FEW || end - text < REACH ? 0 : BLOCK;
    while (read < most && more == BLOCK) {
        text = run_block(text, end, place, values + read, most - read < BLOCK ? most - read : BLOCK, &more);
        read += more;
        place.column = (place.column + more) % place.features;
    }
    *count = read;
    return text;
}

#else

const char *number_run(const char *text, const char *end, struct run_place place, float *values, size_t most,
                       size_t *count)
{
    (void)end;
    (void)place;
    (void)values;
    (void)most;
    *count = 0;
    return text;
}

#endif
