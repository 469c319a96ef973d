#include "unit/read/support.h"

#include "base/buffer.h"
#include "base/number.h"
#include "unit/guard.h"

#include <inttypes.h>

static void show(struct buffer *text, const struct value *value);

static void show_many(struct buffer *text, const char *open, const struct value *values, size_t count,
                      const char *close)
{
    ck_assert(buffer_print(text, NULL, "%s", open));
    for (size_t i = 0; i < count; i++) {
        ck_assert(buffer_print(text, NULL, "%s", i ? " " : ""));
        show(text, &values[i]);
    }
    ck_assert(buffer_print(text, NULL, "%s", close));
}

static void show_object(struct buffer *text, const struct object *object)
{
    ck_assert(buffer_print(text, NULL, "%s", object->type ? object->type->name : "?"));
    show(text, &object->arguments);
    if (object->state.kind != VALUE_NONE)
        show(text, &object->state);
}

/* Writes what a value is: 1, 1.5, 'text', b'bytes', (1 2), [1 2], {1 2}, Tree(1 2){3 4}. */
static void show(struct buffer *text, const struct value *value)
{
    char number[NUMBER_TEXT_SIZE];
    switch ((enum kind)value->kind) {
    case VALUE_BOOLEAN:
        ck_assert(buffer_print(text, NULL, "%s", value->as.boolean ? "True" : "False"));
        break;
    case VALUE_INTEGER:
        ck_assert(buffer_print(text, NULL, "%" PRId64, value->as.integer));
        break;
    case VALUE_NATURAL:
        ck_assert(buffer_print(text, NULL, "%" PRIu64, value->as.natural));
        break;
    case VALUE_REAL:
        ck_assert(buffer_append(text, number, number_write(value->as.real, number), NULL));
        break;
    case VALUE_TEXT:
    case VALUE_BYTES:
        ck_assert(buffer_print(text, NULL, "%s'%.*s'", value->kind == VALUE_BYTES ? "b" : "", (int)value->size,
                               (const char *)value->as.bytes));
        break;
    case VALUE_TUPLE:
        show_many(text, "(", value->as.tuple, value->size, ")");
        break;
    case VALUE_LIST:
        show_many(text, "[", value->as.items->values, value->as.items->count, "]");
        break;
    case VALUE_DICT:
        show_many(text, "{", value->as.items->values, value->as.items->count, "}");
        break;
    case VALUE_OBJECT:
        show_object(text, value->as.object);
        break;
    case VALUE_GLOBAL:
        ck_assert(buffer_print(text, NULL, "<%s>", value->as.global->name));
        break;
    case VALUE_HUGE:
        ck_assert(buffer_print(text, NULL, "huge"));
        break;
    case VALUE_NONE:
    case VALUE_SET:
    case VALUE_ABSENT:
        ck_assert(buffer_print(text, NULL, "%s", value_title(value).text));
        break;
    }
}

/* What Python's pickletools calls each opcode stands at the end of its line. */
static const struct {
    const uint8_t *bytes;
    size_t size;
    const char *means;
} pickles[] = {
    {BYTES("N."), "None"},
    {BYTES("\x88."), "True"},
    {BYTES("\x89."), "False"},
    {BYTES("I00\n."), "False"},
    {BYTES("I01\n."), "True"},
    {BYTES("I-12\n."), "-12"},
    {BYTES("I18446744073709551615\n."), "18446744073709551615"},
    {BYTES("I-9223372036854775808\n."), "-9223372036854775808"},
    {BYTES("I18446744073709551616\n."), "huge"},
    {BYTES("L123L\n."), "123"},
    {BYTES("K\xff."), "255"},
    {BYTES("M\x01\x02."), "513"},
    {BYTES("J\xff\xff\xff\xff."), "-1"},
    {BYTES("\x8a\x00."), "0"},
    {BYTES("\x8a\x01\x80."), "-128"},
    {BYTES("\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x00."), "18446744073709551615"},
    {BYTES("\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x01."), "huge"},
    {BYTES("\x8b\x02\x00\x00\x00\x00\x01."), "256"},
    {BYTES("F1.5\n."), "1.5"},
    {BYTES("F-inf\n."), "-Infinity"},
    {BYTES("Fnan\n."), "NaN"},
    {BYTES("G\x3f\xf8\x00\x00\x00\x00\x00\x00."), "1.5"},
    {BYTES("S'a\\x41\\n'\n."), "'aA\n'"},
    {BYTES("S\"it's\"\n."), "'it's'"},
    {BYTES("Va\\u00e4\\U0001f332\xe4\n."), "'aä🌲ä'"},
    {BYTES("U\x02hi."), "'hi'"},
    {BYTES("T\x02\x00\x00\x00hi."), "'hi'"},
    {BYTES("X\x02\x00\x00\x00hi."), "'hi'"},
    {BYTES("\x8c\x02hi."), "'hi'"},
    {BYTES("\x8d\x02\x00\x00\x00\x00\x00\x00\x00hi."), "'hi'"},
    {BYTES("C\x02hi."), "b'hi'"},
    {BYTES("B\x02\x00\x00\x00hi."), "b'hi'"},
    {BYTES("\x8e\x02\x00\x00\x00\x00\x00\x00\x00hi."), "b'hi'"},
    {BYTES("\x96\x02\x00\x00\x00\x00\x00\x00\x00hi."), "b'hi'"},
    {BYTES(")."), "()"},
    {BYTES("K\x01\x85."), "(1)"},
    {BYTES("K\x01K\x02\x86."), "(1 2)"},
    {BYTES("K\x01K\x02K\x03\x87."), "(1 2 3)"},
    {BYTES("(K\x01K\x02K\x03K\x04t."), "(1 2 3 4)"},
    {BYTES("]K\x01\x61."), "[1]"},
    {BYTES("](K\x01K\x02"
           "e."),
     "[1 2]"},
    {BYTES("(K\x01K\x02l."), "[1 2]"},
    {BYTES("}K\x01K\x02s."), "{1 2}"},
    {BYTES("}(K\x01K\x02K\x03K\x04u."), "{1 2 3 4}"},
    {BYTES("(K\x01K\x02"
           "d."),
     "{1 2}"},
    {BYTES("\x8f(K\x01K\x02\x90."), "set"},
    {BYTES("(K\x01\x91."), "set"},
    {BYTES("K\x01K\x02"
           "0."),
     "1"},
    {BYTES("K\x01(K\x02"
           "1."),
     "1"},
    {BYTES("K\x01(0."), "1"},
    {BYTES("K\x01"
           "2\x86."),
     "(1 1)"},
    {BYTES("]q\x01h\x01\x86."), "([] [])"},
    {BYTES("]r\x05\x00\x00\x00j\x05\x00\x00\x00\x86."), "([] [])"},
    {BYTES("]p3\ng3\n\x86."), "([] [])"},
    {BYTES("]\x94h\x00\x86."), "([] [])"},
    {BYTES("\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x01."), "1"},
    {BYTES("cnumpy\ndtype\n."), "<dtype>"},
    {BYTES("\x8c\x05numpy\x8c\x05"
           "dtype\x93."),
     "<dtype>"},
    {BYTES("cnumpy\ndtype\nK\x01\x85R."), "dtype(1)"},
    {BYTES("cnumpy\ndtype\nK\x01\x85\x81."), "dtype(1)"},
    {BYTES("cnumpy\ndtype\nK\x01\x85}\x92."), "dtype(1)"},
    {BYTES("(cnumpy\ndtype\nK\x01o."), "dtype(1)"},
    {BYTES("(K\x01inumpy\ndtype\n."), "dtype(1)"},
    {BYTES("(inumpy\ndtype\n."), "dtype()"},
    {BYTES("cnumpy\ndtype\n)R}b."), "dtype(){}"},
    {BYTES("cnumpy\ndtype\n)RK\x01"
           "a."),
     "dtype()"},
    {BYTES("ccopy_reg\n_reconstructor\n(csklearn.tree._tree\nTree\nc__builtin__\nobject\nNtR."),
     "Tree(<Tree> <object> None)"},
    {BYTES("c_codecs\nencode\n(V\xe9\x41\nVlatin1\ntR."), "b'\xe9\x41'"},
    {BYTES("N)R."), "?()"},
};

START_TEST(each_opcode_means_what_python_means)
{
    struct guard guard = guard_open(4096);
    for (size_t i = 0; i < sizeof pickles / sizeof *pickles; i++) {
        struct pickle pickle;
        struct forestd_error error;
        struct buffer text = {0};
        const uint8_t *bytes = (const uint8_t *)guard_copy(&guard, pickles[i].bytes, pickles[i].size);
        bool good = pickle_open(&pickle, bytes, pickles[i].size, NULL, NULL, &error);
        ck_assert_msg(good, "%s: %s", pickles[i].means, error.message);
        show(&text, &pickle.root);
        ck_assert(buffer_append(&text, "", 1, NULL));
        ck_assert_str_eq((const char *)text.bytes, pickles[i].means);
        ck_assert_uint_eq(pickle.read, pickles[i].size);
        buffer_close(&text);
        pickle_close(&pickle);
    }
    guard_close(&guard);
}
END_TEST

static const struct {
    const uint8_t *bytes;
    size_t size;
    enum forestd_code code;
    uint64_t byte; /* of the opcode at fault */
    const char *says;
} refused[] = {
    {BYTES(""), FORESTD_FORMAT, 0, "ends in the middle"},
    {BYTES("K"), FORESTD_FORMAT, 0, "ends in the middle"},
    {BYTES("N"), FORESTD_FORMAT, 1, "ends in the middle"},
    {BYTES("."), FORESTD_FORMAT, 0, "stack has none"},
    {BYTES("NI12"), FORESTD_FORMAT, 1, "in the middle of a line"},
    {BYTES("I1x\n."), FORESTD_FORMAT, 0, "'1x' is not a number"},
    {BYTES("Fx\n."), FORESTD_FORMAT, 0, "'x' is not a number"},
    {BYTES("S'x\n."), FORESTD_FORMAT, 0, "without its quotes"},
    {BYTES("S'\\q'\n."), FORESTD_FORMAT, 0, "escape"},
    {BYTES("V\\u12\n."), FORESTD_FORMAT, 0, "cut short"},
    {BYTES("V\\ud800\n."), FORESTD_UNSUPPORTED, 0, "surrogate"},
    {BYTES("N\x8e\xff\xff\xff\xff\xff\xff\xff\xff."), FORESTD_FORMAT, 1, "ends in the middle"},
    {BYTES("\x80\x06."), FORESTD_UNSUPPORTED, 0, "protocol 6"},
    {BYTES("\x95\x09\x00\x00\x00\x00\x00\x00\x00N."), FORESTD_FORMAT, 0, "a frame of 9 bytes"},
    {BYTES("h\x07."), FORESTD_FORMAT, 0, "memo index 7"},
    {BYTES("Nr\xff\xff\xff\xff."), FORESTD_FORMAT, 1, "memo index 4294967295"},
    {BYTES("K\x01t."), FORESTD_FORMAT, 2, "a mark"},
    {BYTES("(K\x01\x86."), FORESTD_FORMAT, 3, "stack has none"},
    {BYTES("(K\x01\x64."), FORESTD_FORMAT, 3, "a key without a value"},
    {BYTES("}(K\x01u."), FORESTD_FORMAT, 4, "a key without a value"},
    {BYTES("NN\x61."), FORESTD_FORMAT, 2, "items for a list are added to a None"},
    {BYTES("]Nb."), FORESTD_FORMAT, 2, "a list is given a state"},
    {BYTES("NNR."), FORESTD_FORMAT, 2, "the arguments of a call are a None"},
    {BYTES("(o."), FORESTD_FORMAT, 1, "an object without a class"},
    {BYTES("NN\x93."), FORESTD_FORMAT, 2, "named by a None and a None"},
    {BYTES("Ncposix\nsystem\n."), FORESTD_UNSUPPORTED, 1, "unknown class 'posix.system'"},
    {BYTES("(iposix\nsystem\n."), FORESTD_UNSUPPORTED, 1, "unknown class 'posix.system'"},
    {BYTES("Pid\n."), FORESTD_UNSUPPORTED, 0, "persistent id"},
    {BYTES("NQ."), FORESTD_UNSUPPORTED, 1, "persistent id"},
    {BYTES("\x82\x01."), FORESTD_UNSUPPORTED, 0, "extension registry"},
    {BYTES("\x97."), FORESTD_UNSUPPORTED, 0, "outside of the file"},
    {BYTES("\xff."), FORESTD_FORMAT, 0, "0xff is no opcode"},
};

START_TEST(what_is_wrong_is_named_with_its_byte)
{
    struct guard guard = guard_open(4096);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct pickle pickle;
        struct forestd_error error;
        const uint8_t *bytes = (const uint8_t *)guard_copy(&guard, refused[i].bytes, refused[i].size);
        ck_assert_msg(!pickle_open(&pickle, bytes, refused[i].size, NULL, NULL, &error), "row %zu opens", i);
        pickle_close(&pickle);
        ck_assert_msg(strstr(error.message, refused[i].says) != NULL, "row %zu: %s", i, error.message);
        ck_assert_int_eq(error.code, refused[i].code);
        ck_assert_int_eq(error.where.place, FORESTD_BYTE);
        ck_assert_msg(error.where.first == refused[i].byte, "row %zu: byte %" PRIu64, i, error.where.first);
    }
    guard_close(&guard);
}
END_TEST

START_TEST(a_census_goes_past_unknown_names)
{
    static const char bytes[] = "(cposix\nsystem\n(S'x'\ntRcmy.module\nThing\n)RN}Nsb]Na.";
    struct census *census = calloc(1, sizeof *census);
    struct pickle pickle;
    ck_assert_ptr_nonnull(census);
    ck_assert(pickle_open(&pickle, (const uint8_t *)bytes, sizeof bytes - 1, census, NULL, NULL) == false);
    pickle_close(&pickle);
    memset(census, 0, sizeof *census);
    static const char whole[] = "(cposix\nsystem\n(S'x'\ntRcmy.module\nThing\n)R}bt.";
    struct forestd_error error;
    bool good = pickle_open(&pickle, (const uint8_t *)whole, sizeof whole - 1, census, NULL, &error);
    ck_assert_msg(good, "%s", error.message);
    ck_assert(census->refused);
    ck_assert_uint_eq(census->count, 2);
    ck_assert_str_eq(census->mentions[1].title.text, "my.module.Thing");
    ck_assert_str_eq(value_title(sequence_at(&pickle.root, 1)).text, "my.module.Thing");
    pickle_close(&pickle);
    free(census);
}
END_TEST

/* A list that holds itself is plain data: nothing walks it without a bound. */
START_TEST(a_list_may_hold_itself)
{
    struct pickle pickle = SOUND("]q\x00h\x00\x61.");
    ck_assert_ptr_eq(sequence_at(&pickle.root, 0)->as.items, pickle.root.as.items);
    pickle_close(&pickle);
}
END_TEST

START_TEST(memory_is_bounded_by_the_size_of_the_file)
{
    static uint8_t lists[200000];
    memset(lists, ']', sizeof lists);
    struct pickle pickle;
    struct forestd_error error;
    ck_assert(!pickle_open(&pickle, lists, sizeof lists, NULL, NULL, &error));
    ck_assert_int_eq(error.code, FORESTD_LIMIT);
    ck_assert_uint_le(pickle.memory.taken, (1U << 20) + 8 * sizeof lists);
    pickle_close(&pickle);
}
END_TEST

SUITE(pickle, each_opcode_means_what_python_means, what_is_wrong_is_named_with_its_byte,
      a_census_goes_past_unknown_names, a_list_may_hold_itself, memory_is_bounded_by_the_size_of_the_file)
