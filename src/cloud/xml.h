/*
 * XML as services answer with it: short documents of elements with texts, walked once.
 */
#ifndef CLOUD_XML_H
#define CLOUD_XML_H

#include "base/error.h"
#include <stddef.h>

/*
 * Told of each element as it ends: `path` is its name behind those of the elements around it, such as
 * "ListBucketResult/Contents/Key" (without namespaces); `text` is what it holds, with blanks as they are. False ends the
 * walk, with `error` written.
 */
typedef bool (*xml_see)(void *context, const char *path, const char *text, struct forestd_error *error);

/* False with `error` where the bytes are no XML, or `see` returned false. */
bool xml_walk(const void *bytes, size_t size, xml_see see, void *context, struct forestd_error *error);

/* The text of the first element whose path ends in "/NAME", cut to `size`; false when there is none. */
bool xml_find(const void *bytes, size_t size, const char *name, char *text, size_t text_size);

#endif
