#include "serve/invocation.h"

#include "base/error.h"
#include "codec/codec.h"
#include "predict/predict.h"
#include "serve/routes.h"
#include "serve/server.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/*
 * Costs are counted in steps: one row going down one level of one tree, about 1 to 2 ns. What is below SMALL_STEPS is
 * done where it arrived, in about 100 us at most; larger work goes to the team, in parts, one for each of its threads if
 * they are neither so small that walking few rows at once is slow, nor so large that others wait long for their turn. A
 * body beyond SMALL_BODY goes there as well, since finishing it (turning a Fortran array, say) and writing its answer
 * take long.
 */
enum {
    SMALL_STEPS = 64 * 1024,
    LEAST_PART = 512 * 1024,
    MOST_PART = 4096 * 1024,
    LEAST_PART_ROWS = 64,
    SMALL_BODY = 128 * 1024
};

/*
 * A body that goes on beyond LONG_BODY, whose rows and whose answer come in lines, is answered in blocks while it is
 * read, so that only its answer is held, however long it is. A block ends when it is BLOCK_BYTES of body or of
 * predictions, or BLOCK_STEPS of work. The connection waits aside while the team does it.
 */
enum { LONG_BODY = 8 << 20, BLOCK_BYTES = 4 << 20, BLOCK_STEPS = 256 << 20 };

struct invocation {
    struct job job; /* first: a job is an invocation */
    struct exchange *exchange;
    struct served *served;                      /* taken from the store */
    const struct forest *forest;                /* of `served` */
    const struct invocation_protocol *protocol; /* NULL = the formats that the headers name */
    struct decoder *decoder;
    enum format format;   /* of the question, as its headers have it */
    enum format accepted; /* what Accept asks for then */
    unsigned outputs;     /* what the query or the server's option asks for */
    double *values;       /* [rows][width], and behind them, in the same memory, the choices */
    uint32_t *choices;    /* [rows][outputs], or NULL for a regressor */
    size_t taken;         /* bytes of both, from the budget */
    size_t part_rows;
    uint64_t answered;          /* bytes of the body before the current block */
    bool failed;                /* it cannot be answered: */
    struct forestd_error error; /* last, and not cleared at the start: it is long */
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

/* What Accept says; where it leaves everything open, what the server was told to take for it. */
static const char *find_accept(const struct exchange *exchange)
{
    const char *usual = exchange->server->options.accept;
    const char *accept = exchange->carrier->header(exchange, "Accept");
    bool open = !accept || !*accept || strcmp(accept, "*/*") == 0;
    return open && usual && *usual ? usual : accept;
}

static bool read_formats(struct exchange *exchange, enum format *format, enum format *accepted)
{
    const char *content_type = exchange->carrier->header(exchange, "Content-Type");
    if (!format_of_content_type(content_type, format)) {
        exchange_fail(exchange, 415, "unsupported_media_type", "Content-Type %.100s is not read here. These are: %s.",
                      content_type, format_list());
        return false;
    }
    const char *accept = find_accept(exchange);
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

static struct decoder *open_decoder(struct exchange *exchange, enum format format, const struct forest *forest,
                                    const struct invocation_protocol *protocol, struct forestd_error *error)
{
    return protocol ? protocol->open(exchange, forest, error)
                    : decoder_open(format, forest, &exchange->server->memory, error);
}

void invocation_begin_in(struct exchange *exchange, struct served *served, const struct invocation_protocol *protocol)
{
    enum format format = FORMAT_JSON;
    enum format accepted = FORMAT_JSON;
    unsigned outputs;
    const struct forest *forest = served_model(served)->forest;
    struct forestd_error error;
    if ((!protocol && !read_formats(exchange, &format, &accepted)) || !read_outputs(exchange, &outputs)) {
        store_give_back(served);
        return;
    }
    struct invocation *invocation = exchange_take(exchange, sizeof *invocation);
    struct decoder *decoder = NULL;
    if (!invocation)
        error_memory(&error, sizeof *invocation, "a request");
    else
        decoder = open_decoder(exchange, format, forest, protocol, &error);
    if (!decoder) {
        exchange_give_back(exchange, invocation);
        store_give_back(served);
        exchange_error(exchange, &error);
        return;
    }
    decoder_question(decoder)->dialect = exchange->platform->dialect;
    memset(invocation, 0, offsetof(struct invocation, error));
    invocation->exchange = exchange;
    invocation->served = served;
    invocation->forest = forest;
    invocation->protocol = protocol;
    invocation->decoder = decoder;
    invocation->format = format;
    invocation->accepted = accepted;
    invocation->outputs = outputs;
    exchange->state = invocation;
    /* Where models come and go, each name would become a metric that somebody pays for. */
    if (exchange->server->embedded)
        exchange->model = embedded_model(exchange->server->embedded,
                                         exchange->server->options.multi_model ? "all" : served_name(served));
}

void invocation_begin_with(struct exchange *exchange, struct served *served)
{
    invocation_begin_in(exchange, served, NULL);
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

static void free_arrays(struct invocation *invocation)
{
    free(invocation->values);
    invocation->values = NULL;
    invocation->choices = NULL;
    budget_give_back(&invocation->exchange->server->memory, invocation->taken);
    invocation->taken = 0;
}

/* Gives back what the request holds, as soon as it is not needed: the reply may take long to leave. */
static void release(struct invocation *invocation)
{
    decoder_close(invocation->decoder);
    invocation->decoder = NULL;
    free_arrays(invocation);
    store_give_back(invocation->served);
    invocation->served = NULL;
}

/* ---- the prediction ---- */

size_t invocation_steps(const struct forest *forest)
{
    size_t depth = 0;
    for (size_t i = 0; i < forest->tree_count && i < 8; i++)
        if (forest->trees[i].depth > depth)
            depth = forest->trees[i].depth;
    size_t steps = forest->tree_count * (depth + 1);
    return steps ? steps : 1;
}

/* Bytes that the predictions of a row take. */
static size_t row_size(const struct forest *forest)
{
    bool classifier = forest->task == FORESTD_CLASSIFIER;
    return forest->width * sizeof(double) + (classifier ? forest->outputs * sizeof(uint32_t) : 0);
}

static bool take_arrays(struct invocation *invocation, size_t rows, struct forestd_error *error)
{
    const struct forest *forest = invocation->forest;
    size_t row = row_size(forest);
    if (rows > SIZE_MAX / row || !budget_take(&invocation->exchange->server->memory, rows * row))
        return error_memory(error, (uint64_t)rows * row, "the predictions");
    invocation->taken = rows * row;
    invocation->values = malloc(rows ? rows * row : 1);
    if (!invocation->values)
        return error_memory(error, invocation->taken, "the predictions");
    if (forest->task == FORESTD_CLASSIFIER)
        invocation->choices = (uint32_t *)(invocation->values + rows * forest->width);
    return true;
}

/* Makes ready to predict the first `rows` rows that were read. */
static bool prepare_rows(struct invocation *invocation, size_t rows, struct forestd_error *error)
{
    const struct matrix *matrix = &decoder_question(invocation->decoder)->matrix;
    invocation->exchange->rows = matrix->first_row + rows;
    return rows_check(invocation->forest, matrix->cells, rows, matrix->first_row, error) &&
           take_arrays(invocation, rows, error);
}

/* From the end of the body to the start of the prediction. Returns the rows; 0 when the exchange is answered instead. */
static size_t prepare(struct invocation *invocation)
{
    const struct matrix *matrix = &decoder_question(invocation->decoder)->matrix;
    struct forestd_error error;
    if (decoder_finish(invocation->decoder, &error) && prepare_rows(invocation, matrix->rows, &error))
        return matrix->rows;
    exchange_error(invocation->exchange, &error);
    return 0;
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
    enum format format = invocation->accepted;
    if (usual == invocation->format)
        return format;
    (void)format_of_accept(find_accept(invocation->exchange), usual, &format);
    return format;
}

/* Appends the answer to the question as it stands. */
static bool encode(struct invocation *invocation, enum format format, struct forestd_error *error)
{
    struct exchange *exchange = invocation->exchange;
    const struct question *question = decoder_question(invocation->decoder);
    const struct prediction prediction = {invocation->forest, question->matrix.rows, invocation->values,
                                          invocation->choices};
    exchange->reply.body.budget = &exchange->server->memory;
    return answer_encode(format, question, &prediction, question->outputs ? question->outputs : invocation->outputs,
                         &exchange->reply.body, error);
}

/* The same in a protocol of its own. Returns the content type; NULL with an error. */
static const char *encode_in(struct invocation *invocation, struct forestd_error *error)
{
    struct exchange *exchange = invocation->exchange;
    const struct question *question = decoder_question(invocation->decoder);
    const struct prediction prediction = {invocation->forest, question->matrix.rows, invocation->values,
                                          invocation->choices};
    exchange->reply.body.budget = &exchange->server->memory;
    return invocation->protocol->encode(exchange, invocation->served, invocation->decoder, &prediction,
                                        invocation->outputs, error);
}

static void answer(struct invocation *invocation)
{
    struct exchange *exchange = invocation->exchange;
    struct forestd_error error;
    if (!exchange->answered) {
        enum format format = reply_format(invocation, decoder_question(invocation->decoder)->format);
        const char *content_type = format_content_type(format);
        if (invocation->protocol)
            content_type = encode_in(invocation, &error);
        else if (!encode(invocation, format, &error))
            content_type = NULL;
        if (content_type)
            exchange_answer(exchange, 200, content_type);
        else
            exchange_error(exchange, &error);
    }
    release(invocation);
}

/* ---- the same by the team ---- */

/* The parts that so many rows fall into. */
static size_t count_parts(struct invocation *invocation, size_t rows)
{
    size_t steps = invocation_steps(invocation->forest);
    size_t part = rows / invocation->exchange->server->options.team + 1;
    part = part < LEAST_PART / steps ? LEAST_PART / steps : part;
    part = part > MOST_PART / steps ? MOST_PART / steps : part;
    invocation->part_rows = part < LEAST_PART_ROWS ? LEAST_PART_ROWS : part;
    return rows / invocation->part_rows + (rows % invocation->part_rows != 0);
}

static size_t prepare_job(struct job *job)
{
    struct invocation *invocation = (struct invocation *)job;
    return count_parts(invocation, prepare(invocation));
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
    if (cancelled) {
        exchange_header(exchange, "Retry-After", "1");
        exchange_fail(exchange, 503, "stopping", "The server stops: ask another one.");
    }
    answer(invocation);
    exchange->carrier->resume(exchange);
}

/* ---- long bodies, in blocks ---- */

/*
 * While the team has a block, of the exchange only its rows and the body of its reply are touched: the carrier may still
 * be on its way back from invocation_piece.
 */
static size_t prepare_block(struct job *job)
{
    struct invocation *invocation = (struct invocation *)job;
    struct question *question = decoder_question(invocation->decoder);
    size_t rows = question_rows(question);
    invocation->failed = !prepare_rows(invocation, rows, &invocation->error);
    return invocation->failed ? 0 : count_parts(invocation, rows);
}

static void end_block(struct invocation *invocation)
{
    struct question *question = decoder_question(invocation->decoder);
    size_t rows = question->matrix.rows;
    if (!invocation->failed) {
        question->matrix.rows = question_rows(question); /* the row that is not complete waits for the next block */
        invocation->failed = !encode(invocation, reply_format(invocation, question->format), &invocation->error);
        question->matrix.rows = rows;
    }
    free_arrays(invocation);
    if (!invocation->failed)
        question_consume(question);
}

static void finish_block(struct job *job, bool cancelled)
{
    struct invocation *invocation = (struct invocation *)job;
    if (cancelled)
        invocation->failed = !error_set(&invocation->error, FORESTD_MEMORY, at_nowhere(), "The server stops.");
    end_block(invocation);
    invocation->exchange->carrier->resume(invocation->exchange);
}

static void do_block_part(struct job *job, size_t index)
{
    struct invocation *invocation = (struct invocation *)job;
    size_t first = index * invocation->part_rows;
    size_t left = question_rows(decoder_question(invocation->decoder)) - first;
    predict(invocation, first, left < invocation->part_rows ? left : invocation->part_rows);
}

/* Whether the rows that were read are a block to be answered now. */
static bool is_block(const struct invocation *invocation)
{
    const struct question *question = decoder_question(invocation->decoder);
    uint64_t received = invocation->exchange->received;
    size_t rows = question->matrix.rows;
    if (received <= LONG_BODY || rows == 0 || !format_in_lines(question->format))
        return false;
    if (received - invocation->answered < BLOCK_BYTES && rows < BLOCK_STEPS / invocation_steps(invocation->forest) &&
        rows < BLOCK_BYTES / row_size(invocation->forest))
        return false;
    enum format format = reply_format(invocation, question->format);
    return (format_in_lines(format) || (format == FORMAT_JSON && question->came_as_json)) && question_rows(question);
}

/* Answers the block. Returns whether that is done; otherwise the team has it. */
static bool answer_block(struct invocation *invocation)
{
    struct exchange *exchange = invocation->exchange;
    invocation->job = (struct job){.prepare = prepare_block, .part = do_block_part, .finish = finish_block};
    invocation->answered = exchange->received;
    if (exchange->carrier->suspend && team_reserve(exchange->server->team)) {
        exchange->untaken = true;
        exchange->carrier->suspend(exchange);
        team_submit(exchange->server->team, &invocation->job);
        return false;
    }
    /* Nobody else has the time: what was answered so far must not be lost for that. */
    size_t parts = prepare_block(&invocation->job);
    for (size_t i = 0; i < parts; i++)
        do_block_part(&invocation->job, i);
    end_block(invocation);
    return true;
}

/* A block that failed is told when the carrier comes back. */
static bool tell_failure(struct invocation *invocation)
{
    if (!invocation->failed)
        return false;
    release(invocation);
    exchange_error(invocation->exchange, &invocation->error);
    return true;
}

void invocation_piece(struct exchange *exchange, const void *bytes, size_t size)
{
    struct invocation *invocation = exchange->state;
    if (!invocation->failed && is_block(invocation) && !answer_block(invocation))
        return;
    if (!invocation->failed)
        invocation->failed = !decoder_feed(invocation->decoder, bytes, size, &invocation->error);
    (void)tell_failure(invocation);
}

/* ---- the end of the body ---- */

static bool is_small(const struct invocation *invocation)
{
    size_t steps = invocation_steps(invocation->forest);
    size_t rows = decoder_question(invocation->decoder)->matrix.rows + 1; /* the last one may not be complete */
    return invocation->exchange->received <= SMALL_BODY && rows <= SMALL_STEPS / steps + 1;
}

bool invocation_finish(struct exchange *exchange)
{
    struct invocation *invocation = exchange->state;
    struct team *team = exchange->server->team;
    if (tell_failure(invocation))
        return true;
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
    exchange_give_back(exchange, invocation);
    exchange->state = NULL;
}
