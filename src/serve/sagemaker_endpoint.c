/*
 * POST /endpoints/NAME/invocations: what AWS's SDKs send when their endpoint_url is this server, as the service itself
 * would answer it. The shapes are those of botocore's sagemaker-runtime model: an error of the container's becomes 424
 * ModelError with its status and text in it, one in the request 400 ValidationError.
 */
#include "observe/text.h"
#include "serve/invocation.h"
#include "serve/routes.h"
#include "serve/sagemaker.h"
#include "serve/server.h"
#include <string.h>

void sagemaker_service_answered(struct exchange *exchange)
{
    unsigned status = exchange->reply.status;
    if (status >= 400)
        exchange_header(exchange, "x-amzn-ErrorType", status == 400 ? "ValidationError" : "UnknownOperationException");
}

void sagemaker_runtime_answered(struct exchange *exchange)
{
    const struct buffer *original = &exchange->reply.body;
    unsigned status = exchange->reply.status;
    if (status < 400)
        return;
    struct buffer message = {0};
    struct buffer body = {0};
    const char *text = original->size ? (const char *)original->bytes : "";
    int size = (int)original->size;
    while (size && text[size - 1] == '\n')
        size--;
    bool good =
        buffer_print(&message, NULL, "Received %s error (%u) from primary with message \"%.*s\".",
                     status < 500 ? "client" : "server", status, size, text) &&
        buffer_print(&body, NULL, "{\"ErrorCode\": \"%s_ERROR_FROM_MODEL\", \"LogStreamArn\": \"\", \"Message\": ",
                     status < 500 ? "CLIENT" : "SERVER") &&
        text_escape(&body, (const char *)message.bytes, message.size, NULL) &&
        buffer_print(&body, NULL, ", \"OriginalMessage\": ") && text_escape(&body, text, (size_t)size, NULL) &&
        buffer_print(&body, NULL, ", \"OriginalStatusCode\": %u}\n", status);
    buffer_close(&message);
    if (!good)
        buffer_close(&body);
    struct buffer *reply = &exchange->reply.body;
    buffer_close(reply);
    *reply = body;
    exchange->reply.status = 424;
    exchange->reply.content_type = reply->size ? "application/json" : NULL;
    exchange_header(exchange, "x-amzn-ErrorType", "ModelError");
}

/* It is the service's own error. */
static void refuse(struct exchange *exchange, const char *before, const char *name, size_t size, const char *after)
{
    exchange->platform = exchange->platform->front;
    exchange_fail(exchange, 400, forestd_code_word(FORESTD_NOT_FOUND), "%s%.*s%s", before,
                  (int)(size < 200 ? size : 200), name, after);
}

static bool has_model(struct exchange *exchange, const char *name, size_t size)
{
    struct served *served = size ? store_take(exchange->server->store, name, size, 0, NULL) : NULL;
    store_give_back(served);
    return served != NULL;
}

/* TargetModel is the artifact's path: locally the model may be called so, or so without the ending. */
static void invoke_target(struct exchange *exchange, const char *target)
{
    static const char ending[] = ".tar.gz";
    target += *target == '/';
    size_t size = strlen(target);
    size_t stem = size;
    if (size >= sizeof ending && strcmp(target + size - (sizeof ending - 1), ending) == 0)
        stem = size - (sizeof ending - 1);
    if (has_model(exchange, target, size))
        invocation_begin_for(exchange, target, size, 0);
    else if (has_model(exchange, target, stem))
        invocation_begin_for(exchange, target, stem, 0);
    else
        refuse(exchange, "Failed to download model data: there is no model ", target, size, " here.");
}

void sagemaker_endpoint(struct exchange *exchange)
{
    const struct serve_options *options = &exchange->server->options;
    const struct capture *name = &exchange->captures[0];
    const char *target = exchange->carrier->header(exchange, "X-Amzn-SageMaker-Target-Model");
    /* A model that was given no name has whatever endpoint's name its users have. */
    bool nameless = options->model_count == 1 && (!options->models[0].name || !options->models[0].name[0]);
    sagemaker_echo(exchange);
    exchange_header(exchange, "x-Amzn-Invoked-Production-Variant", "AllTraffic");
    if (target && *target) {
        invoke_target(exchange, target);
    } else if (has_model(exchange, name->text, name->size)) {
        invocation_begin_for(exchange, name->text, name->size, 0);
    } else if (nameless && !options->multi_model) {
        invocation_begin(exchange);
    } else if (options->multi_model) {
        refuse(exchange, "The endpoint ", name->text, name->size,
               " is missing a target model header: name one with TargetModel.");
    } else {
        refuse(exchange, "Endpoint ", name->text, name->size,
               " of account 000000000000 not found. EndpointName is one of the models here, as GET /v1/models lists "
               "them.");
    }
}
