#include "command/invoke_rows.h"

#include "command/invoke_body.h"
#include "command/invoke_shape.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP = 256 * 1024 };

static bool read_all(int input, struct buffer *file, struct forestd_error *error)
{
    for (;;) {
        if (!buffer_reserve(file, STEP, error))
            return false;
        ssize_t size = read(input, file->bytes + file->size, file->capacity - file->size);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return error_set(error, FORESTD_IO, at_nowhere(), "%s", strerror(errno));
        if (size == 0)
            break;
        file->size += (size_t)size;
    }
    return file->size || error_set(error, FORESTD_EMPTY, at_nowhere(), "it is empty");
}

static bool read_file(const char *path, struct buffer *file, struct forestd_error *error)
{
    bool piped = strcmp(path, "-") == 0;
    int input = piped ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (input < 0)
        return error_set(error, FORESTD_IO, at_nowhere(), "%s", strerror(errno));
    bool good = read_all(input, file, error);
    if (!piped)
        (void)close(input);
    return good;
}

static bool decode(struct invoke_rows *rows, const struct invoke_asking *asking, struct forestd_error *error)
{
    if (!asking->model)
        rows->shape = invoke_shape(asking->from, &rows->file, error);
    const struct forest *forest = asking->model ? asking->model : rows->shape;
    rows->decoder = forest ? decoder_open(asking->from, forest, NULL, error) : NULL;
    if (!rows->decoder || !decoder_feed(rows->decoder, rows->file.bytes, rows->file.size, error) ||
        !decoder_finish(rows->decoder, error))
        return false;
    rows->matrix = &decoder_question(rows->decoder)->matrix;
    return true;
}

static bool write_bodies(struct invoke_rows *rows, const struct invoke_asking *asking, struct forestd_error *error)
{
    const struct matrix *matrix = rows->matrix;
    size_t batch = asking->batch && asking->batch < matrix->rows ? asking->batch : matrix->rows;
    size_t count = (matrix->rows + batch - 1) / batch;
    /* Where no model says the order of the columns, their names go with them. */
    const char *const *names = rows->shape ? rows->shape->names : NULL;
    rows->bodies = calloc(count, sizeof *rows->bodies);
    if (!rows->bodies)
        return error_memory(error, count * sizeof *rows->bodies, "requests");
    for (size_t first = 0; first < matrix->rows; first += batch) {
        struct invoke_body *body = &rows->bodies[rows->count++];
        size_t left = matrix->rows - first;
        body->first = first;
        body->rows = left < batch ? left : batch;
        const struct invoke_block block = {.cells = matrix->cells + first * matrix->features,
                                           .rows = body->rows,
                                           .features = matrix->features,
                                           .names = names,
                                           .outputs = asking->outputs};
        if (!invoke_body_write(asking->to, &block, &body->bytes, error))
            return false;
    }
    return true;
}

/* The file's own bytes, as the one body. */
static bool take_file(struct invoke_rows *rows, struct forestd_error *error)
{
    rows->bodies = calloc(1, sizeof *rows->bodies);
    if (!rows->bodies)
        return error_memory(error, sizeof *rows->bodies, "a request");
    rows->count = 1;
    rows->bodies[0].bytes = rows->file;
    rows->file = (struct buffer){0};
    return true;
}

static bool is_object(const struct buffer *file)
{
    size_t at = 0;
    while (at < file->size && (file->bytes[at] == ' ' || (file->bytes[at] >= '\t' && file->bytes[at] <= '\r')))
        at++;
    return at < file->size && file->bytes[at] == '{';
}

/* The file is read already. */
static bool make_bodies(struct invoke_rows *rows, const struct invoke_asking *asking, struct forestd_error *error)
{
    if (asking->as_it_is && (!asking->object || is_object(&rows->file)))
        return take_file(rows, error);
    return decode(rows, asking, error) && write_bodies(rows, asking, error);
}

bool invoke_rows_open(struct invoke_rows *rows, const char *path, const struct invoke_asking *asking,
                      struct forestd_error *error)
{
    *rows = (struct invoke_rows){0};
    bool good = read_file(path, &rows->file, error) && make_bodies(rows, asking, error);
    return good || error_prefix(error, strcmp(path, "-") == 0 ? "stdin" : path);
}

void invoke_rows_close(struct invoke_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        buffer_close(&rows->bodies[i].bytes);
    free(rows->bodies);
    decoder_close(rows->decoder);
    forest_close(rows->shape);
    buffer_close(&rows->file);
    *rows = (struct invoke_rows){0};
}
