/*
 * What a pickle holds, as plain data. Texts, bytes and arrays point into the file where they lie; everything else is
 * taken from the pickle's arena. Objects are only recorded (class, arguments, state): nothing is ever called.
 */
#ifndef READ_VALUE_H
#define READ_VALUE_H

#include "base/arena.h"
#include "base/text.h"
#include "read/globals.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kind {
    VALUE_NONE,
    VALUE_BOOLEAN,
    VALUE_INTEGER,
    VALUE_NATURAL, /* an integer over INT64_MAX */
    VALUE_HUGE,    /* an integer that fits neither: its bytes are not kept */
    VALUE_REAL,
    VALUE_TEXT,
    VALUE_BYTES,
    VALUE_TUPLE,
    VALUE_LIST,
    VALUE_DICT,
    VALUE_SET, /* its members are not kept */
    VALUE_GLOBAL,
    VALUE_OBJECT,
    VALUE_ABSENT /* never a value: a place in the memo that was not set */
};

struct items;
struct object;

struct value {
    uint64_t kind : 8;  /* enum kind */
    uint64_t size : 56; /* text, bytes: bytes; tuple: items */
    union {
        bool boolean;
        int64_t integer;
        uint64_t natural;
        double real;
        const uint8_t *bytes;      /* text, bytes */
        const struct value *tuple; /* tuple: [size] */
        struct items *items;       /* list: its items; dict: key, value, key, value, ... */
        const struct global *global;
        struct object *object;
    } as;
};

struct items {
    struct value *values;
    size_t count;
    size_t capacity;
};

/* Something that Python would have made by calling `type`. */
struct object {
    const struct global *type; /* NULL when it was not a class or function by name */
    size_t byte;               /* where it begins to exist */
    struct value arguments;    /* a tuple, or none */
    struct value state;        /* what __setstate__ would have been given, or none */
    const uint8_t *data;       /* an array that joblib wrote: its bytes */
    size_t data_size;
    const struct value *inner; /* the same for an array of objects: what the pickle in it holds */
};

struct value value_of(enum kind kind);
struct value value_integer(int64_t integer);
struct value value_sized(enum kind kind, const void *bytes, size_t size);

/* Appends to a list or dict; false when the arena is at its limit. */
bool items_append(struct items *items, const struct value *values, size_t count, struct arena *arena);

bool value_is_text(const struct value *value, const char *text);

/* Whether it is an object whose class has this meaning. */
bool value_means(const struct value *value, enum meaning meaning);

/*
 * What a dict holds under `key`, or NULL. The last one counts where a key was set twice. Only for the small dicts that
 * are an object's state: one of more than STATE_KEYS entries holds nothing.
 */
enum { STATE_KEYS = 256 };
const struct value *dict_find(const struct value *dict, const char *key);

/* What an object's state holds under `key`, or NULL. */
const struct value *state_find(const struct value *object, const char *key);

/* Items of a list or tuple: their number, or 0. */
size_t sequence_count(const struct value *value);
const struct value *sequence_at(const struct value *value, size_t index);
bool value_is_sequence(const struct value *value);

/* What a value is, in Python's words: "dict", "int", "sklearn.ensemble._forest.RandomForestClassifier". */
struct quote value_title(const struct value *value);

#endif
