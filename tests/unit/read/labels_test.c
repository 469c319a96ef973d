#include "unit/read/support.h"

#include "read/labels.h"

/* Reads two labels from a pickle, for the caller to close with the forest. */
static const struct forestd_label *read_two(struct forest *forest, const char *text, struct forestd_error *error)
{
    struct pickle pickle = sound(text, strlen(text));
    const struct forestd_label *labels = labels_read(forest, &pickle.root, 2, error);
    pickle_close(&pickle);
    return labels;
}

START_TEST(labels_keep_their_type)
{
    static const struct {
        const char *pickle;
        struct forestd_label second;
    } cases[] = {
        {P_ARRAY_("I2\n", P_DTYPE_("i1", "|"), "0", "S'\\x01\\xff'\n") ".",
         {.kind = FORESTD_INTEGER, .as.integer = -1}},
        {P_ARRAY_("I2\n", P_DTYPE_("u8", ">"), "0",
                  "S'\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff'\n") ".",
         {.kind = FORESTD_UNSIGNED, .as.natural = UINT64_MAX}},
        {P_ARRAY_("I2\n", P_DTYPE_("f4", ">"), "0", "S'\\x00\\x00\\x00\\x00\\x3f\\xc0\\x00\\x00'\n") ".",
         {.kind = FORESTD_REAL, .as.real = 1.5}},
        {P_ARRAY_("I2\n", P_DTYPE_("b1", "|"), "0", "S'\\x00\\x01'\n") ".",
         {.kind = FORESTD_BOOLEAN, .as.boolean = true}},
        {P_ARRAY_("I2\n", P_DTYPE_("O8", "|"), "0", "(S'no'\nV\\u00e4h\nl") ".",
         {.kind = FORESTD_TEXT, .text_size = 3, .as.text = "\xC3\xA4h"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct forest *forest = forest_open(NULL, NULL);
        struct forestd_error error;
        const struct forestd_label *labels = read_two(forest, cases[i].pickle, &error);
        const struct forestd_label *wanted = &cases[i].second;
        ck_assert_msg(labels != NULL, "row %zu: %s", i, error.message);
        ck_assert_int_eq(labels[1].kind, wanted->kind);
        if (wanted->kind == FORESTD_TEXT) {
            ck_assert_uint_eq(labels[1].text_size, wanted->text_size);
            ck_assert_str_eq(labels[1].as.text, wanted->as.text);
        } else if (wanted->kind == FORESTD_BOOLEAN) {
            ck_assert(labels[1].as.boolean == wanted->as.boolean);
        } else {
            ck_assert_uint_eq(labels[1].as.natural, wanted->as.natural);
        }
        forest_close(forest);
    }
}
END_TEST

START_TEST(labels_that_cannot_be_said_are_refused)
{
    static const struct {
        const char *pickle;
        const char *says;
    } cases[] = {
        {P_ARRAY_("I3\n", P_DTYPE_("i1", "|"), "0", "S'abc'\n") ".", "classes_"},
        {P_ARRAY_("I2\nI1\n", P_DTYPE_("i1", "|"), "0", "S'ab'\n") ".", "classes_"},
        {P_ARRAY_("I2\n", P_DTYPE_("c8", "<"), "0", "S'abcdefghabcdefgh'\n") ".", "'c8'"},
        {P_ARRAY_("I2\n", P_DTYPE_("O8", "|"), "0", "(N]l") ".", "label"},
        {"N.", "classes_"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct forest *forest = forest_open(NULL, NULL);
        struct forestd_error error;
        ck_assert_msg(!read_two(forest, cases[i].pickle, &error), "row %zu", i);
        ck_assert_msg(strstr(error.message, cases[i].says) != NULL, "row %zu: %s", i, error.message);
        forest_close(forest);
    }
}
END_TEST

START_TEST(names_of_features_are_texts_and_differ)
{
    static const struct {
        const char *pickle;
        const char *says; /* NULL = they are read */
    } cases[] = {
        {P_ARRAY_("I2\n", P_DTYPE_("O8", "|"), "0", "(S'b'\nS'a'\nl") ".", NULL},
        {P_ARRAY_("I2\n", P_DTYPE_("O8", "|"), "0", "(S'a'\nS'a'\nl") ".", "'a'"},
        {P_ARRAY_("I2\n", P_DTYPE_("O8", "|"), "0", "(S'a'\nI1\nl") ".", "a feature name is a int, not a str"},
        {P_ARRAY_("I2\n", P_DTYPE_("O8", "|"), "0", "(S'a\\x00'\nS'b'\nl") ".", "holds a zero character"},
        {P_ARRAY_("I1\n", P_DTYPE_("O8", "|"), "0", "(S'a'\nl") ".", "feature_names_in_"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct forest *forest = forest_open(NULL, NULL);
        forest->features = 2;
        struct forestd_error error;
        struct pickle pickle = sound(cases[i].pickle, strlen(cases[i].pickle));
        bool good = names_read(forest, &pickle.root, &error);
        pickle_close(&pickle);
        ck_assert_msg(good == !cases[i].says, "row %zu: %s", i, error.message);
        if (good)
            ck_assert_uint_eq(forest_feature(forest, "a", 1, 0), 1);
        else
            ck_assert_msg(strstr(error.message, cases[i].says) != NULL, "row %zu: %s", i, error.message);
        forest_close(forest);
    }
}
END_TEST

SUITE(labels, labels_keep_their_type, labels_that_cannot_be_said_are_refused, names_of_features_are_texts_and_differ)
