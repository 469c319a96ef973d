#include "observe/embedded.h"
#include "unit/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All that was written to the log since the last call; good until the next. */
static const char *written(int end)
{
    static char text[65536];
    ssize_t size = read(end, text, sizeof text - 1);
    ck_assert_int_ge(size, 0);
    text[size] = '\0';
    return text;
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;
    for (; (text = strstr(text, part)); text++)
        found++;
    return found;
}

START_TEST(a_line_for_each_model_and_status)
{
    int ends[2];
    struct log log;
    struct forestd_error error;
    ck_assert_int_eq(pipe(ends), 0);
    log_open(&log, LEVEL_ERROR, ends[1]);
    struct embedded *embedded = embedded_open(&log, "for\"est", 0, &error);
    unsigned one = embedded_model(embedded, "one");
    unsigned two = embedded_model(embedded, "two");
    ck_assert_uint_eq(embedded_model(embedded, "one"), one);
    embedded_count(embedded, one, 200, 1500000, 3);
    embedded_count(embedded, one, 200, 2000000, 4);
    embedded_count(embedded, two, 200, 1, 1);
    embedded_count(embedded, 0, 400, 1, 0);
    embedded_tell(embedded);
    const char *text = written(ends[0]);
    ck_assert_uint_eq(count(text, "\n"), 3);
    ck_assert_ptr_nonnull(strstr(text, "\"Namespace\":\"for\\\"est\""));
    ck_assert_ptr_nonnull(strstr(text, "\"Model\":\"one\",\"Status\":\"200\",\"Requests\":2,\"Rows\":7,"
                                       "\"Latency\":[1.500,2.000]}\n"));
    ck_assert_ptr_nonnull(strstr(text, "\"Model\":\"none\",\"Status\":\"400\",\"Requests\":1,\"Rows\":0,"));
    embedded_count(embedded, two, 200, 1, 1);
    embedded_close(embedded);
    ck_assert_uint_eq(count(written(ends[0]), "\n"), 1);
    log_close(&log);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(many_requests_make_one_short_line)
{
    int ends[2];
    struct log log;
    struct forestd_error error;
    ck_assert_int_eq(pipe(ends), 0);
    log_open(&log, LEVEL_INFO, ends[1]);
    struct embedded *embedded = embedded_open(&log, "forestd", 0, &error);
    for (uint64_t i = 0; i < 10000; i++)
        embedded_count(embedded, embedded_model(embedded, "one"), 200, i * 1000000, 1);
    embedded_tell(embedded);
    const char *text = written(ends[0]);
    ck_assert_uint_eq(count(text, "\n"), 1);
    ck_assert_ptr_nonnull(strstr(text, "\"Requests\":10000,"));
    const char *values = strstr(text, "\"Latency\":[");
    ck_assert_uint_eq(count(values, ","), 99);
    /* The values are a sample of all, not the first or the last. */
    size_t late = 0;
    for (const char *at = strchr(values, '['); at && *at != ']'; at = strpbrk(at + 1, ",]"))
        late += strtod(at + 1, NULL) >= 5000;
    ck_assert_uint_ge(late, 20);
    ck_assert_uint_le(late, 80);
    /* Nor do ever new names make ever more lines. */
    for (unsigned i = 0; i < 1000; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%u", i);
        embedded_count(embedded, embedded_model(embedded, name), 200, 1, 1);
    }
    embedded_tell(embedded);
    text = written(ends[0]);
    ck_assert_uint_eq(count(text, "\n"), 100);
    ck_assert_uint_eq(count(text, "\"Model\":\"others\""), 1);
    embedded_close(embedded);
    log_close(&log);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(a_thread_tells_in_turn)
{
    int ends[2];
    struct log log;
    struct forestd_error error;
    ck_assert_int_eq(pipe(ends), 0);
    log_open(&log, LEVEL_INFO, ends[1]);
    struct embedded *embedded = embedded_open(&log, "forestd", 1, &error);
    embedded_count(embedded, embedded_model(embedded, "one"), 200, 1, 1);
    ck_assert_uint_eq(count(written(ends[0]), "\n"), 1); /* waits for it */
    embedded_close(embedded);
    log_close(&log);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

SUITE(embedded, a_line_for_each_model_and_status, many_requests_make_one_short_line, a_thread_tells_in_turn)
