#include "command/npz.h"

#include "base/bytes.h"
#include "base/text.h"
#include <archive.h>
#include <archive_entry.h>
#include <string.h>

enum { PIECE = 64 * 1024 };
static const size_t LARGEST_ARRAY = (size_t)4 << 30;

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

/* Finds the elements behind the header. */
static bool read_header(struct npz_array *array, struct forestd_error *error)
{
    const uint8_t *bytes = array->bytes.bytes;
    struct npy_header *header = &array->header;
    size_t head = 0;
    size_t count = 0;
    size_t all = 0;
    if (!npy_head_size(bytes, array->bytes.size, &head, error))
        return false;
    if (head > array->bytes.size)
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "its header ends in the middle");
    if (!npy_header_read(bytes, head, true, header, error))
        return false;
    array->rows = header->shape[0];
    array->columns = header->dimensions == 2 ? header->shape[1] : 1;
    array->data = bytes + head;
    if (header->fortran && header->dimensions == 2)
        return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(), "its elements are in Fortran order");
    if (__builtin_mul_overflow(array->rows, array->columns, &count) ||
        __builtin_mul_overflow(count, header->size, &all) || all != array->bytes.size - head)
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "its size is not the one that its header tells");
    return true;
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
    if (read_header(array, error))
        return true;
    error_prefix(error, name);
    return false;
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
    const struct npy_header *header = &array->header;
    const uint8_t *at = array->data + index * header->size;
    if (header->kind == NPY_INTEGER)
        return (double)bytes_integer(at, header->size, header->big);
    if (header->kind != NPY_REAL)
        return (double)bytes_natural(at, header->size, header->big);
    if (header->size == 8)
        return bytes_real(at, header->big);
    return (double)(header->size == 4 ? bytes_single(at, header->big) : bytes_half(at, header->big));
}

bool npz_is_text(const struct npz_array *array)
{
    return array->header.kind == NPY_BYTES || array->header.kind == NPY_TEXT;
}

bool npz_text(const struct npz_array *array, size_t index, char *text, size_t size)
{
    const struct npy_header *header = &array->header;
    const uint8_t *at = array->data + index * header->size;
    size_t used = 0;
    if (header->kind == NPY_BYTES) {
        used = strnlen((const char *)at, header->size);
        if (used >= size)
            return false;
        memcpy(text, at, used);
    }
    for (size_t i = 0; header->kind == NPY_TEXT && i + 4 <= header->size; i += 4) {
        uint32_t code = (uint32_t)bytes_natural(at + i, 4, header->big);
        if (code == 0)
            break;
        size_t width = used + 5 > size ? 0 : text_encode(code, text + used);
        if (width == 0)
            return false;
        used += width;
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
