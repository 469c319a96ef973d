#include "base/processors.h"

#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 512 };

/* Time that may be used of each period, both in the same unit. */
struct quota {
    long long time; /* 0 or less = no limit */
    long long period;
};

static unsigned least(unsigned limit, struct quota quota)
{
    if (quota.time <= 0 || quota.period <= 0)
        return limit;
    long long count = quota.time / quota.period + (quota.time % quota.period != 0);
    if (count > INT_MAX)
        return limit;
    return !limit || count < (long long)limit ? (unsigned)count : limit;
}

/* The first line of a file, without its end; false when there is none. */
static bool read_line(const char *folder, const char *name, char line[LINE_SIZE])
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return false;
    FILE *file = fopen(path, "re");
    bool good = file && fgets(line, LINE_SIZE, file);
    if (file)
        (void)fclose(file);
    if (good)
        line[strcspn(line, "\n")] = '\0';
    return good;
}

static long long number_in(const char *folder, const char *name)
{
    char line[LINE_SIZE];
    return read_line(folder, name, line) ? strtoll(line, NULL, 10) : 0;
}

/* Version 2: one file, "max 100000" or "150000 100000". */
static struct quota quota_of_two(const char *folder)
{
    char line[LINE_SIZE];
    struct quota quota = {0};
    if (read_line(folder, "cpu.max", line)) {
        char *rest = NULL;
        quota.time = strtoll(line, &rest, 10); /* 0 for "max" */
        quota.period = strtoll(rest, NULL, 10);
    }
    return quota;
}

static struct quota quota_of_one(const char *folder)
{
    return (struct quota){number_in(folder, "cpu.cfs_quota_us"), number_in(folder, "cpu.cfs_period_us")};
}

/*
 * The least limit of a group and of those above it, up to where they are mounted. In a container the path may be the
 * host's, of which nothing but the mounted folder itself is there.
 */
static unsigned limit_of(const char *root, const char *mounted, const char *path, struct quota (*quota)(const char *))
{
    char folder[PATH_MAX];
    int top = snprintf(folder, sizeof folder, "%s%s", root, mounted);
    if (top < 0 || snprintf(folder + top, sizeof folder - (size_t)top, "%s", path) >= (int)sizeof folder - top)
        return 0;
    unsigned limit = 0;
    for (;;) {
        limit = least(limit, quota(folder));
        char *slash = strrchr(folder + top, '/');
        if (!slash)
            return limit;
        *slash = '\0';
    }
}

/* Whether a list with commas, such as "cpu,cpuacct", has the word. */
static bool lists(const char *list, const char *word)
{
    size_t size = strlen(word);
    for (const char *at = list; (at = strstr(at, word)) != NULL; at++)
        if ((at == list || at[-1] == ',') && (at[size] == '\0' || at[size] == ','))
            return true;
    return false;
}

/* A line of /proc/self/cgroup: "0::/path" for version 2, "4:cpu,cpuacct:/path" for version 1. */
static unsigned limit_of_line(const char *root, char *line)
{
    char *controllers = strchr(line, ':');
    char *path = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!path)
        return 0;
    *path++ = '\0';
    controllers++;
    if (!*controllers)
        return limit_of(root, "/sys/fs/cgroup", path, quota_of_two);
    return lists(controllers, "cpu") ? limit_of(root, "/sys/fs/cgroup/cpu", path, quota_of_one) : 0;
}

unsigned processors_of_groups(const char *root)
{
    char name[PATH_MAX];
    if (snprintf(name, sizeof name, "%s/proc/self/cgroup", root) >= (int)sizeof name)
        return 0;
    FILE *file = fopen(name, "re");
    if (!file)
        return 0;
    unsigned limit = 0;
    char line[PATH_MAX];
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        unsigned found = limit_of_line(root, line);
        if (found && (!limit || found < limit))
            limit = found;
    }
    (void)fclose(file);
    return limit;
}

/* A mask large enough for any machine: the usual one ends at 1024 processors. */
static unsigned processors_of_mask(void)
{
    enum { MOST = 8192 };
    cpu_set_t *mask = CPU_ALLOC(MOST);
    int count = 0;
    if (mask && sched_getaffinity(0, CPU_ALLOC_SIZE(MOST), mask) == 0)
        count = CPU_COUNT_S(CPU_ALLOC_SIZE(MOST), mask);
    CPU_FREE(mask);
    return count > 0 ? (unsigned)count : 1;
}

unsigned processors(void)
{
    unsigned mask = processors_of_mask();
    unsigned groups = processors_of_groups("");
    return groups && groups < mask ? groups : mask;
}
