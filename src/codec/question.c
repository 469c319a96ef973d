#include "codec/decode.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SPANS = 4 };

static bool reserve_span(struct question *question, struct forestd_error *error)
{
    if (question->span_count < question->span_capacity)
        return true;
    size_t capacity = question->span_capacity ? question->span_capacity * 2 : FIRST_SPANS;
    size_t added = (capacity - question->span_capacity) * sizeof *question->spans;
    if (!budget_take(question->matrix.budget, added))
        return error_memory(error, added, "the rows of all requests together");
    struct span *spans = realloc(question->spans, capacity * sizeof *spans);
    if (!spans) {
        budget_give_back(question->matrix.budget, added);
        return error_memory(error, capacity * sizeof *spans, "rows");
    }
    question->spans = spans;
    question->span_capacity = capacity;
    return true;
}

bool question_add(struct question *question, enum dialect dialect, size_t rows, struct forestd_error *error)
{
    if (question->span_count) {
        struct span *last = &question->spans[question->span_count - 1];
        if (last->dialect == dialect && last->rows == rows) {
            last->documents++;
            return true;
        }
    }
    if (!reserve_span(question, error))
        return false;
    question->spans[question->span_count++] = (struct span){dialect, rows, 1};
    return true;
}

size_t question_rows(const struct question *question)
{
    size_t rows = 0;
    for (size_t i = 0; i < question->span_count; i++)
        rows += question->spans[i].rows * question->spans[i].documents;
    return rows;
}

void question_consume(struct question *question)
{
    size_t rows = question_rows(question);
    question->span_count = 0;
    matrix_consume(&question->matrix, rows);
}

size_t question_row(const struct question *question)
{
    return question->matrix.first_row + question->matrix.rows;
}

bool width_error(const struct decoder *decoder, size_t cells, struct forestd_error *error)
{
    size_t row = question_row(&decoder->question);
    size_t features = decoder->forest->features;
    return error_set(error, FORESTD_WIDTH, at_row(row), "row %zu has %zu cell%s: the model takes %zu feature%s", row,
                     cells, cells == 1 ? "" : "s", features, features == 1 ? "" : "s");
}

bool empty_error(const struct question *question, struct forestd_error *error)
{
    size_t row = question_row(question);
    return error_set(error, FORESTD_EMPTY, row ? at_row(row) : at_nowhere(), "No instances provided");
}

static const struct decoding *decoding_of(enum format format)
{
    switch (format) {
    case FORMAT_JSON:
    case FORMAT_LINES:
        return &json_decoding;
    case FORMAT_CSV:
        return &csv_decoding;
    case FORMAT_NPY:
        return &npy_decoding;
    case FORMAT_LIBSVM:
        return &libsvm_decoding;
    case FORMAT_RECORDIO:
        return &recordio_decoding;
    case FORMAT_COUNT:
        break;
    }
    return NULL;
}

static void begin(struct decoder *decoder, const struct decoding *decoding)
{
    memset(decoder->state, 0, decoding->state_size);
    decoder->decoding = decoding;
    if (decoding->open)
        decoding->open(decoder);
}

static void begin_format(struct decoder *decoder, enum format format)
{
    decoder->question.format = format;
    begin(decoder, decoding_of(format));
}

/* What a body without a word on its format is: its first byte tells. */
static enum format sniffed(char first)
{
    if (first == '\x93')
        return FORMAT_NPY;
    if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.' || first == ',')
        return FORMAT_CSV;
    return FORMAT_JSON;
}

static size_t largest_state(void)
{
    size_t largest = 0;
    for (int format = 0; format < FORMAT_COUNT; format++)
        if (decoding_of((enum format)format)->state_size > largest)
            largest = decoding_of((enum format)format)->state_size;
    return largest;
}

static struct decoder *open_with(size_t state_size, const struct forest *forest, struct budget *budget,
                                 struct forestd_error *error)
{
    size_t size = sizeof(struct decoder) + state_size;
    struct decoder *decoder = malloc(size);
    if (!decoder) {
        error_memory(error, size, "a decoder");
        return NULL;
    }
    *decoder = (struct decoder){
        .question = {.format = FORMAT_JSON, .matrix = {.features = forest->features, .budget = budget}},
        .forest = forest,
        .budget = budget,
    };
    return decoder;
}

struct decoder *decoder_open(enum format format, const struct forest *forest, struct budget *budget,
                             struct forestd_error *error)
{
    /* The format may turn out later: there is room for the state of any. */
    struct decoder *decoder = open_with(largest_state(), forest, budget, error);
    if (decoder && format < FORMAT_COUNT)
        begin_format(decoder, format);
    return decoder;
}

struct decoder *decoder_open_for(const struct decoding *decoding, const struct forest *forest, struct budget *budget,
                                 struct forestd_error *error)
{
    struct decoder *decoder = open_with(decoding->state_size, forest, budget, error);
    if (decoder)
        begin(decoder, decoding);
    return decoder;
}

/* Texts may begin with UTF-8's byte order mark, as spreadsheets write it. False when it breaks off. */
static bool skip_mark(struct decoder *decoder, const char **bytes, size_t *size, struct forestd_error *error)
{
    static const char mark[] = "\xEF\xBB\xBF";
    while (decoder->mark < 3 && *size) {
        if (**bytes != mark[decoder->mark]) {
            if (decoder->mark)
                return error_set(error, FORESTD_SYNTAX, at_byte(0), "byte 0: the body is not UTF-8 text");
            decoder->mark = 3;
            break;
        }
        decoder->mark++;
        decoder->fed++;
        (*bytes)++;
        (*size)--;
    }
    return true;
}

bool decoder_feed(struct decoder *decoder, const void *bytes, size_t size, struct forestd_error *error)
{
    const char *text = bytes;
    if (size == 0)
        return true;
    if (!decoder->decoding)
        begin_format(decoder, sniffed(*text));
    bool binary = decoder->decoding == &npy_decoding || decoder->decoding == &recordio_decoding;
    if (decoder->mark < 3 && !binary && !skip_mark(decoder, &text, &size, error))
        return false;
    if (size && !decoder->decoding->feed(decoder, text, size, error))
        return false;
    decoder->fed += size;
    return true;
}

bool decoder_finish(struct decoder *decoder, struct forestd_error *error)
{
    if (!decoder->decoding)
        return empty_error(&decoder->question, error);
    return decoder->decoding->finish(decoder, error);
}

struct question *decoder_question(struct decoder *decoder)
{
    return &decoder->question;
}

void decoder_close(struct decoder *decoder)
{
    if (!decoder)
        return;
    if (decoder->decoding)
        decoder->decoding->close(decoder);
    struct question *question = &decoder->question;
    budget_give_back(question->matrix.budget, question->span_capacity * sizeof *question->spans);
    free(question->spans);
    matrix_close(&question->matrix);
    free(decoder);
}
