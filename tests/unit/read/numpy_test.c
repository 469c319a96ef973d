#include "unit/read/support.h"

#include "read/numpy.h"

#include <math.h>

/* Arrays as numpy writes them into a plain pickle, with the text of their elements in C order. */
static const struct {
    const char *pickle;
    size_t size;
    size_t dimensions;
    size_t shape[2];
    double elements[6];
} numbers[] = {
#define ARRAY(...) P_ARRAY_(__VA_ARGS__) ".", sizeof P_ARRAY_(__VA_ARGS__)
    {ARRAY("I2\n", P_DTYPE_("i4", "<"), "0", "S'\\x01\\x00\\x00\\x00\\xff\\xff\\xff\\xff'\n"), 1, {2}, {1, -1}},
    {ARRAY("I2\n", P_DTYPE_("i4", ">"), "0", "S'\\x00\\x00\\x00\\x01\\xff\\xff\\xff\\xfe'\n"), 1, {2}, {1, -2}},
    {ARRAY("I2\nI3\n", P_DTYPE_("u1", "|"), "0", "S'\\x01\\x02\\x03\\x04\\x05\\x06'\n"), 2, {2, 3}, {1, 2, 3, 4, 5, 6}},
    {ARRAY("I2\nI3\n", P_DTYPE_("u1", "|"), "1", "S'\\x01\\x02\\x03\\x04\\x05\\x06'\n"), 2, {2, 3}, {1, 3, 5, 2, 4, 6}},
    {ARRAY("I1\n", P_DTYPE_("f2", "<"), "0", "S'\\x01\\x3c'\n"), 1, {1}, {1.0009765625}},
    {ARRAY("I1\n", P_DTYPE_("f2", "<"), "0", "S'\\x01\\x80'\n"), 1, {1}, {-0x1p-24}},
    {ARRAY("I1\n", P_DTYPE_("f2", "<"), "0", "S'\\x00\\x7c'\n"), 1, {1}, {(double)INFINITY}},
    {ARRAY("I1\n", P_DTYPE_("f4", ">"), "0", "S'\\x3f\\x80\\x00\\x00'\n"), 1, {1}, {1}},
    {ARRAY("I1\n", P_DTYPE_("f8", "<"), "0", "S'\\x00\\x00\\x00\\x00\\x00\\x00\\xf8\\x3f'\n"), 1, {1}, {1.5}},
    {ARRAY("I1\n", P_DTYPE_("u8", "<"), "0", "S'\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x7f'\n"), 1, {1}, {0x1p63}},
    {ARRAY("I0\n", P_DTYPE_("f8", "<"), "0", "S''\n"), 1, {0}, {0}},
    {ARRAY("", P_DTYPE_("u1", "|"), "0", "S'\\x07'\n"), 0, {0}, {7}},
};

START_TEST(reads_numbers_where_they_lie)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct pickle pickle = sound(numbers[i].pickle, numbers[i].size);
        struct array array;
        struct forestd_error error;
        ck_assert_msg(numpy_array(&pickle.root, &array, &error), "row %zu: %s", i, error.message);
        ck_assert_uint_eq(array.dimensions, numbers[i].dimensions);
        for (size_t axis = 0; axis < array.dimensions; axis++)
            ck_assert_uint_eq(array.shape[axis], numbers[i].shape[axis]);
        for (size_t k = 0; k < array.count; k++) {
            size_t columns = array.dimensions == 2 ? array.shape[1] : 1;
            const uint8_t *bytes = array.bytes;
            if (array.dimensions)
                bytes += k / columns * array.stride[0];
            if (array.dimensions == 2)
                bytes += k % columns * array.stride[1];
            struct array one = {.type = array.type, .count = 1, .size = array.type.size, .bytes = bytes};
            struct value element;
            ck_assert_msg(numpy_element(&one, 0, NULL, &element, &error), "%s", error.message);
            double number = element.kind == VALUE_REAL ? element.as.real : (double)element.as.integer;
            ck_assert_double_eq(number, numbers[i].elements[k]);
        }
        pickle_close(&pickle);
    }
}
END_TEST

static const struct {
    const char *pickle;
    size_t size;
    const char *says;
} broken[] = {
    {ARRAY("I2\n", P_DTYPE_("i4", "<"), "0", "S'\\x01'\n"), "an array of 8 bytes holds 1"},
    {ARRAY("I-1\n", P_DTYPE_("i4", "<"), "0", "S''\n"), "no length"},
    {ARRAY("I4294967296\nI4294967296\n", P_DTYPE_("u1", "<"), "0", "S''\n"), "more elements than memory can hold"},
    {ARRAY("I2305843009213693952\n", P_DTYPE_("i8", "<"), "0", "S''\n"), "more bytes than memory can hold"},
    {ARRAY("I1\nI1\nI1\nI1\nI1\nI1\nI1\nI1\nI1\n", P_DTYPE_("u1", "<"), "0", "S'a'\n"), "9 dimensions"},
    {ARRAY("I1\n", P_DTYPE_("x4", "<"), "0", "S'a'\n"), "its name is none that numpy has"},
    {ARRAY("I1\n", P_DTYPE_("u1", "<<"), "0", "S'a'\n"), "no byte order"},
    {ARRAY("I2\n", P_DTYPE_("O8", "|"), "0", "(I1\nl"), "an array of 2 objects holds 1"},
    {ARRAY("I1\n", "N", "0", "S'a'\n"), "not a numpy.dtype"},
    {"N.", 2, "a None where numpy.ndarray is expected"},
};
#undef ARRAY

START_TEST(refuses_what_is_no_array)
{
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct pickle pickle = sound(broken[i].pickle, broken[i].size);
        struct array array;
        struct forestd_error error;
        ck_assert_msg(!numpy_array(&pickle.root, &array, &error), "row %zu", i);
        ck_assert_msg(strstr(error.message, broken[i].says) != NULL, "row %zu: %s", i, error.message);
        pickle_close(&pickle);
    }
}
END_TEST

START_TEST(reads_texts_of_four_bytes_a_letter)
{
    static const uint8_t little[] = {'a', 0, 0, 0, 0xE4, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t big[] = {0, 0, 0, 'a', 0, 0, 0, 0xE4, 0, 0, 0, 0};
    struct arena arena = {0};
    for (int turn = 0; turn < 2; turn++) {
        struct array array = {.type = {.kind = 'U', .size = 12, .big = turn}, .count = 1, .size = 12};
        array.bytes = turn ? big : little;
        struct value element;
        ck_assert(numpy_element(&array, 0, &arena, &element, NULL));
        ck_assert(value_is_text(&element, "a\xC3\xA4"));
    }
    arena_close(&arena);
}
END_TEST

START_TEST(reads_scalars_as_plain_values)
{
    struct pickle pickle = SOUND("cnumpy._core.multiarray\nscalar\n(" P_DTYPE_(
        "i8", "<") "c_codecs\nencode\n(V\\u0002\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRtR.");
    int64_t number = 0;
    ck_assert(numpy_integer(&pickle.root, &number));
    ck_assert_int_eq(number, 2);
    pickle_close(&pickle);
    pickle = SOUND("S'2'\n.");
    ck_assert(!numpy_integer(&pickle.root, &number));
    ck_assert(!numpy_integer(NULL, &number));
    pickle_close(&pickle);
}
END_TEST

START_TEST(finds_the_fields_of_a_record)
{
    static const char text[] =
        "cnumpy\ndtype\n(S'V16'\nI0\nI1\ntR(I3\nS'|'\nN(S'left'\nS'right'\nt(dS'left'\n(" P_DTYPE_(
            "i8", "<") "I0\ntsS'right'\n(" P_DTYPE_("f4", ">") "I8\ntsI16\nI1\nI16\ntb.";
    struct pickle pickle = SOUND(text);
    struct dtype type;
    struct field field;
    struct forestd_error error;
    ck_assert_msg(numpy_dtype(&pickle.root, &type, &error), "%s", error.message);
    ck_assert_uint_eq(type.size, 16);
    ck_assert(dtype_has_field(&type, "left") && !dtype_has_field(&type, "lef"));
    ck_assert(dtype_field(&type, "right", &field, &error));
    ck_assert(field.offset == 8 && field.kind == 'f' && field.big && field.size == 4);
    ck_assert(!dtype_field(&type, "middle", &field, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "no field 'middle'"));
    pickle_close(&pickle);
}
END_TEST

START_TEST(a_field_lies_inside_its_record)
{
    static const char text[] =
        "cnumpy\ndtype\n(S'V8'\nI0\nI1\ntR(I3\nS'|'\nN(S'a'\nt(dS'a'\n(" P_DTYPE_("i8", "<") "I1\ntsI8\nI1\nI16\ntb.";
    struct pickle pickle = SOUND(text);
    struct dtype type;
    struct field field;
    struct forestd_error error;
    ck_assert(numpy_dtype(&pickle.root, &type, &error));
    ck_assert(!dtype_field(&type, "a", &field, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "outside of its element"));
    pickle_close(&pickle);
}
END_TEST

SUITE(numpy, reads_numbers_where_they_lie, refuses_what_is_no_array, reads_texts_of_four_bytes_a_letter,
      reads_scalars_as_plain_values, finds_the_fields_of_a_record, a_field_lies_inside_its_record)
