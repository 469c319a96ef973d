/*
 * Text of a request as messages may show it.
 */
#ifndef CODEC_QUOTE_H
#define CODEC_QUOTE_H

#include <stddef.h>

struct quoted {
    char text[80]; /* valid UTF-8 without control characters, ends with 0 */
};

/* The beginning of `text`[0..size); `...` stands for what was left out, `?` for bytes that are not text. */
struct quoted quote(const char *text, size_t size);

/* Bytes of the UTF-8 sequence at `text`[0..size), or 0 when it is not valid. */
size_t utf8_size(const char *text, size_t size);

/* Writes `code` (not a surrogate, below 0x110000) at `text` as UTF-8 and returns the bytes written, 1 to 4. */
size_t utf8_write(unsigned long code, char *text);

#endif
