#include "base/text.h"

#include <string.h>

size_t text_letter(const void *text, size_t size)
{
    const uint8_t *bytes = text;
    if (size == 0)
        return 0;
    uint8_t lead = bytes[0];
    if (lead < 0x80)
        return 1;
    size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    /* Longer forms than needed, surrogates, and code points beyond the last one. */
    if ((lead == 0xE0 && bytes[1] < 0xA0) || (lead == 0xED && bytes[1] > 0x9F) || (lead == 0xF0 && bytes[1] < 0x90) ||
        (lead == 0xF4 && bytes[1] > 0x8F))
        return 0;
    return length;
}

bool text_is_utf8(const void *text, size_t size)
{
    const uint8_t *bytes = text;
    for (size_t i = 0; i < size;) {
        size_t length = text_letter(bytes + i, size - i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

size_t text_encode(uint32_t code, char text[4])
{
    if (code < 0x80) {
        text[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        text[0] = (char)(0xC0 | code >> 6);
        text[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return 0;
    if (code < 0x10000) {
        text[0] = (char)(0xE0 | code >> 12);
        text[1] = (char)(0x80 | (code >> 6 & 0x3F));
        text[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    text[0] = (char)(0xF0 | code >> 18);
    text[1] = (char)(0x80 | (code >> 12 & 0x3F));
    text[2] = (char)(0x80 | (code >> 6 & 0x3F));
    text[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

size_t text_escape_letter(uint8_t letter, char text[6])
{
    static const char known[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    static const char digits[] = "0123456789abcdef";
    const char *found = letter ? strchr(known, letter) : NULL;
    text[0] = '\\';
    if (found) {
        text[1] = letters[found - known];
        return 2;
    }
    memcpy(text + 1, "u00", 3);
    text[4] = digits[letter >> 4];
    text[5] = digits[letter & 15];
    return 6;
}

struct quote text_quote(const void *text, size_t size)
{
    const uint8_t *bytes = text;
    struct quote quote;
    size_t used = 0;
    for (size_t i = 0; i < size;) {
        size_t length = text_letter(bytes + i, size - i);
        bool plain = length > 1 || (length == 1 && bytes[i] >= 0x20 && bytes[i] != 0x7F);
        size_t width = plain ? length : 1;
        if (used + width + 4 > sizeof quote.text) {
            memcpy(quote.text + used, "...", 3);
            used += 3;
            break;
        }
        if (plain)
            memcpy(quote.text + used, bytes + i, width);
        else
            quote.text[used] = '?';
        used += width;
        i += width;
    }
    quote.text[used] = '\0';
    return quote;
}
