/*
 * Feature names in requests: which were given, and which column of a table holds which feature.
 */
#ifndef CODEC_NAMES_H
#define CODEC_NAMES_H

#include "base/budget.h"
#include "model/forest.h"

/* The features that were named in one round: a record, or a list of columns. */
struct roster {
    const struct forest *forest;
    struct budget *budget;
    size_t *rounds; /* [features] the round in which each was last named; NULL before the first */
    size_t round;
    size_t count; /* features named in this round */
};

/* Begins a round: nothing is named. */
bool roster_begin(struct roster *roster, struct forestd_error *error);

/* Names feature `feature`. False when it was named in this round already. */
bool roster_add(struct roster *roster, size_t feature);

/* The error for a round without all features; `what` holds them, such as "row 3". Returns false. */
bool roster_missing(const struct roster *roster, const char *what, struct forestd_where where,
                    struct forestd_error *error);

/* The error for a name that is no feature. Returns false. */
bool roster_unknown(const struct roster *roster, const char *what, struct forestd_where where, const char *name,
                    size_t size, struct forestd_error *error);

bool roster_twice(const char *what, struct forestd_where where, const char *name, size_t size,
                  struct forestd_error *error);

void roster_close(struct roster *roster);

/* The columns of a table that names them in any order. */
struct columns {
    struct roster roster;
    uint32_t *features; /* [columns] the feature that each column holds */
    float *scratch;     /* [features] */
    bool moved;         /* some column is not in the model's place */
};

/* Begins a list of columns. */
bool columns_begin(struct columns *columns, struct forestd_error *error);

/* The next column is called `name`. `where` is the position for errors, `what` what they call the list. */
bool columns_add(struct columns *columns, const char *name, size_t size, const char *what, struct forestd_where where,
                 struct forestd_error *error);

/* The list is over: fails when a feature is missing. */
bool columns_end(struct columns *columns, const char *what, struct forestd_where where, struct forestd_error *error);

/* Puts the cells of `rows` rows, which are in the order of the columns, into the order of the model. */
void columns_apply(struct columns *columns, float *cells, size_t rows);

void columns_close(struct columns *columns);

#endif
