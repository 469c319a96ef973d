#include "command/invoke_answer.h"

#include "base/bytes.h"
#include "base/text.h"
#include "codec/npy_header.h"
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static bool no_answer(const char *what, const void *bytes, size_t size, struct forestd_error *error)
{
    return error_set(error, FORESTD_FORMAT, at_nowhere(), "the answer is no %s: '%s'", what,
                     text_quote(bytes, size).text);
}

static bool values_add(struct values *values, struct value value, struct forestd_error *error)
{
    if (values->count == values->capacity) {
        size_t capacity = values->capacity ? 2 * values->capacity : 256;
        struct value *items = realloc(values->items, capacity * sizeof *items);
        if (!items)
            return error_memory(error, capacity * sizeof *items, "an answer");
        values->items = items;
        values->capacity = capacity;
    }
    values->items[values->count++] = value;
    return true;
}

/* Whether something was added since the last row. */
static bool has_more(const struct values *values)
{
    return values->count > values->rows * values->columns;
}

/* What was added since the last row is a row. */
static bool values_row(struct values *values, const char *what, struct forestd_error *error)
{
    size_t columns = values->count - values->rows * values->columns;
    if (values->rows && columns != values->columns)
        return error_set(error, FORESTD_FORMAT, at_row(values->rows),
                         "the answer has %zu %s in row %zu, and %zu in those before", columns, what, values->rows,
                         values->columns);
    if (columns == 0)
        return error_set(error, FORESTD_FORMAT, at_row(values->rows), "the answer has no %s in row %zu", what,
                         values->rows);
    values->columns = columns;
    values->rows++;
    return true;
}

/* ---- JSON ---- */

static bool add_json(struct values *values, const cJSON *item, struct forestd_error *error)
{
    const cJSON *inner = NULL;
    if (cJSON_IsNumber(item))
        return values_add(values, (struct value){.kind = VALUE_NUMBER, .number = item->valuedouble}, error);
    if (cJSON_IsString(item))
        return values_add(values, (struct value){.kind = VALUE_TEXT, .text = item->valuestring}, error);
    if (cJSON_IsBool(item))
        return values_add(values, (struct value){.kind = VALUE_TRUTH, .number = cJSON_IsTrue(item)}, error);
    if (!cJSON_IsArray(item))
        return error_set(error, FORESTD_FORMAT, at_row(values->rows),
                         "the answer to row %zu is neither a number, a text nor an array", values->rows);
    cJSON_ArrayForEach(inner, item)
    {
        if (!add_json(values, inner, error))
            return false;
    }
    return true;
}

static bool add_row(struct invoke_answer *answer, const cJSON *item, bool probabilities, struct forestd_error *error)
{
    struct values *values = probabilities ? &answer->probabilities : &answer->predictions;
    return add_json(values, item, error) && values_row(values, probabilities ? "probabilities" : "predictions", error);
}

/* An element of "predictions", which may hold both. */
static bool add_element(struct invoke_answer *answer, const cJSON *item, bool probabilities,
                        struct forestd_error *error)
{
    const cJSON *prediction = cJSON_GetObjectItemCaseSensitive(item, "prediction");
    const cJSON *inner = cJSON_GetObjectItemCaseSensitive(item, "probabilities");
    if (!prediction && !inner)
        return add_row(answer, item, probabilities, error);
    return (!prediction || add_row(answer, prediction, false, error)) &&
           (!inner || add_row(answer, inner, true, error));
}

static bool add_rows(struct invoke_answer *answer, const cJSON *array, bool probabilities, struct forestd_error *error)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, array)
    {
        if (!add_element(answer, item, probabilities, error))
            return false;
    }
    return true;
}

/* Whether a document has an answer where it may be looked for. */
static bool is_answer(const cJSON *document, bool line)
{
    return (line && !cJSON_IsObject(document)) || cJSON_IsArray(document) ||
           cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(document, output_word(OUTPUT_PREDICTIONS))) ||
           cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(document, output_word(OUTPUT_PROBABILITIES)));
}

/*
 * `line`: the document answers one row, which need not have an array around it. `alone`: probabilities were asked for
 * and nothing else.
 */
static bool add_document(struct invoke_answer *answer, const cJSON *document, bool line, bool alone,
                         struct forestd_error *error)
{
    const cJSON *predictions = cJSON_GetObjectItemCaseSensitive(document, output_word(OUTPUT_PREDICTIONS));
    const cJSON *probabilities = cJSON_GetObjectItemCaseSensitive(document, output_word(OUTPUT_PROBABILITIES));
    if (line && !cJSON_IsObject(document))
        return add_row(answer, document, alone, error);
    if (cJSON_IsArray(document))
        return add_rows(answer, document, alone, error);
    return add_rows(answer, predictions, alone && !probabilities, error) &&
           add_rows(answer, probabilities, true, error);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* All documents of the body, in an array. NULL where it is no JSON. */
static cJSON *parse(const char *text, size_t size)
{
    const char *end = text + size;
    cJSON *documents = cJSON_CreateArray();
    while (text < end) {
        const char *after = NULL;
        cJSON *document = cJSON_ParseWithLengthOpts(text, (size_t)(end - text), &after, false);
        if (!document || !cJSON_AddItemToArray(documents, document)) {
            cJSON_Delete(document);
            cJSON_Delete(documents);
            return NULL;
        }
        text = after;
        while (text < end && is_blank(*text))
            text++;
    }
    return documents;
}

static bool read_json(struct invoke_answer *answer, const struct invoke_wanted *wanted, bool lines,
                      const uint8_t *bytes, size_t size, struct forestd_error *error)
{
    cJSON *documents = size ? parse((const char *)bytes, size) : NULL;
    const cJSON *document = NULL;
    bool alone = wanted->outputs == OUTPUT_PROBABILITIES;
    answer->document = documents;
    if (!documents)
        return no_answer("JSON", bytes, size, error);
    lines = lines || cJSON_GetArraySize(documents) > 1;
    cJSON_ArrayForEach(document, documents)
    {
        if (!is_answer(document, lines))
            return error_set(error, FORESTD_FORMAT, at_nowhere(),
                             "the answer has neither predictions nor probabilities: '%s'",
                             text_quote(bytes, size).text);
        if (!add_document(answer, document, lines, alone, error))
            return false;
    }
    return true;
}

/* ---- CSV ---- */

/* Ends the cell at `*from` with a 0 at `*to`, without quotes around it; returns what ended it, and moves behind it. */
static char take_cell(char **from, char **to)
{
    char *at = *from;
    char *out = *to;
    bool quoted = *at == '"';
    at += quoted;
    for (; *at && (quoted || (*at != ',' && *at != '\n' && *at != '\r')); at++) {
        if (quoted && *at == '"' && at[1] != '"') {
            at += strcspn(at, ",\r\n");
            break;
        }
        at += quoted && *at == '"';
        *out++ = *at;
    }
    char ended = *at;
    while (*at == '\r')
        ended = *++at;
    *from = *at ? at + 1 : at;
    *out++ = '\0';
    *to = out;
    return ended;
}

static bool read_csv(struct invoke_answer *answer, const struct invoke_wanted *wanted, const uint8_t *bytes,
                     size_t size, struct forestd_error *error)
{
    bool alone = wanted->outputs == OUTPUT_PROBABILITIES;
    bool both = wanted->outputs == (OUTPUT_PREDICTIONS | OUTPUT_PROBABILITIES) && wanted->predictions;
    /* A cell may become longer by its 0 where nothing ended it. */
    char *text = malloc(2 * size + 2);
    if (!text)
        return error_memory(error, 2 * size, "an answer");
    answer->text = text;
    char *from = text + size + 1;
    char *to = text;
    memcpy(from, bytes, size);
    from[size] = '\0';
    while (*from) {
        char ended = '\0';
        if (*from == '\n' || *from == '\r') {
            from++;
            continue;
        }
        for (size_t column = 0; column == 0 || ended == ','; column++) {
            struct values *values =
                alone || (both && column >= wanted->predictions) ? &answer->probabilities : &answer->predictions;
            const struct value cell = {.kind = VALUE_CELL, .text = to};
            ended = take_cell(&from, &to);
            if (!values_add(values, cell, error))
                return false;
        }
        if ((!alone && !values_row(&answer->predictions, "predictions", error)) ||
            ((alone || (both && has_more(&answer->probabilities))) &&
             !values_row(&answer->probabilities, "probabilities", error)))
            return false;
    }
    return true;
}

/* ---- NPY ---- */

/* Element as UTF-8 at `*to`, with a 0. */
static const char *take_text(const struct npy_header *header, const uint8_t *bytes, char **to)
{
    const char *begin = *to;
    for (size_t i = 0; i < header->size; i += 4) {
        uint32_t code = (uint32_t)bytes_natural(bytes + i, 4, header->big);
        if (code == 0)
            break;
        *to += text_encode(code, *to);
    }
    *(*to)++ = '\0';
    return begin;
}

static struct value take_element(const struct npy_header *header, const uint8_t *bytes, char **to)
{
    switch (header->kind) {
    case NPY_BOOLEAN:
        return (struct value){.kind = VALUE_TRUTH, .number = *bytes != 0};
    case NPY_INTEGER:
        return (struct value){.kind = VALUE_INTEGER, .integer = bytes_integer(bytes, header->size, header->big)};
    case NPY_NATURAL:
        return (struct value){.kind = VALUE_NATURAL, .natural = bytes_natural(bytes, header->size, header->big)};
    case NPY_REAL:
        return (struct value){.kind = VALUE_NUMBER,
                              .number = header->size == 8   ? bytes_real(bytes, header->big)
                                        : header->size == 4 ? (double)bytes_single(bytes, header->big)
                                                            : (double)bytes_half(bytes, header->big)};
    case NPY_BYTES:
    case NPY_TEXT:
        break;
    }
    return (struct value){.kind = VALUE_TEXT, .text = take_text(header, bytes, to)};
}

static bool read_npy(struct invoke_answer *answer, const struct invoke_wanted *wanted, const uint8_t *bytes,
                     size_t size, struct forestd_error *error)
{
    size_t head = 0;
    struct npy_header header;
    if (!npy_head_size(bytes, size, &head, error) || head > size || !npy_header_read(bytes, head, true, &header, error))
        return no_answer("NPY array", bytes, size, error);
    size_t rows = header.shape[0];
    size_t columns = header.dimensions == 2 ? header.shape[1] : 1;
    bool whole = columns && header.size && rows <= (size - head) / header.size / columns;
    if (!whole || header.kind == NPY_BYTES)
        return no_answer("whole NPY array of numbers or texts", bytes, size, error);
    struct values *values = wanted->outputs == OUTPUT_PROBABILITIES ? &answer->probabilities : &answer->predictions;
    const char *what = values == &answer->probabilities ? "probabilities" : "predictions";
    /* Four bytes of a text's letter are at most four of UTF-8, and each text ends with a 0. */
    answer->text = header.kind == NPY_TEXT ? malloc(rows * columns * (header.size + 1) + 1) : NULL;
    if (header.kind == NPY_TEXT && !answer->text)
        return error_memory(error, size, "an answer");
    char *to = answer->text;
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < columns; column++) {
            size_t index = header.fortran ? column * rows + row : row * columns + column;
            if (!values_add(values, take_element(&header, bytes + head + index * header.size, &to), error))
                return false;
        }
        if (!values_row(values, what, error))
            return false;
    }
    return true;
}

bool invoke_answer_read(struct invoke_answer *answer, const struct invoke_wanted *wanted, const uint8_t *bytes,
                        size_t size, struct forestd_error *error)
{
    enum format format = FORMAT_JSON;
    *answer = (struct invoke_answer){0};
    if (!format_of_content_type(wanted->content_type, &format))
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "the answer is '%s', not JSON, CSV or NPY: '%s'",
                         text_quote(wanted->content_type, strlen(wanted->content_type)).text,
                         text_quote(bytes, size).text);
    switch (format) {
    case FORMAT_CSV:
        return read_csv(answer, wanted, bytes, size, error);
    case FORMAT_NPY:
        return read_npy(answer, wanted, bytes, size, error);
    default:
        return read_json(answer, wanted, format == FORMAT_LINES, bytes, size, error);
    }
}

void invoke_answer_close(struct invoke_answer *answer)
{
    free(answer->predictions.items);
    free(answer->probabilities.items);
    cJSON_Delete((cJSON *)answer->document);
    free(answer->text);
    *answer = (struct invoke_answer){0};
}
