#include "read/unpack.h"
#include "unit/suite.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <zlib.h>

/* A pickle of None, which is as small as they are. */
static const char model[] = "\x80\x04N.";
enum { MODEL = sizeof model - 1, ROOM = 64 * 1024 };

static uint8_t packed[ROOM];

/* Packs `bytes` through libarchive as a lone stream; returns the size of what is in `packed`. */
static size_t compress_with(const char *filter, const void *bytes, size_t size)
{
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    size_t used = 0;
    ck_assert_int_eq(archive_write_add_filter_by_name(archive, filter), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_set_format_raw(archive), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_open_memory(archive, packed, sizeof packed, &used), ARCHIVE_OK);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_pathname(entry, "data");
    ck_assert_int_eq(archive_write_header(archive, entry), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_data(archive, bytes, size), (la_ssize_t)size);
    archive_entry_free(entry);
    ck_assert_int_eq(archive_write_free(archive), ARCHIVE_OK);
    return used;
}

/* An archive of the model under each of the names; returns its size. */
static size_t archive_of(const char *format, const char *filter, const char *const *names, size_t count)
{
    struct archive *archive = archive_write_new();
    size_t used = 0;
    ck_assert_int_eq(archive_write_set_format_by_name(archive, format), ARCHIVE_OK);
    if (filter)
        ck_assert_int_eq(archive_write_add_filter_by_name(archive, filter), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_open_memory(archive, packed, sizeof packed, &used), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_pathname(entry, names[i]);
        archive_entry_set_size(entry, MODEL);
        ck_assert_int_eq(archive_write_header(archive, entry), ARCHIVE_OK);
        ck_assert_int_eq(archive_write_data(archive, model, MODEL), MODEL);
        archive_entry_free(entry);
    }
    ck_assert_int_eq(archive_write_free(archive), ARCHIVE_OK);
    return used;
}

static void finds_the_model(size_t size, const char *layers)
{
    struct unpacked unpacked;
    struct forestd_error error;
    bool good = unpack(packed, size, NULL, &unpacked, &error);
    ck_assert_msg(good, "%s: %s", layers, error.message);
    ck_assert_uint_eq(unpacked.size, MODEL);
    ck_assert_mem_eq(unpacked.bytes, model, MODEL);
    ck_assert_str_eq(unpacked.layers, layers);
    unpacked_close(&unpacked);
}

START_TEST(undoes_every_compression)
{
    static const char *const filters[][2] = {
        {"gzip", "gzip"}, {"bzip2", "bz2"}, {"xz", "xz"}, {"lzma", "lzma"}, {"lz4", "lz4"},
    };
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        finds_the_model(compress_with(filters[i][0], model, MODEL), filters[i][1]);
    uLongf size = sizeof packed;
    ck_assert_int_eq(compress(packed, &size, (const uint8_t *)model, MODEL), Z_OK);
    finds_the_model(size, "zlib");
    memcpy(packed, model, MODEL);
    finds_the_model(MODEL, "");
}
END_TEST

START_TEST(finds_the_one_model_of_an_archive)
{
    static const char *const names[] = {"README.md", ".hidden/model.joblib", "code/model.joblib", "./1/model.joblib",
                                        "._model.joblib"};
    finds_the_model(archive_of("ustar", NULL, names, 5), "tar > 1/model.joblib");
    finds_the_model(archive_of("pax", "gzip", names, 5), "gzip > tar > 1/model.joblib");
    finds_the_model(archive_of("zip", NULL, names, 5), "zip > 1/model.joblib");
}
END_TEST

START_TEST(two_models_are_named_both)
{
    static const char *const names[] = {"a.joblib", "b.joblib"};
    struct unpacked unpacked;
    struct forestd_error error;
    ck_assert(!unpack(packed, archive_of("ustar", NULL, names, 2), NULL, &unpacked, &error));
    unpacked_close(&unpacked);
    ck_assert_int_eq(error.code, FORESTD_AMBIGUOUS);
    ck_assert(strstr(error.message, "a.joblib") && strstr(error.message, "b.joblib"));
}
END_TEST

START_TEST(refuses_what_is_no_model)
{
    static const struct {
        const char *bytes;
        const char *says;
    } files[] = {
        {"", "it is empty"},
        {"<html>", "begins with '<html>'"},
        {"version https://git-lfs.github.com/spec/v1", "git lfs pull"},
        {"ZFabc", "joblib before 0.10"},
        {"x\x9c\x01", "ends in the middle"},
        {"x\x9cgarbage", "zlib compression is damaged"},
        {"BZh9garbage", "begins as bz2 does and is not"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct unpacked unpacked;
        struct forestd_error error;
        ck_assert_msg(!unpack((const uint8_t *)files[i].bytes, strlen(files[i].bytes), NULL, &unpacked, &error),
                      "row %zu", i);
        unpacked_close(&unpacked);
        ck_assert_msg(strstr(error.message, files[i].says) != NULL, "row %zu: %s", i, error.message);
    }
}
END_TEST

START_TEST(layers_within_layers_end)
{
    static uint8_t inner[ROOM];
    size_t size = MODEL;
    memcpy(inner, model, MODEL);
    for (int layer = 0; layer < 6; layer++) {
        size = compress_with(layer % 2 ? "gzip" : "xz", inner, size);
        memcpy(inner, packed, size);
    }
    finds_the_model(size, "gzip > xz > gzip > xz > gzip > xz");
    size = compress_with("xz", inner, size);
    struct unpacked unpacked;
    struct forestd_error error;
    ck_assert(!unpack(packed, size, NULL, &unpacked, &error));
    ck_assert_int_eq(error.code, FORESTD_LIMIT);
    unpacked_close(&unpacked);
}
END_TEST

SUITE(unpack, undoes_every_compression, finds_the_one_model_of_an_archive, two_models_are_named_both,
      refuses_what_is_no_model, layers_within_layers_end)
