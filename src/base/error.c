#include "base/error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *forestd_code_word(enum forestd_code code)
{
    switch (code) {
#define WORD(name, word, when)                                                                                         \
    case FORESTD_##name:                                                                                               \
        return word;
        FORESTD_CODES(WORD)
#undef WORD
    }
    return "unknown";
}

struct forestd_where at_nowhere(void)
{
    return (struct forestd_where){FORESTD_NOWHERE, 0, 0};
}

struct forestd_where at_byte(uint64_t byte)
{
    return (struct forestd_where){FORESTD_BYTE, byte, 0};
}

struct forestd_where at_row(uint64_t row)
{
    return (struct forestd_where){FORESTD_ROW, row, 0};
}

struct forestd_where at_cell(uint64_t row, uint64_t column)
{
    return (struct forestd_where){FORESTD_CELL, row, column};
}

struct forestd_where at_node(uint64_t tree, uint64_t node)
{
    return (struct forestd_where){FORESTD_NODE, tree, node};
}

/* A message that was cut may end inside a UTF-8 sequence: drop the broken tail. */
static void trim_utf8(char *text)
{
    size_t size = strlen(text);
    size_t tail = 0;
    while (tail < size && tail < 4 && ((unsigned char)text[size - 1 - tail] & 0xC0) == 0x80)
        tail++;
    if (tail == size)
        return;
    unsigned char lead = (unsigned char)text[size - 1 - tail];
    size_t wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (wanted > tail)
        text[size - 1 - tail] = '\0';
}

void error_write(struct forestd_error *error, enum forestd_code code, struct forestd_where where, const char *format,
                 ...)
{
    if (!error)
        return;
    error->code = code;
    error->where = where;
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    if (size >= (int)sizeof error->message)
        trim_utf8(error->message);
}

void error_write_memory(struct forestd_error *error, uint64_t bytes, const char *what)
{
    error_write(error, FORESTD_MEMORY, at_nowhere(),
                "no memory for %s (%" PRIu64 " bytes): give the process more, or send less at once", what, bytes);
}

void error_write_prefix(struct forestd_error *error, const char *prefix)
{
    if (!error)
        return;
    char message[FORESTD_MESSAGE_SIZE];
    memcpy(message, error->message, sizeof message);
    error_write(error, error->code, error->where, "%s: %s", prefix, message);
}
