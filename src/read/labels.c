#include "read/labels.h"

#include "read/numpy.h"
#include <math.h>
#include <string.h>

static bool no_room(const struct forest *forest, const char *what, struct forestd_error *error)
{
    if (forest->memory.starved)
        return error_memory(error, forest->memory.taken, what);
    return error_set(error, FORESTD_LIMIT, at_nowhere(), "the %s take more memory than the file can be worth", what);
}

/* Copies a text of the file, checked. */
static const char *copy_text(struct forest *forest, const struct value *text, const char *what,
                             struct forestd_error *error)
{
    if (!text_is_utf8(text->as.bytes, text->size)) {
        error_set(error, FORESTD_UNSUPPORTED, at_nowhere(), "the %s '%s' is no UTF-8 text: forestd could not send it",
                  what, text_quote(text->as.bytes, text->size).text);
        return NULL;
    }
    char *copy = arena_text(&forest->memory, (const char *)text->as.bytes, text->size);
    if (!copy)
        no_room(forest, what, error);
    return copy;
}

static bool read_label(struct forest *forest, const struct value *value, struct forestd_label *label,
                       struct forestd_error *error)
{
    switch ((enum kind)value->kind) {
    case VALUE_BOOLEAN:
        label->kind = FORESTD_BOOLEAN;
        label->as.boolean = value->as.boolean;
        return true;
    case VALUE_INTEGER:
        label->kind = FORESTD_INTEGER;
        label->as.integer = value->as.integer;
        return true;
    case VALUE_NATURAL:
        label->kind = FORESTD_UNSIGNED;
        label->as.natural = value->as.natural;
        return true;
    case VALUE_REAL:
        label->kind = FORESTD_REAL;
        label->as.real = value->as.real;
        return isfinite(value->as.real) || error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                                                     "a class label that is not finite: scikit-learn writes none");
    case VALUE_TEXT:
    case VALUE_BYTES:
        label->kind = FORESTD_TEXT;
        label->text_size = value->size;
        label->as.text = copy_text(forest, value, "class label", error);
        return label->as.text != NULL;
    default:
        return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                         "a class label is a %s: forestd reads int, float, bool and str labels; train on one of these",
                         value_title(value).text);
    }
}

static bool open_list(const struct value *value, struct array *array, size_t count, const char *what,
                      struct forestd_error *error)
{
    if (!numpy_array(value, array, error))
        return error_prefix(error, what);
    if (array->dimensions != 1 || array->count != count)
        return error_set(error, FORESTD_FORMAT, at_nowhere(),
                         "%s holds %zu values in %zu dimensions where %zu in one are expected", what, array->count,
                         array->dimensions, count);
    return true;
}

const struct forestd_label *labels_read(struct forest *forest, const struct value *classes, size_t count,
                                        struct forestd_error *error)
{
    struct array array;
    if (!open_list(classes, &array, count, "classes_", error))
        return NULL;
    struct forestd_label *labels = arena_take(&forest->memory, count * sizeof *labels);
    if (!labels) {
        no_room(forest, "class labels", error);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct value element;
        if (!numpy_element(&array, i, &forest->memory, &element, error)) {
            error_prefix(error, "classes_");
            return NULL;
        }
        if (!read_label(forest, &element, &labels[i], error))
            return NULL;
    }
    return labels;
}

bool names_read(struct forest *forest, const struct value *names, struct forestd_error *error)
{
    struct array array;
    if (!open_list(names, &array, forest->features, "feature_names_in_", error))
        return false;
    const char **texts = arena_take(&forest->memory, forest->features * sizeof *texts);
    if (!texts)
        return no_room(forest, "feature names", error);
    for (size_t i = 0; i < forest->features; i++) {
        struct value element;
        if (!numpy_element(&array, i, &forest->memory, &element, error))
            return error_prefix(error, "feature_names_in_");
        if (element.kind != VALUE_TEXT)
            return error_set(error, FORESTD_FORMAT, at_nowhere(), "a feature name is a %s, not a str",
                             value_title(&element).text);
        if (memchr(element.as.bytes, '\0', element.size))
            return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                             "the feature name '%s' holds a zero character: rename the column and train again",
                             text_quote(element.as.bytes, element.size).text);
        texts[i] = copy_text(forest, &element, "feature name", error);
        if (!texts[i])
            return false;
    }
    forest->names = texts;
    return forest_index_names(forest, error);
}
