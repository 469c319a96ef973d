#include "codec/npy_header.h"

#include "base/bytes.h"
#include "base/text.h"
#include <inttypes.h>
#include <string.h>

struct text {
    const char *begin;
    const char *at;
    const char *end;
    uint64_t byte; /* of the body, where it begins */
    bool texts;    /* whether arrays of texts are read */
};

enum {
    VERSION = 6, /* byte of the version; the magic comes before */
    LENGTH = 8,  /* first byte of the dict's length */
    HEAD_LIMIT = 64 * 1024
};

static bool broken(const struct text *text, const char *what, struct forestd_error *error)
{
    uint64_t byte = text->byte + (uint64_t)(text->at - text->begin);
    return error_set(error, FORESTD_SYNTAX, at_byte(byte), "byte %" PRIu64 ": %s in the NPY header", byte, what);
}

static void skip_spaces(struct text *text)
{
    while (text->at < text->end && (*text->at == ' ' || *text->at == '\n' || *text->at == '\t' || *text->at == '\r'))
        text->at++;
}

/* Skips spaces and takes `c` if it comes next. */
static bool take(struct text *text, char c)
{
    skip_spaces(text);
    if (text->at == text->end || *text->at != c)
        return false;
    text->at++;
    return true;
}

/* Takes a text in single or double quotes that has no escapes: no name or dtype that is read here has any. */
static bool take_string(struct text *text, const char **string, size_t *size)
{
    skip_spaces(text);
    if (text->at == text->end || (*text->at != '\'' && *text->at != '"'))
        return false;
    const char *first = text->at + 1;
    const char *last = memchr(first, *text->at, (size_t)(text->end - first));
    if (!last)
        return false;
    *string = first;
    *size = (size_t)(last - first);
    text->at = last + 1;
    return true;
}

static bool take_word(struct text *text, const char *word)
{
    skip_spaces(text);
    size_t size = strlen(word);
    if ((size_t)(text->end - text->at) < size || memcmp(text->at, word, size) != 0)
        return false;
    text->at += size;
    return true;
}

static bool bad_dtype(const struct text *text, const char *name, size_t size, struct forestd_error *error)
{
    uint64_t byte = text->byte + (uint64_t)(text->at - text->begin);
    return error_set(error, FORESTD_UNSUPPORTED, at_byte(byte),
                     "an array of dtype '%s' is not read: send f2, f4, f8, i1 to i8, u1 to u8 or b1",
                     text_quote(name, size).text);
}

/* U12, S3: texts of so many letters. */
static bool take_text_type(const char *type, size_t size, struct npy_header *header)
{
    if (size < 2 || size > 10 || (type[0] != NPY_BYTES && type[0] != NPY_TEXT))
        return false;
    size_t letters = 0;
    for (size_t i = 1; i < size; i++) {
        if (type[i] < '0' || type[i] > '9')
            return false;
        letters = letters * 10 + (size_t)(type[i] - '0');
    }
    header->kind = (enum npy_kind)type[0];
    header->size = header->kind == NPY_TEXT ? 4 * letters : letters;
    return true;
}

static bool read_dtype(struct text *text, struct npy_header *header, struct forestd_error *error)
{
    static const char dtypes[] = "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1 ";
    const char *name = NULL;
    size_t size = 0;
    skip_spaces(text);
    const char *first = text->at;
    if (!take_string(text, &name, &size))
        return bad_dtype(text, first, (size_t)(text->end - first), error);
    const char *type = name;
    header->big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    if (size && strchr("<>=|", *name)) {
        if (*name == '<' || *name == '>')
            header->big = *name == '>';
        type++;
    }
    if (text->texts && take_text_type(type, (size_t)(name + size - type), header))
        return true;
    char wanted[] = {0, 0, ' ', 0};
    if (name + size - type != 2)
        return bad_dtype(text, name, size, error);
    memcpy(wanted, type, 2);
    if (!strstr(dtypes, wanted))
        return bad_dtype(text, name, size, error);
    header->kind = (enum npy_kind)type[0];
    header->size = (size_t)(type[1] - '0');
    return true;
}

static bool read_order(struct text *text, struct npy_header *header, struct forestd_error *error)
{
    header->fortran = take_word(text, "True");
    if (header->fortran || take_word(text, "False"))
        return true;
    return broken(text, "True or False is expected", error);
}

static bool read_length(struct text *text, size_t *length, struct forestd_error *error)
{
    const char *first = text->at;
    size_t value = 0;
    for (; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (size_t)(*text->at - '0'), &value))
            return error_set(error, FORESTD_LIMIT, at_byte(text->byte), "the NPY header's shape is too large");
    }
    if (text->at == first)
        return broken(text, "a length is expected", error);
    (void)take(text, 'L'); /* as Python 2 wrote long numbers */
    *length = value;
    return true;
}

static bool read_shape(struct text *text, struct npy_header *header, struct forestd_error *error)
{
    size_t dimensions = 0;
    bool comma = true;
    if (!take(text, '('))
        return broken(text, "a tuple is expected", error);
    while (!take(text, ')')) {
        size_t length = 0;
        if (!comma)
            return broken(text, "a comma is expected", error);
        if (!read_length(text, &length, error))
            return false;
        if (dimensions < 2)
            header->shape[dimensions] = length;
        dimensions++;
        comma = take(text, ',');
    }
    if (dimensions == 1 && !comma)
        return broken(text, "a tuple is expected", error);
    if (dimensions != 1 && dimensions != 2)
        return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                         "an array of %zu dimensions is not read: send rows of features, or one row", dimensions);
    header->dimensions = dimensions;
    return true;
}

typedef bool entry_reader(struct text *text, struct npy_header *header, struct forestd_error *error);

static const struct {
    const char *key;
    entry_reader *read;
} entries[] = {{"descr", read_dtype}, {"fortran_order", read_order}, {"shape", read_shape}};

enum { ENTRIES = sizeof entries / sizeof *entries };

static bool read_entry(struct text *text, struct npy_header *header, unsigned *seen, struct forestd_error *error)
{
    const char *key = NULL;
    size_t size = 0;
    if (!take_string(text, &key, &size))
        return broken(text, "a key is expected", error);
    for (size_t i = 0; i < ENTRIES; i++) {
        if (strlen(entries[i].key) != size || memcmp(entries[i].key, key, size) != 0 || *seen >> i & 1)
            continue;
        *seen |= 1U << i;
        if (!take(text, ':'))
            return broken(text, "a colon is expected", error);
        return entries[i].read(text, header, error);
    }
    return broken(text, "an unknown or second key", error);
}

static bool read_dict(struct text *text, struct npy_header *header, struct forestd_error *error)
{
    unsigned seen = 0;
    bool comma = true;
    if (!take(text, '{'))
        return broken(text, "a dict is expected", error);
    while (!take(text, '}')) {
        if (!comma)
            return broken(text, "a comma is expected", error);
        if (!read_entry(text, header, &seen, error))
            return false;
        comma = take(text, ',');
    }
    skip_spaces(text);
    if (text->at != text->end)
        return broken(text, "more than a dict", error);
    if (seen != (1U << ENTRIES) - 1)
        return broken(text, "descr, fortran_order or shape is missing", error);
    return true;
}

/* Magic, version, and the length of the dict that follows. */
static size_t preamble_size(const uint8_t *bytes)
{
    return bytes[VERSION] == 1 ? 10 : 12;
}

bool npy_head_size(const uint8_t *bytes, size_t size, size_t *wanted, struct forestd_error *error)
{
    static const char magic[] = "\x93NUMPY";
    *wanted = 0;
    for (size_t i = 0; i < size && i < VERSION; i++)
        if (bytes[i] != (uint8_t)magic[i])
            return error_set(error, FORESTD_SYNTAX, at_byte(i), "byte %zu: the body does not begin as NPY does", i);
    if (size > VERSION && (bytes[VERSION] < 1 || bytes[VERSION] > 3))
        return error_set(error, FORESTD_UNSUPPORTED, at_byte(VERSION), "NPY version %d is not read: 1 to 3 are",
                         bytes[VERSION]);
    size_t head = size > VERSION ? preamble_size(bytes) : VERSION + 1;
    if (size >= head && size > VERSION)
        head += bytes_natural(bytes + LENGTH, head - LENGTH, false);
    if (head > HEAD_LIMIT)
        return error_set(error, FORESTD_LIMIT, at_byte(LENGTH), "an NPY header of more than %d bytes", HEAD_LIMIT);
    *wanted = head;
    return true;
}

bool npy_header_read(const uint8_t *bytes, size_t size, bool texts, struct npy_header *header,
                     struct forestd_error *error)
{
    const char *begin = (const char *)bytes;
    size_t byte = preamble_size(bytes);
    struct text text = {begin + byte, begin + byte, begin + size, byte, texts};
    return read_dict(&text, header, error);
}
