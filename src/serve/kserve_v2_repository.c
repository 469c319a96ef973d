/*
 * The Open Inference Protocol's repository, as Triton has it:
 * https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md
 * It holds the models that the server began with, and those that clients loaded since.
 */
#include "base/error.h"
#include "base/text.h"
#include "observe/text.h"
#include "serve/document.h"
#include "serve/kserve.h"
#include "serve/kserve_v2.h"
#include "serve/repository.h"
#include "serve/server.h"
#include <inttypes.h>
#include <string.h>

static const char *name_of(const struct serve_model *model)
{
    return model->name && *model->name ? model->name : "model";
}

static uint64_t version_of(const struct serve_model *model)
{
    return model->version ? model->version : 1;
}

/* ---- index ---- */

struct index {
    struct buffer *body;
    bool only_ready;
    bool some;
    bool good;
};

static bool print_entry(struct index *index, const char *name, uint64_t version, const char *state, const char *reason)
{
    struct buffer *body = index->body;
    index->good =
        buffer_print(body, NULL, "%s{\"name\": ", index->some ? ", " : "") &&
        text_escape(body, name, strlen(name), NULL) &&
        buffer_print(body, NULL, ", \"version\": \"%" PRIu64 "\", \"state\": \"%s\", \"reason\": ", version, state) &&
        text_escape(body, reason, strlen(reason), NULL) && buffer_print(body, NULL, "}");
    index->some = true;
    return index->good;
}

static bool see_entry(const struct served *served, void *context)
{
    struct index *index = context;
    enum server_state state = served_state(served);
    if (state != SERVER_READY && index->only_ready)
        return true;
    const char *word = state == SERVER_READY ? "READY" : state == SERVER_LOADING ? "LOADING" : "UNAVAILABLE";
    return print_entry(index, served_name(served), served_version(served), word,
                       state == SERVER_FAILED ? served_error(served)->message : "");
}

struct wanted {
    const struct serve_model *model;
    bool found;
};

static bool see_wanted(const struct served *served, void *context)
{
    struct wanted *wanted = context;
    wanted->found =
        served_version(served) == version_of(wanted->model) && strcmp(served_name(served), name_of(wanted->model)) == 0;
    return !wanted->found;
}

static bool print_index(struct exchange *exchange, bool only_ready)
{
    const struct serve_options *options = &exchange->server->options;
    struct store *store = exchange->server->store;
    struct index index = {.body = &exchange->reply.body, .only_ready = only_ready};
    index.good = buffer_print(index.body, NULL, "[");
    if (index.good)
        store_list(store, see_entry, &index);
    for (size_t i = 0; index.good && !only_ready && i < options->model_count; i++) {
        struct wanted wanted = {&options->models[i], false};
        store_list(store, see_wanted, &wanted);
        if (!wanted.found)
            (void)print_entry(&index, name_of(wanted.model), version_of(wanted.model), "UNAVAILABLE", "unloaded");
    }
    return index.good && buffer_print(index.body, NULL, "]\n");
}

bool kserve_v2_index(struct exchange *exchange)
{
    bool only_ready = false;
    if (!document_is_empty(exchange)) {
        cJSON *document = document_read(exchange);
        if (!document)
            return true;
        const cJSON *ready = cJSON_GetObjectItemCaseSensitive(document, "ready");
        bool good = cJSON_IsObject(document) && (!ready || cJSON_IsBool(ready) || cJSON_IsNull(ready));
        only_ready = cJSON_IsTrue(ready);
        cJSON_Delete(document);
        if (!good) {
            exchange_fail(exchange, 400, forestd_code_word(FORESTD_ARGUMENT),
                          "The body must be {\"ready\": true} or {}.");
            return true;
        }
    }
    kserve_answer(exchange, print_index(exchange, only_ready));
    return true;
}

/* ---- load ---- */

static void answer_change(struct exchange *exchange, const struct forestd_error *error, const char *change)
{
    const struct capture *name = &exchange->captures[0];
    struct buffer *body = &exchange->reply.body;
    if (error)
        exchange_error(exchange, error);
    else
        kserve_answer(exchange, buffer_print(body, NULL, "{\"name\": ") &&
                                    text_escape(body, name->text, name->size, NULL) &&
                                    buffer_print(body, NULL, ", \"%s\": true}\n", change));
}

static void answer_loaded(struct exchange *exchange, const struct forestd_error *error)
{
    answer_change(exchange, error, "load");
}

static void answer_unloaded(struct exchange *exchange, const struct forestd_error *error)
{
    answer_change(exchange, error, "unload");
}

void kserve_v2_load_begin(struct exchange *exchange)
{
    if (repository_is_open(exchange))
        document_begin(exchange);
}

/* Whether the body asks for nothing beyond the model. */
static bool check_parameters(struct exchange *exchange)
{
    if (document_is_empty(exchange))
        return true;
    cJSON *document = document_read(exchange);
    if (!document)
        return false;
    const cJSON *parameters = cJSON_GetObjectItemCaseSensitive(document, "parameters");
    const cJSON *first = cJSON_IsObject(parameters) ? parameters->child : NULL;
    if (first)
        exchange_fail(exchange, 400, forestd_code_word(FORESTD_UNSUPPORTED),
                      "The parameter '%.100s' is not done here: a model is loaded as its file is.", first->string);
    cJSON_Delete(document);
    return !first;
}

/* What the store has of it; one that could not be loaded is taken out, to be tried again. */
static enum server_state prepare(struct store *store, const struct serve_model *model)
{
    const char *name = name_of(model);
    struct served *served = store_take(store, name, strlen(name), version_of(model), NULL);
    enum server_state state = served ? served_state(served) : SERVER_FAILED;
    if (served && state == SERVER_FAILED)
        (void)store_unload(store, name, strlen(name), version_of(model), NULL, NULL, NULL);
    store_give_back(served);
    return state;
}

/* Loads one and waits for it. */
static bool load(struct exchange *exchange, const struct serve_model *model)
{
    switch (prepare(exchange->server->store, model)) {
    case SERVER_READY:
        answer_loaded(exchange, NULL);
        return true;
    case SERVER_LOADING:
        exchange_header(exchange, "Retry-After", "1");
        exchange_fail(exchange, 503, "loading", "The model is being loaded: ask again in a moment.");
        return true;
    case SERVER_FAILED:
        break;
    }
    return repository_load(exchange, name_of(model), version_of(model), model->address, answer_loaded);
}

/* All versions are loaded; the highest is waited for. What became of the others stands in the index. */
bool kserve_v2_load(struct exchange *exchange)
{
    const struct capture *name = &exchange->captures[0];
    const struct serve_options *options = &exchange->server->options;
    const struct serve_model *highest = NULL;
    if (!check_parameters(exchange))
        return true;
    for (size_t i = 0; i < options->model_count; i++) {
        const struct serve_model *model = &options->models[i];
        if (strlen(name_of(model)) != name->size || memcmp(name_of(model), name->text, name->size) != 0)
            continue;
        if (!highest || version_of(model) > version_of(highest))
            highest = model;
    }
    if (!highest) {
        exchange_fail(exchange, 404, forestd_code_word(FORESTD_NOT_FOUND),
                      "'%s' is none of the models that this server began with. POST /models loads any other.",
                      text_quote(name->text, name->size).text);
        return true;
    }
    for (size_t i = 0; i < options->model_count; i++) {
        const struct serve_model *model = &options->models[i];
        const struct store_order order = {
            .name = name_of(model), .version = version_of(model), .address = model->address};
        if (model != highest && strcmp(name_of(model), name_of(highest)) == 0 &&
            prepare(exchange->server->store, model) == SERVER_FAILED)
            (void)store_load(exchange->server->store, &order, NULL);
    }
    return load(exchange, highest);
}

/* ---- unload ---- */

void kserve_v2_unload_begin(struct exchange *exchange)
{
    (void)repository_is_open(exchange);
}

bool kserve_v2_unload(struct exchange *exchange)
{
    const struct capture *name = &exchange->captures[0];
    return repository_unload(exchange, name->text, name->size, 0, answer_unloaded);
}
