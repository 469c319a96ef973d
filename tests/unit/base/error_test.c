#include "base/arena.h"
#include "base/error.h"
#include "unit/suite.h"

#include <stdint.h>
#include <string.h>

START_TEST(an_error_has_code_sentence_and_place)
{
    struct forestd_error error;
    ck_assert(!error_set(&error, FORESTD_FORMAT, at_byte(7), "%d bytes are missing", 3));
    ck_assert_int_eq(error.code, FORESTD_FORMAT);
    ck_assert_str_eq(error.message, "3 bytes are missing");
    ck_assert(error.where.place == FORESTD_BYTE && error.where.first == 7);
    ck_assert(!error_prefix(&error, "model.joblib"));
    ck_assert_str_eq(error.message, "model.joblib: 3 bytes are missing");
    ck_assert_int_eq(error.code, FORESTD_FORMAT);
    ck_assert(error.where.first == 7);
}
END_TEST

START_TEST(nobody_need_want_to_know)
{
    ck_assert(!error_set(NULL, FORESTD_FORMAT, at_nowhere(), "x"));
    ck_assert(!error_memory(NULL, 1, "x"));
    ck_assert(!error_prefix(NULL, "x"));
}
END_TEST

START_TEST(a_long_sentence_is_cut_between_letters)
{
    struct forestd_error error;
    char text[2 * FORESTD_MESSAGE_SIZE + 1];
    for (size_t i = 0; i + 1 < sizeof text; i += 2)
        memcpy(text + i, "\xC3\xA4", 2);
    text[sizeof text - 1] = '\0';
    for (size_t start = 0; start < 2; start++) {
        ck_assert(!error_set(&error, FORESTD_FORMAT, at_nowhere(), "%s%s", start ? "x" : "", text));
        size_t size = strlen(error.message);
        ck_assert_uint_ge(size, FORESTD_MESSAGE_SIZE - 3);
        ck_assert_uint_eq((unsigned char)error.message[size - 1], 0xA4);
    }
}
END_TEST

START_TEST(an_arena_keeps_its_limit)
{
    struct arena arena = {.limit = 100000};
    size_t taken = 0;
    for (unsigned char *room = arena_take(&arena, 100); room; room = arena_take(&arena, 100)) {
        ck_assert_uint_eq((uintptr_t)room % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < 100; i++)
            ck_assert_uint_eq(room[i], 0);
        memset(room, 0xFF, 100);
        taken += 100;
    }
    ck_assert_uint_gt(taken, 10000);
    ck_assert_uint_le(arena.taken, 100000);
    ck_assert_ptr_null(arena_take(&arena, SIZE_MAX));
    ck_assert_ptr_null(arena_take(&arena, SIZE_MAX - 8));
    arena_close(&arena);
    ck_assert_uint_eq(arena.taken, 0);
}
END_TEST

START_TEST(an_arena_keeps_texts)
{
    struct arena arena = {0};
    ck_assert_str_eq(arena_text(&arena, "forest", 4), "fore");
    ck_assert_str_eq(arena_text(&arena, "", 0), "");
    ck_assert_ptr_nonnull(arena_take(&arena, 0));
    char *large = arena_take(&arena, 10 << 20);
    ck_assert_ptr_nonnull(large);
    large[(10 << 20) - 1] = 1;
    arena_close(&arena);
}
END_TEST

SUITE(error, an_error_has_code_sentence_and_place, nobody_need_want_to_know, a_long_sentence_is_cut_between_letters)
SUITE(arena, an_arena_keeps_its_limit, an_arena_keeps_texts)
