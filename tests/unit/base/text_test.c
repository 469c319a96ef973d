#include "base/text.h"
#include "unit/suite.h"

#include <string.h>

START_TEST(knows_utf8)
{
    static const struct {
        const char *text;
        bool good;
    } texts[] = {
        {"", true},
        {"abc", true},
        {"\xC3\xA4", true},
        {"\xE2\x82\xAC", true},
        {"\xF0\x9F\x8C\xB2", true},
        {"\xF4\x8F\xBF\xBF", true},
        {"\xC3", false},             /* cut short */
        {"\xC0\xAF", false},         /* longer than it need be */
        {"\xE0\x80\xAF", false},     /* the same */
        {"\xED\xA0\x80", false},     /* a surrogate */
        {"\xF4\x90\x80\x80", false}, /* above U+10FFFF */
        {"a\x80", false},
        {"\xFF", false},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(text_is_utf8((const uint8_t *)texts[i].text, strlen(texts[i].text)) == texts[i].good, "row %zu",
                      i);
}
END_TEST

START_TEST(writes_utf8)
{
    static const struct {
        uint32_t code;
        const char *text; /* "" = refused */
    } codes[] = {
        {'A', "A"},
        {0xE4, "\xC3\xA4"},
        {0x20AC, "\xE2\x82\xAC"},
        {0x1F332, "\xF0\x9F\x8C\xB2"},
        {0xD800, ""},
        {0xDFFF, ""},
        {0x110000, ""},
        {UINT32_MAX, ""},
        {0x7FF, "\xDF\xBF"},
        {0xFFFF, "\xEF\xBF\xBF"},
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char text[4];
        ck_assert_uint_eq(text_encode(codes[i].code, text), strlen(codes[i].text));
        ck_assert_mem_eq(text, codes[i].text, strlen(codes[i].text));
    }
}
END_TEST

START_TEST(quotes_what_a_terminal_must_not_get)
{
    static const struct {
        const char *text;
        const char *shown;
    } texts[] = {
        {"plain", "plain"}, {"\x1b[2J", "?[2J"}, {"a\nb\x7f", "a?b?"}, {"\xC3\xA4", "\xC3\xA4"}, {"\xFF\xC3", "??"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_str_eq(text_quote((const uint8_t *)texts[i].text, strlen(texts[i].text)).text, texts[i].shown);
}
END_TEST

START_TEST(shortens_a_long_text_at_a_letter)
{
    char text[400];
    for (size_t i = 0; i < sizeof text; i += 2)
        memcpy(text + i, "\xC3\xA4", 2);
    for (size_t start = 0; start < 2; start++) {
        struct quote quote = text_quote((const uint8_t *)text + start, sizeof text - 2);
        size_t size = strlen(quote.text);
        ck_assert_uint_lt(size, QUOTE_SIZE);
        ck_assert_str_eq(quote.text + size - 3, "...");
        ck_assert(text_is_utf8((const uint8_t *)quote.text, size));
    }
}
END_TEST

START_TEST(escapes_as_json_does)
{
    static const struct {
        uint8_t letter;
        const char *text;
    } letters[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {0, "\\u0000"}, {0x1F, "\\u001f"}, {0x7F, "\\u007f"}};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        char text[6];
        ck_assert_uint_eq(text_escape_letter(letters[i].letter, text), strlen(letters[i].text));
        ck_assert_mem_eq(text, letters[i].text, strlen(letters[i].text));
    }
}
END_TEST

SUITE(text, escapes_as_json_does, knows_utf8, writes_utf8, quotes_what_a_terminal_must_not_get,
      shortens_a_long_text_at_a_letter)
