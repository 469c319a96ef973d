/*
 * Text as JSON writes it, for log lines and for error replies.
 */
#ifndef OBSERVE_TEXT_H
#define OBSERVE_TEXT_H

#include "base/buffer.h"

/*
 * Appends `text`[0..size) as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so that the result
 * is valid whatever a client sent.
 */
bool text_escape(struct buffer *buffer, const char *text, size_t size, struct forestd_error *error);

#endif
