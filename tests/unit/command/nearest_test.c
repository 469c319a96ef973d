#include "command/nearest.h"
#include "unit/suite.h"

#include <string.h>

START_TEST(counts_what_must_be_changed)
{
    static const struct {
        const char *word;
        const char *other;
        size_t distance;
    } pairs[] = {
        {"", "", 0},        {"port", "port", 0},       {"prot", "port", 1},
        {"por", "port", 1}, {"ports", "port", 1},      {"part", "port", 1},
        {"", "port", 4},    {"port", "", 4},           {"treads", "threads", 1},
        {"abc", "xyz", 3},  {"htreads", "threads", 1},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        ck_assert_msg(word_distance(pairs[i].word, pairs[i].other) == pairs[i].distance, "%s, %s", pairs[i].word,
                      pairs[i].other);
}
END_TEST

START_TEST(long_words_are_far_from_all)
{
    char word[200];
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    ck_assert(!word_is_near(word, word_distance(word, "port")));
    ck_assert(!word_is_near(word, word_distance("port", word)));
}
END_TEST

START_TEST(near_is_a_slip_of_the_finger)
{
    ck_assert(word_is_near("prot", 1));
    ck_assert(word_is_near("idle-timeouts", 4));
    ck_assert(!word_is_near("verbose", 5));
}
END_TEST

SUITE(nearest, counts_what_must_be_changed, long_words_are_far_from_all, near_is_a_slip_of_the_finger)
