/*
 * Azure ML's online endpoints, by a key or a token.
 * https://learn.microsoft.com/azure/machine-learning/how-to-authenticate-online-endpoint
 */
#include "cloud/azure.h"
#include "cloud/text.h"
#include "command/invoke_service.h"

static const char resource[] = "https://ml.azure.com";

static bool authorize(struct invoke_service *service, struct http_call *call, struct forestd_error *error)
{
    struct azure *azure = service->state;
    const char *deployment = service->target->deployment;
    const char *key = service->settings->key;
    if (deployment && !headers_add(&call->headers, error, "azureml-model-deployment", "%s", deployment))
        return false;
    if (key[0])
        return headers_add(&call->headers, error, "Authorization", "Bearer %s", key);
    /* A server of this machine that nobody gave credentials for wants none. */
    bool configured = variable("AZURE_CLIENT_SECRET") || variable("AZURE_FEDERATED_TOKEN_FILE") ||
                      variable("IDENTITY_ENDPOINT") || variable("MSI_ENDPOINT");
    if (!configured && address_is_loopback(service->address))
        return true;
    return azure_ready(azure, error) && azure_authorize(azure, call->method, call->address, "", &call->headers, error);
}

static bool renew(struct invoke_service *service, const struct http_call *call)
{
    if (call->status != 401)
        return false;
    azure_expire(service->state);
    return true;
}

static const char *used(const struct invoke_service *service)
{
    const char *credential = azure_used(service->state);
    return credential[0] ? credential : NULL;
}

static void close_azure(struct invoke_service *service)
{
    azure_close(service->state);
}

bool invoke_azureml_open(struct invoke_service *service, struct forestd_error *error)
{
    const struct invoke_target *target = service->target;
    const char *endpoint = service->settings->endpoint;
    const char *path = target->host ? target->name : "score";
    if (endpoint[0])
        service->address = text_print(error, "%.*s/%s", invoke_address_size(endpoint), endpoint, path);
    else if (target->host)
        service->address = text_print(error, "https://%s/%s", target->host, path);
    else
        service->address =
            text_print(error, "https://%s.%s.inference.ml.azure.com/%s", target->name, target->location, path);
    if (!service->address || !invoke_is_safe(service, error))
        return false;
    service->state = azure_open(service->client, resource, error);
    service->authorize = authorize;
    service->renew = renew;
    service->used = used;
    service->close = close_azure;
    return service->state != NULL;
}
