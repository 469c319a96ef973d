/*
 * Files of tests/, whole in memory.
 */
#ifndef UNIT_FILE_H
#define UNIT_FILE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

struct file {
    unsigned char *bytes; /* [size], for the caller to free */
    size_t size;
};

/* `path` begins in tests/. */
static inline struct file file_read(const char *path)
{
    char whole[512];
    (void)snprintf(whole, sizeof whole, "%s/%s", TESTS_FOLDER, path);
    FILE *stream = fopen(whole, "rb");
    ck_assert_msg(stream != NULL, "%s cannot be opened", whole);
    ck_assert_int_eq(fseek(stream, 0, SEEK_END), 0);
    struct file file = {.size = (size_t)ftell(stream)};
    ck_assert_int_eq(fseek(stream, 0, SEEK_SET), 0);
    file.bytes = malloc(file.size);
    ck_assert_ptr_nonnull(file.bytes);
    ck_assert_uint_eq(fread(file.bytes, 1, file.size, stream), file.size);
    ck_assert_int_eq(fclose(stream), 0);
    return file;
}

#endif
