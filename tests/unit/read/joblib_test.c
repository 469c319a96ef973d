#include "unit/read/support.h"

#include "read/numpy.h"
#include "unit/guard.h"

#define WRAPPER_(dtype, shape, more)                                                                                   \
    "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(S'subclass'\ncnumpy\nndarray\nS'order'\nS'C'\nS'shape'\n(" shape  \
    "tS'dtype'\n" dtype "S'allow_mmap'\nI01\n" more "ub"
#define ALIGNED "S'numpy_array_alignment_bytes'\nI16\n"
#define UNALIGNED "S'numpy_array_alignment_bytes'\nN"
#define WORDS P_DTYPE_("u2", "<")
#define OBJECTS P_DTYPE_("O8", "|")

START_TEST(takes_the_bytes_between_the_opcodes)
{
    static const struct {
        const char *bytes;
        size_t size;
        bool aligned;
    } files[] = {
        {WRAPPER_(WORDS, "I2\n", "") "\x01\x00\x02\x00\x85.", sizeof WRAPPER_(WORDS, "I2\n", "") + 5, false},
        {WRAPPER_(WORDS, "I2\n", UNALIGNED) "\x01\x00\x02\x00\x85.", sizeof WRAPPER_(WORDS, "I2\n", UNALIGNED) + 5,
         true},
        {WRAPPER_(WORDS, "I2\n", ALIGNED) "\x03\xff\xff\xff\x01\x00\x02\x00\x85.",
         sizeof WRAPPER_(WORDS, "I2\n", ALIGNED) + 9, true},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct pickle pickle = sound(files[i].bytes, files[i].size);
        struct array array;
        ck_assert(numpy_array(sequence_at(&pickle.root, 0), &array, NULL));
        ck_assert_uint_eq(array.count, 2);
        ck_assert_mem_eq(array.bytes, "\x01\x00\x02\x00", 4);
        ck_assert(pickle.joblib && pickle.aligned == files[i].aligned && !pickle.object_arrays);
        ck_assert_uint_eq(pickle.array_bytes, 4);
        pickle_close(&pickle);
    }
}
END_TEST

START_TEST(an_array_of_objects_is_a_pickle_of_its_own)
{
    struct pickle pickle = SOUND(
        WRAPPER_(OBJECTS, "I2\n", ALIGNED) "\x80\x02" P_ARRAY_("I2\n", OBJECTS, "0", "(S'yes'\nS'no'\nl") ".\x85.");
    struct array array;
    struct value element;
    struct forestd_error error;
    ck_assert_msg(numpy_array(sequence_at(&pickle.root, 0), &array, &error), "%s", error.message);
    ck_assert(numpy_element(&array, 1, NULL, &element, NULL));
    ck_assert(value_is_text(&element, "no"));
    ck_assert(pickle.object_arrays);
    ck_assert_uint_eq(pickle.object_protocol, 2);
    pickle_close(&pickle);
}
END_TEST

START_TEST(refuses_bytes_that_are_not_there)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } files[] = {
#define FILE_(text, says) {text, sizeof(text) - 1, says}
        FILE_(WRAPPER_(WORDS, "I2\n", "") "\x01\x00\x02", "ends in the middle: 4 bytes"),
        FILE_(WRAPPER_(WORDS, "I2\n", ALIGNED), "ends in the middle: 1 bytes"),
        FILE_(WRAPPER_(WORDS, "I2\n", ALIGNED) "\x10\xff", "ends in the middle: 16 bytes"),
        FILE_(WRAPPER_(WORDS, "I-2\n", "") "....", "no length"),
        FILE_(WRAPPER_(WORDS, "L99999999999999999999\n", "") "....", "no length"),
        FILE_(WRAPPER_("N", "I2\n", "") "....", "not a numpy.dtype"),
        FILE_(WRAPPER_(OBJECTS, "I2\n", "") "N", "ends in the middle"),
        FILE_("\x95\xff\x00\x00\x00\x00\x00\x00\x00" WRAPPER_(WORDS, "I2\n",
                                                              "") "\x01\x00\x02\x00."
                                                                  "                                                    "
                                                                  "                                                ",
              "inside a frame"),
        FILE_(WRAPPER_(OBJECTS, "I1\n", "") WRAPPER_(WORDS, "I2\n", "") "....", "inside an array of objects"),
#undef FILE_
    };
    struct guard guard = guard_open(4096);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct pickle pickle;
        struct forestd_error error;
        const uint8_t *bytes = (const uint8_t *)guard_copy(&guard, files[i].bytes, files[i].size);
        ck_assert_msg(!pickle_open(&pickle, bytes, files[i].size, NULL, NULL, &error), "row %zu", i);
        ck_assert_msg(strstr(error.message, files[i].says) != NULL, "row %zu: %s", i, error.message);
        pickle_close(&pickle);
    }
    guard_close(&guard);
}
END_TEST

/* The same wrapper is given another shape after its bytes were taken. */
START_TEST(a_shape_that_changes_later_is_refused)
{
    struct pickle pickle = SOUND(WRAPPER_(WORDS, "I2\n", "") "\x01\x00\x02\x00q\x00"
                                                             "0h\x00.");
    struct object *wrapper = pickle.root.as.object;
    struct items *state = wrapper->state.as.items;
    struct array array;
    struct forestd_error error;
    const struct value larger = value_integer(1 << 20);
    for (size_t i = 0; i < state->count; i += 2)
        if (value_is_text(&state->values[i], "shape"))
            state->values[i + 1] = value_sized(VALUE_TUPLE, &larger, 1);
    ck_assert(!numpy_array(&pickle.root, &array, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "changed after its bytes"));
    pickle_close(&pickle);
}
END_TEST

SUITE(joblib, takes_the_bytes_between_the_opcodes, an_array_of_objects_is_a_pickle_of_its_own,
      refuses_bytes_that_are_not_there, a_shape_that_changes_later_is_refused)
