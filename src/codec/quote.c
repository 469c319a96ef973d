#include "codec/quote.h"

#include <string.h>

/* Second bytes are narrower after some leads: overlong forms, surrogates and codes past U+10FFFF. */
static int good_second(unsigned char lead, unsigned char second)
{
    switch (lead) {
    case 0xE0:
        return second >= 0xA0 && second <= 0xBF;
    case 0xED:
        return second >= 0x80 && second <= 0x9F;
    case 0xF0:
        return second >= 0x90 && second <= 0xBF;
    case 0xF4:
        return second >= 0x80 && second <= 0x8F;
    default:
        return second >= 0x80 && second <= 0xBF;
    }
}

size_t utf8_size(const char *text, size_t size)
{
    if (size == 0)
        return 0;
    unsigned char lead = (unsigned char)text[0];
    if (lead < 0x80)
        return 1;
    size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || wanted > size || !good_second(lead, (unsigned char)text[1]))
        return 0;
    for (size_t i = 2; i < wanted; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            return 0;
    }
    return wanted;
}

size_t utf8_write(unsigned long code, char *text)
{
    if (code < 0x80) {
        text[0] = (char)code;
        return 1;
    }
    size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size; i-- > 1; code >>= 6)
        text[i] = (char)(0x80 | (code & 0x3F));
    text[0] = (char)(leads[size] | code);
    return size;
}

struct quoted quote(const char *text, size_t size)
{
    struct quoted quoted;
    const size_t most = sizeof quoted.text - sizeof "...";
    size_t filled = 0;
    size_t read = 0;
    while (read < size) {
        size_t step = utf8_size(text + read, size - read);
        unsigned char lead = (unsigned char)text[read];
        if (filled + (step ? step : 1) > most)
            break;
        if (step == 0 || lead < 0x20 || lead == 0x7F) {
            quoted.text[filled++] = '?';
            read++;
        } else {
            memcpy(quoted.text + filled, text + read, step);
            filled += step;
            read += step;
        }
    }
    memcpy(quoted.text + filled, read < size ? "..." : "", read < size ? sizeof "..." : 1);
    return quoted;
}
