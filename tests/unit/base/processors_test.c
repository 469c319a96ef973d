#include "base/processors.h"

#include "unit/suite.h"
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A folder that stands for the root of a system. */
static char root[] = "/tmp/forestd-processors-XXXXXX";

static void put(const char *path, const char *text)
{
    char whole[512];
    (void)snprintf(whole, sizeof whole, "%s%s", root, path);
    for (char *at = whole + strlen(root) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        (void)mkdir(whole, 0700);
        *at = '/';
    }
    FILE *file = fopen(whole, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void begin(void)
{
    (void)snprintf(root, sizeof root, "/tmp/forestd-processors-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *place)
{
    (void)about;
    (void)type;
    (void)place;
    return remove(path);
}

static void end(void)
{
    ck_assert_int_eq(nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

START_TEST(no_groups_no_limit)
{
    begin();
    ck_assert_uint_eq(processors_of_groups(root), 0);
    end();
}
END_TEST

START_TEST(version_two)
{
    begin();
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "max 100000\n");
    ck_assert_uint_eq(processors_of_groups(root), 0);
    put("/sys/fs/cgroup/cpu.max", "200000 100000\n");
    ck_assert_uint_eq(processors_of_groups(root), 2);
    put("/sys/fs/cgroup/cpu.max", "250000 100000\n");
    ck_assert_uint_eq(processors_of_groups(root), 3);
    put("/sys/fs/cgroup/cpu.max", "1000 100000\n");
    ck_assert_uint_eq(processors_of_groups(root), 1);
    end();
}
END_TEST

START_TEST(the_least_of_the_groups_above)
{
    begin();
    put("/proc/self/cgroup", "0::/kubepods/pod7/box\n");
    put("/sys/fs/cgroup/kubepods/pod7/box/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/kubepods/pod7/cpu.max", "400000 100000\n");
    put("/sys/fs/cgroup/kubepods/cpu.max", "1600000 100000\n");
    ck_assert_uint_eq(processors_of_groups(root), 4);
    end();
}
END_TEST

START_TEST(version_one)
{
    begin();
    put("/proc/self/cgroup", "5:memory:/here\n4:cpu,cpuacct:/here\n3:cpuset:/\n0::/\n");
    put("/sys/fs/cgroup/cpu/here/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu/here/cpu.cfs_period_us", "100000\n");
    ck_assert_uint_eq(processors_of_groups(root), 0);
    put("/sys/fs/cgroup/cpu/here/cpu.cfs_quota_us", "150000\n");
    ck_assert_uint_eq(processors_of_groups(root), 2);
    end();
}
END_TEST

/* The path is the host's, the mounted folder is the container's own. */
START_TEST(version_one_in_a_container)
{
    begin();
    put("/proc/self/cgroup", "4:cpu:/docker/0123456789\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    ck_assert_uint_eq(processors_of_groups(root), 3);
    end();
}
END_TEST

START_TEST(broken_files_are_no_limit)
{
    begin();
    put("/proc/self/cgroup", "what\n:\n::\n4:cpu\n0::/\n9:cpux:/\n");
    put("/sys/fs/cgroup/cpu.max", "\n");
    ck_assert_uint_eq(processors_of_groups(root), 0);
    put("/sys/fs/cgroup/cpu.max", "100000\n");
    ck_assert_uint_eq(processors_of_groups(root), 0);
    put("/sys/fs/cgroup/cpu.max", "-5 0\n");
    ck_assert_uint_eq(processors_of_groups(root), 0);
    end();
}
END_TEST

START_TEST(affinity)
{
    cpu_set_t before;
    ck_assert_int_eq(sched_getaffinity(0, sizeof before, &before), 0);
    ck_assert_uint_ge(processors(), 1);
    ck_assert_uint_le(processors(), (unsigned)CPU_COUNT(&before));
    cpu_set_t one;
    CPU_ZERO(&one);
    for (unsigned i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
        if (CPU_ISSET(i, &before))
            CPU_SET(i, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_uint_eq(processors(), 1);
    ck_assert_int_eq(sched_setaffinity(0, sizeof before, &before), 0);
}
END_TEST

SUITE(processors, no_groups_no_limit, version_two, the_least_of_the_groups_above, version_one,
      version_one_in_a_container, broken_files_are_no_limit, affinity)
