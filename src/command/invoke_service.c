#include "command/invoke_service.h"

#include "cloud/refusal.h"
#include "cloud/text.h"
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int invoke_address_size(const char *address)
{
    size_t size = strlen(address);
    while (size && address[size - 1] == '/')
        size--;
    return (int)size;
}

bool invoke_is_safe(const struct invoke_service *service, struct forestd_error *error)
{
    if (strncasecmp(service->address, "https:", 6) == 0 || address_is_loopback(service->address))
        return true;
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                     "%s: a key goes to https:// and to this machine only, not to %.200s", service->target->text,
                     service->address);
}

/* What is wanted, in the address. */
static bool add_output(struct invoke_service *service, struct forestd_error *error)
{
    if (!service->settings->output[0])
        return true;
    char *address = text_print(error, "%s%soutput=%s", service->address, strchr(service->address, '?') ? "&" : "?",
                               service->settings->output);
    free(service->address);
    service->address = address;
    return address != NULL;
}

static bool open_http(struct invoke_service *service, struct forestd_error *error)
{
    service->address = text_print(error, "%s", service->target->name);
    return service->address && (!service->settings->key[0] || invoke_is_safe(service, error));
}

bool invoke_service_open(struct invoke_service *service, const struct invoke_target *target,
                         const struct invoke_settings *settings, struct http_client *client,
                         struct forestd_error *error)
{
    bool good = false;
    *service = (struct invoke_service){.target = target, .settings = settings, .client = client};
    switch (target->kind) {
    case TARGET_SAGEMAKER:
        good = invoke_sagemaker_open(service, error);
        break;
    case TARGET_LAMBDA:
        good = invoke_lambda_open(service, error);
        break;
    case TARGET_VERTEX:
        good = invoke_vertex_open(service, error);
        break;
    case TARGET_AZUREML:
        good = invoke_azureml_open(service, error);
        break;
    case TARGET_HTTP:
        good = open_http(service, error);
        break;
    }
    return good && add_output(service, error);
}

bool invoke_prepare(struct invoke_service *service, const void *body, size_t size, struct http_call *call,
                    struct forestd_error *error)
{
    const struct invoke_settings *settings = service->settings;
    call->method = "POST";
    call->address = service->address;
    call->body = body;
    call->body_size = size;
    if (!headers_add(&call->headers, error, "Content-Type", "%s", settings->content_type) ||
        (settings->accept[0] && !headers_add(&call->headers, error, "Accept", "%s", settings->accept)))
        return false;
    if (service->authorize)
        return service->authorize(service, call, error);
    return !settings->key[0] || headers_add(&call->headers, error, "Authorization", "Bearer %s", settings->key);
}

static enum invoke_verdict refuse(struct invoke_service *service, const struct http_call *call,
                                  struct forestd_error *error)
{
    bool key = service->settings->key[0] != '\0';
    const char *used = key ? "the key that was given" : service->used ? service->used(service) : NULL;
    if (call->outcome != HTTP_DONE || !service->explain || !service->explain(service, call, error))
        refusal_error(call, service->target->text, used, error);
    if (call->outcome == HTTP_DONE && !key && service->renew && service->renew(service, call))
        return INVOKE_LATER;
    return refusal_passes(call) ? INVOKE_LATER : INVOKE_REFUSED;
}

enum invoke_verdict invoke_take(struct invoke_service *service, const struct http_call *call,
                                struct invoke_reply *reply, struct forestd_error *error)
{
    if (call->outcome != HTTP_DONE || call->status != 200)
        return refuse(service, call, error);
    if (service->unwrap)
        return service->unwrap(service, call, reply, error);
    reply->bytes = call->body_read.bytes;
    reply->size = call->body_read.size;
    reply->content_type = call_header(call, "Content-Type");
    return INVOKE_TAKEN;
}

void invoke_reply_close(struct invoke_reply *reply)
{
    buffer_close(&reply->held);
    cJSON_Delete((cJSON *)reply->document);
    *reply = (struct invoke_reply){0};
}

void invoke_service_close(struct invoke_service *service)
{
    if (service->close)
        service->close(service);
    free(service->address);
    *service = (struct invoke_service){0};
}
