#include "command/invoke_body.h"

#include "base/number.h"
#include "base/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool append(struct buffer *body, const char *text, struct forestd_error *error)
{
    return buffer_append(body, text, strlen(text), error);
}

/* The shortest text that reads back to the same double, and so to the same float32. */
static bool append_cell(struct buffer *body, float cell, const char *missing, struct forestd_error *error)
{
    char text[NUMBER_TEXT_SIZE];
    return isnan(cell) ? append(body, missing, error)
                       : buffer_append(body, text, number_write((double)cell, text), error);
}

/* ---- JSON ---- */

static bool append_key(struct buffer *body, const char *name, struct forestd_error *error)
{
    bool good = append(body, "\"", error);
    for (; good && *name; name++) {
        char escaped[6];
        unsigned char letter = (unsigned char)*name;
        bool plain = letter >= 0x20 && letter != '"' && letter != '\\';
        good = plain ? buffer_append(body, name, 1, error)
                     : buffer_append(body, escaped, text_escape_letter(letter, escaped), error);
    }
    return good && append(body, "\": ", error);
}

/* [1.0, null], or {"a": 1.0, "b": null} where the columns have names. */
static bool append_row(struct buffer *body, const struct invoke_block *block, size_t row, struct forestd_error *error)
{
    bool good = append(body, block->names ? "{" : "[", error);
    for (size_t i = 0; good && i < block->features; i++)
        good = (i == 0 || append(body, ", ", error)) && (!block->names || append_key(body, block->names[i], error)) &&
               append_cell(body, block->cells[row * block->features + i], "null", error);
    return good && append(body, block->names ? "}" : "]", error);
}

static bool append_outputs(struct buffer *body, unsigned outputs, struct forestd_error *error)
{
    bool both = outputs == (OUTPUT_PREDICTIONS | OUTPUT_PROBABILITIES);
    const char *one = output_word(outputs & OUTPUT_PREDICTIONS ? OUTPUT_PREDICTIONS : OUTPUT_PROBABILITIES);
    if (!outputs)
        return true;
    return buffer_print(body, error, ", \"parameters\": {\"output\": [\"%s\"%s%s%s]}", one, both ? ", \"" : "",
                        both ? output_word(OUTPUT_PROBABILITIES) : "", both ? "\"" : "");
}

static bool append_document(struct buffer *body, const struct invoke_block *block, size_t first, size_t rows,
                            struct forestd_error *error)
{
    bool good = append(body, "{\"instances\": [", error);
    for (size_t row = first; good && row < first + rows; row++)
        good = (row == first || append(body, ", ", error)) && append_row(body, block, row, error);
    return good && append(body, "]", error) && append_outputs(body, block->outputs, error) && append(body, "}", error);
}

/* A line for each row: the row alone, unless something is asked of it. */
static bool write_lines(struct buffer *body, const struct invoke_block *block, struct forestd_error *error)
{
    bool good = true;
    for (size_t row = 0; good && row < block->rows; row++)
        good = (block->outputs ? append_document(body, block, row, 1, error) : append_row(body, block, row, error)) &&
               append(body, "\n", error);
    return good;
}

/* ---- CSV ---- */

static bool append_field(struct buffer *body, const char *text, struct forestd_error *error)
{
    bool good = append(body, "\"", error);
    for (; good && *text; text++)
        good = (*text != '"' || append(body, "\"", error)) && buffer_append(body, text, 1, error);
    return good && append(body, "\"", error);
}

static bool write_csv(struct buffer *body, const struct invoke_block *block, struct forestd_error *error)
{
    bool good = true;
    for (size_t i = 0; good && block->names && i < block->features; i++)
        good = append_field(body, block->names[i], error) && append(body, i + 1 < block->features ? "," : "\n", error);
    /* A line of nothing is no row. */
    const char *missing = block->features == 1 ? "nan" : "";
    for (size_t i = 0; good && i < block->rows * block->features; i++)
        good = append_cell(body, block->cells[i], missing, error) &&
               append(body, (i + 1) % block->features ? "," : "\n", error);
    return good;
}

/* ---- NPY 1.0, as numpy.save writes it ---- */

static bool write_npy(struct buffer *body, const struct invoke_block *block, struct forestd_error *error)
{
    enum { BEFORE = 10, ALIGNMENT = 64 };
    char dict[128];
    int size = snprintf(dict, sizeof dict, "{'descr': '%cf4', 'fortran_order': False, 'shape': (%zu, %zu), }",
                        __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? '>' : '<', block->rows, block->features);
    size_t padded = (BEFORE + (size_t)size + ALIGNMENT) / ALIGNMENT * ALIGNMENT - BEFORE;
    if (block->names)
        return error_set(
            error, FORESTD_ARGUMENT, at_nowhere(),
            "its columns have names, which NPY has not: name the model with --expect, whose order they then "
            "get, or send CSV or JSON");
    const uint8_t head[BEFORE] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)padded, (uint8_t)(padded >> 8)};
    bool good = buffer_append(body, head, sizeof head, error) && buffer_append(body, dict, (size_t)size, error);
    for (size_t i = (size_t)size; good && i + 1 < padded; i++)
        good = append(body, " ", error);
    return good && append(body, "\n", error) &&
           buffer_append(body, block->cells, block->rows * block->features * sizeof *block->cells, error);
}

bool invoke_body_write(enum format format, const struct invoke_block *block, struct buffer *body,
                       struct forestd_error *error)
{
    switch (format) {
    case FORMAT_JSON:
        return append_document(body, block, 0, block->rows, error);
    case FORMAT_LINES:
        return write_lines(body, block, error);
    case FORMAT_CSV:
        return write_csv(body, block, error);
    case FORMAT_NPY:
        return write_npy(body, block, error);
    default:
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "rows are sent as JSON, JSON Lines, CSV or NPY");
    }
}
