#include "command/npz.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 64 * 1024 };
static const size_t LARGEST_ARRAY = (size_t)4 << 30;

static uint64_t read_little(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static bool read_array(struct archive *archive, struct npz_array *array, struct forestd_error *error)
{
    for (;;) {
        if (!buffer_reserve(&array->bytes, PIECE, error))
            return false;
        la_ssize_t size = archive_read_data(archive, array->bytes.bytes + array->bytes.size, PIECE);
        if (size < 0)
            return error_set(error, FORESTD_FORMAT, at_nowhere(), "%s: %s", array->name, archive_error_string(archive));
        if (size == 0)
            return true;
        array->bytes.size += (size_t)size;
    }
}

/* The value behind `key` in the header's dictionary, or NULL. */
static const char *find_key(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    return at ? at + strlen(key) : NULL;
}

static bool read_shape(struct npz_array *array, const char *at)
{
    array->rows = array->columns = 1;
    for (size_t dimension = 0; *at != ')'; dimension++) {
        char *end = NULL;
        size_t size = strtoul(at, &end, 10);
        if (end == at || size > SIZE_MAX >> 16)
            return false;
        if (dimension == 0)
            array->rows = size;
        else if (__builtin_mul_overflow(array->columns, size, &array->columns))
            return false;
        at = end + strspn(end, ", ");
    }
    return true;
}

/* Reads the header that numpy.lib.format describes: a magic, a version, a length, and a Python dictionary. */
static bool read_header(struct npz_array *array)
{
    const uint8_t *bytes = array->bytes.bytes;
    size_t size = array->bytes.size;
    if (size < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0)
        return false;
    size_t start = bytes[6] == 1 ? 10 : 12;
    size_t length = (size_t)read_little(bytes + 8, start - 8);
    char header[512];
    if (length > size - start || length >= sizeof header)
        return false;
    memcpy(header, bytes + start, length);
    header[length] = '\0';
    const char *type = find_key(header, "'descr': '");
    const char *shape = find_key(header, "'shape': (");
    if (!type || !shape || !strstr(header, "'fortran_order': False") || !strchr("<|", type[0]) ||
        !strchr("fiubUS", type[1]))
        return false;
    array->kind = type[1];
    array->item = strtoul(type + 2, NULL, 10) * (array->kind == 'U' ? 4 : 1);
    array->data = bytes + start + length;
    size_t count = 0;
    size_t all = 0;
    bool known = array->kind == 'U' || array->kind == 'S' ||
                 (array->kind == 'f' ? array->item == 4 || array->item == 8 : array->item >= 1 && array->item <= 8);
    return known && read_shape(array, shape) && !__builtin_mul_overflow(array->rows, array->columns, &count) &&
           !__builtin_mul_overflow(count, array->item, &all) && all == size - start - length;
}

/* Takes the entry when it is an array; others are passed over. */
static bool take_entry(struct npz *npz, struct archive *archive, const char *name, struct forestd_error *error)
{
    static const char ending[] = ".npy";
    size_t size = strlen(name);
    if (size <= sizeof ending - 1 || strcmp(name + size - (sizeof ending - 1), ending) != 0)
        return true;
    size -= sizeof ending - 1;
    struct npz_array *array = &npz->arrays[npz->count];
    if (npz->count == NPZ_MOST_ARRAYS || size >= sizeof array->name)
        return error_set(error, FORESTD_LIMIT, at_nowhere(), "more arrays, or longer names, than answers have");
    *array = (struct npz_array){.bytes.limit = LARGEST_ARRAY};
    memcpy(array->name, name, size);
    npz->count++;
    if (!read_array(archive, array, error))
        return false;
    return read_header(array) ||
           error_set(error, FORESTD_FORMAT, at_nowhere(),
                     "%s: not an array of numbers, booleans or texts: write it with models/answers.py", name);
}

static bool read_entries(struct npz *npz, struct archive *archive, struct forestd_error *error)
{
    struct archive_entry *entry = NULL;
    int status = ARCHIVE_OK;
    while ((status = archive_read_next_header(archive, &entry)) == ARCHIVE_OK) {
        const char *name = archive_entry_pathname(entry);
        if (name && !take_entry(npz, archive, name, error))
            return false;
    }
    return status == ARCHIVE_EOF ||
           error_set(error, FORESTD_FORMAT, at_nowhere(), "not an .npz file: %s", archive_error_string(archive));
}

bool npz_open(struct npz *npz, const char *path, struct forestd_error *error)
{
    *npz = (struct npz){0};
    struct archive *archive = archive_read_new();
    if (!archive)
        return error_memory(error, 0, "an archive");
    bool good = false;
    if (archive_read_support_format_zip(archive) != ARCHIVE_OK ||
        archive_read_open_filename(archive, path, PIECE) != ARCHIVE_OK)
        error_set(error, FORESTD_IO, at_nowhere(), "cannot be read: %s", archive_error_string(archive));
    else
        good = read_entries(npz, archive, error);
    (void)archive_read_free(archive);
    if (good)
        return true;
    npz_close(npz);
    return error_prefix(error, path);
}

const struct npz_array *npz_find(const struct npz *npz, const char *name)
{
    for (size_t i = 0; i < npz->count; i++)
        if (strcmp(npz->arrays[i].name, name) == 0)
            return &npz->arrays[i];
    return NULL;
}

double npz_number(const struct npz_array *array, size_t index)
{
    uint64_t bits = read_little(array->data + index * array->item, array->item);
    if (array->kind == 'f' && array->item == sizeof(double)) {
        double value = 0;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    if (array->kind == 'f') {
        uint32_t half = (uint32_t)bits;
        float value = 0;
        memcpy(&value, &half, sizeof value);
        return (double)value;
    }
    if (array->kind != 'i')
        return (double)bits;
    unsigned unused = 64 - 8 * (unsigned)array->item;
    return (double)((int64_t)(bits << unused) >> unused);
}

static size_t write_utf8(uint32_t point, char text[4])
{
    if (point < 0x80) {
        text[0] = (char)point;
        return 1;
    }
    size_t tail = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned leads[4] = {0, 0xC0, 0xE0, 0xF0};
    text[0] = (char)(leads[tail] | (point >> (6 * tail)));
    for (size_t i = 1; i <= tail; i++)
        text[i] = (char)(0x80 | ((point >> (6 * (tail - i))) & 0x3F));
    return tail + 1;
}

bool npz_text(const struct npz_array *array, size_t index, char *text, size_t size)
{
    const uint8_t *at = array->data + index * array->item;
    size_t used = 0;
    if (array->kind == 'S') {
        used = strnlen((const char *)at, array->item);
        if (used >= size)
            return false;
        memcpy(text, at, used);
    }
    for (size_t i = 0; array->kind == 'U' && i + 4 <= array->item; i += 4) {
        uint32_t point = (uint32_t)read_little(at + i, 4);
        if (point == 0)
            break;
        if (point > 0x10FFFF || used + 5 > size)
            return false;
        used += write_utf8(point, text + used);
    }
    text[used] = '\0';
    return true;
}

void npz_close(struct npz *npz)
{
    for (size_t i = 0; i < npz->count; i++)
        buffer_close(&npz->arrays[i].bytes);
    npz->count = 0;
}
