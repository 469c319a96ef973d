#include "serve/kserve.h"

#include "base/error.h"
#include "base/text.h"
#include "observe/text.h"
#include "serve/invocation.h"
#include "serve/routes.h"
#include "serve/server.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void kserve_answer(struct exchange *exchange, bool written)
{
    struct forestd_error error;
    if (written) {
        exchange_answer(exchange, 200, "application/json");
        return;
    }
    error_memory(&error, exchange->reply.body.size, "the answer");
    exchange_error(exchange, &error);
}

void kserve_alive(struct exchange *exchange)
{
    struct buffer *body = &exchange->reply.body;
    if (exchange->server->options.mode != MODE_AZUREML)
        kserve_answer(exchange, buffer_print(body, NULL, "{\"status\": \"alive\"}\n"));
    else if (buffer_print(body, NULL, "Healthy"))
        exchange_answer(exchange, 200, "text/plain");
    else
        exchange_answer(exchange, 200, NULL);
}

/* ---- names ---- */

struct names {
    struct buffer *body;
    const char *last; /* versions of a model follow one another */
    bool good;
};

static bool see(const struct served *served, void *context)
{
    struct names *names = context;
    const char *name = served_name(served);
    if (names->last && strcmp(names->last, name) == 0)
        return true;
    names->good =
        (!names->last || buffer_print(names->body, NULL, ", ")) && text_escape(names->body, name, strlen(name), NULL);
    names->last = name;
    return names->good;
}

bool kserve_names(struct exchange *exchange)
{
    struct names names = {.body = &exchange->reply.body, .good = true};
    if (!buffer_print(names.body, NULL, "["))
        return false;
    store_list(exchange->server->store, see, &names);
    return names.good && buffer_print(names.body, NULL, "]");
}

void kserve_list(struct exchange *exchange)
{
    struct buffer *body = &exchange->reply.body;
    kserve_answer(exchange, buffer_print(body, NULL, "{\"models\": ") && kserve_names(exchange) &&
                                buffer_print(body, NULL, "}\n"));
}

/* ---- one model ---- */

struct served *kserve_take(struct exchange *exchange, const struct capture *name, uint64_t version)
{
    struct quote quote = text_quote(name->text, name->size);
    const struct buffer *names = &exchange->reply.body;
    struct forestd_error error;
    struct served *served = store_take(exchange->server->store, name->text, name->size, version, &error);
    if (!served && version)
        exchange_fail(exchange, 404, forestd_code_word(FORESTD_NOT_FOUND), "%s", error.message);
    else if (!served && kserve_names(exchange))
        exchange_fail(exchange, 404, forestd_code_word(FORESTD_NOT_FOUND),
                      "Model with name %s does not exist. There is: %.*s.", quote.text, (int)names->size,
                      (const char *)names->bytes);
    else if (!served)
        exchange_error(exchange, &error);
    else if (served_state(served) == SERVER_READY)
        return served;
    else
        exchange_fail(exchange, 503, served_state(served) == SERVER_LOADING ? "loading" : "failed",
                      "Model with name %s is not ready.", quote.text);
    store_give_back(served);
    return NULL;
}

/* A version as the path has it; 0 = it has none, or another text, which no version is. */
static bool read_version(struct exchange *exchange, uint64_t *version)
{
    enum { DIGITS = 18 };
    const struct capture *capture = &exchange->captures[1];
    *version = 0;
    if (!strstr(exchange->route->path, "{version}"))
        return true;
    for (size_t i = 0; i < capture->size && i < DIGITS + 1; i++) {
        unsigned digit = (unsigned char)(capture->text[i] - '0');
        *version = digit > 9 ? 0 : *version * 10 + digit;
        if (*version == 0)
            break;
    }
    if (*version && capture->size <= DIGITS)
        return true;
    exchange_fail(exchange, 404, forestd_code_word(FORESTD_NOT_FOUND),
                  "Versions are whole numbers from 1 on: there is no version '%.*s'.",
                  (int)(capture->size < 40 ? capture->size : 40), capture->text);
    return false;
}

struct served *kserve_take_version(struct exchange *exchange)
{
    uint64_t version;
    return read_version(exchange, &version) ? kserve_take(exchange, &exchange->captures[0], version) : NULL;
}

static bool ends_with(const struct capture *capture, const char *ending)
{
    size_t size = strlen(ending);
    return capture->size > size && memcmp(capture->text + capture->size - size, ending, size) == 0;
}

void kserve_ready(struct exchange *exchange)
{
    struct buffer *body = &exchange->reply.body;
    const struct capture *name = &exchange->captures[0];
    if (ends_with(name, ":predict") || ends_with(name, ":explain")) {
        exchange_header(exchange, "Allow", "POST, OPTIONS");
        exchange_fail(exchange, 405, "method_not_allowed", "%.200s takes POST, not %s.", exchange->path,
                      exchange->method);
        return;
    }
    struct served *served = kserve_take(exchange, name, 0);
    if (!served)
        return;
    kserve_answer(exchange, buffer_print(body, NULL, "{\"name\": ") &&
                                text_escape(body, name->text, name->size, NULL) &&
                                buffer_print(body, NULL, ", \"ready\": true}\n"));
    store_give_back(served);
}

void kserve_predict(struct exchange *exchange)
{
    struct served *served = kserve_take_version(exchange);
    if (served)
        invocation_begin_with(exchange, served);
}

/* As TensorFlow Serving says it, whose path this is. */
void kserve_version(struct exchange *exchange)
{
    struct served *served = kserve_take_version(exchange);
    if (served)
        kserve_answer(exchange, buffer_print(&exchange->reply.body, NULL,
                                             "{\"model_version_status\": [{\"version\": \"%" PRIu64
                                             "\", \"state\": \"AVAILABLE\", \"status\": {\"error_code\": \"OK\", "
                                             "\"error_message\": \"\"}}]}\n",
                                             served_version(served)));
    store_give_back(served);
}

/* ---- CloudEvents ---- */

void kserve_answered(struct exchange *exchange)
{
    const char *id = exchange->carrier->header(exchange, "ce-id");
    const struct capture *name = &exchange->captures[0];
    if (!id || !*id || !exchange->route || !exchange->route->piece || exchange->reply.status != 200)
        return;
    exchange_header(exchange, "ce-specversion", "1.0");
    exchange_header(exchange, "ce-id", id);
    exchange_header(exchange, "ce-type", "io.kserve.inference.response");
    int size =
        snprintf(exchange->notes, sizeof exchange->notes, "io.kserve.inference.%.*s", (int)name->size, name->text);
    if (size > 0 && (size_t)size < sizeof exchange->notes)
        exchange_header(exchange, "ce-source", exchange->notes);
}

void kserve_explain(struct exchange *exchange)
{
    exchange_fail(exchange, 501, "unsupported", "Nothing is explained here: ask :predict.");
}
