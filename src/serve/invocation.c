#include "serve/invocation.h"

#include "base/error.h"
#include "codec/codec.h"
#include "predict/predict.h"
#include "serve/routes.h"
#include "serve/server.h"
#include <stdlib.h>
#include <string.h>

/*
 * Costs are counted in steps: one row going down one level of one tree, about 1 to 2 ns. What is below SMALL_STEPS is
 * done where it arrived, in about 100 us at most; larger work goes to the team, in parts of PART_STEPS. A body beyond
 * SMALL_BODY goes there as well, since finishing it (turning a Fortran array, say) and writing its answer take long.
 */
enum { SMALL_STEPS = 64 * 1024, PART_STEPS = 1024 * 1024, SMALL_BODY = 128 * 1024 };

struct invocation {
    struct job job; /* first: a job is an invocation */
    struct exchange *exchange;
    struct served *served;       /* taken from the store */
    const struct forest *forest; /* of `served` */
    struct decoder *decoder;
    enum format accepted; /* what Accept asks for; meaningful when it asks for one whatever the question's is */
    unsigned outputs;     /* what the query or the server's option asks for */
    double *values;       /* [rows][width], and behind them, in the same memory, the choices */
    uint32_t *choices;    /* [rows][outputs], or NULL for a regressor */
    size_t taken;         /* bytes of both, from the budget */
    size_t part_rows;
};

/* ---- the headers ---- */

/* Takes the model that the request is for, if it is there and loaded. */
static struct served *take_model(struct exchange *exchange, const char *name, size_t size, uint64_t version)
{
    struct forestd_error error;
    struct served *served = store_take(exchange->server->store, name, size, version, &error);
    if (!served) {
        exchange_error(exchange, &error);
        return NULL;
    }
    enum server_state state = served_state(served);
    if (state == SERVER_READY)
        return served;
    exchange_header(exchange, "Retry-After", state == SERVER_LOADING ? "1" : "30");
    if (state == SERVER_LOADING)
        exchange_fail(exchange, 503, "loading", "The model is being loaded: ask again in a moment.");
    else
        exchange_fail(exchange, 503, "failed", "The model could not be loaded: the log says why.");
    store_give_back(served);
    return NULL;
}

static bool read_formats(struct exchange *exchange, enum format *format, enum format *accepted)
{
    const char *content_type = exchange->carrier->header(exchange, "Content-Type");
    if (!format_of_content_type(content_type, format)) {
        exchange_fail(exchange, 415, "unsupported_media_type", "Content-Type %.100s is not read here. These are: %s.",
                      content_type, format_list());
        return false;
    }
    const char *accept = exchange->carrier->header(exchange, "Accept");
    if (!format_of_accept(accept, *format, accepted)) {
        exchange_fail(exchange, 406, "not_acceptable",
                      "Nothing that Accept names (%.100s) is written here. These are: %s.", accept,
                      format_answer_list());
        return false;
    }
    return true;
}

static bool read_outputs(struct exchange *exchange, unsigned *outputs)
{
    struct forestd_error error;
    const char *text = exchange->carrier->parameter(exchange, "output");
    *outputs = exchange->server->options.outputs;
    if (!text || outputs_read(text, strlen(text), outputs, &error))
        return true;
    exchange_error(exchange, &error);
    return false;
}

void invocation_begin_with(struct exchange *exchange, struct served *served)
{
    enum format format;
    enum format accepted;
    unsigned outputs;
    const struct forest *forest = served_model(served)->forest;
    struct forestd_error error;
    if (!read_formats(exchange, &format, &accepted) || !read_outputs(exchange, &outputs)) {
        store_give_back(served);
        return;
    }
    struct invocation *invocation = malloc(sizeof *invocation);
    struct decoder *decoder = NULL;
    if (!invocation)
        error_memory(&error, sizeof *invocation, "a request");
    else
        decoder = decoder_open(format, forest, &exchange->server->memory, &error);
    if (!decoder) {
        free(invocation);
        store_give_back(served);
        exchange_error(exchange, &error);
        return;
    }
    decoder_question(decoder)->dialect = exchange->platform->dialect;
    *invocation = (struct invocation){
        .exchange = exchange,
        .served = served,
        .forest = forest,
        .decoder = decoder,
        .accepted = accepted,
        .outputs = outputs,
    };
    exchange->state = invocation;
}

void invocation_begin(struct exchange *exchange)
{
    invocation_begin_for(exchange, "", 0, 0);
}

void invocation_begin_for(struct exchange *exchange, const char *name, size_t size, uint64_t version)
{
    struct served *served = take_model(exchange, name, size, version);
    if (served)
        invocation_begin_with(exchange, served);
}

/* ---- the body ---- */

/* Gives back what the request holds, as soon as it is not needed: the reply may take long to leave. */
static void release(struct invocation *invocation)
{
    decoder_close(invocation->decoder);
    invocation->decoder = NULL;
    free(invocation->values);
    invocation->values = NULL;
    invocation->choices = NULL;
    budget_give_back(&invocation->exchange->server->memory, invocation->taken);
    invocation->taken = 0;
    store_give_back(invocation->served);
    invocation->served = NULL;
}

void invocation_piece(struct exchange *exchange, const void *bytes, size_t size)
{
    struct invocation *invocation = exchange->state;
    struct forestd_error error;
    if (decoder_feed(invocation->decoder, bytes, size, &error))
        return;
    release(invocation);
    exchange_error(exchange, &error);
}

/* ---- the prediction ---- */

static size_t steps_of_row(const struct forest *forest)
{
    size_t depth = 0;
    for (size_t i = 0; i < forest->tree_count && i < 8; i++)
        if (forest->trees[i].depth > depth)
            depth = forest->trees[i].depth;
    size_t steps = forest->tree_count * (depth + 1);
    return steps ? steps : 1;
}

static bool take_arrays(struct invocation *invocation, size_t rows, struct forestd_error *error)
{
    const struct forest *forest = invocation->forest;
    bool classifier = forest->task == FORESTD_CLASSIFIER;
    size_t row = forest->width * sizeof(double) + (classifier ? forest->outputs * sizeof(uint32_t) : 0);
    if (rows > SIZE_MAX / row || !budget_take(&invocation->exchange->server->memory, rows * row))
        return error_memory(error, (uint64_t)rows * row, "the predictions");
    invocation->taken = rows * row;
    invocation->values = malloc(rows * row);
    if (!invocation->values)
        return error_memory(error, invocation->taken, "the predictions");
    if (classifier)
        invocation->choices = (uint32_t *)(invocation->values + rows * forest->width);
    return true;
}

/* From the end of the body to the start of the prediction. Returns the rows; 0 when the exchange is answered instead. */
static size_t prepare(struct invocation *invocation)
{
    const struct matrix *matrix = &decoder_question(invocation->decoder)->matrix;
    struct forestd_error error;
    if (!decoder_finish(invocation->decoder, &error) ||
        !rows_check(invocation->forest, matrix->cells, matrix->rows, matrix->first_row, &error) ||
        !take_arrays(invocation, matrix->rows, &error)) {
        exchange_error(invocation->exchange, &error);
        return 0;
    }
    invocation->exchange->rows = matrix->rows;
    return matrix->rows;
}

static void predict(struct invocation *invocation, size_t first, size_t count)
{
    const struct forest *forest = invocation->forest;
    const float *rows = decoder_question(invocation->decoder)->matrix.cells + first * forest->features;
    double *values = invocation->values + first * forest->width;
    predict_values(forest, rows, count, values);
    if (invocation->choices)
        predict_choices(forest, rows, values, count, invocation->choices + first * forest->outputs);
}

/* What the answer is written in: the question's own format where Accept leaves it open, as it turned out. */
static enum format reply_format(const struct invocation *invocation, enum format usual)
{
    const struct exchange *exchange = invocation->exchange;
    enum format format = invocation->accepted;
    (void)format_of_accept(exchange->carrier->header(exchange, "Accept"), usual, &format);
    return format;
}

static void encode(struct invocation *invocation)
{
    struct exchange *exchange = invocation->exchange;
    const struct question *question = decoder_question(invocation->decoder);
    const struct prediction prediction = {invocation->forest, question->matrix.rows, invocation->values,
                                          invocation->choices};
    enum format format = reply_format(invocation, question->format);
    struct forestd_error error;
    exchange->reply.body.budget = &exchange->server->memory;
    if (answer_encode(format, question, &prediction, question->outputs ? question->outputs : invocation->outputs,
                      &exchange->reply.body, &error))
        exchange_answer(exchange, 200, format_content_type(format));
    else
        exchange_error(exchange, &error);
}

static void answer(struct invocation *invocation)
{
    if (!invocation->exchange->answered)
        encode(invocation);
    release(invocation);
}

/* ---- the same by the team ---- */

static size_t prepare_job(struct job *job)
{
    struct invocation *invocation = (struct invocation *)job;
    size_t rows = prepare(invocation);
    size_t part = PART_STEPS / steps_of_row(invocation->forest);
    invocation->part_rows = part < 64 ? 64 : part;
    return rows / invocation->part_rows + (rows % invocation->part_rows != 0);
}

static void do_part(struct job *job, size_t index)
{
    struct invocation *invocation = (struct invocation *)job;
    size_t first = index * invocation->part_rows;
    size_t left = decoder_question(invocation->decoder)->matrix.rows - first;
    predict(invocation, first, left < invocation->part_rows ? left : invocation->part_rows);
}

static void finish_job(struct job *job, bool cancelled)
{
    struct invocation *invocation = (struct invocation *)job;
    struct exchange *exchange = invocation->exchange;
    if (cancelled)
        exchange_fail(exchange, 503, "stopping", "The server stops: ask another one.");
    answer(invocation);
    exchange->carrier->resume(exchange);
}

static bool is_small(const struct invocation *invocation)
{
    size_t steps = steps_of_row(invocation->forest);
    size_t rows = decoder_question(invocation->decoder)->matrix.rows + 1; /* the last one may not be complete */
    return invocation->exchange->received <= SMALL_BODY && rows <= SMALL_STEPS / steps + 1;
}

bool invocation_finish(struct exchange *exchange)
{
    struct invocation *invocation = exchange->state;
    struct team *team = exchange->server->team;
    if (!exchange->carrier->suspend || is_small(invocation)) {
        size_t rows = prepare(invocation);
        if (rows)
            predict(invocation, 0, rows);
        answer(invocation);
        return true;
    }
    if (!team_reserve(team)) {
        release(invocation);
        exchange_header(exchange, "Retry-After", "1");
        exchange_fail(exchange, 503, "busy", "The server is busy with large requests: ask again in a moment.");
        return true;
    }
    invocation->job = (struct job){.prepare = prepare_job, .part = do_part, .finish = finish_job};
    exchange->carrier->suspend(exchange);
    team_submit(team, &invocation->job);
    return false;
}

void invocation_close(struct exchange *exchange)
{
    struct invocation *invocation = exchange->state;
    if (!invocation)
        return;
    release(invocation);
    free(invocation);
    exchange->state = NULL;
}
