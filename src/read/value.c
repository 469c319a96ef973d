#include "read/value.h"

#include <stdio.h>
#include <string.h>

struct value value_of(enum kind kind)
{
    return (struct value){.kind = (uint64_t)kind & 0xFF, .as.natural = 0};
}

struct value value_integer(int64_t integer)
{
    struct value value = value_of(VALUE_INTEGER);
    value.as.integer = integer;
    return value;
}

struct value value_sized(enum kind kind, const void *bytes, size_t size)
{
    struct value value = value_of(kind);
    value.size = size & (UINT64_MAX >> 8);
    value.as.bytes = bytes;
    return value;
}

bool items_append(struct items *items, const struct value *values, size_t count, struct arena *arena)
{
    if (count > items->capacity - items->count) {
        size_t capacity = items->count + count;
        if (items->count && capacity < 2 * items->count)
            capacity = 2 * items->count;
        struct value *room = arena_take(arena, capacity * sizeof *room);
        if (!room)
            return false;
        if (items->count)
            memcpy(room, items->values, items->count * sizeof *room);
        items->values = room;
        items->capacity = capacity;
    }
    if (count)
        memcpy(items->values + items->count, values, count * sizeof *values);
    items->count += count;
    return true;
}

bool value_is_text(const struct value *value, const char *text)
{
    size_t size = strlen(text);
    return value && value->kind == VALUE_TEXT && value->size == size && memcmp(value->as.bytes, text, size) == 0;
}

bool value_means(const struct value *value, enum meaning meaning)
{
    return value && value->kind == VALUE_OBJECT && value->as.object->type && value->as.object->type->meaning == meaning;
}

const struct value *dict_find(const struct value *dict, const char *key)
{
    if (!dict || dict->kind != VALUE_DICT || dict->as.items->count > 2UL * STATE_KEYS)
        return NULL;
    const struct items *items = dict->as.items;
    for (size_t i = items->count; i >= 2; i -= 2)
        if (value_is_text(&items->values[i - 2], key))
            return &items->values[i - 1];
    return NULL;
}

const struct value *state_find(const struct value *object, const char *key)
{
    if (!object || object->kind != VALUE_OBJECT)
        return NULL;
    return dict_find(&object->as.object->state, key);
}

bool value_is_sequence(const struct value *value)
{
    return value && (value->kind == VALUE_LIST || value->kind == VALUE_TUPLE);
}

size_t sequence_count(const struct value *value)
{
    if (!value_is_sequence(value))
        return 0;
    return value->kind == VALUE_LIST ? value->as.items->count : value->size;
}

const struct value *sequence_at(const struct value *value, size_t index)
{
    return value->kind == VALUE_LIST ? &value->as.items->values[index] : &value->as.tuple[index];
}

static const char *kind_title(enum kind kind)
{
    switch (kind) {
    case VALUE_NONE:
        return "None";
    case VALUE_BOOLEAN:
        return "bool";
    case VALUE_INTEGER:
    case VALUE_NATURAL:
    case VALUE_HUGE:
        return "int";
    case VALUE_REAL:
        return "float";
    case VALUE_TEXT:
        return "str";
    case VALUE_BYTES:
        return "bytes";
    case VALUE_TUPLE:
        return "tuple";
    case VALUE_LIST:
        return "list";
    case VALUE_DICT:
        return "dict";
    case VALUE_SET:
        return "set";
    case VALUE_GLOBAL:
    case VALUE_OBJECT:
    case VALUE_ABSENT:
        break;
    }
    return "object";
}

struct quote value_title(const struct value *value)
{
    const struct global *type = NULL;
    if (value->kind == VALUE_OBJECT)
        type = value->as.object->type;
    if (value->kind == VALUE_GLOBAL)
        type = value->as.global;
    char text[2 * QUOTE_SIZE + 2];
    if (type && (type->meaning == MEANS_WRAPPER || type->meaning == MEANS_RECONSTRUCT || type->meaning == MEANS_BUFFER))
        (void)snprintf(text, sizeof text, "numpy.ndarray");
    else if (type)
        (void)snprintf(text, sizeof text, "%.*s.%.*s", QUOTE_SIZE, type->module, QUOTE_SIZE, type->name);
    else
        (void)snprintf(text, sizeof text, "%s", kind_title((enum kind)value->kind));
    return text_quote((const uint8_t *)text, strlen(text));
}
