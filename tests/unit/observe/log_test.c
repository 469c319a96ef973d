#include "observe/log.h"
#include "observe/text.h"
#include "unit/suite.h"

#include <string.h>
#include <unistd.h>

/* What one line with these fields is, after the time; good until the next call. */
static const char *line_of(enum log_level level, const char *message, const struct field *fields)
{
    static char text[1024];
    int ends[2];
    struct log log;
    ck_assert_int_eq(pipe(ends), 0);
    log_open(&log, LEVEL_INFO, ends[1]);
    log_line(&log, level, message, fields);
    log_close(&log);
    close(ends[1]);
    ssize_t size = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    ck_assert_int_ge(size, 0);
    text[size] = '\0';
    const char *rest = strstr(text, "\",");
    return rest ? rest + 2 : text;
}

START_TEST(a_line_is_a_json_object)
{
    const struct field fields[] = {field_text("host", "0.0.0.0"), field_text("none", NULL), field_number("port", 8080),
                                   field_end()};
    ck_assert_str_eq(
        line_of(LEVEL_INFO, "listening", fields),
        "\"level\":\"info\",\"severity\":\"INFO\",\"message\":\"listening\",\"host\":\"0.0.0.0\",\"port\":8080}\n");
    ck_assert_str_eq(line_of(LEVEL_ERROR, "a \"quote\"\n", NULL),
                     "\"level\":\"error\",\"severity\":\"ERROR\",\"message\":\"a \\\"quote\\\"\\n\"}\n");
}
END_TEST

START_TEST(lines_below_the_level_are_dropped)
{
    ck_assert_str_eq(line_of(LEVEL_DEBUG, "detail", NULL), "");
    ck_assert(!log_wants(NULL, LEVEL_ERROR));
    log_line(NULL, LEVEL_ERROR, "nobody listens", NULL);
}
END_TEST

START_TEST(levels_have_words)
{
    static const char *const words[] = {"debug", "info", "warn", "error"};
    enum log_level level;
    for (size_t i = 0; i < 4; i++) {
        ck_assert(log_level_read(words[i], &level));
        ck_assert_uint_eq(level, i);
    }
    ck_assert(!log_level_read("INFO", &level) && !log_level_read("", &level));
}
END_TEST

START_TEST(texts_become_json_whatever_they_hold)
{
    static const struct {
        const char *text;
        size_t size;
        const char *json;
    } texts[] = {
        {"", 0, "\"\""},
        {"a\"\\/", 4, "\"a\\\"\\\\/\""},
        {"\0\x1f\x7f\t", 4, "\"\\u0000\\u001f\\u007f\\t\""},
        {"\xC3\xA4\xF0\x9F\x8C\xB2", 6, "\"\xC3\xA4\xF0\x9F\x8C\xB2\""},
        {"a\xFF\xC3", 3, "\"a\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {"\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buffer buffer = {0};
        ck_assert(text_escape(&buffer, texts[i].text, texts[i].size, NULL));
        ck_assert_uint_eq(buffer.size, strlen(texts[i].json));
        ck_assert_mem_eq(buffer.bytes, texts[i].json, buffer.size);
        buffer_close(&buffer);
    }
}
END_TEST

SUITE(log, a_line_is_a_json_object, lines_below_the_level_are_dropped, levels_have_words,
      texts_become_json_whatever_they_hold)
