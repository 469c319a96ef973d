/*
 * The small things that every cloud's requests need: percent-encoding, times, variables, small files.
 */
#ifndef CLOUD_TEXT_H
#define CLOUD_TEXT_H

#include "base/buffer.h"
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* A variable of the environment, or NULL where it is not set or empty: platforms set empty ones. */
const char *variable(const char *name);

/* Whether a variable says true (in any case). */
bool variable_true(const char *name);

/* Appends the text percent-encoded (RFC 3986: letters, digits and -._~ stay), slashes too unless `path`. */
bool encode_append(struct buffer *buffer, const char *text, bool path, struct forestd_error *error);

/* Appends `text` and no 0. */
bool text_append(struct buffer *buffer, const char *text, struct forestd_error *error);

/* Makes the buffer's bytes a string: a 0 that is not counted. */
bool text_end(struct buffer *buffer, struct forestd_error *error);

/* A printed text for the caller to free; NULL and an error when there is no memory. */
__attribute__((format(printf, 2, 3))) char *text_print(struct forestd_error *error, const char *format, ...);

/* A small text file without the blanks at its end, for the caller to free; NULL and `error`. */
enum { SMALL_FILE = 1 << 20 };
char *text_file(const char *path, struct forestd_error *error);

/* The folder of the user's files, by HOME or the system's list of users; NULL where there is none. */
const char *home(void);

/* Seconds since 1970, of a time like 2026-01-31T12:00:00Z (a fraction and +00:00 are allowed). 0 where it is none. */
int64_t time_read(const char *text);

/* Whether the address's host is this machine: localhost, 127.0.0.0/8 or [::1]. */
bool address_is_loopback(const char *address);

/* `text` with everything that must not reach a terminal or a log replaced, cut to `size`. */
void text_clean(char *text, size_t size, const char *dirty);

#endif
