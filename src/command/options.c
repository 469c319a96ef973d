#include "command/options.h"

#include "command/nearest.h"
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct option_row option_table[OPTION_COUNT] = {
#define ROW(name, flag, value, platform, usual, commands, help) {flag, value, platform, usual, commands, help},
    OPTIONS(ROW)
#undef ROW
};

void option_variable(enum option option, char name[VARIABLE_SIZE])
{
    static const char prefix[] = "FORESTD_";
    memcpy(name, prefix, sizeof prefix - 1);
    char *at = name + sizeof prefix - 1;
    for (const char *flag = option_table[option].flag; *flag; flag++)
        *at++ = (char)(*flag == '-' ? '_' : toupper((unsigned char)*flag));
    *at = '\0';
}

/* The value of the first of the platforms' variables that has one, and which it is. */
static const char *platform_value(const char *names, char name[VARIABLE_SIZE])
{
    for (size_t size = 0; *names; names += size + (names[size] == ',')) {
        size = strcspn(names, ",");
        (void)snprintf(name, VARIABLE_SIZE, "%.*s", (int)size, names);
        const char *value = getenv(name);
        if (value && value[0])
            return value;
    }
    return NULL;
}

/*
 * Whether a variable says something of a Kubernetes service: one that is called forestd makes FORESTD_PORT
 * tcp://10.0.0.1:8080 for every container of its namespace.
 */
static bool is_service_link(const char *value)
{
    return strncmp(value, "tcp://", 6) == 0 || strncmp(value, "udp://", 6) == 0;
}

static void read_environment(struct options *options)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        char name[VARIABLE_SIZE];
        option_variable((enum option)i, name);
        const char *own = getenv(name);
        const char *platform = platform_value(option_table[i].platform, options->variables[i]);
        options->values[i] = option_table[i].usual;
        options->source[i] = NULL;
        if (own && own[0] && !(i == OPTION_PORT && is_service_link(own))) {
            options->values[i] = own;
            options->source[i] = "the environment";
        } else if (platform) {
            options->values[i] = platform;
            options->source[i] = options->variables[i];
        }
    }
}

static bool refuse_unknown(const char *word, size_t size, enum command command, struct forestd_error *error)
{
    char flag[64] = "";
    if (size < sizeof flag)
        memcpy(flag, word, size);
    const char *best = NULL;
    size_t distance = 0;
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (!(option_table[i].commands & command))
            continue;
        size_t each = word_distance(flag, option_table[i].flag);
        if (!best || each < distance) {
            best = option_table[i].flag;
            distance = each;
        }
    }
    if (best && word_is_near(flag, distance))
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "no option --%s: did you mean --%s?", flag, best);
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "no option --%s: see --help", flag);
}

static bool find_flag(const char *word, size_t size, enum command command, enum option *option)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        const char *flag = option_table[i].flag;
        if ((option_table[i].commands & command) && strlen(flag) == size && memcmp(flag, word, size) == 0) {
            *option = (enum option)i;
            return true;
        }
    }
    return false;
}

/* Options as KServe gives them to its runtimes. */
static const struct {
    const char *flag;
    enum option option;
} kserve_flags[] = {
    {"model_name", OPTION_NAME},
    {"model_dir", OPTION_MODEL},
    {"http_port", OPTION_PORT},
};

static bool find_kserve_flag(const char *word, size_t size, enum command command, enum option *option)
{
    for (size_t i = 0; i < sizeof kserve_flags / sizeof *kserve_flags; i++) {
        const char *flag = kserve_flags[i].flag;
        if (command == SERVE && strlen(flag) == size && memcmp(flag, word, size) == 0) {
            *option = kserve_flags[i].option;
            return true;
        }
    }
    return false;
}

/* One `--flag`, `--flag=value` or `--flag value`, of which `word` is what follows `--`; `*index` moves past what was read. */
static bool read_flag(struct options *options, const char *word, int count, char *const words[], int *index,
                      struct forestd_error *error)
{
    const char *equals = strchr(word, '=');
    size_t size = equals ? (size_t)(equals - word) : strlen(word);
    enum option option = OPTION_COUNT;
    if (find_kserve_flag(word, size, options->command, &option))
        options->kserve = true;
    else if (!find_flag(word, size, options->command, &option))
        return refuse_unknown(word, size, options->command, error);
    const struct option_row *row = &option_table[option];
    if (!row->value[0]) {
        if (equals)
            return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "--%s takes no value", row->flag);
        options->values[option] = "1";
    } else if (equals) {
        options->values[option] = equals + 1;
    } else if (*index + 1 < count) {
        options->values[option] = words[++*index];
    } else {
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "--%s wants a value: --%s %s", row->flag, row->flag,
                         row->value);
    }
    options->source[option] = "the command line";
    if (options->given_count == MOST_GIVEN)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "more than %d options", MOST_GIVEN);
    options->given[options->given_count].option = option;
    options->given[options->given_count++].value = options->values[option];
    return true;
}

bool options_read(struct options *options, enum command command, int count, char *const words[],
                  struct forestd_error *error)
{
    *options = (struct options){.command = command};
    read_environment(options);
    bool flags = true;
    for (int i = 0; i < count; i++) {
        const char *word = words[i];
        if (flags && strcmp(word, "--") == 0) {
            flags = false;
        } else if (flags && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            options->help = true;
        } else if (flags && strncmp(word, "--", 2) == 0) {
            if (!read_flag(options, word + 2, count, words, &i, error))
                return false;
        } else if (flags && strcmp(word, "-o") == 0) {
            if (!read_flag(options, "out", count, words, &i, error))
                return false;
        } else if (flags && word[0] == '-' && word[1]) {
            return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "no option %s: options begin with --, see --help",
                             word);
        } else if (options->argument_count < MOST_ARGUMENTS) {
            options->arguments[options->argument_count++] = word;
        } else {
            return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "too many arguments, from '%s' on", word);
        }
    }
    return true;
}

static bool refuse_value(const struct options *options, enum option option, const char *wanted,
                         struct forestd_error *error)
{
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "--%s: '%s' (from %s) is not %s", option_table[option].flag,
                     options->values[option], options->source[option] ? options->source[option] : "the table", wanted);
}

/* Digits at the start of `text`; what follows them goes to `*end`. */
static bool read_digits(const char *text, unsigned long *number, char **end)
{
    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    *number = strtoul(text, end, 10);
    return errno == 0;
}

bool option_number(const struct options *options, enum option option, unsigned long least, unsigned long most,
                   unsigned long *number, struct forestd_error *error)
{
    char *end = NULL;
    if (read_digits(options->values[option], number, &end) && *end == '\0' && *number >= least && *number <= most)
        return true;
    char wanted[96];
    (void)snprintf(wanted, sizeof wanted, "a whole number from %lu to %lu", least, most);
    return refuse_value(options, option, wanted, error);
}

bool option_bytes(const struct options *options, enum option option, size_t *bytes, struct forestd_error *error)
{
    static const struct {
        const char *unit;
        unsigned shift;
    } units[] = {{"", 0},    {"B", 0},    {"K", 10}, {"KB", 10}, {"KiB", 10}, {"M", 20},
                 {"MB", 20}, {"MiB", 20}, {"G", 30}, {"GB", 30}, {"GiB", 30}};
    unsigned long number = 0;
    char *end = NULL;
    if (read_digits(options->values[option], &number, &end)) {
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
            if (strcasecmp(end, units[i].unit) == 0 && number <= SIZE_MAX >> units[i].shift) {
                *bytes = (size_t)number << units[i].shift;
                return true;
            }
        }
    }
    return refuse_value(options, option, "a number of bytes such as 4096, 64KiB, 100MiB or 1GiB", error);
}

bool option_on(const struct options *options, enum option option)
{
    const char *value = options->values[option];
    return strcmp(value, "1") == 0 || strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0 ||
           strcasecmp(value, "on") == 0;
}
