/*
 * The one growing run of bytes: unpacked files, bodies of replies, texts that are put together.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/budget.h"
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

struct buffer {
    uint8_t *bytes;
    size_t size;           /* bytes in use */
    size_t capacity;       /* bytes allocated */
    size_t limit;          /* most bytes that `size` may reach; 0 = no limit */
    struct budget *budget; /* what `capacity` is taken from, or NULL */
};

/* Makes room for `more` bytes after `size`. Fails with FORESTD_LIMIT or FORESTD_MEMORY, and then changes nothing. */
bool buffer_reserve(struct buffer *buffer, size_t more, struct forestd_error *error);

bool buffer_append(struct buffer *buffer, const void *bytes, size_t size, struct forestd_error *error);

__attribute__((format(printf, 3, 4))) bool buffer_print(struct buffer *buffer, struct forestd_error *error,
                                                        const char *format, ...);

/* Frees the bytes and makes the buffer empty; limit and budget stay. */
void buffer_close(struct buffer *buffer);

#endif
