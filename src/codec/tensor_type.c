#include "codec/tensor_type.h"

#include "base/error.h"
#include "base/number.h"
#include "codec/cell.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

static const struct tensor_type types[] = {
    {"BOOL", NPY_BOOLEAN, 1, 1, 0},
    {"INT8", NPY_INTEGER, 1, INT8_MAX, UINT64_C(1) << 7},
    {"INT16", NPY_INTEGER, 2, INT16_MAX, UINT64_C(1) << 15},
    {"INT32", NPY_INTEGER, 4, INT32_MAX, UINT64_C(1) << 31},
    {"INT64", NPY_INTEGER, 8, INT64_MAX, UINT64_C(1) << 63},
    {"UINT8", NPY_NATURAL, 1, UINT8_MAX, 0},
    {"UINT16", NPY_NATURAL, 2, UINT16_MAX, 0},
    {"UINT32", NPY_NATURAL, 4, UINT32_MAX, 0},
    {"UINT64", NPY_NATURAL, 8, UINT64_MAX, 0},
    {"FP16", NPY_REAL, 2, 0, 0},
    {"FP32", NPY_REAL, 4, 0, 0},
    {"FP64", NPY_REAL, 8, 0, 0},
    {"BYTES", NPY_BYTES, 0, 0, 0},
};

enum { TYPES = sizeof types / sizeof *types };

const struct tensor_type *tensor_type_find(const char *name, size_t size)
{
    for (size_t i = 0; i < TYPES; i++)
        if (strlen(types[i].name) == size && memcmp(types[i].name, name, size) == 0)
            return &types[i];
    return NULL;
}

const char *tensor_type_list(void)
{
    return "BOOL, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FP16, FP32, FP64, BYTES";
}

/* ---- numbers ---- */

static bool read_digits(const char *text, const char *end, uint64_t *magnitude)
{
    uint64_t number = 0;
    if (text == end)
        return false;
    for (; text < end; text++) {
        unsigned digit = (unsigned char)(*text - '0');
        if (digit > 9 || __builtin_mul_overflow(number, UINT64_C(10), &number) ||
            __builtin_add_overflow(number, (uint64_t)digit, &number))
            return false;
    }
    *magnitude = number;
    return true;
}

bool tensor_whole(const struct json_token *token, bool *negative, uint64_t *magnitude)
{
    const char *text = token->text;
    size_t sign = *text == '-';
    *negative = sign == 1;
    if (read_digits(text + sign, text + token->size, magnitude))
        return true;
    double value = (double)token->number; /* of true and false, too */
    if (*text != 't' && *text != 'f' && !number_read(text, token->size, &value))
        return false;
    if (value != trunc(value) || fabs(value) >= 0x1p64)
        return false;
    *negative = value < 0;
    *magnitude = (uint64_t)fabs(value);
    return true;
}

/* The nearest half: steps of 2^-24 up to 2^-13, then of 2^-10 of the number's power of two. */
static float round_to_half(double value)
{
    int exponent = 0;
    if (!isfinite(value) || value == 0)
        return (float)value;
    (void)frexp(value, &exponent);
    double step = ldexp(1, (exponent < -13 ? -13 : exponent) - 11);
    double rounded = nearbyint(value / step) * step;
    return fabs(rounded) < 0x1p16 ? (float)rounded : copysignf(INFINITY, (float)value);
}

static float whole_value(bool negative, uint64_t magnitude)
{
    return negative && magnitude ? -(float)magnitude : (float)magnitude;
}

static void count_whole(struct tensor_census *census, bool negative, uint64_t magnitude)
{
    if (negative && magnitude > census->least)
        census->least = magnitude;
    if (!negative && magnitude > census->most)
        census->most = magnitude;
}

bool tensor_number(const struct tensor_type *type, const struct json_token *token, struct tensor_census *census,
                   float *value)
{
    if (token->kind == JSON_STRING) {
        census->texts = true;
        return cell_read(token->text, token->size, value);
    }
    if (token->kind == JSON_NULL) {
        census->nulls = true;
        *value = NAN;
        return true;
    }
    if (token->kind != JSON_NUMBER)
        return false;
    census->numbers = true;
    *value = token->number;
    const double shown = (double)token->number;
    double real = shown;
    bool negative = false;
    uint64_t magnitude = 0;
    if (!type || tensor_type_is_whole(type)) {
        if (tensor_whole(token, &negative, &magnitude)) {
            float whole = whole_value(negative, magnitude);
            count_whole(census, negative, magnitude);
            census->large = census->large || (!type && whole != *value);
            *value = type ? whole : *value;
        } else {
            census->fraction = number_read(token->text, token->size, &real) ? real : shown;
        }
        census->fine = census->fine || (!type && round_to_half(real) != *value);
    } else if (type->size == 2) {
        *value = round_to_half(number_read(token->text, token->size, &real) ? real : shown);
    }
    return true;
}

/* ---- what a datatype holds ---- */

static bool refuse(const struct tensor_type *type, const char *what, const char *held, struct forestd_error *error)
{
    return error_set(error, FORESTD_VALUE, at_nowhere(), "%s has the datatype %s, but its data hold %s", what,
                     type->name, held);
}

static bool check_whole(const struct tensor_type *type, const struct tensor_census *census, const char *what,
                        struct forestd_error *error)
{
    char number[NUMBER_TEXT_SIZE + 2] = "-";
    if (census->nulls)
        return refuse(type, what, "null", error);
    if (census->fraction != 0)
        number[number_write(census->fraction, number)] = '\0';
    else if (census->most > type->most)
        number[number_write_natural(census->most, number)] = '\0';
    else if (census->least > type->least)
        number[1 + number_write_natural(census->least, number + 1)] = '\0';
    else
        return true;
    return refuse(type, what, number, error);
}

bool tensor_census_check(const struct tensor_type *type, const struct tensor_census *census, const char *what,
                         struct forestd_error *error)
{
    if (type->kind == NPY_BYTES)
        return !census->numbers || refuse(type, what, "numbers: texts are expected", error);
    if (census->texts)
        return refuse(type, what, "texts: numbers are expected", error);
    if (tensor_type_is_whole(type) && !check_whole(type, census, what, error))
        return false;
    bool half = type->kind == NPY_REAL && type->size == 2;
    bool late = tensor_type_is_whole(type) ? census->large : half && census->fine;
    return !late || error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                              "%s holds numbers that only its datatype tells how to round: put \"datatype\" before "
                              "\"data\"",
                              what);
}
