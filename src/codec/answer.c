#include "codec/encode.h"

#include "base/text.h"

const struct forestd_label *answer_label(const struct answer *answer, size_t row, size_t output)
{
    const struct prediction *prediction = answer->prediction;
    size_t choice = prediction->choices[row * prediction->forest->outputs + output];
    return &prediction->forest->labels[output][choice];
}

double answer_number(const struct answer *answer, size_t row, size_t output)
{
    const struct prediction *prediction = answer->prediction;
    return prediction->values[row * prediction->forest->width + output];
}

static char *write_json_text(char *at, const char *text, size_t size)
{
    *at++ = '"';
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == '"' || c == '\\')
            at += text_escape_letter(c, at);
        else
            *at++ = text[i];
    }
    *at++ = '"';
    return at;
}

static bool wants_quotes(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r')
            return true;
    }
    return false;
}

static char *write_csv_text(char *at, const char *text, size_t size)
{
    if (!wants_quotes(text, size)) {
        memcpy(at, text, size);
        return at + size;
    }
    *at++ = '"';
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"')
            *at++ = '"';
        *at++ = text[i];
    }
    *at++ = '"';
    return at;
}

/* Labels that are not text are written alike in both formats, but for their truth values. */
static char *write_plain_label(char *at, const struct forestd_label *label, const char *yes, const char *no)
{
    switch (label->kind) {
    case FORESTD_INTEGER:
        return at + number_write_integer(label->as.integer, at);
    case FORESTD_UNSIGNED:
        return at + number_write_natural(label->as.natural, at);
    case FORESTD_REAL:
        return write_number(at, label->as.real);
    case FORESTD_BOOLEAN:
        return write_text(at, label->as.boolean ? yes : no);
    case FORESTD_TEXT:
        break;
    }
    return at;
}

char *write_label_json(char *at, const struct forestd_label *label)
{
    if (label->kind == FORESTD_TEXT)
        return write_json_text(at, label->as.text, label->text_size);
    return write_plain_label(at, label, "true", "false");
}

char *write_label_csv(char *at, const struct forestd_label *label)
{
    if (label->kind == FORESTD_TEXT)
        return write_csv_text(at, label->as.text, label->text_size);
    return write_plain_label(at, label, "True", "False"); /* as numpy's text of them */
}

enum {
    BETWEEN = 2,           /* ", " */
    BRACKETS = 4,          /* [] around an output and around a row */
    LONGEST_ESCAPE = 6,    /* bytes for each byte of a text: \u00xx */
    NAMED_AROUND_ROW = 128 /* the words of an object around one row */
};

size_t answer_label_bound(const struct forest *forest)
{
    size_t longest = 0;
    if (forest->labels) {
        for (size_t output = 0; output < forest->outputs; output++) {
            for (size_t i = 0; i < forest->classes[output]; i++) {
                const struct forestd_label *label = &forest->labels[output][i];
                if (label->kind == FORESTD_TEXT && label->text_size > longest)
                    longest = label->text_size;
            }
        }
    }
    size_t text = longest * LONGEST_ESCAPE + 2;
    return text > NUMBER_TEXT_SIZE ? text : NUMBER_TEXT_SIZE;
}

size_t bound_row(const struct answer *answer)
{
    const struct forest *forest = answer->prediction->forest;
    return forest->outputs * (answer->label_bound + BETWEEN + BRACKETS) + forest->width * (NUMBER_TEXT_SIZE + BETWEEN) +
           NAMED_AROUND_ROW;
}

char *answer_room(struct answer *answer, size_t more, struct forestd_error *error)
{
    struct buffer *reply = answer->reply;
    if (!buffer_reserve(reply, more + NUMBER_TEXT_SIZE, error))
        return NULL;
    return (char *)reply->bytes + reply->size;
}

bool answer_encode(enum format format, const struct question *question, const struct prediction *prediction,
                   unsigned outputs, struct buffer *reply, struct forestd_error *error)
{
    struct answer answer = {question, prediction, outputs ? outputs : question->outputs, 0, reply};
    if (answer_has(answer.outputs, OUTPUT_PROBABILITIES) && prediction->forest->task == FORESTD_REGRESSOR)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                         "a regressor has no probabilities: ask for 'predictions'");
    answer.label_bound = answer_label_bound(prediction->forest);
    /* A short answer is written without growing. */
    if (!answer_room(&answer, bound_row(&answer), error))
        return false;
    switch (format) {
    case FORMAT_JSON:
        return encode_json(&answer, error);
    case FORMAT_LINES:
        return encode_lines(&answer, error);
    case FORMAT_CSV:
        return encode_csv(&answer, error);
    case FORMAT_NPY:
        return encode_npy(&answer, error);
    case FORMAT_LIBSVM:
    case FORMAT_RECORDIO:
    case FORMAT_COUNT:
        break;
    }
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "no such format of answers");
}
