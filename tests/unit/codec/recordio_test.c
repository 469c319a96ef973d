#include "unit/codec/support.h"

/* A body that is put together. */
struct body {
    unsigned char bytes[2048];
    size_t size;
};

static void put(struct body *body, const void *bytes, size_t size)
{
    ck_assert_uint_le(size, sizeof body->bytes - body->size);
    if (size)
        memcpy(body->bytes + body->size, bytes, size);
    body->size += size;
}

static void put_byte(struct body *body, unsigned value)
{
    unsigned char byte = (unsigned char)value;
    put(body, &byte, 1);
}

static void put_four(struct body *body, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        put_byte(body, value >> 8 * i & 0xFF);
}

/* A field of bytes: all that is put together here is shorter than 128. */
static void put_field(struct body *body, unsigned number, const struct body *inner)
{
    ck_assert_uint_lt(inner->size, 128);
    put_byte(body, number << 3 | 2);
    put_byte(body, (unsigned)inner->size);
    put(body, inner->bytes, inner->size);
}

static void put_frame(struct body *body, const struct body *record)
{
    put_four(body, 0xCED7230A);
    put_four(body, (uint32_t)record->size);
    put(body, record->bytes, record->size);
    while (body->size % 4)
        put_byte(body, 0);
}

/* A record with this tensor as field `kind` of the value called `name`. */
static void put_record(struct body *body, const char *name, unsigned kind, const struct body *tensor)
{
    struct body key = {.size = 0};
    struct body value = {.size = 0};
    struct body entry = {.size = 0};
    struct body record = {.size = 0};
    put(&key, name, strlen(name));
    put_field(&value, kind, tensor);
    put_field(&entry, 1, &key);
    put_field(&entry, 2, &value);
    put_field(&record, 1, &entry);
    put_field(&record, 3, &key); /* uid */
    put_frame(body, &record);
}

enum { FLOATS = 2, DOUBLES = 3, INTEGERS = 7 };

static struct body floats(const float *values, size_t count)
{
    struct body packed = {.size = 0};
    struct body tensor = {.size = 0};
    put(&packed, values, count * sizeof *values);
    put_field(&tensor, 1, &packed);
    return tensor;
}

static void put_small(struct body *tensor, unsigned field, const unsigned char *values, size_t count)
{
    struct body packed = {.size = 0};
    put(&packed, values, count);
    put_field(tensor, field, &packed);
}

static struct body sparse(const float *values, size_t count, const unsigned char *keys, size_t key_count,
                          unsigned char width)
{
    struct body tensor = count ? floats(values, count) : (struct body){.size = 0};
    if (key_count)
        put_small(&tensor, 2, keys, key_count);
    put_small(&tensor, 3, &width, 1);
    return tensor;
}

static void check_rows(const struct body *body, size_t features, size_t rows, const float *cells)
{
    struct cut cut = {0, 0};
    do {
        struct forest *forest = sample_forest(features, NULL);
        struct forestd_error error = {0};
        struct decoder *decoder = decoder_open(FORMAT_RECORDIO, forest, NULL, &error);
        ck_assert_msg(feed(decoder, (const char *)body->bytes, body->size, cut, &error), "cut %zu, %zu: %s", cut.first,
                      cut.step, error.message);
        const struct question *question = decoder_question(decoder);
        ck_assert_uint_eq(question->matrix.rows, rows);
        ck_assert_uint_eq(question_rows(question), rows);
        for (size_t i = 0; i < rows * features; i++)
            check_cell(question->matrix.cells[i], cells[i], "the record", i);
        decoder_close(decoder);
        forest_close(forest);
    } while (next_cut(body->size, &cut));
}

static void check_refused(const struct body *body, size_t features, enum forestd_code code, const char *says)
{
    struct cut cut = {0, 0};
    do {
        struct forest *forest = sample_forest(features, NULL);
        struct forestd_error error = {0};
        struct decoder *decoder = decoder_open(FORMAT_RECORDIO, forest, NULL, &error);
        ck_assert_msg(!feed(decoder, (const char *)body->bytes, body->size, cut, &error), "%s: is taken", says);
        ck_assert_msg(error.code == code && strstr(error.message, says), "%s: %s", says, error.message);
        decoder_close(decoder);
        forest_close(forest);
    } while (next_cut(body->size, &cut));
}

START_TEST(reads_dense_rows)
{
    static const float cells[] = {1.5F, -2, 0.1F, 4, 5, 6};
    struct body body = {.size = 0};
    struct body tensor = floats(cells, 3);
    put_record(&body, "values", FLOATS, &tensor);
    tensor = floats(cells + 3, 3);
    put_record(&body, "values", FLOATS, &tensor);
    check_rows(&body, 3, 2, cells);
}
END_TEST

START_TEST(reads_doubles_and_integers)
{
    static const double values[] = {0.1, -1e300};
    static const float cells[] = {0.1F, -INFINITY, -1, 300};
    static const unsigned char integers[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0xAC, 0x02};
    struct body body = {.size = 0};
    struct body tensor = {.size = 0};
    struct body packed = {.size = 0};
    put(&packed, values, sizeof values);
    put_field(&tensor, 1, &packed);
    put_record(&body, "values", DOUBLES, &tensor);
    tensor.size = 0;
    put_small(&tensor, 1, integers, sizeof integers);
    put_record(&body, "values", INTEGERS, &tensor);
    check_rows(&body, 2, 2, cells);
}
END_TEST

START_TEST(reads_numbers_one_by_one)
{
    static const float cells[] = {1.5F, 7};
    struct body body = {.size = 0};
    struct body tensor = {.size = 0};
    for (size_t i = 0; i < 2; i++) {
        put_byte(&tensor, 1 << 3 | 5);
        put(&tensor, &cells[i], sizeof cells[i]);
    }
    put_record(&body, "values", FLOATS, &tensor);
    check_rows(&body, 2, 1, cells);
}
END_TEST

START_TEST(reads_sparse_rows)
{
    static const float values[] = {9, 8};
    static const unsigned char keys[] = {3, 1};
    static const float cells[] = {0, 8, 0, 9, 0, 0, 0, 0};
    struct body body = {.size = 0};
    struct body tensor = sparse(values, 2, keys, 2, 4);
    put_record(&body, "values", FLOATS, &tensor);
    tensor = sparse(values, 0, keys, 0, 4);
    put_record(&body, "values", FLOATS, &tensor);
    check_rows(&body, 4, 2, cells);
}
END_TEST

START_TEST(refuses_rows_that_do_not_fit)
{
    static const float values[] = {1, 2, 3};
    static const unsigned char keys[] = {0, 0, 7};
    static const struct {
        size_t values;
        size_t first;
        size_t keys;
        unsigned char width;
        enum forestd_code code;
        const char *says;
    } cases[] = {
        {2, 0, 2, 2, FORESTD_NAME, "row 0 has the key 0 twice"},
        {1, 2, 1, 2, FORESTD_WIDTH, "row 0 has a key 7: the model takes 2 features, counted from 0"},
        {1, 1, 1, 3, FORESTD_WIDTH, "row 0 has 3 cells: the model takes 2 features"},
        {2, 1, 1, 2, FORESTD_SYNTAX, "row 0: the record is not the protobuf message"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct body body = {.size = 0};
        struct body tensor = sparse(values, cases[i].values, keys + cases[i].first, cases[i].keys, cases[i].width);
        put_record(&body, "values", FLOATS, &tensor);
        check_refused(&body, 2, cases[i].code, cases[i].says);
    }
    struct body body = {.size = 0};
    struct body tensor = floats(values, 2);
    put_record(&body, "values", FLOATS, &tensor);
    tensor = floats(values, 3);
    put_record(&body, "values", FLOATS, &tensor);
    check_refused(&body, 2, FORESTD_WIDTH, "row 1 has 3 cells: the model takes 2 features");
}
END_TEST

START_TEST(refuses_what_is_no_record)
{
    static const float values[] = {1, 2};
    struct body tensor = floats(values, 2);
    struct body whole = {.size = 0};
    put_record(&whole, "values", FLOATS, &tensor);

    struct body body = {.size = 0};
    check_refused(&body, 2, FORESTD_EMPTY, "No instances provided");
    for (size_t cut = 1; cut < whole.size; cut++) {
        body = whole;
        body.size = cut;
        check_refused(&body, 2, FORESTD_SYNTAX, "row 0: the body ends before the record does");
    }
    body = whole;
    body.bytes[0] ^= 1;
    check_refused(&body, 2, FORESTD_SYNTAX, "RecordIO's magic number");
    body = whole;
    body.bytes[7] = 0x20;
    check_refused(&body, 2, FORESTD_UNSUPPORTED, "a record in several parts");
    body.bytes[7] = 0x10;
    check_refused(&body, 2, FORESTD_LIMIT, "too many for 2 numbers");
    body.size = 0;
    put_record(&body, "value", FLOATS, &tensor);
    check_refused(&body, 2, FORESTD_SYNTAX, "no numbers under 'values'");
    body.size = 0;
    struct body nothing = {.size = 0};
    put_frame(&body, &nothing);
    check_refused(&body, 2, FORESTD_SYNTAX, "no numbers under 'values'");
}
END_TEST

/* Whatever byte is wrong, nothing is read past the end. */
START_TEST(survives_any_byte)
{
    static const float values[] = {1, 2};
    static const unsigned char keys[] = {0, 1};
    struct body whole = {.size = 0};
    struct body tensor = sparse(values, 2, keys, 2, 2);
    put_record(&whole, "values", FLOATS, &tensor);
    struct forest *forest = sample_forest(2, NULL);
    for (size_t at = 0; at < whole.size; at++) {
        for (unsigned value = 0; value < 256; value++) {
            struct body body = whole;
            struct forestd_error error;
            body.bytes[at] = (unsigned char)value;
            struct decoder *decoder = decoder_open(FORMAT_RECORDIO, forest, NULL, NULL);
            (void)feed(decoder, (const char *)body.bytes, body.size, (struct cut){0, 0}, &error);
            decoder_close(decoder);
        }
    }
    forest_close(forest);
}
END_TEST

SUITE(recordio, reads_dense_rows, reads_doubles_and_integers, reads_numbers_one_by_one, reads_sparse_rows,
      refuses_rows_that_do_not_fit, refuses_what_is_no_record, survives_any_byte)
