/*
 * What is in a file, told without running any of it, also where forestd refuses to serve it.
 *
 * Nothing in a report refers to the file's bytes.
 */
#ifndef READ_REPORT_H
#define READ_REPORT_H

#include "model/forest.h"
#include "read/census.h"
#include "read/pickle.h"
#include "read/unpack.h"

struct report {
    size_t packed;               /* bytes of the file */
    size_t unpacked;             /* bytes of the pickle in it; 0 where none was found */
    size_t arrays;               /* bytes of the arrays among them */
    size_t read;                 /* bytes of the pickle up to its end, or to where it could not be read on */
    char container[LAYERS_TEXT]; /* "gzip > tar > model.joblib > zlib"; empty where nothing was to be unpacked */
    unsigned forest;             /* version of forestd's own packed file, which holds no pickle; 0 where it is none */
    bool complete;               /* the pickle was read to its end */
    bool joblib;                 /* written by joblib, not by pickle alone */
    unsigned protocol;           /* of the pickle */
    struct quote object;         /* what the file holds: "sklearn.pipeline.Pipeline"; empty where not complete */
    struct quote release;        /* of scikit-learn, as the object says; empty where it says none */
    const char *numpy_release;   /* "2 or newer", as far as the names in the file tell; NULL where they do not */
    const char *joblib_release;
    struct census census;
};

/* Empties the report, and fills in what unpacking tells; `found` is whether there was a pickle in the file's `size` bytes. */
void report_unpacked(struct report *report, size_t size, const struct unpacked *unpacked, bool found);

/* Fills in what a packed file tells: the release that wrote its source. */
void report_forest(struct report *report, const struct forest *forest);

/* Fills in what the pickle tells as far as it was read. The report's census was given to pickle_open. */
void report_pickle(struct report *report, const struct pickle *pickle, bool complete);

#endif
