#include "observe/text.h"

#include <string.h>

/* Length of the well-formed UTF-8 sequence at `text`, or 0 when there is none. */
static size_t sequence(const unsigned char *text, size_t size)
{
    unsigned char lead = text[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length > size)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    /* Overlong forms, surrogates, and code points beyond the last one. */
    if ((lead == 0xE0 && text[1] < 0xA0) || (lead == 0xED && text[1] > 0x9F) || (lead == 0xF0 && text[1] < 0x90) ||
        (lead == 0xF4 && text[1] > 0x8F))
        return 0;
    return length;
}

static bool quote_control(struct buffer *buffer, unsigned char byte, struct forestd_error *error)
{
    static const char hex[] = "0123456789abcdef";
    const char *known = strchr("\bb\tt\nn\ff\rr", byte);
    if (byte && known) {
        const char pair[2] = {'\\', known[1]};
        return buffer_append(buffer, pair, sizeof pair, error);
    }
    const char escape[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
    return buffer_append(buffer, escape, sizeof escape, error);
}

static bool quote_one(struct buffer *buffer, const unsigned char *text, size_t length, struct forestd_error *error)
{
    if (!length)
        return buffer_append(buffer, "\xEF\xBF\xBD", 3, error);
    if (length == 1 && (text[0] == '"' || text[0] == '\\')) {
        const char pair[2] = {'\\', (char)text[0]};
        return buffer_append(buffer, pair, sizeof pair, error);
    }
    if (length == 1 && (text[0] < 0x20 || text[0] == 0x7F))
        return quote_control(buffer, text[0], error);
    return buffer_append(buffer, text, length, error);
}

bool text_escape(struct buffer *buffer, const char *text, size_t size, struct forestd_error *error)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (!buffer_append(buffer, "\"", 1, error))
        return false;
    for (size_t i = 0; i < size;) {
        size_t length = sequence(bytes + i, size - i);
        if (!quote_one(buffer, bytes + i, length, error))
            return false;
        i += length ? length : 1;
    }
    return buffer_append(buffer, "\"", 1, error);
}
