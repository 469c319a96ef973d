/*
 * Amazon SageMaker's contract for many models in one container (multi-model endpoints): POST, GET and DELETE /models.
 * SageMaker reads nothing of the answers but their statuses, and the list.
 */
#include "observe/text.h"
#include "serve/document.h"
#include "serve/invocation.h"
#include "serve/repository.h"
#include "serve/sagemaker.h"
#include "serve/server.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 100 }; /* models in an answer, at most */

/* ---- statuses ---- */

/* 507 makes SageMaker unload other models and ask again; 409 counts as loaded. */
static unsigned status_of(enum forestd_code code)
{
    switch (code) {
    case FORESTD_MEMORY:
        return 507;
    case FORESTD_EXISTS:
        return 409;
    case FORESTD_IO:
        return 500;
    default:
        return 400;
    }
}

/* ---- POST /models ---- */

void sagemaker_load_begin(struct exchange *exchange)
{
    if (repository_is_open(exchange))
        document_begin(exchange);
}

static void answer_loaded(struct exchange *exchange, const struct forestd_error *error)
{
    if (error)
        exchange_fail(exchange, status_of(error->code), forestd_code_word(error->code), "%s", error->message);
    else if (buffer_append(&exchange->reply.body, "{\"status\": \"loaded\"}\n", 21, NULL))
        exchange_answer(exchange, 200, "application/json");
    else
        exchange_answer(exchange, 200, NULL);
}

static const char *member_text(const cJSON *document, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(document, name));
    return text && *text ? text : NULL;
}

/* The kernel's own files are no models, and reading some of them never ends. */
static bool is_kernels(const char *path)
{
    static const char *const places[] = {"/dev", "/proc", "/sys"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        size_t size = strlen(places[i]);
        if (strncmp(path, places[i], size) == 0 && (path[size] == '/' || path[size] == '\0'))
            return true;
    }
    return false;
}

bool sagemaker_load(struct exchange *exchange)
{
    cJSON *document = document_read(exchange);
    if (!document)
        return true;
    const char *name = member_text(document, "model_name");
    const char *url = member_text(document, "url");
    bool done = true;
    if (!name || !url)
        exchange_fail(exchange, 400, forestd_code_word(FORESTD_SYNTAX),
                      "The body must be {\"model_name\": \"...\", \"url\": \"...\"}.");
    else if (strchr(name, '/'))
        exchange_fail(exchange, 400, forestd_code_word(FORESTD_ARGUMENT),
                      "A model_name with a slash in it could not be asked for: choose another.");
    else if (is_kernels(url))
        exchange_fail(exchange, 400, forestd_code_word(FORESTD_ARGUMENT), "%.200s is no place for a model.", url);
    else
        done = repository_load(exchange, name, 1, url, answer_loaded);
    cJSON_Delete(document);
    return done;
}

/* ---- GET /models ---- */

struct page {
    struct buffer *body;
    uint64_t after; /* models up to this serial were in pages before */
    size_t left;    /* models that fit */
    uint64_t last;  /* the serial of the last in this page */
    bool more;
    bool good;
};

static bool print_model(struct buffer *body, const struct served *served)
{
    const char *name = served_name(served);
    const char *address = served_address(served);
    return buffer_print(body, NULL, "{\"modelName\": ") && text_escape(body, name, strlen(name), NULL) &&
           buffer_print(body, NULL, ", \"modelUrl\": ") && text_escape(body, address, strlen(address), NULL) &&
           buffer_print(body, NULL, "}");
}

static bool see_model(const struct served *served, void *context)
{
    struct page *page = context;
    if (served_serial(served) <= page->after || served_state(served) != SERVER_READY)
        return true;
    if (!page->left) {
        page->more = true;
        return false;
    }
    page->good = (!page->last || buffer_print(page->body, NULL, ", ")) && print_model(page->body, served);
    page->last = served_serial(served);
    page->left--;
    return page->good;
}

/* A query parameter as a number; `usual` where it is absent or empty. */
static bool read_number(struct exchange *exchange, const char *name, uint64_t usual, uint64_t *number)
{
    const char *text = exchange->carrier->parameter(exchange, name);
    *number = usual;
    if (!text || !*text)
        return true;
    char *end = NULL;
    *number = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && !*end)
        return true;
    exchange_fail(exchange, 400, forestd_code_word(FORESTD_ARGUMENT), "%s is not a number: '%.40s'.", name, text);
    return false;
}

void sagemaker_list(struct exchange *exchange)
{
    struct buffer *body = &exchange->reply.body;
    uint64_t limit;
    struct page page = {.body = body, .good = true};
    if (!read_number(exchange, "next_page_token", 0, &page.after) || !read_number(exchange, "limit", PAGE, &limit))
        return;
    page.left = limit && limit < PAGE ? (size_t)limit : PAGE;
    page.good = buffer_print(body, NULL, "{\"models\": [");
    if (page.good)
        store_list(exchange->server->store, see_model, &page);
    if (page.good)
        page.good = buffer_print(body, NULL, "]");
    if (page.good && page.more)
        page.good = buffer_print(body, NULL, ", \"nextPageToken\": \"%" PRIu64 "\"", page.last);
    struct forestd_error error;
    if (page.good && buffer_append(body, "}\n", 2, NULL)) {
        exchange_answer(exchange, 200, "application/json");
        return;
    }
    error_memory(&error, body->size, "the list of models");
    exchange_error(exchange, &error);
}

/* ---- /models/{} ---- */

void sagemaker_describe(struct exchange *exchange)
{
    const struct capture *name = &exchange->captures[0];
    struct buffer *body = &exchange->reply.body;
    struct forestd_error error;
    struct served *served = store_take(exchange->server->store, name->text, name->size, 0, &error);
    if (!served)
        exchange_error(exchange, &error);
    else if (served_state(served) != SERVER_READY)
        exchange_fail(exchange, 404, forestd_code_word(FORESTD_NOT_FOUND), "Model '%.*s' is not loaded.",
                      (int)name->size, name->text);
    else if (print_model(body, served) && buffer_append(body, "\n", 1, NULL))
        exchange_answer(exchange, 200, "application/json");
    else
        exchange_fail(exchange, 503, forestd_code_word(FORESTD_MEMORY), "There is no memory for the answer.");
    store_give_back(served);
}

void sagemaker_unload_begin(struct exchange *exchange)
{
    (void)repository_is_open(exchange);
}

static void answer_unloaded(struct exchange *exchange, const struct forestd_error *error)
{
    if (error)
        exchange_error(exchange, error);
    else if (buffer_append(&exchange->reply.body, "{\"status\": \"unloaded\"}\n", 23, NULL))
        exchange_answer(exchange, 200, "application/json");
    else
        exchange_answer(exchange, 200, NULL);
}

bool sagemaker_unload(struct exchange *exchange)
{
    const struct capture *name = &exchange->captures[0];
    return repository_unload(exchange, name->text, name->size, 0, answer_unloaded);
}

void sagemaker_invoke_model(struct exchange *exchange)
{
    const struct capture *name = &exchange->captures[0];
    sagemaker_echo(exchange);
    invocation_begin_for(exchange, name->text, name->size, 0);
}
