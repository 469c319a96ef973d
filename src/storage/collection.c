#include "storage/collection.h"

#include "base/candidate.h"
#include "storage/folder.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What a folder is read for. */
struct reading {
    const char *folder;
    const char *name; /* of the model whose versions are looked for */
    size_t *found;
    collection_seer *see;
    void *context;
    struct forestd_error *error;
};

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* The number that a sub-folder's name is; 0 for any other name. */
static uint64_t version_of(const char *name)
{
    size_t size = strlen(name);
    if (size == 0 || size > 18 || strspn(name, "0123456789") != size)
        return 0;
    return strtoull(name, NULL, 10);
}

/* The folder's one model, or NULL: with `*good` true when there is none. */
static char *search(const char *path, bool *good, struct forestd_error *error)
{
    struct forestd_error why = {0};
    char *found = folder_search(path, &why);
    *good = found || why.code == FORESTD_NOT_FOUND;
    if (!*good && error)
        *error = why;
    return found;
}

static bool see_version(struct reading *reading, const char *name, const char *path)
{
    uint64_t version = version_of(name);
    if (!version || !is_folder(path))
        return true;
    bool good = true;
    char *found = search(path, &good, reading->error);
    if (found) {
        ++*reading->found;
        good = reading->see(reading->context, reading->name, version, found, reading->error);
    }
    free(found);
    return good;
}

static bool see_folder(struct reading *reading, const char *name, const char *path)
{
    size_t versions = 0;
    if (version_of(name))
        return see_version(reading, name, path);
    if (!collection_versions(path, name, &versions, reading->see, reading->context, reading->error))
        return false;
    if (versions)
        return true;
    bool good = true;
    char *found = search(path, &good, reading->error);
    if (found)
        good = reading->see(reading->context, name, 1, found, reading->error);
    free(found);
    return good;
}

static bool see_entry(struct reading *reading, const char *name, const char *path)
{
    if (is_folder(path))
        return see_folder(reading, name, path);
    size_t stem = candidate_stem(name);
    char *text = name[stem] && stem ? strndup(name, stem) : NULL;
    bool good = !text || reading->see(reading->context, text, 1, path, reading->error);
    free(text);
    return good;
}

/* Calls `see` for each entry that is not hidden, sorted. */
static bool each(struct reading *reading, bool (*see)(struct reading *reading, const char *name, const char *path))
{
    struct dirent **entries = NULL;
    int count = scandir(reading->folder, &entries, NULL, alphasort);
    if (count < 0)
        return error_set(reading->error, FORESTD_IO, at_nowhere(), "%s: %s", reading->folder, strerror(errno));
    bool good = true;
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (good && name[0] != '.' && strcmp(name, "code") != 0) {
            char *path = join(reading->folder, name);
            good = path ? see(reading, name, path) : error_memory(reading->error, strlen(name), "a path");
            free(path);
        }
        free(entries[i]);
    }
    free(entries);
    return good;
}

bool collection_versions(const char *folder, const char *name, size_t *found, collection_seer *see, void *context,
                         struct forestd_error *error)
{
    struct reading reading = {folder, name, found, see, context, error};
    *found = 0;
    return each(&reading, see_version);
}

bool collection_read(const char *folder, collection_seer *see, void *context, struct forestd_error *error)
{
    size_t versions = 0;
    struct reading reading = {folder, NULL, &versions, see, context, error};
    return each(&reading, see_entry);
}
