#include "unit/codec/support.h"

/* An NPY file: version, header and numbers. */
struct file {
    unsigned char bytes[512];
    size_t size;
};

static struct file make(int version, const char *header, const void *numbers, size_t size)
{
    struct file file = {.bytes = "\x93NUMPY", .size = 6};
    size_t length = strlen(header);
    file.bytes[file.size++] = (unsigned char)version;
    file.bytes[file.size++] = 0;
    for (int i = 0; i < (version == 1 ? 2 : 4); i++)
        file.bytes[file.size++] = (unsigned char)(length >> 8 * i);
    memcpy(file.bytes + file.size, header, length);
    memcpy(file.bytes + file.size + length, numbers, size);
    file.size += length + size;
    return file;
}

static void check_file(const struct file *file, size_t features, size_t rows, const float *cells, const char *what)
{
    struct forest *forest = sample_forest(features, NULL);
    struct cut cut = {0, 0};
    do {
        struct forestd_error error = {0};
        struct decoder *decoder = decoder_open(cut.step ? FORMAT_NPY : FORMAT_SNIFFED, forest, NULL, NULL);
        ck_assert_msg(feed(decoder, (const char *)file->bytes, file->size, cut, &error), "%s: %s", what, error.message);
        const struct question *question = decoder_question(decoder);
        ck_assert_uint_eq(question->matrix.rows, rows);
        for (size_t i = 0; i < rows * features; i++)
            check_cell(question->matrix.cells[i], cells[i], what, i);
        ck_assert_int_eq(question->format, FORMAT_NPY);
        ck_assert_uint_eq(question->span_count, 1);
        ck_assert_int_eq(question->spans[0].dialect, DIALECT_ROWS);
        ck_assert_uint_eq(question->spans[0].rows, rows);
        decoder_close(decoder);
    } while (next_cut(file->size, &cut));
    forest_close(forest);
}

static const struct {
    const char *dtype;
    const char *numbers; /* two of them */
    size_t size;
    float cells[2];
} dtypes[] = {
    {"<f4", "\x00\x00\x80\x3f\x00\x00\xc0\x7f", 8, {1, NO}},
    {">f4", "\x3f\x80\x00\x00\xff\x80\x00\x00", 8, {1, -INFINITY}},
    {"<f8", "\x9a\x99\x99\x99\x99\x99\xb9\x3f\x00\x00\x00\x00\x00\x00\x00\x80", 16, {0.1F, -0.0F}},
    {">f8", "\x3f\xb9\x99\x99\x99\x99\x99\x9a\x7f\xef\xff\xff\xff\xff\xff\xff", 16, {0.1F, INFINITY}},
    {"<f2", "\x00\x3c\x01\x80", 4, {1, -0x1p-24F}},
    {">f2", "\x7b\xff\x7c\x00", 4, {65504, INFINITY}},
    {"|i1", "\x01\xff", 2, {1, -1}},
    {"|u1", "\x01\xff", 2, {1, 255}},
    {"<i2", "\x01\x00\xfe\xff", 4, {1, -2}},
    {">i2", "\x00\x01\xff\xfe", 4, {1, -2}},
    {"<u2", "\x01\x00\xfe\xff", 4, {1, 65534}},
    {"<i4", "\x01\x00\x00\x00\xfe\xff\xff\xff", 8, {1, -2}},
    {">u4", "\x00\x00\x00\x01\xff\xff\xff\xfe", 8, {1, 4294967296.0F}},
    {"<i8", "\x01\x00\x00\x00\x00\x00\x00\x00\xfe\xff\xff\xff\xff\xff\xff\xff", 16, {1, -2}},
    /* 2^62 + 2^38 + 1 lies above the middle of two float32, and in it when it is a double first */
    {"<i8", "\x01\x00\x00\x00\x40\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00\x80", 16, {0x1p62F + 0x1p39F, -0x1p63F}},
    {">u8", "\x80\x00\x00\x80\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff", 16, {0x1p63F + 0x1p40F, 0x1p64F}},
    {"|b1", "\x00\x02", 2, {0, 1}},
    {"f4", "\x00\x00\x80\x3f\x00\x00\x80\xbf", 8, {1, -1}},
    {"=i2", "\x01\x00\xfe\xff", 4, {1, -2}},
};

START_TEST(reads_all_types)
{
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++) {
        char header[128];
        (void)snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (1, 2), }   \n",
                       dtypes[i].dtype);
        struct file file = make(1, header, dtypes[i].numbers, dtypes[i].size);
        check_file(&file, 2, 1, dtypes[i].cells, dtypes[i].dtype);
    }
}
END_TEST

static const unsigned char six[] = {1, 2, 3, 4, 5, 6};

START_TEST(reads_all_shapes)
{
    static const float rows[] = {1, 2, 3, 4, 5, 6};
    static const float turned[] = {1, 4, 2, 5, 3, 6};
    struct file file = make(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2), }\n", six, 6);
    check_file(&file, 2, 3, rows, "three rows");
    file = make(2, "{'shape':(3L,2L),\"fortran_order\":True,'descr':'u1'}", six, 6);
    check_file(&file, 2, 3, turned, "columns");
    file = make(3, " { 'fortran_order' : False , 'descr' : '|u1' , 'shape' : ( 6 , ) } \n", six, 6);
    check_file(&file, 6, 1, rows, "one row");
    check_file(&file, 1, 6, rows, "six rows");
    file = make(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (6,), }\n", six, 6);
    check_file(&file, 6, 1, rows, "one column");
    file = make(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (6, 1), }\n", six, 6);
    check_file(&file, 1, 6, rows, "rows of one cell");
}
END_TEST

START_TEST(turns_large_arrays_round)
{
    enum { ROWS = 1000, COLUMNS = 37 };
    struct forest *forest = sample_forest(COLUMNS, NULL);
    struct decoder *decoder = decoder_open(FORMAT_NPY, forest, NULL, NULL);
    struct file file = make(1, "{'descr': '<i4', 'fortran_order': True, 'shape': (1000, 37), }\n", "", 0);
    ck_assert(decoder_feed(decoder, file.bytes, file.size, NULL));
    for (int32_t i = 0; i < ROWS * COLUMNS; i++) {
        unsigned char bytes[4] = {(unsigned char)i, (unsigned char)(i >> 8), (unsigned char)(i >> 16), 0};
        ck_assert(decoder_feed(decoder, bytes, 3, NULL) && decoder_feed(decoder, bytes + 3, 1, NULL));
    }
    ck_assert(decoder_finish(decoder, NULL));
    for (size_t row = 0; row < ROWS; row++)
        for (size_t column = 0; column < COLUMNS; column++)
            ck_assert(decoder_question(decoder)->matrix.cells[row * COLUMNS + column] == (float)(column * ROWS + row));
    decoder_close(decoder);
    forest_close(forest);
}
END_TEST

static const struct {
    struct bad bad; /* `body` is the header */
    int version;
    size_t size; /* numbers that follow */
} bads[] = {
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2), }", 2, NULL, FORESTD_SYNTAX, BYTE(74), "ends before"},
     1,
     5},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }", 2, NULL, FORESTD_SYNTAX, BYTE(73), "more bytes"},
     1,
     6},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (0, 2), }", 2, NULL, FORESTD_EMPTY, NOWHERE, "No instances"},
     1,
     0},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (0,), }", 2, NULL, FORESTD_EMPTY, NOWHERE, "No instances"},
     1,
     0},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }", 2, NULL, FORESTD_WIDTH, ROW(0), "has 3 cells"},
     1,
     6},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (6,), }", 2, NULL, FORESTD_WIDTH, ROW(0), "has 6 cells"},
     1,
     6},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (), }", 2, NULL, FORESTD_UNSUPPORTED, NOWHERE, "0 dimensions"},
     1,
     1},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (1,3,2), }", 2, NULL, FORESTD_UNSUPPORTED, NOWHERE,
      "3 dimensions"},
     1,
     6},
    {{"{'descr': '|O', 'fortran_order': False, 'shape': (3, 2), }", 2, NULL, FORESTD_UNSUPPORTED, BYTE(24),
      "dtype '|O' is not read: send f2"},
     1,
     6},
    {{"{'descr': '<f16', 'fortran_order': False, 'shape': (3, 2), }", 2, NULL, FORESTD_UNSUPPORTED, BYTE(26), "'<f16'"},
     1,
     6},
    {{"{'descr': '2 ', 'fortran_order': False, 'shape': (3, 2), }", 2, NULL, FORESTD_UNSUPPORTED, BYTE(24), "'2 '"},
     1,
     6},
    {{"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }", 2, NULL, FORESTD_UNSUPPORTED, BYTE(20),
      "[('a', '<f4')]"},
     1,
     6},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999, 2), }", 2, NULL, FORESTD_LIMIT,
      BYTE(10), "too large"},
     1,
     6},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (9999999999999999999, 2), }", 2, NULL, FORESTD_LIMIT, NOWHERE,
      "more than memory"},
     1,
     6},
    {{"{'descr': '|u1', 'fortran_order': 0, 'shape': (3, 2), }", 2, NULL, FORESTD_SYNTAX, BYTE(44), "True or False"},
     1,
     6},
    {{"{'descr': '|u1', 'fortran_order': False, }", 2, NULL, FORESTD_SYNTAX, BYTE(52), "is missing"}, 1, 6},
    {{"{'descr': '|u1', 'descr': '|u1'}", 2, NULL, FORESTD_SYNTAX, BYTE(34), "second key"}, 1, 6},
    {{"{'descr': '|u1', 'x': 1}", 2, NULL, FORESTD_SYNTAX, BYTE(30), "unknown"}, 1, 6},
    {{"{'descr' '|u1'}", 2, NULL, FORESTD_SYNTAX, BYTE(19), "a colon"}, 1, 6},
    {{"{'descr': '|u1' 'fortran_order': False, 'shape': (3, 2), }", 2, NULL, FORESTD_SYNTAX, BYTE(26), "a comma"},
     1,
     6},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (3), }", 2, NULL, FORESTD_SYNTAX, BYTE(63), "a tuple"}, 1, 6},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (-3, 2), }", 2, NULL, FORESTD_SYNTAX, BYTE(61), "a length"},
     1,
     6},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2), } x", 2, NULL, FORESTD_SYNTAX, BYTE(70), "more than"},
     1,
     6},
    {{"{'descr': '|u1", 2, NULL, FORESTD_UNSUPPORTED, BYTE(20), "dtype"}, 1, 6},
    {{"", 2, NULL, FORESTD_SYNTAX, BYTE(10), "a dict"}, 1, 6},
    {{"{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2), }", 2, NULL, FORESTD_UNSUPPORTED, BYTE(6), "version"},
     4,
     6},
};

START_TEST(refuses_what_is_no_matrix)
{
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        const struct bad *bad = &bads[i].bad;
        struct file file = make(bads[i].version, bad->body, six, bads[i].size);
        struct forest *forest = sample_forest(bad->features, NULL);
        struct cut cut = {0, 0};
        do {
            struct forestd_error error = {0};
            struct decoder *decoder = decoder_open(FORMAT_NPY, forest, NULL, NULL);
            ck_assert(!feed(decoder, (const char *)file.bytes, file.size, cut, &error));
            check_error(bad, cut, &error);
            decoder_close(decoder);
        } while (next_cut(file.size, &cut));
        forest_close(forest);
    }
}
END_TEST

static const struct bad bare[] = {
    {"", 2, NULL, FORESTD_EMPTY, NOWHERE, "No instances"},
    {"\x93NUM", 2, NULL, FORESTD_SYNTAX, BYTE(4), "ends before"},
    {"\x93NUMPX", 2, NULL, FORESTD_SYNTAX, BYTE(5), "does not begin as NPY does"},
    {"[[1, 2]]", 2, NULL, FORESTD_SYNTAX, BYTE(0), "does not begin as NPY does"},
};

START_TEST(refuses_what_is_no_npy)
{
    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
        check_bad(FORMAT_NPY, &bare[i]);
}
END_TEST

START_TEST(takes_memory_only_for_what_came)
{
    struct forest *forest = sample_forest(2, NULL);
    struct budget budget;
    budget_open(&budget, 100000);
    struct decoder *decoder = decoder_open(FORMAT_NPY, forest, &budget, NULL);
    struct file file = make(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (1000000000, 2), }\n", six, 6);
    ck_assert(decoder_feed(decoder, file.bytes, file.size, NULL));
    ck_assert_uint_gt(atomic_load(&budget.left), 99000);
    decoder_close(decoder);
    ck_assert_uint_eq(atomic_load(&budget.left), 100000);
    forest_close(forest);
}
END_TEST

SUITE(npy, reads_all_types, reads_all_shapes, turns_large_arrays_round, refuses_what_is_no_matrix,
      refuses_what_is_no_npy, takes_memory_only_for_what_came)
