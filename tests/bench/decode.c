/*
 * How fast bodies become matrices and predictions become bodies, in MB (10^6 bytes) of body a second, on one core.
 *
 *     bench_decode [rows] [features]
 *
 * The numbers are doubles as repr() writes them, 16 to 17 digits most. Bodies come in pieces of 16 KiB, as
 * connections bring them. Each line is the best of several runs.
 */
#include "base/number.h"
#include "codec/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIECE = 16 * 1024, RUNS = 30 };

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void check(bool good, const struct forestd_error *error)
{
    if (good)
        return;
    (void)fprintf(stderr, "bench_decode: %s\n", error->message);
    exit(EXIT_FAILURE);
}

/* ---- bodies ---- */

struct table {
    size_t rows;
    size_t features;
    double *cells;
};

static void append(struct buffer *body, const char *text)
{
    struct forestd_error error;
    check(buffer_append(body, text, strlen(text), &error), &error);
}

static void append_number(struct buffer *body, double value)
{
    char text[NUMBER_TEXT_SIZE];
    struct forestd_error error;
    check(buffer_append(body, text, number_write(value, text), &error), &error);
}

/* How a format writes a table. */
struct layout {
    const char *begin, *row_begin, *between_cells, *row_end, *between_rows, *end;
};

static struct buffer write_table(const struct table *table, struct layout layout)
{
    struct buffer body = {0};
    append(&body, layout.begin);
    for (size_t row = 0; row < table->rows; row++) {
        append(&body, row ? layout.between_rows : "");
        append(&body, layout.row_begin);
        for (size_t i = 0; i < table->features; i++) {
            append(&body, i ? layout.between_cells : "");
            append_number(&body, table->cells[row * table->features + i]);
        }
        append(&body, layout.row_end);
    }
    append(&body, layout.end);
    return body;
}

static struct buffer write_records(const struct table *table, const char *const *names)
{
    struct buffer body = {0};
    append(&body, "{\"instances\": [");
    for (size_t row = 0; row < table->rows; row++) {
        append(&body, row ? ", {" : "{");
        for (size_t i = 0; i < table->features; i++) {
            append(&body, i ? ", \"" : "\"");
            append(&body, names[i]);
            append(&body, "\": ");
            append_number(&body, table->cells[row * table->features + i]);
        }
        append(&body, "}");
    }
    append(&body, "]}");
    return body;
}

static struct buffer write_npy(const struct table *table, const char *order)
{
    struct buffer body = {0};
    struct forestd_error error;
    char header[129];
    int size = snprintf(header, sizeof header, "{'descr': '<f8', 'fortran_order': %s, 'shape': (%zu, %zu), }", order,
                        table->rows, table->features);
    check(buffer_append(&body, "\x93NUMPY\x01\x00", 8, &error), &error);
    unsigned char length[2] = {(unsigned char)size, 0};
    check(buffer_append(&body, length, 2, &error) && buffer_append(&body, header, (size_t)size, &error) &&
              buffer_append(&body, table->cells, table->rows * table->features * sizeof(double), &error),
          &error);
    return body;
}

/* ---- runs ---- */

static void decode(enum format format, const struct forest *forest, const struct buffer *body, size_t rows)
{
    struct forestd_error error;
    struct decoder *decoder = decoder_open(format, forest, NULL, &error);
    check(decoder != NULL, &error);
    for (size_t at = 0; at < body->size; at += PIECE) {
        size_t size = body->size - at < PIECE ? body->size - at : PIECE;
        check(decoder_feed(decoder, body->bytes + at, size, &error), &error);
    }
    check(decoder_finish(decoder, &error), &error);
    if (decoder_question(decoder)->matrix.rows != rows)
        exit(EXIT_FAILURE);
    decoder_close(decoder);
}

static void measure_decoding(const char *what, enum format format, const struct forest *forest, struct buffer body,
                             size_t rows)
{
    double best = 1e9;
    for (int run = 0; run < RUNS; run++) {
        double start = now();
        decode(format, forest, &body, rows);
        double taken = now() - start;
        best = taken < best ? taken : best;
    }
    printf("%-28s %9zu bytes %8.0f MB/s %8.1f ns/cell\n", what, body.size, (double)body.size / best * 1e-6,
           best * 1e9 / (double)(rows * forest->features));
    buffer_close(&body);
}

static void measure_encoding(const char *what, enum format format, unsigned outputs,
                             const struct prediction *prediction)
{
    struct span span = {DIALECT_NAMED, prediction->rows, 1};
    struct question question = {.spans = &span, .span_count = 1};
    struct buffer reply = {0};
    double best = 1e9;
    for (int run = 0; run < RUNS; run++) {
        struct forestd_error error;
        reply.size = 0;
        double start = now();
        check(answer_encode(format, &question, prediction, outputs, &reply, &error), &error);
        double taken = now() - start;
        best = taken < best ? taken : best;
    }
    printf("%-28s %9zu bytes %8.0f MB/s %8.1f ns/row\n", what, reply.size, (double)reply.size / best * 1e-6,
           best * 1e9 / (double)prediction->rows);
    buffer_close(&reply);
}

/* ---- what is measured ---- */

static struct table draw(size_t rows, size_t features)
{
    struct table table = {rows, features, malloc(rows * features * sizeof(double))};
    srand48(1);
    for (size_t i = 0; table.cells && i < rows * features; i++)
        table.cells[i] = drand48() * 4 - 2;
    if (!table.cells)
        exit(EXIT_FAILURE);
    return table;
}

static void name_features(struct forest *forest)
{
    const char **names = arena_take(&forest->memory, forest->features * sizeof *names);
    for (size_t i = 0; names && i < forest->features; i++) {
        char name[32];
        int size = snprintf(name, sizeof name, "feature_%zu", i);
        names[i] = arena_text(&forest->memory, name, (size_t)size);
    }
    forest->names = names;
    struct forestd_error error;
    check(names && forest_index_names(forest, &error), &error);
}

static void bench_decoding(struct forest *forest, const struct table *table)
{
    static const struct layout json = {"[", "[", ", ", "]", ", ", "]"};
    static const struct layout compact = {"{\"instances\":[", "[", ",", "]", ",", "]}"};
    static const struct layout lines = {"", "[", ", ", "]\n", "", ""};
    static const struct layout csv = {"", "", ",", "\n", "", ""};
    size_t rows = table->rows;
    measure_decoding("JSON, as json.dumps", FORMAT_JSON, forest, write_table(table, json), rows);
    measure_decoding("JSON, without spaces", FORMAT_JSON, forest, write_table(table, compact), rows);
    measure_decoding("JSON, rows by name", FORMAT_JSON, forest, write_records(table, forest->names), rows);
    measure_decoding("JSON Lines", FORMAT_LINES, forest, write_table(table, lines), rows);
    measure_decoding("CSV", FORMAT_CSV, forest, write_table(table, csv), rows);
    measure_decoding("NPY, float64", FORMAT_NPY, forest, write_npy(table, "False"), rows);
    measure_decoding("NPY, float64, Fortran order", FORMAT_NPY, forest, write_npy(table, "True"), rows);
}

static void bench_encoding(struct forest *forest, size_t rows)
{
    static const struct forestd_label labels[] = {{.kind = FORESTD_INTEGER, .as.integer = 0},
                                                  {.kind = FORESTD_INTEGER, .as.integer = 1}};
    static const uint32_t classes[] = {2};
    const struct forestd_label *outputs[] = {labels};
    forest->task = FORESTD_CLASSIFIER;
    forest->outputs = 1;
    forest->width = 2;
    forest->classes = classes;
    forest->labels = outputs;
    double *values = malloc(rows * 2 * sizeof *values);
    uint32_t *choices = calloc(rows, sizeof *choices);
    if (!values || !choices)
        exit(EXIT_FAILURE);
    const struct prediction prediction = {forest, rows, values, choices};
    for (size_t i = 0; i < rows * 2; i += 2) {
        values[i] = (double)(lrand48() % 101) / 100;
        values[i + 1] = 1 - values[i];
    }
    measure_encoding("JSON answer, hundredths", FORMAT_JSON, 0, &prediction);
    for (size_t i = 0; i < rows * 2; i++)
        values[i] = drand48();
    measure_encoding("JSON answer, 17 digits", FORMAT_JSON, 0, &prediction);
    measure_encoding("CSV answer, 17 digits", FORMAT_CSV, OUTPUT_PROBABILITIES, &prediction);
    free(values);
    free(choices);
    forest->labels = NULL;
}

int main(int count, char **arguments)
{
    size_t rows = count > 1 ? strtoul(arguments[1], NULL, 10) : 1000;
    size_t features = count > 2 ? strtoul(arguments[2], NULL, 10) : 30;
    struct forestd_error error;
    struct forest *forest = forest_open(NULL, &error);
    check(forest && rows && features, &error);
    forest->features = features;
    name_features(forest);
    struct table table = draw(rows, features);
    bench_decoding(forest, &table);
    bench_encoding(forest, rows);
    free(table.cells);
    forest_close(forest);
    return EXIT_SUCCESS;
}
