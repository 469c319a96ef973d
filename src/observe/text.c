#include "observe/text.h"

#include "base/text.h"

static bool quote_one(struct buffer *buffer, const unsigned char *text, size_t length, struct forestd_error *error)
{
    if (!length)
        return buffer_append(buffer, "\xEF\xBF\xBD", 3, error);
    if (text[0] >= 0x20 && text[0] != 0x7F && text[0] != '"' && text[0] != '\\')
        return buffer_append(buffer, text, length, error);
    char escape[6];
    return buffer_append(buffer, escape, text_escape_letter(text[0], escape), error);
}

bool text_escape(struct buffer *buffer, const char *text, size_t size, struct forestd_error *error)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (!buffer_append(buffer, "\"", 1, error))
        return false;
    for (size_t i = 0; i < size;) {
        size_t length = text_letter(bytes + i, size - i);
        if (!quote_one(buffer, bytes + i, length, error))
            return false;
        i += length ? length : 1;
    }
    return buffer_append(buffer, "\"", 1, error);
}
