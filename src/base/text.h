/*
 * Texts from files and requests: checked, converted to UTF-8, and made fit to stand in a message.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes of the UTF-8 letter that `text`[0..size) begins with, 1 to 4; 0 when there is none. UTF-8 is shortest forms
 * only, no surrogates, nothing above U+10FFFF.
 */
size_t text_letter(const void *text, size_t size);

/* Whether all of `text`[0..size) is UTF-8. */
bool text_is_utf8(const void *text, size_t size);

/* Writes a code point as UTF-8 and returns the bytes written; 0 for a surrogate and above U+10FFFF. */
size_t text_encode(uint32_t code, char text[4]);

/* Writes a quote, a backslash or a control character as JSON's strings escape it, and returns the bytes written. */
size_t text_escape_letter(uint8_t letter, char text[6]);

enum { QUOTE_SIZE = 120 };

/* A text as messages show it: valid UTF-8 without control characters, ends with 0. */
struct quote {
    char text[QUOTE_SIZE];
};

/* Control characters and bytes that are not UTF-8 become '?', and what is too long ends in "...". */
struct quote text_quote(const void *text, size_t size);

#endif
