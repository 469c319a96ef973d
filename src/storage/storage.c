#include "storage/storage.h"

#include "storage/address.h"
#include "storage/folder.h"
#include "storage/remote.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refused(const char *address, int why, struct forestd_error *error)
{
    if (why == ENOENT || why == ENOTDIR)
        return error_set(error, FORESTD_NOT_FOUND, at_nowhere(), "%s: there is no such file or directory", address);
    if (why == EACCES || why == EPERM)
        return error_set(error, FORESTD_IO, at_nowhere(),
                         "%s: this user may not read it: change its permissions, or the user that forestd runs as",
                         address);
    return error_set(error, FORESTD_IO, at_nowhere(), "%s: %s", address, strerror(why));
}

static bool map(int file, size_t size, struct artifact *artifact, struct forestd_error *error)
{
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED)
        return refused(artifact->path, errno, error);
    /* A reader goes through it once, from the start. */
    (void)madvise(bytes, size, MADV_SEQUENTIAL);
    artifact->bytes = bytes;
    artifact->size = size;
    artifact->mapped = size;
    return true;
}

static bool open_file(struct artifact *artifact, struct forestd_error *error)
{
    /* Not blocking: opening a pipe would wait for its writer. */
    int file = open(artifact->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    if (file < 0)
        return refused(artifact->path, errno, error);
    bool good = false;
    if (fstat(file, &about) != 0)
        refused(artifact->path, errno, error);
    else if (!S_ISREG(about.st_mode))
        error_set(error, FORESTD_IO, at_nowhere(), "%s: it is no regular file or directory (a pipe, socket or device?)",
                  artifact->path);
    else if (about.st_size == 0)
        error_set(error, FORESTD_FORMAT, at_byte(0), "%s: it is empty: copy or download the file again",
                  artifact->path);
    else
        good = map(file, (size_t)about.st_size, artifact, error);
    close(file);
    return good;
}

static bool fetch_path(const char *address, struct artifact *artifact, struct forestd_error *error)
{
    struct stat about;
    if (stat(address, &about) != 0)
        return refused(address, errno, error);
    artifact->path = S_ISDIR(about.st_mode) ? folder_search(address, error) : strdup(address);
    if (!artifact->path && !S_ISDIR(about.st_mode))
        return error_memory(error, strlen(address), "a path");
    return artifact->path && open_file(artifact, error);
}

bool storage_fetch(const char *text, const struct storage_options *options, struct artifact *artifact,
                   struct forestd_error *error)
{
    struct address address;
    *artifact = (struct artifact){0};
    if (!address_read(&address, text, error))
        return false;
    const struct storage_options usual = {0};
    bool good = address.place == PLACE_PATH ? fetch_path(text, artifact, error)
                                            : remote_fetch(&address, options ? options : &usual, artifact, error);
    address_close(&address);
    if (!good)
        artifact_close(artifact);
    return good;
}

void artifact_close(struct artifact *artifact)
{
    if (artifact->bytes)
        (void)munmap((void *)(uintptr_t)artifact->bytes, artifact->mapped);
    if (artifact->budget)
        budget_give_back(artifact->budget, artifact->mapped);
    free(artifact->path);
    *artifact = (struct artifact){0};
}

char *storage_show(const char *address)
{
    return address_show(address);
}
