#include "base/buffer.h"
#include "unit/suite.h"

START_TEST(grows_with_what_is_appended)
{
    struct buffer buffer = {0};
    for (int i = 0; i < 1000; i++)
        ck_assert(buffer_append(&buffer, "12345", 5, NULL));
    ck_assert_uint_eq(buffer.size, 5000);
    ck_assert_mem_eq(buffer.bytes + 4995, "12345", 5);
    buffer_close(&buffer);
    ck_assert_uint_eq(buffer.capacity, 0);
}
END_TEST

START_TEST(refuses_more_than_its_limit)
{
    struct buffer buffer = {.limit = 8};
    struct forestd_error error;
    ck_assert(buffer_append(&buffer, "12345678", 8, &error));
    ck_assert(!buffer_append(&buffer, "9", 1, &error));
    ck_assert_int_eq(error.code, FORESTD_LIMIT);
    ck_assert_uint_eq(buffer.size, 8);
    buffer_close(&buffer);
}
END_TEST

START_TEST(takes_from_its_budget_and_gives_back)
{
    struct budget budget;
    budget_open(&budget, 1000);
    struct buffer buffer = {.budget = &budget};
    struct forestd_error error;
    ck_assert(buffer_reserve(&buffer, 900, &error));
    ck_assert(!buffer_reserve(&buffer, 2000, &error));
    ck_assert_int_eq(error.code, FORESTD_MEMORY);
    buffer_close(&buffer);
    ck_assert_uint_eq(atomic_load(&budget.left), 1000);
}
END_TEST

START_TEST(prints_text)
{
    struct buffer buffer = {0};
    ck_assert(buffer_print(&buffer, NULL, "%d trees", 100));
    ck_assert(buffer_print(&buffer, NULL, ", %s", "deep"));
    ck_assert_uint_eq(buffer.size, 15);
    ck_assert_mem_eq(buffer.bytes, "100 trees, deep", 15);
    buffer_close(&buffer);
}
END_TEST

SUITE(buffer, grows_with_what_is_appended, refuses_more_than_its_limit, takes_from_its_budget_and_gives_back,
      prints_text)
