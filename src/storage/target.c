#include "storage/target.h"

#include "cloud/digest.h"
#include "cloud/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_HEX = 16 }; /* digits for the address, and again for the state */

/* The number that a file of the system holds; 0 where there is none. */
static uint64_t number_in(const char *path)
{
    char *text = text_file(path, NULL);
    uint64_t number = text ? strtoull(text, NULL, 10) : 0;
    free(text);
    return number;
}

/* Bytes that this process can have at most: of the machine, and of its group where that has a limit. */
static uint64_t most_memory(void)
{
    uint64_t machine = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t group = number_in("/sys/fs/cgroup/memory.max");
    if (!group)
        group = number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes");
    return group && group < machine ? group : machine;
}

static bool too_large(size_t size, struct forestd_error *error)
{
    return error_set(error, FORESTD_MEMORY, at_nowhere(),
                     "it has %zu bytes, more than the memory that there is for it: give the process more, or fetch it "
                     "with --cache",
                     size);
}

bool target_open_memory(struct target *target, size_t size, struct budget *budget, struct forestd_error *error)
{
    *target = (struct target){.file = -1};
    if (size > most_memory() || !budget_take(budget, size))
        return too_large(size, error);
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED) {
        budget_give_back(budget, size);
        return error_memory(error, size, "the object");
    }
    /* Fewer page faults: half of the time of a fast fetch. */
    (void)madvise(bytes, size, MADV_HUGEPAGE);
    target->bytes = bytes;
    target->size = size;
    target->budget = budget;
    return true;
}

bool target_grow(struct target *target, size_t size, struct forestd_error *error)
{
    size_t more = size - target->size;
    if (size > most_memory() || !budget_take(target->budget, more))
        return too_large(size, error);
    void *bytes = mremap(target->bytes, target->size, size, MREMAP_MAYMOVE);
    if (bytes == MAP_FAILED) {
        budget_give_back(target->budget, more);
        return error_memory(error, size, "the object");
    }
    target->bytes = bytes;
    target->size = size;
    return true;
}

static bool refused(const char *path, struct forestd_error *error)
{
    return error_set(error, FORESTD_IO, at_nowhere(), "the cache %s: %s", path, strerror(errno));
}

/* The cache's folder, opened; -1 and `error`. Nobody else may write there: what is in it is loaded unseen. */
static int open_folder(char **path, struct forestd_error *error)
{
    const char *parent = variable("TMPDIR");
    *path = text_print(error, "%s/forestd-%u", parent ? parent : "/tmp", (unsigned)geteuid());
    if (!*path)
        return -1;
    if (mkdir(*path, 0700) != 0 && errno != EEXIST) {
        refused(*path, error);
        return -1;
    }
    struct stat about;
    int folder = open(*path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) {
        refused(*path, error);
        return -1;
    }
    if (fstat(folder, &about) == 0 && about.st_uid == geteuid() && (about.st_mode & 0077) == 0)
        return folder;
    error_set(error, FORESTD_IO, at_nowhere(),
              "the cache %s is not this user's alone: remove it, or set TMPDIR to another place", *path);
    (void)close(folder);
    return -1;
}

static bool ends_in_part(const char *name)
{
    size_t size = strlen(name);
    return size > 5 && strcmp(name + size - 5, ".part") == 0;
}

/* Whose writer lives is locked. */
static void remove_abandoned(int folder, const char *name)
{
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0)
        (void)unlinkat(folder, name, 0);
    if (file >= 0)
        (void)close(file);
}

/* Removes abandoned parts; and with `keep`, the other files of the same object. */
static void tidy(int folder, const char *keep)
{
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = again < 0 ? NULL : fdopendir(again);
    if (!list) {
        if (again >= 0)
            (void)close(again);
        return;
    }
    for (const struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
        const char *name = entry->d_name;
        if (ends_in_part(name))
            remove_abandoned(folder, name);
        else if (keep && strncmp(name, keep, NAME_HEX + 1) == 0 && strcmp(name, keep) != 0)
            (void)unlinkat(folder, name, 0);
    }
    (void)closedir(list);
}

static void write_name(const char *address, const char *pin, size_t size, char name[2 * NAME_HEX + 2])
{
    char hash[SHA256_HEX];
    char *state = text_print(NULL, "%s %zu", pin, size);
    sha256_hex(address, strlen(address), hash);
    (void)snprintf(name, NAME_HEX + 2, "%.*s-", NAME_HEX, hash);
    sha256_hex(state ? state : pin, strlen(state ? state : pin), hash);
    (void)snprintf(name + NAME_HEX + 1, NAME_HEX + 1, "%.*s", NAME_HEX, hash);
    free(state);
}

static bool map_file(struct target *target, size_t size, bool writable, struct forestd_error *error)
{
    void *bytes = mmap(NULL, size, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, target->file, 0);
    if (bytes == MAP_FAILED)
        return refused(target->path ? target->path : target->part_path, error);
    target->bytes = bytes;
    target->size = size;
    return true;
}

static bool find(struct target *target, size_t size, bool *found, struct forestd_error *error)
{
    struct stat about;
    target->file = open(target->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    *found = target->file >= 0 && fstat(target->file, &about) == 0 && S_ISREG(about.st_mode) &&
             (size_t)about.st_size == size;
    if (*found)
        return map_file(target, size, false, error);
    if (target->file >= 0)
        (void)close(target->file);
    target->file = -1;
    return true;
}

static bool make(struct target *target, size_t size, struct forestd_error *error)
{
    target->file = mkostemps(target->part_path, (int)strlen(".part"), O_CLOEXEC);
    if (target->file < 0) {
        free(target->part_path);
        target->part_path = NULL;
        return refused(target->path ? target->path : "file", error);
    }
    (void)flock(target->file, LOCK_EX | LOCK_NB);
    /* All of it at once: a file system that runs full later would end the process. */
    int why = posix_fallocate(target->file, 0, (off_t)size);
    if (why != 0)
        return error_set(error, FORESTD_IO, at_nowhere(),
                         "the cache %s: no room for %zu bytes (%s): set TMPDIR to "
                         "another place, or fetch without --cache",
                         target->part_path, size, strerror(why));
    return map_file(target, size, true, error);
}

bool target_open_cache(struct target *target, const char *address, const char *pin, size_t size, bool *found,
                       struct forestd_error *error)
{
    char *path = NULL;
    char name[2 * NAME_HEX + 2];
    *target = (struct target){.file = -1};
    *found = false;
    int folder = open_folder(&path, error);
    bool good = folder >= 0;
    write_name(address, pin, size, name);
    if (good && *pin) {
        target->path = text_print(error, "%s/%s", path, name);
        good = target->path && find(target, size, found, error);
    }
    if (good && !*found) {
        tidy(folder, NULL);
        target->part_path = text_print(error, "%s/%s-XXXXXX.part", path, name);
        good = target->part_path && make(target, size, error);
    }
    if (folder >= 0)
        (void)close(folder);
    free(path);
    return good;
}

bool target_keep(struct target *target, struct forestd_error *error)
{
    if (!target->part_path)
        return true;
    if (!target->path) {
        (void)unlink(target->part_path);
    } else if (fsync(target->file) != 0 || rename(target->part_path, target->path) != 0) {
        return refused(target->part_path, error);
    } else {
        char *slash = strrchr(target->path, '/');
        *slash = '\0';
        int folder = open(target->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        *slash = '/';
        if (folder >= 0) {
            tidy(folder, slash + 1);
            (void)close(folder);
        }
    }
    free(target->part_path);
    target->part_path = NULL;
    return true;
}

void target_close(struct target *target)
{
    if (target->bytes) {
        (void)munmap(target->bytes, target->size);
        if (target->file < 0)
            budget_give_back(target->budget, target->size);
    }
    if (target->part_path)
        (void)unlink(target->part_path);
    if (target->file >= 0)
        (void)close(target->file);
    free(target->part_path);
    free(target->path);
    *target = (struct target){.file = -1};
}
