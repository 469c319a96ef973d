#include "command/invoke_shape.h"

#include "codec/cell.h"
#include "codec/json.h"
#include "codec/npy_header.h"
#include <string.h>

/* Texts one after another, each with a 0 behind it. */
struct words {
    struct buffer text;
    size_t count;
};

static bool words_add(struct words *words, const char *text, size_t size, struct forestd_error *error)
{
    words->count++;
    return buffer_append(&words->text, text, size, error) && buffer_append(&words->text, "", 1, error);
}

static bool none(const char *what, struct forestd_error *error)
{
    return error_set(error, FORESTD_EMPTY, at_nowhere(), "%s: name the model with --expect to have it read the rows",
                     what);
}

/* Puts the names into the forest. */
static bool take_names(struct forest *forest, const struct words *words, struct forestd_error *error)
{
    const char **names = arena_take(&forest->memory, words->count * sizeof *names);
    const char *text = (const char *)words->text.bytes;
    for (size_t i = 0; names && i < words->count; i++) {
        names[i] = arena_text(&forest->memory, text, strlen(text));
        if (!names[i])
            names = NULL;
        text += strlen(text) + 1;
    }
    if (!names)
        return error_memory(error, words->text.size, "the names of columns");
    forest->names = names;
    forest->features = words->count;
    return forest_index_names(forest, error);
}

/* ---- CSV: the first line ---- */

/* One field from `at`, without spaces and quotes around it; returns the byte behind it. */
static const char *take_field(const char *at, const char *end, struct buffer *field, struct forestd_error *error)
{
    bool quoted = false;
    field->size = 0;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    for (; at < end && (quoted || (*at != ',' && *at != '\n' && *at != '\r')); at++) {
        bool twice = quoted && *at == '"' && at + 1 < end && at[1] == '"';
        if (*at == '"' && !twice) {
            quoted = !quoted;
            continue;
        }
        at += twice;
        if (!buffer_append(field, at, 1, error))
            return NULL;
    }
    while (field->size && (field->bytes[field->size - 1] == ' ' || field->bytes[field->size - 1] == '\t'))
        field->size--;
    return at;
}

static bool shape_of_csv(const struct buffer *file, struct forest *forest, struct forestd_error *error)
{
    const char *at = (const char *)file->bytes;
    const char *end = at + file->size;
    struct words words = {0};
    struct buffer field = {0};
    bool numbers = true;
    bool good = true;
    while (at < end && (*at == '\n' || *at == '\r'))
        at++;
    for (bool more = at < end; more && good;) {
        float value = 0;
        at = take_field(at, end, &field, error);
        const char *text = field.size ? (const char *)field.bytes : "";
        good = at && words_add(&words, text, field.size, error);
        numbers = numbers && cell_read(text, field.size, &value);
        more = good && at < end && *at++ == ',';
    }
    if (good && words.count == 0)
        good = none("there is no line", error);
    forest->features = words.count;
    good = good && (numbers || take_names(forest, &words, error));
    buffer_close(&words.text);
    buffer_close(&field);
    return good;
}

/* ---- NPY ---- */

static bool shape_of_npy(const struct buffer *file, struct forest *forest, struct forestd_error *error)
{
    size_t wanted = 0;
    struct npy_header header;
    if (!npy_head_size(file->bytes, file->size, &wanted, error))
        return false;
    if (wanted > file->size)
        return error_set(error, FORESTD_FORMAT, at_byte(file->size), "its NPY header ends in the middle");
    if (!npy_header_read(file->bytes, wanted, false, &header, error))
        return false;
    forest->features = header.dimensions == 2 ? header.shape[1] : header.shape[0];
    return forest->features || none("its rows have no cells", error);
}

/* ---- JSON: the first array of cells, or the first object that has some ---- */

struct search {
    struct json_reader reader;
    struct words words; /* of the innermost object, or of "columns" */
    bool columns;       /* inside the array of "columns" */
    bool column_key;    /* the last key was "columns" */
    bool cells;         /* the array has cells: it is a row */
    bool record;        /* the object has cells */
    unsigned skip;      /* the depth that ends "parameters", plus 1 */
    size_t count;       /* cells of the row */
    char key[256];
};

enum found { SEARCHING, FOUND_ROW, FOUND_NAMES, FOUND_BROKEN };

static bool in_object(const struct json_reader *reader)
{
    return reader->depth && (reader->objects >> (reader->depth - 1) & 1);
}

static bool is_key(const struct json_token *token, const char *key)
{
    return strlen(key) == token->size && memcmp(key, token->text, token->size) == 0;
}

static void see_key(struct search *search, const struct json_token *token)
{
    size_t size = token->size < sizeof search->key ? token->size : sizeof search->key - 1;
    memcpy(search->key, token->text, size);
    search->key[size] = '\0';
    search->column_key = is_key(token, "columns");
    if (is_key(token, "parameters") && search->reader.depth == 1)
        search->skip = search->reader.depth + 1;
}

static enum found see_cell(struct search *search, const struct json_token *token, struct forestd_error *error)
{
    if (search->columns)
        return token->kind != JSON_STRING || words_add(&search->words, token->text, token->size, error) ? SEARCHING
                                                                                                        : FOUND_BROKEN;
    if (!in_object(&search->reader)) {
        search->cells = true;
        search->count++;
        return SEARCHING;
    }
    search->record = true;
    return words_add(&search->words, search->key, strlen(search->key), error) ? SEARCHING : FOUND_BROKEN;
}

/* What a token tells. The reader has counted its depth already. */
static enum found see(struct search *search, const struct json_token *token, struct forestd_error *error)
{
    if (search->skip) {
        bool opens = token->kind == JSON_ARRAY || token->kind == JSON_OBJECT;
        if (!opens && search->reader.depth < search->skip)
            search->skip = 0;
        return SEARCHING;
    }
    switch (token->kind) {
    case JSON_KEY:
        see_key(search, token);
        return SEARCHING;
    case JSON_ARRAY:
    case JSON_OBJECT:
        search->columns = token->kind == JSON_ARRAY && search->column_key;
        search->column_key = search->cells = search->record = false;
        search->words.text.size = search->words.count = search->count = 0;
        return SEARCHING;
    case JSON_ARRAY_END:
        if (search->columns)
            return search->words.count ? FOUND_NAMES : SEARCHING;
        return search->cells ? FOUND_ROW : SEARCHING;
    case JSON_OBJECT_END:
        return search->record ? FOUND_NAMES : SEARCHING;
    case JSON_STRING:
    case JSON_NUMBER:
    case JSON_NULL:
        break;
    }
    return see_cell(search, token, error);
}

static bool shape_of_json(const struct buffer *file, struct forest *forest, struct forestd_error *error)
{
    struct search search = {0};
    struct json_token token;
    enum found found = SEARCHING;
    enum json_step step = JSON_TOKEN;
    json_feed(&search.reader, (const char *)file->bytes, file->size, 0);
    while (found == SEARCHING && (step = json_next(&search.reader, &token, error)) == JSON_TOKEN)
        found = see(&search, &token, error);
    bool good = step != JSON_BROKEN && found != FOUND_BROKEN;
    if (good && found == SEARCHING)
        good = none("no row of cells is in it", error);
    forest->features = search.count;
    if (good && found == FOUND_NAMES)
        good = take_names(forest, &search.words, error);
    buffer_close(&search.words.text);
    json_close(&search.reader);
    return good;
}

struct forest *invoke_shape(enum format format, const struct buffer *file, struct forestd_error *error)
{
    struct forest *forest = forest_open(NULL, error);
    bool good = false;
    if (!forest)
        return NULL;
    forest->task = FORESTD_REGRESSOR;
    forest->accepts_nan = true;
    if (format == FORMAT_CSV)
        good = shape_of_csv(file, forest, error);
    else if (format == FORMAT_NPY)
        good = shape_of_npy(file, forest, error);
    else if (format == FORMAT_JSON || format == FORMAT_LINES)
        good = shape_of_json(file, forest, error);
    else
        none("the format of the file does not tell how many cells a row has", error);
    if (good)
        return forest;
    forest_close(forest);
    return NULL;
}
