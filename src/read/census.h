/*
 * The classes and functions that a pickle names, counted: for reports on a file, whether forestd reads it or not.
 */
#ifndef READ_CENSUS_H
#define READ_CENSUS_H

#include "base/error.h"
#include "base/text.h"
#include "read/globals.h"

/* One class or function. */
struct mention {
    struct quote title; /* "module.name", as the file spells it */
    bool known;         /* in the table of globals.h */
    size_t first;       /* byte of the first mention */
    size_t count;      /* how often it is named; what refers to it afterwards by its place in the memo does not count */
    uint64_t identity; /* tells it from the others */
};

enum { MENTION_LIMIT = 256 };

struct census {
    struct mention mentions[MENTION_LIMIT]; /* [count] in the order of their first bytes */
    size_t count;
    size_t left_out;             /* mentions of names beyond MENTION_LIMIT */
    bool refused;                /* a name is not known: */
    struct forestd_error reason; /* the first of them, and what to do */
};

/* Counts a name at byte `byte`. `global` is its entry in the table, or NULL. */
void census_add(struct census *census, struct span module, struct span name, const struct global *global, size_t byte);

/* Whether a name that begins so was counted. */
bool census_has(const struct census *census, const char *beginning);

#endif
