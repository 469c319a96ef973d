#include "command/tarball.h"

#include "cloud/text.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Whatever libarchive writes brings the writers of all its formats along. That of xar is the one that needs a further
 * library, libxml2, which is not worth it: it is said here not to be there.
 */
int archive_write_set_format_xar(struct archive *archive)
{
    archive_set_error(archive, ENOTSUP, "xar is not written");
    return ARCHIVE_FATAL;
}

static bool failed(struct archive *archive, struct forestd_error *error)
{
    const char *why = archive_error_string(archive);
    return error_set(error, FORESTD_IO, at_nowhere(), "it cannot be written: %s", why ? why : "no reason given");
}

static bool read_epoch(time_t *seconds, struct forestd_error *error)
{
    const char *text = variable("SOURCE_DATE_EPOCH");
    char *end = NULL;
    *seconds = 0;
    if (!text)
        return true;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || *end || value < 0)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                         "SOURCE_DATE_EPOCH: '%.40s' is no number of seconds since 1970", text);
    *seconds = (time_t)value;
    return true;
}

static bool add_file(struct archive *archive, const struct tarball_file *file, time_t seconds,
                     struct forestd_error *error)
{
    struct archive_entry *entry = archive_entry_new();
    if (!entry)
        return error_memory(error, 0, "an archive");
    archive_entry_set_pathname(entry, file->name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_uid(entry, 0);
    archive_entry_set_gid(entry, 0);
    archive_entry_set_uname(entry, "root");
    archive_entry_set_gname(entry, "root");
    archive_entry_set_mtime(entry, seconds, 0);
    archive_entry_set_size(entry, (la_int64_t)file->size);
    bool good = archive_write_header(archive, entry) == ARCHIVE_OK;
    archive_entry_free(entry);
    for (size_t done = 0; good && done < file->size;) {
        la_ssize_t size = archive_write_data(archive, (const char *)file->bytes + done, file->size - done);
        good = size > 0;
        done += good ? (size_t)size : 0;
    }
    return good || failed(archive, error);
}

static bool open_archive(struct archive *archive, int file, struct forestd_error *error)
{
    /* Sizes of more than 8 GiB, and nothing else that the oldest readers do not know. */
    bool good = archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK &&
                archive_write_add_filter_gzip(archive) == ARCHIVE_OK &&
                archive_write_set_filter_option(archive, "gzip", "timestamp", NULL) == ARCHIVE_OK &&
                archive_write_open_fd(archive, file) == ARCHIVE_OK;
    return good || failed(archive, error);
}

bool tarball_write(int file, const struct tarball_file *files, size_t count, uint64_t *written,
                   struct forestd_error *error)
{
    time_t seconds = 0;
    if (!read_epoch(&seconds, error))
        return false;
    struct archive *archive = archive_write_new();
    if (!archive)
        return error_memory(error, 0, "an archive");
    bool good = open_archive(archive, file, error);
    for (size_t i = 0; good && i < count; i++)
        good = add_file(archive, &files[i], seconds, error);
    if (good && archive_write_close(archive) != ARCHIVE_OK)
        good = failed(archive, error);
    la_int64_t size = archive_filter_bytes(archive, -1);
    *written = size > 0 ? (uint64_t)size : 0;
    archive_write_free(archive);
    return good;
}
