#include "command/commands.h"
#include "unit/suite.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

#define READ(options, command, ...)                                                                                    \
    options_read(options, command, (int)(sizeof(char *[]){__VA_ARGS__} / sizeof(char *)), (char *[]){__VA_ARGS__},     \
                 &error)

START_TEST(the_table_is_whole)
{
    const unsigned all = SERVE | PREDICT | INSPECT | VERIFY | HEALTHCHECK | HELP | BENCH | PACK | LAMBDA | INVOKE;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_table[i];
        ck_assert(row->commands && !(row->commands & ~all));
        ck_assert_msg(row->help[0] && row->help[strlen(row->help) - 1] != '.', "%s", row->flag);
        ck_assert_msg(row->value[0] || !row->usual[0], "%s: a switch is off by itself", row->flag);
        for (const char *letter = row->flag; *letter; letter++)
            ck_assert_msg(islower((unsigned char)*letter) || *letter == '-', "%s", row->flag);
        /* A flag may mean another thing to another command. */
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(!(row->commands & option_table[k].commands) || strcmp(row->flag, option_table[k].flag) != 0,
                          "%s", row->flag);
    }
}
END_TEST

START_TEST(every_command_is_found_by_its_name)
{
    for (const struct command_row *row = command_table; row->name; row++)
        ck_assert_ptr_eq(command_find(row->name), row);
    ck_assert_ptr_null(command_find("serv"));
}
END_TEST

START_TEST(a_flag_goes_before_the_environment)
{
    struct options options;
    struct forestd_error error;
    ck_assert_int_eq(setenv("FORESTD_PORT", "1", 1), 0);
    ck_assert_int_eq(setenv("SAGEMAKER_BIND_TO_PORT", "2", 1), 0);
    ck_assert(READ(&options, SERVE, word("--port"), word("3")));
    ck_assert_str_eq(options.values[OPTION_PORT], "3");
    ck_assert_str_eq(options.source[OPTION_PORT], "the command line");
    ck_assert(READ(&options, SERVE, word("x")));
    ck_assert_str_eq(options.values[OPTION_PORT], "1");
    ck_assert_int_eq(setenv("FORESTD_PORT", "", 1), 0);
    ck_assert(READ(&options, SERVE, word("x")));
    ck_assert_str_eq(options.values[OPTION_PORT], "2");
    ck_assert_str_eq(options.source[OPTION_PORT], "SAGEMAKER_BIND_TO_PORT");
    ck_assert_int_eq(unsetenv("SAGEMAKER_BIND_TO_PORT"), 0);
    ck_assert(READ(&options, SERVE, word("x")));
    ck_assert_str_eq(options.values[OPTION_PORT], "8080");
    ck_assert_ptr_null(options.source[OPTION_PORT]);
}
END_TEST

START_TEST(words_are_flags_and_arguments)
{
    struct options options;
    struct forestd_error error;
    ck_assert(
        READ(&options, INSPECT, word("a"), word("--json"), word("--model=b"), word("-"), word("--"), word("--c")));
    ck_assert(option_on(&options, OPTION_JSON));
    ck_assert_str_eq(options.values[OPTION_MODEL], "b");
    ck_assert_uint_eq(options.argument_count, 3);
    ck_assert_str_eq(options.arguments[1], "-");
    ck_assert_str_eq(options.arguments[2], "--c");
    ck_assert(READ(&options, INSPECT, word("-h")) && options.help);
}
END_TEST

START_TEST(a_wrong_flag_names_the_nearest)
{
    struct options options;
    struct forestd_error error;
    static const struct {
        const char *words[2];
        const char *says;
    } wrong[] = {
        {{"--prot", "1"}, "did you mean --port?"},
        {{"--json", "1"}, "no option --json"}, /* inspect's, not serve's */
        {{"--zzzzzzzzzz", "1"}, "see --help"},
        {{"-p", "1"}, "options begin with --"},
        {{"x", "--port"}, "--port wants a value: --port N"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert(!READ(&options, SERVE, word(wrong[i].words[0]), word(wrong[i].words[1])));
        ck_assert_int_eq(error.code, FORESTD_ARGUMENT);
        ck_assert_msg(strstr(error.message, wrong[i].says) != NULL, "%s", error.message);
    }
    ck_assert(!READ(&options, INSPECT, word("--json=1")));
    char *many[MOST_ARGUMENTS + 1];
    for (size_t i = 0; i <= MOST_ARGUMENTS; i++)
        many[i] = word("x");
    ck_assert(!options_read(&options, PREDICT, MOST_ARGUMENTS + 1, many, &error));
}
END_TEST

START_TEST(numbers_stay_within_their_bounds)
{
    struct options options = {.command = SERVE};
    struct forestd_error error;
    static const struct {
        const char *text;
        bool good;
    } numbers[] = {{"0", true}, {"65535", true}, {"65536", false}, {"-1", false},
                   {"", false}, {"1x", false},   {" 1", false},    {"99999999999999999999999", false}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        unsigned long number = 0;
        options.values[OPTION_PORT] = numbers[i].text;
        ck_assert_msg(option_number(&options, OPTION_PORT, 0, 65535, &number, &error) == numbers[i].good, "'%s'",
                      numbers[i].text);
    }
    ck_assert_ptr_nonnull(strstr(error.message, "a whole number from 0 to 65535"));
}
END_TEST

START_TEST(sizes_have_units)
{
    struct options options = {.command = SERVE};
    struct forestd_error error;
    static const struct {
        const char *text;
        size_t bytes; /* 0 = refused */
    } sizes[] = {{"4096", 4096},   {"64KiB", 64 << 10}, {"64k", 64 << 10}, {"100MiB", 100 << 20},
                 {"1G", 1U << 30}, {"12B", 12},         {"1TiB", 0},       {"much", 0},
                 {"", 0},          {"1.5M", 0},         {"-1", 0},         {"18446744073709551615G", 0}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t bytes = 0;
        options.values[OPTION_MAX_BODY] = sizes[i].text;
        ck_assert_msg(option_bytes(&options, OPTION_MAX_BODY, &bytes, &error) == (sizes[i].bytes != 0), "'%s'",
                      sizes[i].text);
        ck_assert(!sizes[i].bytes || bytes == sizes[i].bytes);
    }
}
END_TEST

START_TEST(variables_are_named_after_flags)
{
    char name[VARIABLE_SIZE];
    option_variable(OPTION_MAX_BODY, name);
    ck_assert_str_eq(name, "FORESTD_MAX_BODY");
}
END_TEST

SUITE(options, the_table_is_whole, every_command_is_found_by_its_name, a_flag_goes_before_the_environment,
      words_are_flags_and_arguments, a_wrong_flag_names_the_nearest, numbers_stay_within_their_bounds, sizes_have_units,
      variables_are_named_after_flags)
