/*
 * The rows of `forestd invoke`: a file, as the bodies of the requests that carry it.
 */
#ifndef COMMAND_INVOKE_ROWS_H
#define COMMAND_INVOKE_ROWS_H

#include "base/buffer.h"
#include "codec/codec.h"

enum { ROWS_UNKNOWN = 0 };

struct invoke_body {
    struct buffer bytes;
    size_t first; /* its first row among all */
    size_t rows;  /* ROWS_UNKNOWN where the file is sent as it is */
};

struct invoke_asking {
    enum format from;           /* the file's format */
    enum format to;             /* the bodies' */
    bool as_it_is;              /* the file's bytes, unread */
    bool object;                /* only where that is a JSON object: bare rows are given one */
    size_t batch;               /* rows in a body; 0 = all */
    unsigned outputs;           /* what is asked for in the body; 0 = nothing is said */
    const struct forest *model; /* whose rows they are; NULL = the file tells */
};

struct invoke_rows {
    struct buffer file;
    struct decoder *decoder;     /* NULL where the file was not read */
    struct forest *shape;        /* what it was read for, where there is no model */
    const struct matrix *matrix; /* all rows; NULL likewise */
    struct invoke_body *bodies;  /* [count] */
    size_t count;
};

/* Reads the file at `path`, "-" for stdin, and writes the bodies. `rows` must be closed in any case. */
bool invoke_rows_open(struct invoke_rows *rows, const char *path, const struct invoke_asking *asking,
                      struct forestd_error *error);

void invoke_rows_close(struct invoke_rows *rows);

#endif
