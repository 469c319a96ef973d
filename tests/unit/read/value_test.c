#include "unit/read/support.h"

START_TEST(the_last_of_equal_keys_counts)
{
    struct pickle pickle = SOUND("}(S'a'\nI1\nS'b'\nI2\nS'a'\nI3\nu.");
    ck_assert_int_eq(dict_find(&pickle.root, "a")->as.integer, 3);
    ck_assert_int_eq(dict_find(&pickle.root, "b")->as.integer, 2);
    ck_assert_ptr_null(dict_find(&pickle.root, "c"));
    ck_assert_ptr_null(dict_find(NULL, "a"));
    pickle_close(&pickle);
}
END_TEST

/* Finding a key costs as much as the dict is long: only an object's small state may be asked. */
START_TEST(a_large_dict_holds_nothing)
{
    struct arena arena = {0};
    struct items items = {0};
    struct value pair[2] = {value_sized(VALUE_TEXT, "a", 1), value_integer(1)};
    struct value dict = value_of(VALUE_DICT);
    dict.as.items = &items;
    for (int i = 0; i < STATE_KEYS; i++)
        ck_assert(items_append(&items, pair, 2, &arena));
    ck_assert_ptr_nonnull(dict_find(&dict, "a"));
    ck_assert(items_append(&items, pair, 2, &arena));
    ck_assert_ptr_null(dict_find(&dict, "a"));
    arena_close(&arena);
}
END_TEST

START_TEST(titles_are_pythons_words)
{
    static const struct {
        const char *pickle;
        const char *title;
    } cases[] = {
        {"N.", "None"},
        {"I01\n.", "bool"},
        {"L1L\n.", "int"},
        {"F1\n.", "float"},
        {"S''\n.", "str"},
        {").", "tuple"},
        {"].", "list"},
        {"}.", "dict"},
        {"\x8f.", "set"},
        {"cnumpy\ndtype\n.", "numpy.dtype"},
        {"cnumpy.core.multiarray\n_reconstruct\n)R.", "numpy.ndarray"},
        {"csklearn.tree._tree\nTree\n)R.", "sklearn.tree._tree.Tree"},
        {"N)R.", "object"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pickle pickle = sound(cases[i].pickle, strlen(cases[i].pickle));
        ck_assert_str_eq(value_title(&pickle.root).text, cases[i].title);
        pickle_close(&pickle);
    }
}
END_TEST

START_TEST(sequences_are_lists_and_tuples)
{
    struct pickle pickle = SOUND("(I1\nI2\n(I3\nltI4\n\x85\x85.");
    const struct value *inner = sequence_at(&pickle.root, 0);
    ck_assert(value_is_sequence(&pickle.root) && value_is_sequence(inner));
    ck_assert_uint_eq(sequence_count(inner), 1);
    ck_assert(!value_is_sequence(sequence_at(inner, 0)));
    ck_assert_uint_eq(sequence_count(sequence_at(inner, 0)), 0);
    ck_assert_uint_eq(sequence_count(NULL), 0);
    pickle_close(&pickle);
}
END_TEST

SUITE(value, the_last_of_equal_keys_counts, a_large_dict_holds_nothing, titles_are_pythons_words,
      sequences_are_lists_and_tuples)
