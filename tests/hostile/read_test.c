/*
 * Files that want to do harm. None may crash, hang, read past its end, or take memory that it does not justify; each ends in
 * a model or in an error with a sentence.
 */
#include "engine/engine.h"
#include "unit/file.h"
#include "unit/guard.h"
#include "unit/suite.h"

#include <archive.h>
#include <archive_entry.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <zlib.h>

/* Opens the bytes at the end of a guarded page. A model that opens is asked for a prediction, which must stay inside it. */
static bool try_open(const struct guard *guard, const void *bytes, size_t size, struct forestd_error *error)
{
    error->message[0] = '\0';
    struct forestd_model *model = forestd_open_bytes(guard_copy(guard, bytes, size), size, "file", error);
    if (!model) {
        ck_assert_msg(strncmp(error->message, "file: ", 6) == 0, "no sentence: '%s'", error->message);
        return false;
    }
    const struct forestd_summary *about = forestd_describe(model);
    float *row = calloc(about->features + 1, sizeof *row);
    double *values = calloc(about->width + 1, sizeof *values);
    uint32_t *choices = calloc(about->outputs + 1, sizeof *choices);
    ck_assert(row && values && choices);
    ck_assert(forestd_predict(model, row, 1, values, choices, error));
    free(choices);
    free(values);
    free(row);
    forestd_close(model);
    return true;
}

static const char *const small_files[] = {
    "golden/1.9.1/single_node_tree.joblib",
    "golden/1.2.2/feature_names_tree.joblib",
};

START_TEST(every_truncation_is_refused)
{
    for (size_t k = 0; k < sizeof small_files / sizeof *small_files; k++) {
        struct file file = file_read(small_files[k]);
        struct guard guard = guard_open(file.size);
        struct forestd_error error;
        for (size_t size = 0; size < file.size; size++)
            ck_assert_msg(!try_open(&guard, file.bytes, size, &error), "%zu bytes of %s open", size, small_files[k]);
        ck_assert(try_open(&guard, file.bytes, file.size, &error));
        guard_close(&guard);
        free(file.bytes);
    }
}
END_TEST

START_TEST(every_changed_byte_is_survived)
{
    for (size_t k = 0; k < sizeof small_files / sizeof *small_files; k++) {
        struct file file = file_read(small_files[k]);
        struct guard guard = guard_open(file.size);
        struct forestd_error error;
        for (size_t i = 0; i < file.size; i++) {
            unsigned char whole = file.bytes[i];
            for (unsigned other = 0; other < 256; other += other < 8 || other > 120 ? 1 : 5) {
                file.bytes[i] = (unsigned char)other;
                (void)try_open(&guard, file.bytes, file.size, &error);
            }
            file.bytes[i] = whole;
        }
        guard_close(&guard);
        free(file.bytes);
    }
}
END_TEST

/* A larger file, with splits: the words of its node arrays become other words. */
START_TEST(every_changed_word_is_survived)
{
    static const int64_t words[] = {-3, -2,      -1,        0,         1,         2,
                                    3,  1 << 20, INT32_MAX, INT64_MAX, INT64_MIN, 0x7FF8000000000000};
    struct file file = file_read("golden/1.9.1/stumps.joblib");
    struct guard guard = guard_open(file.size);
    struct forestd_error error;
    for (size_t i = 0; i + 8 <= file.size; i += 4) {
        unsigned char whole[8];
        memcpy(whole, file.bytes + i, sizeof whole);
        for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
            memcpy(file.bytes + i, &words[k], sizeof whole);
            (void)try_open(&guard, file.bytes, file.size, &error);
        }
        memcpy(file.bytes + i, whole, sizeof whole);
    }
    guard_close(&guard);
    free(file.bytes);
}
END_TEST

static size_t peak_kilobytes(void)
{
    struct rusage usage;
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return (size_t)usage.ru_maxrss;
}

/* Opens hostile bytes, which must be refused without the process growing by more than `allowance` megabytes. */
static void refuse(const void *bytes, size_t size, size_t allowance)
{
    struct guard guard = guard_open(size);
    struct forestd_error error;
    size_t before = peak_kilobytes();
    ck_assert_msg(!try_open(&guard, bytes, size, &error), "a hostile file opens");
    size_t grown = peak_kilobytes() - before;
    ck_assert_msg(grown < allowance * 1024, "it took %zu kB: %s", grown, error.message);
    guard_close(&guard);
}

#define LITERAL(text) text, sizeof(text) - 1

START_TEST(small_pickles_take_no_gigabytes)
{
    static const struct {
        const char *bytes;
        size_t size;
    } bombs[] = {
        {LITERAL("\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f")},           /* bytes of 2^63 */
        {LITERAL("\x80\x04\x8d\x00\x00\x00\x00\x01\x00\x00\x00")},           /* a text of 4 GiB */
        {LITERAL("\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff.")},          /* a frame of 2^64 */
        {LITERAL("\x80\x02]r\xff\xff\xff\xff.")},                            /* memo entry 2^32 */
        {LITERAL("\x80\x02j\xff\xff\xff\xff.")},                             /* reads memo entry 2^32 */
        {LITERAL("(p4000000000\n.")},                                        /* the same in text */
        {LITERAL("\x80\x04\x8b\xff\xff\xff\x7f.")},                          /* an integer of 2 GiB */
        {LITERAL("I99999999999999999999999999999999999999\n.")},             /* an integer of many digits */
        {LITERAL("cos\nsystem\n(S'true'\ntR.")},                             /* code */
        {LITERAL("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.")}, /* code, newer */
        {LITERAL("c__builtin__\neval\n(S'1'\ntR.")},
        {LITERAL("(ios\nsystem\n.")},
        {LITERAL("\x80\x02\x82\x01.")}, /* an extension */
        {LITERAL("Pname\n.")},          /* a persistent id */
        {LITERAL("\x80\x05\x97.")},     /* a buffer that is elsewhere */
        {LITERAL("0")},
        {LITERAL("t")},
        {LITERAL("(((((((((.")},
        {LITERAL("\x80\x09.")}, /* a protocol that does not exist */
        {LITERAL("N.")},
        {LITERAL("]2a.")}, /* a list that holds itself */
        {LITERAL("}2N\x86.")},
        {LITERAL(".")},
    };
    for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++)
        refuse(bombs[i].bytes, bombs[i].size, 64);
}
END_TEST

static void refuse_repeated(const char *start, const char *opcodes, size_t bytes, size_t allowance)
{
    size_t step = strlen(opcodes);
    struct file file = {malloc(bytes), strlen(start)};
    ck_assert_ptr_nonnull(file.bytes);
    memcpy(file.bytes, start, file.size);
    while (file.size + step <= bytes) {
        memcpy(file.bytes + file.size, opcodes, step);
        file.size += step;
    }
    refuse(file.bytes, file.size, allowance);
    free(file.bytes);
}

/* A megabyte of each: lists, marks, duplicates, nested tuples, memo entries. */
START_TEST(repeated_opcodes_take_a_multiple_of_the_file)
{
    static const char *const repeated[] = {"]", "(", "2", "\x85", "N", "}", "\x94", ")", "]a", "\x8f", "(d", "(l"};
    for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++)
        refuse_repeated("\x80\x04]", repeated[i], 1 << 20, 400);
}
END_TEST

/* 600 MB of nothing, packed once or twice, claim to be a model. */
START_TEST(compression_bombs_are_bounded)
{
    size_t size = (size_t)600 << 20;
    uLongf packed_size = compressBound(size);
    unsigned char *plain = calloc(size, 1);
    unsigned char *packed = malloc(packed_size);
    ck_assert(plain && packed);
    memcpy(plain, "\x80\x04]", 3);
    ck_assert_int_eq(compress2(packed, &packed_size, plain, size, 9), Z_OK);
    free(plain);
    uLongf twice_size = compressBound(packed_size);
    unsigned char *twice = malloc(twice_size);
    ck_assert_ptr_nonnull(twice);
    ck_assert_int_eq(compress2(twice, &twice_size, packed, packed_size, 9), Z_OK);
    struct guard guard = guard_open(packed_size);
    struct forestd_error error;
    ck_assert(!try_open(&guard, twice, twice_size, &error));
    ck_assert(!try_open(&guard, packed, packed_size, &error));
    guard_close(&guard);
    free(twice);
    free(packed);
}
END_TEST

/* A tar of one entry of this kind and name. */
static size_t make_archive(char *bytes, size_t size, const char *name, mode_t kind, const char *link,
                           struct file content)
{
    size_t used = 0;
    struct archive *archive = archive_write_new();
    ck_assert_int_eq(archive_write_set_format_ustar(archive), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_open_memory(archive, bytes, size, &used), ARCHIVE_OK);
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, kind);
    archive_entry_set_perm(entry, 0644);
    if (link)
        archive_entry_set_symlink(entry, link);
    archive_entry_set_size(entry, link ? 0 : (la_int64_t)content.size);
    ck_assert_int_eq(archive_write_header(archive, entry), ARCHIVE_OK);
    if (!link)
        ck_assert_int_eq(archive_write_data(archive, content.bytes, content.size), (la_ssize_t)content.size);
    archive_entry_free(entry);
    ck_assert_int_eq(archive_write_free(archive), ARCHIVE_OK);
    return used;
}

START_TEST(archives_reach_nothing_outside)
{
    struct file model = file_read(small_files[0]);
    static char bytes[1 << 20];
    const struct {
        const char *name;
        mode_t kind;
        const char *link;
        bool opens;
    } entries[] = {
        {"model.joblib", AE_IFREG, NULL, true},           {"./a/b/model.joblib", AE_IFREG, NULL, true},
        {"model.joblib", AE_IFLNK, "/etc/passwd", false}, {"../model.joblib", AE_IFREG, NULL, false},
        {"/etc/model.joblib", AE_IFREG, NULL, false},     {"a/../../model.joblib", AE_IFREG, NULL, false},
        {"._model.joblib", AE_IFREG, NULL, false},        {"code/model.joblib", AE_IFREG, NULL, false},
        {".hidden/model.joblib", AE_IFREG, NULL, false},
    };
    struct guard guard = guard_open(sizeof bytes);
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        size_t size = make_archive(bytes, sizeof bytes, entries[i].name, entries[i].kind, entries[i].link, model);
        struct forestd_error error;
        bool opened = try_open(&guard, bytes, size, &error);
        ck_assert_msg(opened == entries[i].opens, "%s: %s", entries[i].name, opened ? "opens" : error.message);
    }
    guard_close(&guard);
    free(model.bytes);
}
END_TEST

SUITE(read, every_truncation_is_refused, every_changed_byte_is_survived, every_changed_word_is_survived,
      small_pickles_take_no_gigabytes, repeated_opcodes_take_a_multiple_of_the_file, compression_bombs_are_bounded,
      archives_reach_nothing_outside)
