#include "read/numpy.h"

#include "base/bytes.h"
#include <inttypes.h>
#include <string.h>

bool numpy_integer(const struct value *value, int64_t *integer)
{
    struct value plain;
    if (value_means(value, MEANS_SCALAR)) {
        /* A text among scalars is no integer: it needs no arena. */
        struct arena none = {.limit = 1};
        bool good = numpy_plain(value, &none, &plain, NULL);
        arena_close(&none);
        return good && numpy_integer(&plain, integer);
    }
    if (!value || value->kind != VALUE_INTEGER)
        return false;
    *integer = value->as.integer;
    return true;
}

/* Reads "f8", "<i4", "U12", "V64", "O8": the letter and the number after it. */
static bool read_code(const struct value *code, struct dtype *type)
{
    if (!code || code->kind != VALUE_TEXT || code->size == 0 || code->size > 12)
        return false;
    const uint8_t *text = code->as.bytes;
    size_t i = 0;
    if (strchr("<>=|", text[0])) {
        type->big = text[0] == '>';
        i = 1;
    }
    if (i == code->size || text[i] == 0 || !strchr("biufcOUSVMm?", text[i]))
        return false;
    type->kind = (char)(text[i] == '?' ? 'b' : text[i]);
    type->size = text[i] == '?' ? 1 : 0;
    for (i++; i < code->size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        type->size = type->size * 10 + (size_t)(text[i] - '0');
    }
    type->objects = type->kind == 'O';
    if (type->kind == 'U')
        type->size *= 4;
    return true;
}

static bool bad_type(struct forestd_error *error, const char *what)
{
    return error_set(error, FORESTD_FORMAT, at_nowhere(), "a numpy type that is damaged: %s", what);
}

/* The state that numpy.dtype's __setstate__ takes: (version, order, subarray, names, fields, size, alignment, ...). */
static bool read_state(const struct value *state, struct dtype *type, struct forestd_error *error)
{
    int64_t size = 0;
    if (state->kind != VALUE_TUPLE || state->size < 6 || !numpy_integer(&state->as.tuple[5], &size))
        return bad_type(error, "its state is not numpy's");
    const struct value *order = &state->as.tuple[1];
    if (order->kind != VALUE_TEXT || order->size != 1)
        return bad_type(error, "it has no byte order");
    type->big = order->as.bytes[0] == '>';
    if (state->as.tuple[2].kind != VALUE_NONE)
        return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(), "a numpy type that is an array itself");
    if (size > UINT32_MAX)
        return bad_type(error, "its elements are larger than 4 GiB");
    if (size >= 0 && strchr("USV", type->kind))
        type->size = (size_t)size;
    if (state->as.tuple[4].kind == VALUE_DICT)
        type->fields = &state->as.tuple[4];
    return true;
}

static bool check_fields(struct dtype *type, struct forestd_error *error)
{
    const struct items *fields = type->fields->as.items;
    if (type->kind != 'V' || fields->count > (size_t)2 * NUMPY_FIELDS)
        return bad_type(error, "it has too many fields");
    for (size_t i = 1; i < fields->count; i += 2) {
        const struct value *pair = &fields->values[i];
        if (pair->kind != VALUE_TUPLE || pair->size < 2 || !value_means(&pair->as.tuple[0], MEANS_DTYPE))
            return bad_type(error, "a field is not a type and an offset");
        struct dtype inner = {0};
        const struct value *arguments = &pair->as.tuple[0].as.object->arguments;
        if (sequence_count(arguments) < 1 || !read_code(sequence_at(arguments, 0), &inner))
            return bad_type(error, "a field is of no type that numpy has");
        type->objects = type->objects || inner.objects;
    }
    return true;
}

bool numpy_dtype(const struct value *value, struct dtype *type, struct forestd_error *error)
{
    *type = (struct dtype){0};
    if (!value_means(value, MEANS_DTYPE))
        return bad_type(error, "it is not a numpy.dtype");
    const struct object *object = value->as.object;
    if (sequence_count(&object->arguments) < 1 || !read_code(sequence_at(&object->arguments, 0), type))
        return bad_type(error, "its name is none that numpy has");
    if (object->state.kind != VALUE_NONE && !read_state(&object->state, type, error))
        return false;
    return !type->fields || check_fields(type, error);
}

bool dtype_has_field(const struct dtype *type, const char *name)
{
    return dict_find(type->fields, name) != NULL;
}

bool dtype_field(const struct dtype *type, const char *name, struct field *field, struct forestd_error *error)
{
    const struct value *pair = dict_find(type->fields, name);
    struct dtype inner;
    int64_t offset = 0;
    if (!pair)
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "its elements have no field '%s'", name);
    if (pair->kind != VALUE_TUPLE || pair->size < 2 || !numpy_dtype(&pair->as.tuple[0], &inner, error) ||
        !numpy_integer(&pair->as.tuple[1], &offset))
        return bad_type(error, "a field is not a type and an offset");
    if (offset < 0 || (uint64_t)offset > type->size || inner.size > type->size - (size_t)offset)
        return bad_type(error, "a field lies outside of its element");
    *field = (struct field){(size_t)offset, inner.kind, inner.big, inner.size};
    return true;
}

bool numpy_shape(const struct value *shape, bool fortran, struct array *array, struct forestd_error *error)
{
    size_t dimensions = sequence_count(shape);
    if (!value_is_sequence(shape) || dimensions > NUMPY_DIMENSIONS)
        return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(), "an array of %zu dimensions: forestd reads up to %d",
                         dimensions, NUMPY_DIMENSIONS);
    array->dimensions = dimensions;
    array->count = 1;
    for (size_t i = 0; i < dimensions; i++) {
        int64_t length = 0;
        if (!numpy_integer(sequence_at(shape, i), &length) || length < 0)
            return error_set(error, FORESTD_FORMAT, at_nowhere(), "an array's shape holds something that is no length");
        array->shape[i] = (size_t)length;
        if (__builtin_mul_overflow(array->count, (size_t)length, &array->count))
            return error_set(error, FORESTD_FORMAT, at_nowhere(), "an array of more elements than memory can hold");
    }
    size_t element = array->type.objects ? 1 : array->type.size;
    size_t stride = element;
    for (size_t i = 0; i < dimensions; i++) {
        size_t axis = fortran ? i : dimensions - 1 - i;
        array->stride[axis] = stride;
        /* Of an array without elements no stride is ever used. */
        if (array->count)
            stride *= array->shape[axis];
    }
    array->size = 0;
    if (!array->type.objects && __builtin_mul_overflow(array->count, element, &array->size))
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "an array of more bytes than memory can hold");
    return true;
}

/* Gives an array its bytes or objects, once its type and shape are known. */
static bool hold(struct array *array, const struct value *data, struct forestd_error *error)
{
    if (array->type.objects) {
        if (!value_is_sequence(data) || sequence_count(data) != array->count)
            return error_set(error, FORESTD_FORMAT, at_nowhere(), "an array of %zu objects holds %zu", array->count,
                             sequence_count(data));
        array->objects = data;
        return true;
    }
    size_t size = data->kind == VALUE_BYTES || data->kind == VALUE_TEXT ? (size_t)data->size : 0;
    if (size != array->size)
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "an array of %zu bytes holds %zu", array->size, size);
    array->bytes = data->as.bytes;
    return true;
}

/* joblib: the state is a dict, the bytes lie after it. */
static bool wrapped(const struct object *object, struct array *array, struct forestd_error *error)
{
    if (object->inner) {
        if (value_means(object->inner, MEANS_WRAPPER))
            return error_set(error, FORESTD_FORMAT, at_nowhere(), "an array inside an array of objects");
        return numpy_array(object->inner, array, error);
    }
    const struct value *type = dict_find(&object->state, "dtype");
    const struct value *shape = dict_find(&object->state, "shape");
    bool fortran = value_is_text(dict_find(&object->state, "order"), "F");
    if (!numpy_dtype(type, &array->type, error) || !numpy_shape(shape, fortran, array, error))
        return false;
    /* The state can have been changed after the bytes were taken. */
    if (!object->data || array->type.objects || array->size != object->data_size)
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "an array whose shape changed after its bytes");
    array->bytes = object->data;
    return true;
}

/* _reconstruct: the state is (version, shape, dtype, fortran, bytes or list). */
static bool reconstructed(const struct object *object, struct array *array, struct forestd_error *error)
{
    if (object->state.kind != VALUE_TUPLE || object->state.size != 5)
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "an array without the state that numpy gives it");
    const struct value *state = object->state.as.tuple;
    bool fortran = (state[3].kind == VALUE_BOOLEAN && state[3].as.boolean) ||
                   (state[3].kind == VALUE_INTEGER && state[3].as.integer != 0);
    return numpy_dtype(&state[2], &array->type, error) && numpy_shape(&state[1], fortran, array, error) &&
           hold(array, &state[4], error);
}

/* _frombuffer(buffer, dtype, shape, order[, axes]). */
static bool from_buffer(const struct object *object, struct array *array, struct forestd_error *error)
{
    const struct value *arguments = &object->arguments;
    if (sequence_count(arguments) < 4)
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "an array without the arguments that numpy gives it");
    const struct value *order = sequence_at(arguments, 3);
    if (!value_is_text(order, "C") && !value_is_text(order, "F"))
        return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                         "an array whose axes are neither in C nor in Fortran order");
    return numpy_dtype(sequence_at(arguments, 1), &array->type, error) &&
           numpy_shape(sequence_at(arguments, 2), value_is_text(order, "F"), array, error) &&
           hold(array, sequence_at(arguments, 0), error);
}

bool numpy_array(const struct value *value, struct array *array, struct forestd_error *error)
{
    memset(array, 0, sizeof *array);
    if (value_means(value, MEANS_WRAPPER))
        return wrapped(value->as.object, array, error);
    if (value_means(value, MEANS_RECONSTRUCT))
        return reconstructed(value->as.object, array, error);
    if (value_means(value, MEANS_BUFFER))
        return from_buffer(value->as.object, array, error);
    if (value_means(value, MEANS_OLD_WRAPPER))
        return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                         "an array in a file beside the model, as joblib before 0.10 wrote it: load the model with "
                         "the joblib that wrote it and save it again with one of today");
    return error_set(error, FORESTD_FORMAT, at_nowhere(), "a %s where numpy.ndarray is expected",
                     value ? value_title(value).text : "missing attribute");
}

static bool read_real(const struct dtype *type, const uint8_t *bytes, struct value *element)
{
    *element = value_of(VALUE_REAL);
    switch (type->size) {
    case 2:
        element->as.real = (double)bytes_half(bytes, type->big);
        return true;
    case 4:
        element->as.real = (double)bytes_single(bytes, type->big);
        return true;
    case 8:
        element->as.real = bytes_real(bytes, type->big);
        return true;
    default:
        return false;
    }
}

/* A text of numpy's: 4 bytes a letter, zeros after the last one. */
static bool read_letters(const struct dtype *type, const uint8_t *bytes, struct arena *arena, struct value *element)
{
    size_t letters = type->size / 4;
    while (letters && bytes_natural(bytes + 4 * (letters - 1), 4, type->big) == 0)
        letters--;
    char *text = arena_take(arena, 4 * letters + 1);
    if (!text)
        return false;
    size_t used = 0;
    for (size_t i = 0; i < letters; i++) {
        size_t width = text_encode((uint32_t)bytes_natural(bytes + 4 * i, 4, type->big), text + used);
        if (width == 0)
            return false;
        used += width;
    }
    *element = value_sized(VALUE_TEXT, text, used);
    return true;
}

static bool is_word(size_t size)
{
    return size == 1 || size == 2 || size == 4 || size == 8;
}

static bool read_element(const struct dtype *type, const uint8_t *bytes, struct arena *arena, struct value *element)
{
    size_t size = type->size;
    switch (type->kind) {
    case 'b':
        *element = value_of(VALUE_BOOLEAN);
        element->as.boolean = size == 1 && bytes[0] != 0;
        return size == 1;
    case 'i':
        if (is_word(size))
            *element = value_integer(bytes_integer(bytes, size, type->big));
        return is_word(size);
    case 'u':
        if (!is_word(size))
            return false;
        *element = value_of(VALUE_NATURAL);
        element->as.natural = bytes_natural(bytes, size, type->big);
        if (element->as.natural <= INT64_MAX)
            *element = value_integer((int64_t)element->as.natural);
        return true;
    case 'f':
        return read_real(type, bytes, element);
    case 'U':
        return read_letters(type, bytes, arena, element);
    case 'S':
        while (size && bytes[size - 1] == 0)
            size--;
        *element = value_sized(VALUE_BYTES, bytes, size);
        return true;
    default:
        return false;
    }
}

static bool bad_element(const struct dtype *type, struct forestd_error *error)
{
    return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                     "a numpy value of type '%c%zu' that is none of integer, float, bool or text (texts with half of a "
                     "surrogate pair are not read)",
                     type->kind, type->size);
}

bool numpy_plain(const struct value *value, struct arena *arena, struct value *plain, struct forestd_error *error)
{
    struct dtype type;
    if (!value_means(value, MEANS_SCALAR)) {
        *plain = *value;
        return true;
    }
    const struct value *arguments = &value->as.object->arguments;
    if (sequence_count(arguments) != 2 || !numpy_dtype(sequence_at(arguments, 0), &type, error))
        return bad_type(error, "a scalar without type and value");
    const struct value *data = sequence_at(arguments, 1);
    if (type.objects || data->kind != VALUE_BYTES || data->size != type.size)
        return bad_type(error, "a scalar whose bytes do not fit its type");
    return read_element(&type, data->as.bytes, arena, plain) || bad_element(&type, error);
}

bool numpy_element(const struct array *array, size_t index, struct arena *arena, struct value *element,
                   struct forestd_error *error)
{
    if (array->objects)
        return numpy_plain(sequence_at(array->objects, index), arena, element, error);
    return read_element(&array->type, array->bytes + index * array->stride[0], arena, element) ||
           bad_element(&array->type, error);
}
