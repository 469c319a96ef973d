/*
 * Predictions as tensors. Labels keep their type: whole numbers are INT64, texts BYTES; a regressor's numbers and
 * probabilities are FP64.
 */
#include "base/text.h"
#include "codec/encode.h"
#include "codec/tensor.h"
#include <inttypes.h>
#include <string.h>

/* ---- shapes ---- */

static bool is_whole(enum forestd_label_kind kind)
{
    return kind == FORESTD_INTEGER || kind == FORESTD_UNSIGNED;
}

/* The kind that holds all labels; the texts of labels of several kinds. */
static enum forestd_label_kind label_kind(const struct forest *forest)
{
    enum forestd_label_kind kind = forest->labels[0][0].kind;
    for (size_t output = 0; output < forest->outputs; output++) {
        for (size_t i = 0; i < forest->classes[output]; i++) {
            enum forestd_label_kind other = forest->labels[output][i].kind;
            if (is_whole(kind) && is_whole(other))
                kind = other == FORESTD_UNSIGNED ? other : kind;
            else if (other != kind)
                kind = FORESTD_TEXT;
        }
    }
    return kind;
}

static const char *datatype_of(const struct forest *forest, enum output output)
{
    static const char *const words[] = {[FORESTD_INTEGER] = "INT64",
                                        [FORESTD_UNSIGNED] = "UINT64",
                                        [FORESTD_REAL] = "FP64",
                                        [FORESTD_BOOLEAN] = "BOOL",
                                        [FORESTD_TEXT] = "BYTES"};
    bool real = output == OUTPUT_PROBABILITIES || forest->task == FORESTD_REGRESSOR;
    return words[real ? FORESTD_REAL : label_kind(forest)];
}

struct tensor_shape tensor_describe(const struct forest *forest, enum output output, const char *name)
{
    struct tensor_shape shape = {.name = name, .datatype = datatype_of(forest, output), .dimensions = 1};
    if (output == OUTPUT_PREDICTIONS) {
        if (forest->outputs > 1)
            shape.rest[shape.dimensions++ - 1] = forest->outputs;
        return shape;
    }
    bool alike = true;
    for (size_t i = 1; i < forest->outputs; i++)
        alike = alike && forest->classes[i] == forest->classes[0];
    /* Outputs of different numbers of classes stand one behind another, as in NPY. */
    if (forest->outputs > 1 && alike)
        shape.rest[shape.dimensions++ - 1] = forest->outputs;
    shape.rest[shape.dimensions++ - 1] = alike ? forest->classes[0] : forest->width;
    return shape;
}

/* ---- elements ---- */

struct writing {
    struct answer answer;
    enum output output;
    enum forestd_label_kind kind; /* of the elements */
    size_t row_elements;
};

static struct writing begin(const struct answer *answer, enum output output)
{
    const struct forest *forest = answer->prediction->forest;
    bool real = output == OUTPUT_PROBABILITIES || forest->task == FORESTD_REGRESSOR;
    return (struct writing){*answer, output, real ? FORESTD_REAL : label_kind(forest),
                            real ? forest->width : forest->outputs};
}

/* The number of an element where it is one, with `label` NULL; else its label. */
static double element(const struct writing *writing, size_t row, size_t index, const struct forestd_label **label)
{
    const struct prediction *prediction = writing->answer.prediction;
    *label = NULL;
    if (writing->output == OUTPUT_PROBABILITIES || !prediction->choices)
        return prediction->values[row * prediction->forest->width + index];
    *label = answer_label(&writing->answer, row, index);
    return 0;
}

static char *write_json(char *at, const struct writing *writing, size_t row, size_t index)
{
    const struct forestd_label *label;
    double value = element(writing, row, index, &label);
    if (!label)
        return write_number(at, value);
    bool quoted = writing->kind == FORESTD_TEXT && label->kind != FORESTD_TEXT;
    if (quoted)
        *at++ = '"';
    at = quoted ? write_label_csv(at, label) : write_label_json(at, label);
    if (quoted)
        *at++ = '"';
    return at;
}

static char *write_natural(char *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        *at++ = (char)(uint8_t)(value >> 8 * i);
    return at;
}

static char *write_real(char *at, double value)
{
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    return write_natural(at, bits, sizeof bits);
}

static char *write_bytes(char *at, const struct writing *writing, size_t row, size_t index)
{
    enum { LENGTH = 4 };
    const struct forestd_label *label;
    double value = element(writing, row, index, &label);
    if (!label)
        return write_real(at, value);
    if (writing->kind != FORESTD_TEXT) {
        switch (label->kind) {
        case FORESTD_REAL:
            return write_real(at, label->as.real);
        case FORESTD_BOOLEAN:
            return write_natural(at, label->as.boolean, 1);
        case FORESTD_INTEGER:
            return write_natural(at, (uint64_t)label->as.integer, sizeof(uint64_t));
        case FORESTD_UNSIGNED:
        case FORESTD_TEXT:
            break;
        }
        return write_natural(at, label->as.natural, sizeof(uint64_t));
    }
    char *end = at + LENGTH;
    if (label->kind == FORESTD_TEXT) {
        memcpy(end, label->as.text, label->text_size);
        end += label->text_size;
    } else {
        end = write_label_csv(end, label);
    }
    write_natural(at, (uint64_t)(end - at - LENGTH), LENGTH);
    return end;
}

static bool write_elements(struct writing *writing, bool binary, struct forestd_error *error)
{
    struct answer *answer = &writing->answer;
    size_t bound = (answer->label_bound + 8) * writing->row_elements;
    for (size_t row = 0; row < answer->prediction->rows; row++) {
        char *at = answer_room(answer, bound, error);
        if (!at)
            return false;
        for (size_t i = 0; i < writing->row_elements; i++) {
            if (!binary && (row || i))
                at = write_text(at, ", ");
            at = (binary ? write_bytes : write_json)(at, writing, row, i);
        }
        answer_wrote(answer, at);
    }
    return true;
}

/* Bytes of the elements in binary. */
static uint64_t count_bytes(const struct writing *writing)
{
    const struct prediction *prediction = writing->answer.prediction;
    uint64_t count = (uint64_t)prediction->rows * writing->row_elements;
    if (writing->kind != FORESTD_TEXT)
        return count * (writing->kind == FORESTD_BOOLEAN ? 1 : 8);
    uint64_t bytes = 4 * count;
    for (size_t row = 0; row < prediction->rows; row++) {
        for (size_t i = 0; i < writing->row_elements; i++) {
            char text[NUMBER_TEXT_SIZE];
            const struct forestd_label *label = answer_label(&writing->answer, row, i);
            bool is_text = label->kind == FORESTD_TEXT;
            bytes += is_text ? label->text_size : (size_t)(write_label_csv(text, label) - text);
        }
    }
    return bytes;
}

/* ---- the document ---- */

static bool append(struct buffer *reply, const char *text, struct forestd_error *error)
{
    return buffer_append(reply, text, strlen(text), error);
}

/* A text as JSON; what is not UTF-8 becomes a question mark. */
static bool append_text(struct buffer *reply, const char *text, size_t size, struct forestd_error *error)
{
    bool good = append(reply, "\"", error);
    for (size_t i = 0; good && i < size;) {
        char escaped[6];
        size_t letter = text_letter(text + i, size - i);
        unsigned char c = (unsigned char)text[i];
        bool special = c < 0x20 || c == '"' || c == '\\';
        if (special)
            good = buffer_append(reply, escaped, text_escape_letter(c, escaped), error);
        else
            good = letter ? buffer_append(reply, text + i, letter, error) : append(reply, "?", error);
        i += letter ? letter : 1;
    }
    return good && append(reply, "\"", error);
}

static bool write_head(struct buffer *reply, const struct tensor_request *request, const struct tensor_speaker *speaker,
                       struct forestd_error *error)
{
    return append(reply, "{\"model_name\": ", error) &&
           append_text(reply, speaker->model, strlen(speaker->model), error) &&
           buffer_print(reply, error, ", \"model_version\": \"%" PRIu64 "\"", speaker->version) &&
           (!request->has_id ||
            (append(reply, ", \"id\": ", error) && append_text(reply, request->id, request->id_size, error))) &&
           append(reply, ", \"outputs\": [", error);
}

static bool write_output(struct answer *answer, const struct tensor_wish *wish, struct forestd_error *error)
{
    struct buffer *reply = answer->reply;
    const struct prediction *prediction = answer->prediction;
    struct tensor_shape shape = tensor_describe(prediction->forest, wish->output, wish->name);
    struct writing writing = begin(answer, wish->output);
    if (!buffer_print(reply, error, "{\"name\": \"%s\", \"datatype\": \"%s\", \"shape\": [%zu", shape.name,
                      shape.datatype, prediction->rows))
        return false;
    for (size_t i = 0; i + 1 < shape.dimensions; i++)
        if (!buffer_print(reply, error, ", %zu", shape.rest[i]))
            return false;
    if (wish->binary)
        return buffer_print(reply, error, "], \"parameters\": {\"binary_data_size\": %" PRIu64 "}}",
                            count_bytes(&writing));
    return append(reply, "], \"data\": [", error) && write_elements(&writing, false, error) &&
           append(reply, "]}", error);
}

bool tensor_answer(const struct tensor_request *request, const struct prediction *prediction, unsigned outputs,
                   const struct tensor_speaker *speaker, struct buffer *reply, size_t *json_size,
                   struct forestd_error *error)
{
    static const struct tensor_wish usual[] = {{"predict", OUTPUT_PREDICTIONS, false},
                                               {"predict_proba", OUTPUT_PROBABILITIES, false}};
    struct answer answer = {
        .prediction = prediction, .label_bound = answer_label_bound(prediction->forest), .reply = reply};
    struct tensor_wish wishes[TENSOR_NAMES];
    size_t count = 0;
    for (; count < request->wish_count; count++)
        wishes[count] = request->wishes[count];
    for (size_t i = 0; !request->wish_count && i < sizeof usual / sizeof *usual; i++) {
        if ((outputs ? outputs : OUTPUT_PREDICTIONS) & usual[i].output)
            wishes[count++] = (struct tensor_wish){usual[i].name, usual[i].output, request->binary};
    }
    bool binary = false;
    for (size_t i = 0; i < count; i++) {
        binary = binary || wishes[i].binary;
        if (wishes[i].output == OUTPUT_PROBABILITIES && prediction->forest->task == FORESTD_REGRESSOR)
            return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                             "a regressor has no probabilities: ask for 'predict'");
    }
    size_t first = reply->size;
    if (!write_head(reply, request, speaker, error))
        return false;
    for (size_t i = 0; i < count; i++)
        if ((i && !append(reply, ", ", error)) || !write_output(&answer, &wishes[i], error))
            return false;
    if (!append(reply, "]}", error) || (!binary && !append(reply, "\n", error)))
        return false;
    *json_size = binary ? reply->size - first : 0;
    for (size_t i = 0; i < count; i++) {
        struct writing writing = begin(&answer, wishes[i].output);
        if (wishes[i].binary && !write_elements(&writing, true, error))
            return false;
    }
    return true;
}
