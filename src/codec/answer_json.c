#include "codec/encode.h"

#include <string.h>

/* ---- rows ---- */

static inline char *write_between(char *at)
{
    *at++ = ',';
    *at++ = ' ';
    return at;
}

/* What a row predicts: a value, or an array of them where there are several outputs. */
static char *write_prediction(char *at, const struct answer *answer, size_t row)
{
    const struct forest *forest = answer->prediction->forest;
    bool several = forest->outputs > 1;
    if (several)
        *at++ = '[';
    for (size_t output = 0; output < forest->outputs; output++) {
        if (output)
            at = write_between(at);
        if (forest->task == FORESTD_REGRESSOR)
            at = write_number(at, answer_number(answer, row, output));
        else
            at = write_label_json(at, answer_label(answer, row, output));
    }
    if (several)
        *at++ = ']';
    return at;
}

/* The probabilities of a row's classes: an array, or an array of arrays where there are several outputs. */
static char *write_probabilities(char *at, const struct answer *answer, size_t row)
{
    const struct forest *forest = answer->prediction->forest;
    const double *values = answer->prediction->values + row * forest->width;
    bool several = forest->outputs > 1;
    if (several)
        *at++ = '[';
    for (size_t output = 0; output < forest->outputs; output++) {
        if (output)
            at = write_between(at);
        for (size_t i = 0; i < forest->classes[output]; i++) {
            if (i)
                at = write_between(at);
            else
                *at++ = '[';
            at = write_number(at, *values++);
        }
        *at++ = ']';
    }
    if (several)
        *at++ = ']';
    return at;
}

/* Both, where an array has one element for each row. */
static char *write_both(char *at, const struct answer *answer, size_t row)
{
    at = write_text(at, "{\"prediction\": ");
    at = write_prediction(at, answer, row);
    at = write_text(at, ", \"probabilities\": ");
    at = write_probabilities(at, answer, row);
    *at++ = '}';
    return at;
}

typedef char *row_writer(char *at, const struct answer *answer, size_t row);

/* ---- documents ---- */

static bool append(struct answer *answer, const char *text, struct forestd_error *error)
{
    return buffer_append(answer->reply, text, strlen(text), error);
}

/* An array of what `write` makes of `count` rows, one at least. */
static bool encode_array(struct answer *answer, row_writer *write, size_t first, size_t count,
                         struct forestd_error *error)
{
    size_t bound = bound_row(answer);
    size_t end = first + count;
    for (size_t row = first; row < end; row++) {
        char *at = answer_room(answer, bound, error);
        if (!at)
            return false;
        if (row > first)
            at = write_between(at);
        else
            *at++ = '[';
        at = write(at, answer, row);
        if (row + 1 == end)
            *at++ = ']';
        answer_wrote(answer, at);
    }
    return true;
}

/* The name of a member and what stands before it. */
static bool encode_key(struct answer *answer, const char *before, const char *key, struct forestd_error *error)
{
    char *at = answer_room(answer, strlen(before) + strlen(key) + sizeof "\"\": ", error);
    if (!at)
        return false;
    at = write_text(at, before);
    *at++ = '"';
    at = write_text(at, key);
    answer_wrote(answer, write_text(at, "\": "));
    return true;
}

static bool encode_named(struct answer *answer, unsigned outputs, size_t first, size_t count,
                         struct forestd_error *error)
{
    static const struct {
        enum output output;
        row_writer *write;
    } members[] = {{OUTPUT_PREDICTIONS, write_prediction}, {OUTPUT_PROBABILITIES, write_probabilities}};
    const char *before = "{";
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (!answer_has(outputs, members[i].output))
            continue;
        if (!encode_key(answer, before, output_word(members[i].output), error) ||
            !encode_array(answer, members[i].write, first, count, error))
            return false;
        before = ", ";
    }
    return encode_key(answer, before, "model_version", error) && append(answer, "\"", error) &&
           append(answer, answer->prediction->forest->version, error) && append(answer, "\"}", error);
}

/* What a document is answered with where nothing was asked. */
static unsigned outputs_for(const struct answer *answer, enum dialect dialect)
{
    if (answer->outputs)
        return answer->outputs;
    if (dialect == DIALECT_NAMED && answer->prediction->forest->task == FORESTD_CLASSIFIER)
        return OUTPUT_PREDICTIONS | OUTPUT_PROBABILITIES;
    return OUTPUT_PREDICTIONS;
}

/* {"predictions": [...]} and nothing else. */
static bool encode_predictions(struct answer *answer, size_t first, size_t count, struct forestd_error *error)
{
    row_writer *write = write_prediction;
    if (answer_has(answer->outputs, OUTPUT_PROBABILITIES))
        write = answer_has(answer->outputs, OUTPUT_PREDICTIONS) ? write_both : write_probabilities;
    return append(answer, "{\"predictions\": ", error) && encode_array(answer, write, first, count, error) &&
           append(answer, "}", error);
}

/* The answer to one document. `bare`: a single row is answered without the array around it. */
static bool encode_document(struct answer *answer, enum dialect dialect, bool bare, size_t first, size_t count,
                            struct forestd_error *error)
{
    if (dialect == DIALECT_PREDICTIONS)
        return encode_predictions(answer, first, count, error);
    unsigned outputs = outputs_for(answer, dialect);
    if (dialect == DIALECT_NAMED || outputs == (OUTPUT_PREDICTIONS | OUTPUT_PROBABILITIES))
        return encode_named(answer, outputs, first, count, error);
    row_writer *write = outputs == OUTPUT_PROBABILITIES ? write_probabilities : write_prediction;
    if (dialect != DIALECT_ROW || !bare)
        return encode_array(answer, write, first, count, error);
    char *at = answer_room(answer, bound_row(answer), error);
    if (!at)
        return false;
    answer_wrote(answer, write(at, answer, first));
    return true;
}

/* Whether the question came in JSON, and so in documents with dialects of their own. */
static bool has_documents(const struct question *question)
{
    return question->format == FORMAT_JSON || question->format == FORMAT_LINES;
}

/* One document: the question's own, or all its documents as one, which has names when all of them have. */
bool encode_json(struct answer *answer, struct forestd_error *error)
{
    const struct question *question = answer->question;
    if (question->came_as_json)
        return encode_lines(answer, error);
    enum dialect dialect = question->dialect ? question->dialect : DIALECT_ROWS;
    if (!question->dialect && has_documents(question) && question->span_count) {
        dialect = question->spans[0].dialect;
        for (size_t i = 1; i < question->span_count; i++) {
            if (question->spans[i].dialect != dialect)
                dialect = DIALECT_ROWS;
        }
    }
    return encode_document(answer, dialect, false, 0, answer->prediction->rows, error);
}

/* A line for each document; for a question that had none, a line for each row. */
bool encode_lines(struct answer *answer, struct forestd_error *error)
{
    const struct question *question = answer->question;
    const struct span all = {DIALECT_ROW, 1, answer->prediction->rows};
    bool documents = has_documents(question);
    const struct span *spans = documents ? question->spans : &all;
    size_t count = documents ? question->span_count : 1;
    size_t row = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t document = 0; document < spans[i].documents; document++, row += spans[i].rows) {
            enum dialect dialect = question->dialect && documents ? question->dialect : spans[i].dialect;
            if (!encode_document(answer, dialect, true, row, spans[i].rows, error) || !append(answer, "\n", error))
                return false;
        }
    }
    return true;
}
