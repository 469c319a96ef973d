#include "codec/json.h"

#include "base/number.h"
#include "base/number_scan.h"
#include "base/text.h"
#include "codec/decode.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

static uint64_t position(const struct json_reader *reader)
{
    return reader->before + (uint64_t)(reader->at - reader->piece);
}

static enum json_step broken(struct forestd_error *error, uint64_t byte, const char *what)
{
    error_set(error, FORESTD_SYNTAX, at_byte(byte), "byte %" PRIu64 ": %s", byte, what);
    return JSON_BROKEN;
}

static enum json_step unexpected(const struct json_reader *reader, const char *wanted, struct forestd_error *error)
{
    uint64_t byte = position(reader);
    error_set(error, FORESTD_SYNTAX, at_byte(byte), "byte %" PRIu64 ": %s is expected here, not '%s'", byte, wanted,
              text_quote(reader->at, 1).text);
    return JSON_BROKEN;
}

static bool in_object(const struct json_reader *reader)
{
    return reader->objects >> (reader->depth - 1) & 1;
}

static void value_is_over(struct json_reader *reader)
{
    reader->expect = reader->depth ? JSON_EXPECT_COMMA : JSON_EXPECT_DOCUMENT;
}

/* ---- words: numbers and literals ---- */

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
           c == '.';
}

static const char *skip_digits(const char *text, const char *end)
{
    while (text < end && number_digit(*text))
        text++;
    return text;
}

/* Whether the word is a number by the grammar of JSON, which is narrower than number_read's. */
static bool is_number(const char *text, const char *end)
{
    if (text < end && *text == '-')
        text++;
    const char *digits = text;
    text = skip_digits(text, end);
    if (text == digits || (text - digits > 1 && *digits == '0'))
        return false;
    if (text < end && *text == '.') {
        digits = ++text;
        text = skip_digits(text, end);
        if (text == digits)
            return false;
    }
    if (text < end && (*text == 'e' || *text == 'E')) {
        text++;
        if (text < end && (*text == '+' || *text == '-'))
            text++;
        digits = text;
        text = skip_digits(text, end);
        if (text == digits)
            return false;
    }
    return text == end;
}

static const struct {
    const char *word;
    enum json_kind kind;
    float number;
} literals[] = {
    {"null", JSON_NULL, 0},
    {"true", JSON_NUMBER, 1},
    {"false", JSON_NUMBER, 0},
    {"NaN", JSON_NUMBER, NAN},
    {"Infinity", JSON_NUMBER, INFINITY},
    {"-Infinity", JSON_NUMBER, -INFINITY},
};

static enum json_step take_word(struct json_reader *reader, struct json_token *token, const char *text, size_t size,
                                uint64_t byte, struct forestd_error *error)
{
    token->byte = byte;
    value_is_over(reader);
    if (size > DECODE_WORD_LIMIT) {
        error_set(error, FORESTD_LIMIT, at_byte(byte), "byte %" PRIu64 ": a number of more than %d characters", byte,
                  DECODE_WORD_LIMIT);
        return JSON_BROKEN;
    }
    token->text = text;
    token->size = size;
    double value = 0;
    if (is_number(text, text + size) && number_read(text, size, &value)) {
        token->kind = JSON_NUMBER;
        token->number = (float)value;
        return JSON_TOKEN;
    }
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        if (strlen(literals[i].word) == size && memcmp(literals[i].word, text, size) == 0) {
            token->kind = literals[i].kind;
            token->number = literals[i].number;
            return JSON_TOKEN;
        }
    }
    error_set(error, FORESTD_SYNTAX, at_byte(byte), "byte %" PRIu64 ": '%s' is not a value of JSON", byte,
              text_quote(text, size).text);
    return JSON_BROKEN;
}

static enum json_step read_word(struct json_reader *reader, struct json_token *token, struct forestd_error *error)
{
    const char *text = reader->at;
    const char *after = number_scan(text, reader->end, &token->number);
    if (after && !is_word(*after)) {
        token->kind = JSON_NUMBER;
        token->byte = position(reader);
        token->text = text;
        token->size = (size_t)(after - text);
        reader->at = after;
        value_is_over(reader);
        return JSON_TOKEN;
    }
    while (reader->at < reader->end && is_word(*reader->at))
        reader->at++;
    uint64_t byte = reader->before + (uint64_t)(text - reader->piece);
    size_t size = (size_t)(reader->at - text);
    if (reader->at < reader->end || size > DECODE_WORD_LIMIT)
        return take_word(reader, token, text, size, byte, error);
    reader->cut = JSON_CUT_WORD;
    reader->byte = byte;
    reader->text.size = 0;
    return buffer_append(&reader->text, text, size, error) ? JSON_MORE : JSON_BROKEN;
}

static enum json_step resume_word(struct json_reader *reader, struct json_token *token, struct forestd_error *error)
{
    const char *text = reader->at;
    while (reader->at < reader->end && is_word(*reader->at))
        reader->at++;
    size_t size = (size_t)(reader->at - text);
    size_t room = DECODE_WORD_LIMIT + 1 - reader->text.size; /* a byte over the limit is enough to be refused */
    if (!buffer_append(&reader->text, text, size < room ? size : room, error))
        return JSON_BROKEN;
    if (reader->at == reader->end && reader->text.size <= DECODE_WORD_LIMIT)
        return JSON_MORE;
    reader->cut = JSON_CUT_NONE;
    return take_word(reader, token, (const char *)reader->text.bytes, reader->text.size, reader->byte, error);
}

/* ---- strings ---- */

static enum json_step string_is_over(struct json_reader *reader, struct json_token *token, const char *text,
                                     size_t size)
{
    token->kind = reader->key ? JSON_KEY : JSON_STRING;
    token->text = text;
    token->size = size;
    token->byte = reader->byte;
    if (reader->key)
        reader->expect = JSON_EXPECT_COLON;
    else
        value_is_over(reader);
    return JSON_TOKEN;
}

/* The first byte from `at` on that ends a run of plain characters. */
static const char *plain_end(const char *at, const char *end)
{
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
        at++;
    return at;
}

/* Keeps what strings hold up to the limit; the rest of so long a text means nothing to anybody. */
static bool keep(struct json_reader *reader, const char *text, size_t size, struct forestd_error *error)
{
    size_t room = JSON_STRING_LIMIT - reader->text.size;
    return buffer_append(&reader->text, text, size < room ? size : room, error);
}

static bool keep_code(struct json_reader *reader, uint32_t code, struct forestd_error *error)
{
    char text[4];
    return keep(reader, text, text_encode(code, text), error);
}

/* Half a surrogate pair that stands alone has no place in UTF-8. */
static bool drop_surrogate(struct json_reader *reader, struct forestd_error *error)
{
    if (!reader->first_unit)
        return true;
    reader->first_unit = 0;
    return keep_code(reader, 0xFFFD, error);
}

static bool end_unit(struct json_reader *reader, struct forestd_error *error)
{
    uint32_t unit = reader->unit;
    if (unit >= 0xDC00 && unit < 0xE000 && reader->first_unit) {
        uint32_t code = 0x10000 + ((reader->first_unit - 0xD800) << 10) + (unit - 0xDC00);
        reader->first_unit = 0;
        return keep_code(reader, code, error);
    }
    if (!drop_surrogate(reader, error))
        return false;
    if (unit >= 0xD800 && unit < 0xDC00) {
        reader->first_unit = unit;
        return true;
    }
    return keep_code(reader, unit >= 0xDC00 && unit < 0xE000 ? 0xFFFD : unit, error);
}

static int hexadecimal(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Takes one character of an escape. */
static enum json_step read_escape(struct json_reader *reader, struct forestd_error *error)
{
    char c = *reader->at;
    if (reader->escape == 1) {
        static const char letters[] = "\"\\/bfnrt";
        static const char meanings[] = "\"\\/\b\f\n\r\t";
        if (c == 'u') {
            reader->escape = 5;
            reader->unit = 0;
        } else {
            const char *letter = c ? strchr(letters, c) : NULL;
            if (!letter)
                return unexpected(reader, "a letter that can be escaped", error);
            reader->escape = 0;
            if (!drop_surrogate(reader, error) || !keep(reader, &meanings[letter - letters], 1, error))
                return JSON_BROKEN;
        }
    } else {
        int digit = hexadecimal(c);
        if (digit < 0)
            return unexpected(reader, "a hexadecimal digit", error);
        reader->unit = reader->unit << 4 | (uint32_t)digit;
        reader->escape = reader->escape == 2 ? 0 : reader->escape - 1;
        if (reader->escape == 0 && !end_unit(reader, error))
            return JSON_BROKEN;
    }
    reader->at++;
    return JSON_TOKEN;
}

/* Goes on with a string whose beginning is kept in reader->text. */
static enum json_step resume_string(struct json_reader *reader, struct json_token *token, struct forestd_error *error)
{
    while (reader->at < reader->end) {
        if (reader->escape) {
            if (read_escape(reader, error) == JSON_BROKEN)
                return JSON_BROKEN;
            continue;
        }
        if (*reader->at == '\\') {
            reader->escape = 1;
            reader->at++;
            continue;
        }
        if (!drop_surrogate(reader, error))
            return JSON_BROKEN;
        if (*reader->at == '"') {
            reader->at++;
            reader->cut = JSON_CUT_NONE;
            return string_is_over(reader, token, (const char *)reader->text.bytes, reader->text.size);
        }
        if ((unsigned char)*reader->at < 0x20)
            return broken(error, position(reader), "a control character in a string: write it as an escape");
        const char *text = reader->at;
        reader->at = plain_end(text, reader->end);
        if (!keep(reader, text, (size_t)(reader->at - text), error))
            return JSON_BROKEN;
    }
    return JSON_MORE;
}

static enum json_step read_string(struct json_reader *reader, bool key, struct json_token *token,
                                  struct forestd_error *error)
{
    reader->byte = position(reader);
    reader->key = key;
    const char *text = ++reader->at;
    const char *stop = plain_end(text, reader->end);
    size_t size = (size_t)(stop - text);
    if (stop < reader->end && *stop == '"' && size <= JSON_STRING_LIMIT) {
        reader->at = stop + 1;
        return string_is_over(reader, token, text, size);
    }
    reader->cut = JSON_CUT_STRING;
    reader->text.size = 0;
    reader->escape = 0;
    reader->first_unit = 0;
    /* One byte at least, so that an empty text has a place. */
    return buffer_reserve(&reader->text, size + 1, error) ? resume_string(reader, token, error) : JSON_BROKEN;
}

/* ---- structure ---- */

static enum json_step open_value(struct json_reader *reader, bool object, struct json_token *token,
                                 struct forestd_error *error)
{
    if (reader->depth == JSON_DEPTH_LIMIT) {
        uint64_t byte = position(reader);
        error_set(error, FORESTD_LIMIT, at_byte(byte), "byte %" PRIu64 ": arrays and objects deeper than %d", byte,
                  JSON_DEPTH_LIMIT);
        return JSON_BROKEN;
    }
    uint64_t bit = UINT64_C(1) << reader->depth++;
    reader->objects = object ? reader->objects | bit : reader->objects & ~bit;
    reader->expect = object ? JSON_EXPECT_FIRST_KEY : JSON_EXPECT_FIRST_CELL;
    token->kind = object ? JSON_OBJECT : JSON_ARRAY;
    token->byte = position(reader);
    reader->at++;
    return JSON_TOKEN;
}

static enum json_step close_value(struct json_reader *reader, struct json_token *token)
{
    token->kind = in_object(reader) ? JSON_OBJECT_END : JSON_ARRAY_END;
    token->byte = position(reader);
    reader->depth--;
    reader->at++;
    value_is_over(reader);
    return JSON_TOKEN;
}

static enum json_step read_value(struct json_reader *reader, struct json_token *token, struct forestd_error *error)
{
    char c = *reader->at;
    if (c == '[' || c == '{')
        return open_value(reader, c == '{', token, error);
    if (c == '"')
        return read_string(reader, false, token, error);
    if (is_word(c))
        return read_word(reader, token, error);
    return unexpected(reader, "a value", error);
}

static void skip_spaces(struct json_reader *reader)
{
    while (reader->at < reader->end &&
           (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\r' || *reader->at == '\t'))
        reader->at++;
}

/* The next token that begins in this piece. */
static enum json_step read_token(struct json_reader *reader, struct json_token *token, struct forestd_error *error)
{
    for (;;) {
        skip_spaces(reader);
        if (reader->at == reader->end)
            return JSON_MORE;
        char c = *reader->at;
        switch (reader->expect) {
        case JSON_EXPECT_COLON:
            if (c != ':')
                return unexpected(reader, "a colon", error);
            reader->at++;
            reader->expect = JSON_EXPECT_VALUE;
            continue;
        case JSON_EXPECT_COMMA:
            if (c == (in_object(reader) ? '}' : ']'))
                return close_value(reader, token);
            if (c != ',')
                return unexpected(reader, in_object(reader) ? "a comma or }" : "a comma or ]", error);
            reader->at++;
            reader->expect = in_object(reader) ? JSON_EXPECT_KEY : JSON_EXPECT_VALUE;
            continue;
        case JSON_EXPECT_FIRST_KEY:
        case JSON_EXPECT_KEY:
            if (c == '}' && reader->expect == JSON_EXPECT_FIRST_KEY)
                return close_value(reader, token);
            return c == '"' ? read_string(reader, true, token, error) : unexpected(reader, "a name in quotes", error);
        case JSON_EXPECT_FIRST_CELL:
            if (c == ']')
                return close_value(reader, token);
            return read_value(reader, token, error);
        case JSON_EXPECT_VALUE:
        case JSON_EXPECT_DOCUMENT:
            return read_value(reader, token, error);
        }
    }
}

void json_feed(struct json_reader *reader, const char *bytes, size_t size, uint64_t before)
{
    reader->piece = bytes;
    reader->at = bytes;
    reader->end = bytes + size;
    reader->before = before;
}

enum json_step json_next(struct json_reader *reader, struct json_token *token, struct forestd_error *error)
{
    switch (reader->cut) {
    case JSON_CUT_WORD:
        return resume_word(reader, token, error);
    case JSON_CUT_STRING:
        return resume_string(reader, token, error);
    case JSON_CUT_NONE:
        break;
    }
    return read_token(reader, token, error);
}

enum json_step json_finish(struct json_reader *reader, struct json_token *token, struct forestd_error *error)
{
    if (reader->cut == JSON_CUT_WORD && reader->depth == 0) {
        reader->cut = JSON_CUT_NONE;
        return take_word(reader, token, (const char *)reader->text.bytes, reader->text.size, reader->byte, error);
    }
    if (reader->cut != JSON_CUT_NONE || reader->depth)
        return broken(error, position(reader), "the body ends in the middle of a value");
    return JSON_MORE;
}

void json_close(struct json_reader *reader)
{
    buffer_close(&reader->text);
}
