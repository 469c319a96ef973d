#include "base/bytes.h"
#include "base/number.h"
#include "read/machine.h"

#include <string.h>

struct value literal_bytes(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return value_integer(0);
    bool negative = bytes[size - 1] >= 0x80;
    uint8_t filler = negative ? 0xFF : 0;
    while (size > 8 && bytes[size - 1] == filler)
        size--;
    if (size > 8)
        return value_of(VALUE_HUGE);
    uint64_t bits = bytes_natural(bytes, size, false);
    if (negative && size < 8)
        bits |= UINT64_MAX << (8 * size);
    if (negative == (bits >> 63 != 0))
        return value_integer((int64_t)bits);
    if (negative)
        return value_of(VALUE_HUGE);
    struct value value = value_of(VALUE_NATURAL);
    value.as.natural = bits;
    return value;
}

static bool is_digit(uint8_t letter)
{
    return letter >= '0' && letter <= '9';
}

/* The decimal integer that fills `text`. */
static bool decimal(struct span text, struct value *value)
{
    bool negative = text.size > 0 && text.bytes[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == text.size)
        return false;
    uint64_t number = 0;
    bool huge = false;
    for (; i < text.size; i++) {
        if (!is_digit(text.bytes[i]))
            return false;
        huge = huge || __builtin_mul_overflow(number, 10, &number) ||
               __builtin_add_overflow(number, (uint64_t)(text.bytes[i] - '0'), &number);
    }
    if (huge || (negative && number > (uint64_t)INT64_MAX + 1)) {
        *value = value_of(VALUE_HUGE);
    } else if (negative || number <= INT64_MAX) {
        *value = value_integer((int64_t)(negative ? 0 - number : number));
    } else {
        *value = value_of(VALUE_NATURAL);
        value->as.natural = number;
    }
    return true;
}

static bool bad_number(struct machine *machine, struct span line)
{
    return machine_fail(machine, FORESTD_FORMAT, "'%s' is not a number", text_quote(line.bytes, line.size).text);
}

bool literal_integer(struct machine *machine)
{
    struct span line;
    struct value value;
    if (!machine_line(machine, &line))
        return false;
    if (line.size == 2 && line.bytes[0] == '0' && (line.bytes[1] == '0' || line.bytes[1] == '1')) {
        value = value_of(VALUE_BOOLEAN);
        value.as.boolean = line.bytes[1] == '1';
    } else if (!decimal(line, &value)) {
        return bad_number(machine, line);
    }
    return machine_push(machine, value);
}

bool literal_long(struct machine *machine)
{
    struct span line;
    struct value value;
    if (!machine_line(machine, &line))
        return false;
    if (line.size && line.bytes[line.size - 1] == 'L')
        line.size--;
    if (!decimal(line, &value))
        return bad_number(machine, line);
    return machine_push(machine, value);
}

bool literal_index(struct machine *machine, uint64_t *index)
{
    struct span line;
    struct value value;
    if (!machine_line(machine, &line))
        return false;
    if (!decimal(line, &value) || value.kind != VALUE_INTEGER || value.as.integer < 0)
        return bad_number(machine, line);
    *index = value.as.natural;
    return true;
}

/* The words that Python writes where there is no number. */
static bool special_real(struct span line, double *real)
{
    static const struct {
        const char *word;
        double real;
    } words[] = {{"nan", __builtin_nan("")}, {"inf", __builtin_inf()}, {"-inf", -__builtin_inf()}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].word) == line.size && memcmp(words[i].word, line.bytes, line.size) == 0) {
            *real = words[i].real;
            return true;
        }
    }
    return false;
}

bool literal_real(struct machine *machine)
{
    struct span line;
    double real = 0;
    if (!machine_line(machine, &line))
        return false;
    if (!special_real(line, &real) && !number_read((const char *)line.bytes, line.size, &real))
        return bad_number(machine, line);
    struct value value = value_of(VALUE_REAL);
    value.as.real = real;
    return machine_push(machine, value);
}

/* The number that `count` hexadecimal digits write. */
static bool hexadecimal(const uint8_t *digits, size_t count, uint32_t *number)
{
    *number = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t digit = digits[i];
        uint32_t worth = is_digit(digit)                ? (uint32_t)(digit - '0')
                         : digit >= 'a' && digit <= 'f' ? (uint32_t)(digit - 'a' + 10)
                         : digit >= 'A' && digit <= 'F' ? (uint32_t)(digit - 'A' + 10)
                                                        : 16;
        if (worth > 15)
            return false;
        *number = *number << 4 | worth;
    }
    return true;
}

/* The byte that an escape of a Python 2 string writes, at `text` after its backslash; 0 bytes used when it is none. */
static size_t string_escape(const uint8_t *text, size_t size, uint8_t *byte)
{
    static const char letters[] = "\\'\"nrtabfv";
    static const char meanings[] = "\\'\"\n\r\t\a\b\f\v";
    if (size == 0)
        return 0;
    uint32_t number = 0;
    if (text[0] == 'x' && size >= 3 && hexadecimal(text + 1, 2, &number)) {
        *byte = (uint8_t)number;
        return 3;
    }
    const char *letter = text[0] ? strchr(letters, text[0]) : NULL;
    if (!letter)
        return 0;
    *byte = (uint8_t)meanings[letter - letters];
    return 1;
}

bool literal_string(struct machine *machine)
{
    struct span line;
    if (!machine_line(machine, &line))
        return false;
    const uint8_t *text = line.bytes;
    size_t size = line.size;
    if (size < 2 || (text[0] != '\'' && text[0] != '"') || text[size - 1] != text[0])
        return machine_fail(machine, FORESTD_FORMAT, "a string without its quotes");
    text++;
    size -= 2;
    if (!memchr(text, '\\', size))
        return machine_push(machine, value_sized(VALUE_TEXT, text, size));
    uint8_t *copy = machine_room(machine, size);
    if (!copy)
        return false;
    size_t used = 0;
    for (size_t i = 0; i < size; i++, used++) {
        copy[used] = text[i];
        if (text[i] != '\\')
            continue;
        size_t taken = string_escape(text + i + 1, size - i - 1, &copy[used]);
        if (taken == 0)
            return machine_fail(machine, FORESTD_FORMAT, "a string with an escape that Python does not write");
        i += taken;
    }
    return machine_push(machine, value_sized(VALUE_TEXT, copy, used));
}

/* raw-unicode-escape: Latin-1 letters, \uXXXX and \UXXXXXXXX. */
bool literal_unicode(struct machine *machine)
{
    struct span line;
    if (!machine_line(machine, &line))
        return false;
    uint8_t *copy = machine_room(machine, 2 * line.size + 4);
    if (!copy)
        return false;
    size_t used = 0;
    for (size_t i = 0; i < line.size;) {
        uint32_t code = line.bytes[i++];
        if (code == '\\' && i < line.size && (line.bytes[i] == 'u' || line.bytes[i] == 'U')) {
            size_t digits = line.bytes[i] == 'u' ? 4 : 8;
            if (line.size - i <= digits || !hexadecimal(line.bytes + i + 1, digits, &code))
                return machine_fail(machine, FORESTD_FORMAT, "a text with an escape that is cut short");
            i += digits + 1;
        }
        char letter[4];
        size_t width = text_encode(code, letter);
        if (width == 0)
            return machine_fail(machine, FORESTD_UNSUPPORTED, "a text with half of a surrogate pair");
        memcpy(copy + used, letter, width);
        used += width;
    }
    return machine_push(machine, value_sized(VALUE_TEXT, copy, used));
}

bool literal_encode(struct machine *machine, const struct value *arguments, struct value *encoded)
{
    if (sequence_count(arguments) != 2 || sequence_at(arguments, 0)->kind != VALUE_TEXT ||
        (!value_is_text(sequence_at(arguments, 1), "latin1") && !value_is_text(sequence_at(arguments, 1), "latin-1")))
        return machine_fail(machine, FORESTD_UNSUPPORTED, "bytes that are not written as a latin1 text");
    const struct value *text = sequence_at(arguments, 0);
    uint8_t *bytes = machine_room(machine, text->size);
    if (!bytes)
        return false;
    size_t used = 0;
    for (size_t i = 0; i < text->size; used++) {
        uint8_t letter = text->as.bytes[i++];
        if (letter >= 0x80) {
            if ((letter != 0xC2 && letter != 0xC3) || i == text->size || (text->as.bytes[i] & 0xC0) != 0x80)
                return machine_fail(machine, FORESTD_FORMAT, "bytes written as a text that is not latin1");
            letter = (uint8_t)((letter & 3) << 6 | (text->as.bytes[i++] & 0x3F));
        }
        bytes[used] = letter;
    }
    *encoded = value_sized(VALUE_BYTES, bytes, used);
    return true;
}
