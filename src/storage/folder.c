#include "storage/folder.h"

#include "base/candidate.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Mounts are full of symbolic links (Kubernetes lays every file of a volume behind `..data`), so links are followed;
 * a directory or file that was met before under another name is passed over, which also ends every loop.
 */

enum { DEPTH_LIMIT = 8, ENTRY_LIMIT = 10000, FOLDER_LIMIT = 1000 };

struct identity {
    dev_t device;
    ino_t inode;
};

struct search {
    const char *root;
    size_t entries;
    struct identity folders[FOLDER_LIMIT];
    size_t folder_count;
    struct identity files[2]; /* of the candidates whose paths are kept */
    char *paths[2];           /* of the first named candidate and of the first by its bytes */
    struct candidates candidates;
    struct forestd_error *error;
};

static bool same(struct identity one, struct identity other)
{
    return one.device == other.device && one.inode == other.inode;
}

static char *join(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    if (path)
        (void)snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static bool io_error(struct search *search, const char *path)
{
    return error_set(search->error, FORESTD_IO, at_nowhere(), "%s: %s", path, strerror(errno));
}

/* The first bytes of a file; 0 of them where it cannot be read. */
static size_t read_head(const char *path, uint8_t head[CONTENT_HEAD])
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return 0;
    ssize_t size = read(file, head, CONTENT_HEAD);
    close(file);
    return size > 0 ? (size_t)size : 0;
}

static bool offer_file(struct search *search, const char *path, struct identity file)
{
    uint8_t head[CONTENT_HEAD];
    struct candidates *candidates = &search->candidates;
    for (size_t i = 0; i < 2; i++)
        if (search->paths[i] && same(search->files[i], file))
            return true;
    size_t named = candidates->named;
    size_t looking = candidates->looking;
    candidates_offer(candidates, path + strlen(search->root) + 1, head, read_head(path, head), 0);
    size_t kind = candidates->named > named ? 0 : 1;
    bool first = candidates->named + candidates->looking > named + looking && !search->paths[kind];
    if (!first)
        return true;
    search->files[kind] = file;
    search->paths[kind] = strdup(path);
    return search->paths[kind] || error_memory(search->error, strlen(path), "a path");
}

static bool search_folder(struct search *search, const char *folder, int depth);

static bool visit(struct search *search, const char *path, int depth)
{
    struct stat about;
    /* A link to nothing is no model. */
    if (stat(path, &about) != 0)
        return true;
    struct identity identity = {about.st_dev, about.st_ino};
    if (S_ISREG(about.st_mode))
        return offer_file(search, path, identity);
    if (!S_ISDIR(about.st_mode) || depth == DEPTH_LIMIT)
        return true;
    for (size_t i = 0; i < search->folder_count; i++)
        if (same(search->folders[i], identity))
            return true;
    if (search->folder_count == FOLDER_LIMIT)
        return error_set(search->error, FORESTD_LIMIT, at_nowhere(),
                         "%s: more than %d directories to search: name the model's file", search->root, FOLDER_LIMIT);
    search->folders[search->folder_count++] = identity;
    return search_folder(search, path, depth + 1);
}

static bool search_folder(struct search *search, const char *folder, int depth)
{
    struct dirent **names = NULL;
    /* Sorted, so that messages do not depend on the file system. */
    int count = scandir(folder, &names, NULL, alphasort);
    if (count < 0)
        return io_error(search, folder);
    bool good = true;
    for (int i = 0; i < count; i++) {
        char *path = NULL;
        bool code = strcmp(names[i]->d_name, "code") == 0;
        if (good && ++search->entries > ENTRY_LIMIT)
            good = error_set(search->error, FORESTD_LIMIT, at_nowhere(),
                             "%s: more than %d files to search: name the model's file", search->root, ENTRY_LIMIT);
        if (good && names[i]->d_name[0] != '.' && !code) {
            path = join(folder, names[i]->d_name);
            good = path ? visit(search, path, depth) : error_memory(search->error, 0, "a path");
        }
        free(path);
        free(names[i]);
    }
    free(names);
    return good;
}

char *folder_search(const char *folder, struct forestd_error *error)
{
    struct search *search = calloc(1, sizeof *search);
    char *root = strdup(folder);
    char *found = NULL;
    uint64_t key = 0;
    const char *chosen = NULL;
    if (!search || !root) {
        error_memory(error, sizeof *search, "searching a directory");
        free(search);
        free(root);
        return NULL;
    }
    for (size_t size = strlen(root); size > 1 && root[size - 1] == '/'; size--)
        root[size - 1] = '\0';
    search->root = root;
    search->error = error;
    if (visit(search, root, 0)) {
        if (candidates_choose(&search->candidates, "the directory", &key, &chosen, error)) {
            size_t kind = search->candidates.named ? 0 : 1;
            found = search->paths[kind];
            search->paths[kind] = NULL;
        } else {
            error_prefix(error, folder);
        }
    }
    free(search->paths[0]);
    free(search->paths[1]);
    free(root);
    free(search);
    return found;
}
