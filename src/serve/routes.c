#include "serve/routes.h"

#include "observe/text.h"
#include "serve/document.h"
#include "serve/invocation.h"
#include "serve/sagemaker.h"
#include <stdio.h>
#include <string.h>

static const struct route routes[] = {
    {METHOD_GET | METHOD_HEAD | METHOD_POST, "/ping", "SageMaker: is the model ready?", sagemaker_ping, NULL, NULL,
     NULL},
    {METHOD_POST, "/invocations", "SageMaker: predict the rows in the body", sagemaker_invoke, invocation_piece,
     invocation_finish, invocation_close},
    {METHOD_GET, "/execution-parameters", "SageMaker: how to send a batch", sagemaker_parameters, NULL, NULL, NULL},
    {METHOD_GET, "/models", "SageMaker: which models are loaded", sagemaker_list, NULL, NULL, NULL},
    {METHOD_POST, "/models", "SageMaker: load a model", sagemaker_load_begin, document_piece, sagemaker_load,
     document_close},
    {METHOD_GET, "/models/{}", "SageMaker: is this model loaded?", sagemaker_describe, NULL, NULL, NULL},
    {METHOD_DELETE, "/models/{}", "SageMaker: unload this model", sagemaker_unload_begin, NULL, sagemaker_unload, NULL},
    {METHOD_POST, "/models/{}/invoke", "SageMaker: predict with this model", sagemaker_invoke_model, invocation_piece,
     invocation_finish, invocation_close},
};

enum { ROUTES = sizeof routes / sizeof *routes };

static const struct {
    enum method method;
    const char *word;
} methods[] = {
    {METHOD_GET, "GET"},     {METHOD_HEAD, "HEAD"},     {METHOD_POST, "POST"},       {METHOD_PUT, "PUT"},
    {METHOD_PATCH, "PATCH"}, {METHOD_DELETE, "DELETE"}, {METHOD_OPTIONS, "OPTIONS"},
};

enum { METHODS = sizeof methods / sizeof *methods };

static enum method method_of_word(const char *word)
{
    for (size_t i = 0; i < METHODS; i++)
        if (strcmp(word, methods[i].word) == 0)
            return methods[i].method;
    return METHOD_OTHER;
}

/* Writes the words of a set of methods as the Allow header lists them. */
static const char *list_methods(unsigned set, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < METHODS; i++)
        if (set & methods[i].method)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", methods[i].word);
    return text;
}

/* The reply to a path that does not exist names those that do. */
static void answer_unknown(struct exchange *exchange)
{
    struct buffer *body = &exchange->reply.body;
    char message[160];
    (void)snprintf(message, sizeof message, "There is nothing at %.100s", exchange->path);
    bool good = buffer_print(body, NULL, "{\"error\": ") && text_escape(body, message, strlen(message), NULL) &&
                buffer_print(body, NULL, ", \"code\": \"not_found\", \"paths\": {");
    for (size_t i = 0; good && i < ROUTES; i++) {
        if (i && strcmp(routes[i].path, routes[i - 1].path) == 0)
            continue; /* another method */
        good = buffer_print(body, NULL, "%s\"%s\": ", i ? ", " : "", routes[i].path) &&
               text_escape(body, routes[i].purpose, strlen(routes[i].purpose), NULL);
    }
    if (!good || !buffer_append(body, "}}\n", 3, NULL))
        buffer_close(body);
    exchange_answer(exchange, 404, "application/json");
}

static void answer_options(struct exchange *exchange)
{
    exchange_header(exchange, "Access-Control-Allow-Methods", exchange->allow);
    const char *wanted = exchange->carrier->header(exchange, "Access-Control-Request-Headers");
    exchange_header(exchange, "Access-Control-Allow-Headers", wanted ? wanted : "*");
    exchange_header(exchange, "Access-Control-Max-Age", "86400");
    exchange_answer(exchange, 204, NULL);
}

/* Whether `path` is what the pattern says. What stands for {} is captured, as much as fits. */
static bool matches(const char *pattern, const char *path, struct capture *captures, size_t left)
{
    while (*pattern && *pattern == *path && *pattern != '{') {
        pattern++;
        path++;
    }
    if (*pattern != '{')
        return !*pattern && !*path;
    if (!left)
        return false;
    for (size_t size = strcspn(path, "/"); size; size--) {
        *captures = (struct capture){path, size};
        if (matches(pattern + 2, path + size, captures + 1, left - 1))
            return true;
    }
    return false;
}

const struct route *route_find(struct exchange *exchange)
{
    unsigned allowed = 0;
    exchange->method_bit = method_of_word(exchange->method);
    for (size_t i = 0; i < ROUTES; i++) {
        if (!matches(routes[i].path, exchange->path, exchange->captures, CAPTURES))
            continue;
        if (exchange->method_bit & routes[i].methods)
            return &routes[i];
        allowed |= routes[i].methods;
    }
    if (!allowed) {
        answer_unknown(exchange);
        return NULL;
    }
    list_methods(allowed | METHOD_OPTIONS, exchange->allow, sizeof exchange->allow);
    exchange_header(exchange, "Allow", exchange->allow);
    if (exchange->method_bit == METHOD_OPTIONS)
        answer_options(exchange);
    else
        exchange_fail(exchange, 405, "method_not_allowed", "%s takes %s, not %.40s.", exchange->path, exchange->allow,
                      exchange->method);
    return NULL;
}
