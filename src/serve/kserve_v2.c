#include "serve/kserve_v2.h"

#include "base/error.h"
#include "codec/tensor.h"
#include "observe/text.h"
#include "serve/invocation.h"
#include "serve/kserve.h"
#include "serve/routes.h"
#include "serve/server.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- the server ---- */

void kserve_v2_server(struct exchange *exchange)
{
    kserve_answer(exchange, buffer_print(&exchange->reply.body, NULL,
                                         "{\"name\": \"forestd\", \"version\": \"%s\", \"extensions\": "
                                         "[\"binary_tensor_data\", \"model_repository\", \"model_configuration\"]}\n",
                                         FORESTD_VERSION));
}

void kserve_v2_live(struct exchange *exchange)
{
    kserve_answer(exchange, buffer_print(&exchange->reply.body, NULL, "{\"live\": true}\n"));
}

void kserve_v2_ready(struct exchange *exchange)
{
    enum server_state state = server_state(exchange->server);
    if (state == SERVER_READY)
        kserve_answer(exchange, buffer_print(&exchange->reply.body, NULL, "{\"ready\": true}\n"));
    else if (state == SERVER_LOADING)
        exchange_fail(exchange, 503, "loading", "The models are being loaded: ask again in a moment.");
    else
        exchange_fail(exchange, 503, "failed", "A model could not be loaded: the log says which, and why.");
}

/* ---- a model ---- */

void kserve_v2_model_ready(struct exchange *exchange)
{
    struct buffer *body = &exchange->reply.body;
    struct served *served = kserve_take_version(exchange);
    if (!served)
        return;
    const char *name = served_name(served);
    kserve_answer(exchange, buffer_print(body, NULL, "{\"name\": ") && text_escape(body, name, strlen(name), NULL) &&
                                buffer_print(body, NULL, ", \"ready\": true}\n"));
    store_give_back(served);
}

struct versions {
    struct buffer *body;
    const char *name;
    bool some;
    bool good;
};

static bool see_version(const struct served *served, void *context)
{
    struct versions *versions = context;
    if (strcmp(served_name(served), versions->name) != 0 || served_state(served) != SERVER_READY)
        return true;
    versions->good =
        buffer_print(versions->body, NULL, "%s\"%" PRIu64 "\"", versions->some ? ", " : "", served_version(served));
    versions->some = true;
    return versions->good;
}

static bool print_tensor(struct buffer *body, const struct tensor_shape *shape)
{
    bool good = buffer_print(body, NULL, "{\"name\": \"%s\", \"datatype\": \"%s\", \"shape\": [-1", shape->name,
                             shape->datatype);
    for (size_t i = 0; good && i + 1 < shape->dimensions; i++)
        good = buffer_print(body, NULL, ", %zu", shape->rest[i]);
    return good && buffer_print(body, NULL, "]}");
}

static bool print_model(struct exchange *exchange, const struct served *served)
{
    const struct forest *forest = served_model(served)->forest;
    const struct tensor_shape input = {"input-0", "FP64", 2, {forest->features}};
    const struct tensor_shape predictions = tensor_describe(forest, OUTPUT_PREDICTIONS, "predict");
    const struct tensor_shape probabilities = tensor_describe(forest, OUTPUT_PROBABILITIES, "predict_proba");
    struct buffer *body = &exchange->reply.body;
    struct versions versions = {.body = body, .name = served_name(served), .good = true};
    if (!buffer_print(body, NULL, "{\"name\": ") || !text_escape(body, versions.name, strlen(versions.name), NULL) ||
        !buffer_print(body, NULL, ", \"versions\": ["))
        return false;
    store_list(exchange->server->store, see_version, &versions);
    return versions.good && buffer_print(body, NULL, "], \"platform\": \"sklearn_forestd\", \"inputs\": [") &&
           print_tensor(body, &input) && buffer_print(body, NULL, "], \"outputs\": [") &&
           print_tensor(body, &predictions) &&
           (forest->task == FORESTD_REGRESSOR ||
            (buffer_print(body, NULL, ", ") && print_tensor(body, &probabilities))) &&
           buffer_print(body, NULL, "]}\n");
}

void kserve_v2_model(struct exchange *exchange)
{
    struct served *served = kserve_take_version(exchange);
    if (served)
        kserve_answer(exchange, print_model(exchange, served));
    store_give_back(served);
}

/* ---- Triton's description ---- */

static bool print_config_tensor(struct buffer *body, const struct tensor_shape *shape)
{
    const char *datatype = strcmp(shape->datatype, "BYTES") == 0 ? "STRING" : shape->datatype;
    bool good =
        buffer_print(body, NULL, "{\"name\": \"%s\", \"data_type\": \"TYPE_%s\", \"dims\": [-1", shape->name, datatype);
    for (size_t i = 0; good && i + 1 < shape->dimensions; i++)
        good = buffer_print(body, NULL, ", %zu", shape->rest[i]);
    return good && buffer_print(body, NULL, "]}");
}

/* The shapes have the rows in them, so that there is no batch beside them: max_batch_size is 0. */
static bool print_config(struct exchange *exchange, const struct served *served)
{
    const struct forest *forest = served_model(served)->forest;
    const struct tensor_shape input = {"input-0", "FP64", 2, {forest->features}};
    const struct tensor_shape predictions = tensor_describe(forest, OUTPUT_PREDICTIONS, "predict");
    const struct tensor_shape probabilities = tensor_describe(forest, OUTPUT_PROBABILITIES, "predict_proba");
    const char *name = served_name(served);
    struct buffer *body = &exchange->reply.body;
    return buffer_print(body, NULL, "{\"name\": ") && text_escape(body, name, strlen(name), NULL) &&
           buffer_print(body, NULL,
                        ", \"platform\": \"sklearn_forestd\", \"backend\": \"forestd\", \"max_batch_size\": 0, "
                        "\"input\": [") &&
           print_config_tensor(body, &input) && buffer_print(body, NULL, "], \"output\": [") &&
           print_config_tensor(body, &predictions) &&
           (forest->task == FORESTD_REGRESSOR ||
            (buffer_print(body, NULL, ", ") && print_config_tensor(body, &probabilities))) &&
           buffer_print(body, NULL, "]}\n");
}

void kserve_v2_config(struct exchange *exchange)
{
    struct served *served = kserve_take_version(exchange);
    if (served)
        kserve_answer(exchange, print_config(exchange, served));
    store_give_back(served);
}

void kserve_v2_statistics(struct exchange *exchange)
{
    exchange_fail(exchange, 501, forestd_code_word(FORESTD_UNSUPPORTED),
                  "Statistics are not kept in Triton's form: GET /metrics tells them, for Prometheus.");
}

/* ---- infer ---- */

static const char json_length[] = "Inference-Header-Content-Length";

/* How much of the body is JSON. */
static bool read_json_size(struct exchange *exchange, uint64_t *size, struct forestd_error *error)
{
    const char *text = exchange->carrier->header(exchange, json_length);
    *size = TENSOR_ALL_JSON;
    if (!text || !*text)
        return true;
    bool good = true;
    *size = 0;
    for (; *text && good; text++) {
        unsigned digit = (unsigned char)(*text - '0');
        good = digit <= 9 && *size < UINT64_MAX / 20;
        *size = *size * 10 + digit;
    }
    return good && *size ? good
                         : error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                                     "%s must be the bytes of JSON that the body begins with: a tensor without JSON is "
                                     "not read",
                                     json_length);
}

static struct decoder *open_tensors(struct exchange *exchange, const struct forest *forest, struct forestd_error *error)
{
    uint64_t size;
    return read_json_size(exchange, &size, error) ? tensor_decoder_open(size, forest, &exchange->server->memory, error)
                                                  : NULL;
}

static const char *encode_tensors(struct exchange *exchange, const struct served *served, const struct decoder *decoder,
                                  const struct prediction *prediction, unsigned outputs, struct forestd_error *error)
{
    const struct tensor_speaker speaker = {served_name(served), served_version(served)};
    size_t size;
    if (!tensor_answer(tensor_request(decoder), prediction, outputs, &speaker, &exchange->reply.body, &size, error))
        return NULL;
    if (!size)
        return "application/json";
    (void)snprintf(exchange->notes, sizeof exchange->notes, "%zu", size);
    exchange_header(exchange, json_length, exchange->notes);
    return "application/octet-stream";
}

static const struct invocation_protocol tensors = {open_tensors, encode_tensors};

void kserve_v2_infer(struct exchange *exchange)
{
    struct served *served = kserve_take_version(exchange);
    if (served)
        invocation_begin_in(exchange, served, &tensors);
}
