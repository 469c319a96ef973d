#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 512 };

static size_t grown(const struct buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity + buffer->capacity / 2;
    if (capacity < FIRST_CAPACITY)
        capacity = FIRST_CAPACITY;
    if (buffer->limit && capacity > buffer->limit)
        capacity = buffer->limit;
    return capacity < needed ? needed : capacity;
}

bool buffer_reserve(struct buffer *buffer, size_t more, struct forestd_error *error)
{
    if (more <= buffer->capacity - buffer->size)
        return true;
    if (more > SIZE_MAX / 2 - buffer->size || (buffer->limit && more > buffer->limit - buffer->size))
        return error_set(error, FORESTD_LIMIT, at_nowhere(), "more than the %zu bytes that are allowed here",
                         buffer->limit);
    size_t capacity = grown(buffer, buffer->size + more);
    size_t added = capacity - buffer->capacity;
    if (!budget_take(buffer->budget, added))
        return error_memory(error, added, "what may be held here");
    uint8_t *bytes = realloc(buffer->bytes, capacity);
    if (!bytes) {
        budget_give_back(buffer->budget, added);
        return error_memory(error, capacity, "a buffer");
    }
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

bool buffer_append(struct buffer *buffer, const void *bytes, size_t size, struct forestd_error *error)
{
    if (!buffer_reserve(buffer, size, error))
        return false;
    if (size)
        memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    return true;
}

bool buffer_print(struct buffer *buffer, struct forestd_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    bool good = size >= 0 && buffer_reserve(buffer, (size_t)size + 1, error);
    if (good) {
        (void)vsnprintf((char *)buffer->bytes + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
    return good;
}

void buffer_close(struct buffer *buffer)
{
    budget_give_back(buffer->budget, buffer->capacity);
    free(buffer->bytes);
    buffer->bytes = NULL;
    buffer->size = 0;
    buffer->capacity = 0;
}
