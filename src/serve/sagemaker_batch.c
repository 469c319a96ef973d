/*
 * What a batch transform job asks before it begins: how many requests at once, and how large. What the job itself says
 * goes before it; SageMaker's own limit is 100 MB for all requests at once.
 */
#include "serve/invocation.h"
#include "serve/sagemaker.h"
#include "serve/server.h"

enum {
    USUAL_MEGABYTES = 6,
    MOST_MEGABYTES = 100, /* of all requests together */
    CELL = 12,            /* bytes of text for a number, about */
    STEPS_A_SECOND = 500000000,
    SECONDS = 60, /* that a request may take: a job gives up after 600, and repeats what failed */
    COPIES = 8    /* times that a body is held: its rows, their predictions and the answer */
};

/* Megabytes of rows that one thread predicts within SECONDS. */
static size_t megabytes_in_time(const struct forest *forest)
{
    uint64_t rows = (uint64_t)STEPS_A_SECOND * SECONDS / invocation_steps(forest);
    uint64_t bytes = rows * (forest->features + 1) * CELL;
    return (size_t)(bytes >> 20);
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

void sagemaker_parameters(struct exchange *exchange)
{
    const struct serve_options *options = &exchange->server->options;
    struct served *served = store_take(exchange->server->store, "", 0, 0, NULL);
    const struct forestd_model *model = served ? served_model(served) : NULL;
    size_t requests = least(options->team, MOST_MEGABYTES);
    size_t megabytes = MOST_MEGABYTES / requests;
    megabytes = least(megabytes, options->memory / requests / COPIES >> 20);
    megabytes = least(megabytes, model ? megabytes_in_time(model->forest) : USUAL_MEGABYTES);
    store_give_back(served);
    if (!megabytes)
        megabytes = 1;
    if (buffer_print(
            &exchange->reply.body, NULL,
            "{\"MaxConcurrentTransforms\": %zu, \"BatchStrategy\": \"MULTI_RECORD\", \"MaxPayloadInMB\": %zu}\n",
            requests, megabytes))
        exchange_answer(exchange, 200, "application/json");
    else
        exchange_fail(exchange, 503, forestd_code_word(FORESTD_MEMORY), "There is no memory for the answer.");
}
