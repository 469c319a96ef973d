/*
 * How much memory this process may take before the system ends it: the container's limit, or the machine's memory.
 *
 * The files are those of Linux: /proc/self/cgroup and /proc/meminfo (proc(5)), memory.max and memory.current of cgroup
 * v2 (Documentation/admin-guide/cgroup-v2.rst), memory.limit_in_bytes of v1 (cgroup-v1/memory.rst).
 */
#ifndef SERVE_MEMORY_H
#define SERVE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Where memory stands, in bytes. */
struct memory {
    size_t limit; /* the lowest limit that holds for this process: of its cgroup, one above it, or the machine */
    size_t room;  /* what is left of it now, with what the system can take back (cached files) */
};

/* Reads the files under `root`, "" for the system's own. */
struct memory memory_read(const char *root);

/* How a limit is shared out. */
struct shares {
    size_t requests; /* what all requests together may hold */
    size_t models;   /* what all models together may hold, while they are read too */
    unsigned connections;
};

/*
 * The rest is for the program itself and for what its allocator cannot give back at once. Requests and connections get
 * a quarter and an eighth, at most 1 GiB and 10000.
 */
struct shares memory_share(size_t limit);

#endif
