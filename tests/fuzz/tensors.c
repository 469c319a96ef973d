/*
 * libFuzzer's way into the reader of tensors: the first byte of an input is the length of its JSON (255: all of it),
 * the rest is a body. It is read whole and in small pieces, which must come to the same, and what is read is answered.
 *
 *     tests/fuzz/run tensors [SECONDS]
 */
#include "codec/tensor.h"

#include <stdlib.h>
#include <string.h>

enum { ALL = 255, PIECE = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *const names[] = {"a", "b"};
static const uint32_t classes[] = {2};
static const struct forestd_label labels[] = {{.kind = FORESTD_TEXT, .text_size = 3, .as.text = "red"},
                                              {.kind = FORESTD_TEXT, .text_size = 4, .as.text = "blue"}};

static struct forest *make_forest(void)
{
    static const struct forestd_label *all[] = {labels};
    struct forest *forest = forest_open(NULL, NULL);
    if (!forest)
        abort();
    forest->features = 2;
    forest->outputs = 1;
    forest->width = 2;
    forest->names = names;
    forest->classes = classes;
    forest->labels = all;
    if (!forest_index_names(forest, NULL))
        abort();
    return forest;
}

static struct decoder *read_body(const struct forest *forest, const uint8_t *bytes, size_t size, size_t piece,
                                 struct forestd_error *error)
{
    uint64_t json_size = bytes[0] == ALL ? TENSOR_ALL_JSON : bytes[0];
    struct decoder *decoder = tensor_decoder_open(json_size, forest, NULL, error);
    bool good = decoder != NULL;
    for (size_t at = 1; good && at < size; at += piece)
        good = decoder_feed(decoder, bytes + at, size - at < piece ? size - at : piece, error);
    if (good && decoder_finish(decoder, error))
        return decoder;
    decoder_close(decoder);
    return NULL;
}

static void answer(const struct forest *forest, struct decoder *decoder)
{
    const struct matrix *matrix = &decoder_question(decoder)->matrix;
    double *values = calloc(matrix->rows, 2 * sizeof *values);
    uint32_t *choices = calloc(matrix->rows, sizeof *choices);
    const struct prediction prediction = {forest, matrix->rows, values, choices};
    const struct tensor_speaker speaker = {"model", 1};
    struct buffer reply = {0};
    size_t json_size;
    struct forestd_error error;
    if (!values || !choices ||
        !tensor_answer(tensor_request(decoder), &prediction, 0, &speaker, &reply, &json_size, &error))
        abort();
    buffer_close(&reply);
    free(choices);
    free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct forestd_error whole_error = {0};
    struct forestd_error cut_error = {0};
    if (size < 2)
        return 0;
    struct forest *forest = make_forest();
    struct decoder *whole = read_body(forest, bytes, size, size, &whole_error);
    struct decoder *cut = read_body(forest, bytes, size, PIECE, &cut_error);
    if (!whole != !cut || strcmp(whole_error.message, cut_error.message) != 0)
        abort();
    if (whole) {
        const struct matrix *one = &decoder_question(whole)->matrix;
        const struct matrix *two = &decoder_question(cut)->matrix;
        if (one->rows != two->rows || memcmp(one->cells, two->cells, one->rows * 2 * sizeof(float)) != 0)
            abort();
        answer(forest, whole);
    }
    decoder_close(cut);
    decoder_close(whole);
    forest_close(forest);
    return 0;
}
