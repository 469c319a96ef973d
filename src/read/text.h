/*
 * Texts from files: checked, converted to UTF-8, and made fit to stand in a message.
 */
#ifndef READ_TEXT_H
#define READ_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the bytes are UTF-8: shortest forms only, no surrogates, nothing above U+10FFFF. */
bool text_is_utf8(const uint8_t *bytes, size_t size);

/* Writes a code point as UTF-8 and returns the bytes written; 0 for a surrogate and above U+10FFFF. */
size_t text_encode(uint32_t code, char text[4]);

enum { QUOTE_SIZE = 120 };

/* A text from a file as messages show it. */
struct quote {
    char text[QUOTE_SIZE];
};

/* Control characters and bytes that are not UTF-8 become '?', and what is too long ends in "...". */
struct quote text_quote(const uint8_t *bytes, size_t size);

#endif
