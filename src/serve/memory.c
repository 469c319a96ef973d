#include "serve/memory.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE = 512,
    CONNECTION = 64 * 1024, /* bytes that one takes */
    LEAST_CONNECTIONS = 256,
    MOST_CONNECTIONS = 10000
};

/* The two kinds of control groups, and their files. */
static const struct kind {
    const char *mount;
    const char *limit;
    const char *used;
    const char *cached; /* the line of memory.stat: files in memory, which the system can drop */
} kinds[] = {
    {"/sys/fs/cgroup", "memory.max", "memory.current", "file "},
    {"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_cache "},
};

/* The number at the start of a file. False where there is none: no such file, or "max". */
static bool read_number(const char *path, uint64_t *number)
{
    char line[LINE];
    FILE *file = fopen(path, "re");
    bool good = file && fgets(line, sizeof line, file) && line[0] >= '0' && line[0] <= '9';
    if (good)
        *number = strtoull(line, NULL, 10);
    if (file)
        (void)fclose(file);
    return good;
}

/* The number behind `word` at the start of a line. */
static uint64_t find_number(const char *path, const char *word)
{
    char line[LINE];
    uint64_t number = 0;
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, word, strlen(word)) == 0) {
            number = strtoull(line + strlen(word), NULL, 10);
            break;
        }
    }
    if (file)
        (void)fclose(file);
    return number;
}

static void lower(size_t *value, uint64_t other)
{
    if (other < *value)
        *value = (size_t)other;
}

/* A path of three parts; false when it is too long to be one. */
static bool join(char path[PATH_MAX], const char *first, const char *second, const char *third)
{
    int size = snprintf(path, PATH_MAX, "%s%s%s", first, second, third);
    return size > 0 && size < PATH_MAX;
}

/* What one control group says. */
static void read_group(const struct kind *kind, const char *folder, struct memory *memory)
{
    char path[PATH_MAX];
    uint64_t limit = 0;
    uint64_t used = 0;
    uint64_t cached = 0;
    if (!join(path, folder, "/", kind->limit) || !read_number(path, &limit))
        return;
    lower(&memory->limit, limit);
    if (!join(path, folder, "/", kind->used) || !read_number(path, &used))
        return;
    if (join(path, folder, "/memory.stat", ""))
        cached = find_number(path, kind->cached);
    used -= cached < used ? cached : used;
    lower(&memory->room, used < limit ? limit - used : 0);
}

/* The group at `group` and all above it. Inside a container the path may be the host's: then only the top is there. */
static void read_groups(const struct kind *kind, const char *root, char *group, struct memory *memory)
{
    char folder[PATH_MAX];
    for (;;) {
        if (join(folder, root, kind->mount, group))
            read_group(kind, folder, memory);
        char *slash = strrchr(group, '/');
        if (!slash)
            return;
        *slash = '\0';
    }
}

/* A line such as "0::/a/b" (v2), or "4:memory:/a/b" (v1, maybe "4:cpu,memory:/a/b"). */
static void read_line(const char *root, char *line, struct memory *memory)
{
    line[strcspn(line, "\n")] = '\0';
    char *names = strchr(line, ':');
    char *group = names ? strchr(names + 1, ':') : NULL;
    if (!group)
        return;
    *group++ = '\0';
    *names++ = '\0';
    bool second = strcmp(line, "0") == 0 && !*names;
    bool first = false;
    for (char *rest = NULL, *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest))
        first = first || strcmp(name, "memory") == 0;
    if (first || second)
        read_groups(&kinds[first ? 1 : 0], root, group, memory);
}

struct memory memory_read(const char *root)
{
    char path[PATH_MAX];
    char line[LINE];
    struct memory memory = {SIZE_MAX, SIZE_MAX};
    bool good = join(path, root, "/proc/meminfo", "");
    uint64_t total = good ? find_number(path, "MemTotal:") : 0;
    uint64_t available = good ? find_number(path, "MemAvailable:") : 0;
    if (total)
        lower(&memory.limit, total * 1024);
    if (available)
        lower(&memory.room, available * 1024);
    good = join(path, root, "/proc/self/cgroup", "");
    FILE *file = good ? fopen(path, "re") : NULL;
    while (file && fgets(line, sizeof line, file))
        read_line(root, line, &memory);
    if (file)
        (void)fclose(file);
    return memory;
}

struct shares memory_share(size_t limit)
{
    size_t requests = limit / 4;
    size_t connections = limit / 8 / CONNECTION;
    if (requests > (size_t)1 << 30)
        requests = (size_t)1 << 30;
    if (connections > MOST_CONNECTIONS)
        connections = MOST_CONNECTIONS;
    if (connections < LEAST_CONNECTIONS)
        connections = LEAST_CONNECTIONS;
    size_t own = ((size_t)24 << 20) + limit / 16;
    size_t taken = requests + connections * CONNECTION + own;
    return (struct shares){requests, taken < limit ? limit - taken : 0, (unsigned)connections};
}
