#include "read/census.h"
#include "unit/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct span span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static struct census *census_new(void)
{
    struct census *census = calloc(1, sizeof *census);
    ck_assert_ptr_nonnull(census);
    return census;
}

START_TEST(counts_each_name_once)
{
    static const struct global known = {"numpy", "dtype", MEANS_DTYPE};
    struct census *census = census_new();
    census_add(census, span("numpy"), span("dtype"), &known, 10);
    census_add(census, span("numpy"), span("dtype"), &known, 20);
    census_add(census, span("num"), span("pydtype"), &known, 30);
    ck_assert_uint_eq(census->count, 2);
    ck_assert_str_eq(census->mentions[0].title.text, "numpy.dtype");
    ck_assert_uint_eq(census->mentions[0].first, 10);
    ck_assert_uint_eq(census->mentions[0].count, 2);
    ck_assert(census->mentions[0].known);
    ck_assert(!census->refused);
    ck_assert(census_has(census, "numpy.d"));
    ck_assert(!census_has(census, "umpy"));
    free(census);
}
END_TEST

START_TEST(keeps_the_reason_of_the_first_unknown_name)
{
    struct census *census = census_new();
    census_add(census, span("posix"), span("system"), NULL, 7);
    census_add(census, span("os"), span("remove"), NULL, 9);
    ck_assert(census->refused);
    ck_assert_int_eq(census->reason.code, FORESTD_UNSUPPORTED);
    ck_assert_uint_eq(census->reason.where.first, 7);
    ck_assert_ptr_nonnull(strstr(census->reason.message, "'posix.system'"));
    ck_assert(!census->mentions[0].known);
    free(census);
}
END_TEST

START_TEST(counts_what_it_has_no_room_for)
{
    struct census *census = census_new();
    for (int i = 0; i < MENTION_LIMIT + 3; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "n%d", i);
        census_add(census, span("module"), span(name), NULL, 0);
    }
    ck_assert_uint_eq(census->count, MENTION_LIMIT);
    ck_assert_uint_eq(census->left_out, 3);
    free(census);
}
END_TEST

START_TEST(shows_names_fit_for_a_terminal)
{
    struct census *census = census_new();
    char *letters = malloc(100000);
    ck_assert_ptr_nonnull(letters);
    memset(letters, 'x', 100000);
    census_add(census, span("a\x1b[31m\n"), span("b"), NULL, 0);
    census_add(census, (struct span){(const uint8_t *)letters, 100000}, span("b"), NULL, 0);
    census_add(census, (struct span){(const uint8_t *)letters, 99999}, span("b"), NULL, 0);
    census_add(census, (struct span){NULL, 0}, (struct span){NULL, 0}, NULL, 0);
    ck_assert_str_eq(census->mentions[0].title.text, "a?[31m?.b");
    ck_assert_uint_eq(census->count, 4);
    ck_assert_uint_lt(strlen(census->mentions[1].title.text), QUOTE_SIZE);
    ck_assert_str_eq(census->mentions[3].title.text, ".");
    free(letters);
    free(census);
}
END_TEST

SUITE(census, counts_each_name_once, keeps_the_reason_of_the_first_unknown_name, counts_what_it_has_no_room_for,
      shows_names_fit_for_a_terminal)
