/*
 * `forestd predict`: rows from a file or stdin, answers to stdout, in pieces where both formats come in lines.
 */
#include "command/commands.h"

#include "codec/codec.h"
#include "command/progress.h"
#include "engine/engine.h"
#include "predict/predict.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 256 * 1024 };

struct work {
    const struct forest *forest;
    unsigned outputs;
    enum format from;
    enum format to;
    bool to_given; /* --to was said; else the answers follow what the rows turn out to be */
    int input;     /* where rows come from */
    const char *name;
    struct decoder *decoder;
    uint64_t rows;     /* answered */
    double *values;    /* [capacity][width] */
    uint32_t *choices; /* [capacity][outputs] */
    size_t capacity;   /* rows */
    struct buffer reply;
};

static bool write_reply(struct work *work, struct forestd_error *error)
{
    size_t done = 0;
    while (done < work->reply.size) {
        ssize_t size = write(STDOUT_FILENO, work->reply.bytes + done, work->reply.size - done);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return error_set(error, FORESTD_IO, at_nowhere(), "stdout: %s", strerror(errno));
        done += (size_t)size;
    }
    work->reply.size = 0;
    return true;
}

static bool make_room(struct work *work, size_t rows, struct forestd_error *error)
{
    if (rows <= work->capacity)
        return true;
    free(work->values);
    free(work->choices);
    work->capacity = 0;
    work->values = calloc(rows, work->forest->width * sizeof *work->values);
    work->choices = calloc(rows, work->forest->outputs * sizeof *work->choices);
    if (!work->values || !work->choices)
        return error_memory(error, rows * work->forest->width * sizeof *work->values, "answers");
    work->capacity = rows;
    return true;
}

/* Answers the question as it stands. */
static bool answer(struct work *work, const struct question *question, struct forestd_error *error)
{
    const struct forest *forest = work->forest;
    const struct matrix *matrix = &question->matrix;
    if (!rows_check(forest, matrix->cells, matrix->rows, matrix->first_row, error) ||
        !make_room(work, matrix->rows, error))
        return false;
    predict_values(forest, matrix->cells, matrix->rows, work->values);
    bool classifier = forest->task == FORESTD_CLASSIFIER;
    if (classifier)
        predict_choices(forest, matrix->cells, work->values, matrix->rows, work->choices);
    struct prediction prediction = {forest, matrix->rows, work->values, classifier ? work->choices : NULL};
    unsigned outputs = work->outputs ? work->outputs : question->outputs;
    enum format to = work->to_given ? work->to : format_of_answer(question->format);
    if (!answer_encode(to, question, &prediction, outputs, &work->reply, error) ||
        (to == FORMAT_JSON && !buffer_append(&work->reply, "\n", 1, error)))
        return false;
    work->rows += matrix->rows;
    return write_reply(work, error);
}

/* Whether answers can be written before the question has ended: rows and answers both come in lines. */
static bool streams(const struct work *work, const struct question *question)
{
    enum format to = work->to_given ? work->to : format_of_answer(question->format);
    return format_in_lines(question->format) && (to == FORMAT_LINES || to == FORMAT_CSV);
}

static bool answer_so_far(struct work *work, struct forestd_error *error)
{
    struct question *question = decoder_question(work->decoder);
    if (!streams(work, question) || question->matrix.rows < PIECE / 64)
        return true;
    size_t rows = question->matrix.rows;
    size_t complete = question_rows(question);
    if (complete == 0)
        return true;
    question->matrix.rows = complete;
    bool good = answer(work, question, error);
    question->matrix.rows = rows;
    question_consume(question);
    return good;
}

static bool read_rows(struct work *work, uint64_t total, struct forestd_error *error)
{
    unsigned char *piece = malloc(PIECE);
    if (!piece)
        return error_memory(error, PIECE, "a piece of the rows");
    struct progress progress;
    progress_open(&progress, total);
    uint64_t bytes = 0;
    bool good = true;
    for (;;) {
        ssize_t size = read(work->input, piece, PIECE);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            good = error_set(error, FORESTD_IO, at_nowhere(), "%s", strerror(errno));
        if (size <= 0)
            break;
        bytes += (uint64_t)size;
        good = decoder_feed(work->decoder, piece, (size_t)size, error) && answer_so_far(work, error);
        if (!good)
            break;
        progress_show(&progress, bytes, work->rows);
    }
    progress_close(&progress);
    free(piece);
    return good;
}

static bool predict_rows(struct work *work, struct forestd_error *error)
{
    struct stat stat;
    uint64_t total = fstat(work->input, &stat) == 0 && S_ISREG(stat.st_mode) ? (uint64_t)stat.st_size : 0;
    work->decoder = decoder_open(work->from, work->forest, NULL, error);
    if (!work->decoder)
        return false;
    bool good = read_rows(work, total, error) && decoder_finish(work->decoder, error);
    struct question *question = decoder_question(work->decoder);
    if (good && question->matrix.rows)
        good = answer(work, question, error);
    decoder_close(work->decoder);
    buffer_close(&work->reply);
    free(work->values);
    free(work->choices);
    return good || error_prefix(error, work->name);
}

/* A format that was named, or `usual`. */
static bool choose_format(const struct options *options, enum option option, enum format usual, enum format *format,
                          struct forestd_error *error)
{
    const char *word = options->values[option];
    *format = usual;
    if (!word[0])
        return true;
    char path[32];
    (void)snprintf(path, sizeof path, "x.%s", word);
    bool known = format_of_path(path, format);
    if (known && (option == OPTION_FROM || format_of_answer(*format) == *format))
        return true;
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "--%s: no format '%s': json, jsonl, csv or npy%s",
                     option_table[option].flag, word, option == OPTION_FROM ? ", libsvm or recordio" : "");
}

static bool prepare(struct work *work, const struct options *options, struct forestd_error *error)
{
    const char *path = options->argument_count ? options->arguments[0] : "-";
    bool piped = strcmp(path, "-") == 0;
    enum format named = FORMAT_CSV;
    if (options->argument_count > 1)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "one file of rows at a time, not also '%s'",
                         options->arguments[1]);
    if (!piped)
        (void)format_of_path(path, &named);
    const char *output = options->values[OPTION_OUTPUT];
    if (!choose_format(options, OPTION_FROM, named, &work->from, error) ||
        !choose_format(options, OPTION_TO, work->from, &work->to, error) ||
        (output[0] && !outputs_read(output, strlen(output), &work->outputs, error)))
        return false;
    work->to_given = options->values[OPTION_TO][0] != '\0';
    work->name = piped ? "stdin" : path;
    return true;
}

int command_predict(const struct options *options)
{
    struct forestd_error error;
    struct work work = {0};
    const char *address = model_address(options, &error);
    if (!address || !prepare(&work, options, &error))
        return complain(&error, EXIT_USAGE);
    work.input = strcmp(work.name, "stdin") == 0 ? STDIN_FILENO : open(work.name, O_RDONLY | O_CLOEXEC);
    if (work.input < 0) {
        error_set(&error, FORESTD_IO, at_nowhere(), "%s: %s", work.name, strerror(errno));
        return complain(&error, EXIT_FAILED);
    }
    struct forestd_model *model = model_open(options, address, &error);
    bool good = model != NULL;
    if (good) {
        work.forest = model->forest;
        good = predict_rows(&work, &error);
        forestd_close(model);
    }
    if (work.input != STDIN_FILENO)
        (void)close(work.input);
    return good ? EXIT_DONE : complain(&error, EXIT_FAILED);
}
