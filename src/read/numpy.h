/*
 * numpy's types and arrays, read where they lie.
 */
#ifndef READ_NUMPY_H
#define READ_NUMPY_H

#include "base/error.h"
#include "read/value.h"

/* The type of an array's elements. */
struct dtype {
    char kind;                  /* numpy's letter: b i u f c O U S V M m */
    bool big;                   /* big end first */
    bool objects;               /* holds Python objects */
    size_t size;                /* bytes of an element */
    const struct value *fields; /* V with fields: a dict, name -> (dtype, offset); else NULL */
};

enum { NUMPY_DIMENSIONS = 8, NUMPY_FIELDS = 64 };

struct array {
    struct dtype type;
    size_t dimensions;
    size_t shape[NUMPY_DIMENSIONS];
    size_t stride[NUMPY_DIMENSIONS]; /* bytes; of an array of objects: items */
    size_t count;                    /* elements */
    size_t size;                     /* bytes; of an array of objects: 0 */
    const uint8_t *bytes;            /* [size] */
    const struct value *objects;     /* a list or tuple of `count` elements, or NULL */
};

/* A field of a structured type. */
struct field {
    size_t offset;
    char kind;
    bool big;
    size_t size;
};

/* The functions return false and fill `error` with what is wrong, for the caller to say where. */

bool numpy_dtype(const struct value *value, struct dtype *type, struct forestd_error *error);

/* False also when the type has no such field; `error` says so. */
bool dtype_field(const struct dtype *type, const char *name, struct field *field, struct forestd_error *error);

/* Whether the type has such a field. */
bool dtype_has_field(const struct dtype *type, const char *name);

/* Shape, order and sizes of `count` elements; what `shape` is: a tuple or list of integers. */
bool numpy_shape(const struct value *shape, bool fortran, struct array *array, struct forestd_error *error);

/* An array in any of the ways in which it is written. */
bool numpy_array(const struct value *value, struct array *array, struct forestd_error *error);

/* Element `index` (in C order, of one dimension) as a plain value; text that must be converted is put in `arena`. */
bool numpy_element(const struct array *array, size_t index, struct arena *arena, struct value *element,
                   struct forestd_error *error);

/* A plain value as it is, or the one in a numpy scalar. */
bool numpy_plain(const struct value *value, struct arena *arena, struct value *plain, struct forestd_error *error);

/* A plain integer or one in a numpy scalar; false without an error when it is none. */
bool numpy_integer(const struct value *value, int64_t *integer);

#endif
