/*
 * A thread that reckons a checksum of bytes while they still come.
 */
#ifndef STORAGE_FOLLOWER_H
#define STORAGE_FOLLOWER_H

#include "storage/checksum.h"

struct follower;

/* Begins with the bytes at `bytes`, which must not move. NULL and `error` when it cannot. */
struct follower *follower_open(const struct checksum *expected, const uint8_t *bytes, struct forestd_error *error);

/* So many bytes from the first on are there now. */
void follower_reach(struct follower *follower, size_t size);

/* All bytes were told of: waits until they are reckoned, says whether they are the expected ones, and frees it. */
bool follower_check(struct follower *follower, const char *name, struct forestd_error *error);

/* Gives up and frees it. NULL is allowed. */
void follower_close(struct follower *follower);

#endif
