#include "serve/memory.h"

#include "unit/suite.h"
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char root[64];

static void begin(void)
{
    (void)snprintf(root, sizeof root, "/tmp/forestd_memory_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(path);
}

static void end(void)
{
    ck_assert_int_eq(nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* Writes a file under the root, with the folders on the way. */
static void put(const char *name, const char *text)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s%s", root, name);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static void check(size_t limit, size_t room)
{
    struct memory memory = memory_read(root);
    ck_assert_uint_eq(memory.limit, limit);
    ck_assert_uint_eq(memory.room, room);
}

START_TEST(knows_no_limit_without_files)
{
    begin();
    check(SIZE_MAX, SIZE_MAX);
    put("/proc/meminfo", "MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:   400 kB\n");
    check(1024000, 409600);
    end();
}
END_TEST

START_TEST(reads_groups_of_version_two)
{
    begin();
    put("/proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 900000 kB\n");
    put("/proc/self/cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup/a/b/memory.max", "max\n");
    check(1024000000, 921600000);
    put("/sys/fs/cgroup/a/b/memory.max", "3000\n");
    put("/sys/fs/cgroup/a/b/memory.current", "2000\n");
    put("/sys/fs/cgroup/a/b/memory.stat", "anon 1\nfile 500\nfile_mapped 7\n");
    check(3000, 1500);
    put("/sys/fs/cgroup/a/memory.max", "2500\n");
    put("/sys/fs/cgroup/a/memory.current", "2400\n");
    check(2500, 100);
    put("/sys/fs/cgroup/a/memory.current", "2600\n");
    check(2500, 0);
    end();
}
END_TEST

START_TEST(reads_groups_of_version_one)
{
    begin();
    put("/proc/self/cgroup", "5:cpu,memory:/docker/x\n1:name=systemd:/y\n0::/\n");
    /* In the container the host's path is not there, but its own group is at the top. */
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "5000\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "1000\n");
    put("/sys/fs/cgroup/memory/memory.stat", "cache 1\ntotal_cache 400\n");
    check(5000, 4400);
    put("/sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes", "9223372036854771712\n");
    check(5000, 4400);
    end();
}
END_TEST

START_TEST(shares_any_limit)
{
    for (size_t limit = 0; limit < SIZE_MAX / 4; limit = limit * 2 + 4096) {
        struct shares shares = memory_share(limit);
        ck_assert_uint_le(shares.requests, limit / 4);
        ck_assert_uint_le(shares.models, limit);
        ck_assert_uint_le(shares.connections, 10000);
        ck_assert_uint_ge(shares.connections, 256);
        if (limit > (size_t)256 << 20)
            ck_assert_uint_gt(shares.models, limit / 3);
    }
    ck_assert_uint_eq(memory_share(SIZE_MAX).requests, (size_t)1 << 30);
}
END_TEST

SUITE(memory, knows_no_limit_without_files, reads_groups_of_version_two, reads_groups_of_version_one, shares_any_limit)
