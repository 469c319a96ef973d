/*
 * Vertex AI's endpoints: JSON by predict, everything else by rawPredict.
 * https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints/predict
 */
#include "cloud/google.h"
#include "cloud/text.h"
#include "command/invoke_service.h"
#include <stdlib.h>
#include <string.h>

static const char scope[] = "https://www.googleapis.com/auth/cloud-platform";

static bool authorize(struct invoke_service *service, struct http_call *call, struct forestd_error *error)
{
    struct google *google = service->state;
    if (service->settings->key[0])
        return headers_add(&call->headers, error, "Authorization", "Bearer %s", service->settings->key);
    /* A server of this machine that nobody gave credentials for wants none. */
    bool configured = variable("GOOGLE_APPLICATION_CREDENTIALS") || variable("GCE_METADATA_HOST");
    if (!configured && address_is_loopback(service->address))
        return true;
    return google_ready(google, error) && google_authorize(google, &call->headers, error);
}

static bool renew(struct invoke_service *service, const struct http_call *call)
{
    if (call->status != 401)
        return false;
    google_expire(service->state);
    return true;
}

static const char *used(const struct invoke_service *service)
{
    const char *credential = google_used(service->state);
    return credential[0] ? credential : NULL;
}

static void close_google(struct invoke_service *service)
{
    google_close(service->state);
}

bool invoke_vertex_open(struct invoke_service *service, struct forestd_error *error)
{
    const struct invoke_target *target = service->target;
    const char *endpoint = service->settings->endpoint;
    const char *way = service->settings->json ? "predict" : "rawPredict";
    if (!endpoint[0])
        endpoint = variable("CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM");
    char *host = endpoint ? text_print(error, "%.*s", invoke_address_size(endpoint), endpoint)
                          : text_print(error, "https://%s-aiplatform.googleapis.com", target->location);
    char *version = host ? strstr(host, "/v1") : NULL;
    if (version)
        *version = '\0';
    if (host)
        service->address = text_print(error, "%s/v1/projects/%s/locations/%s/endpoints/%s:%s", host, target->project,
                                      target->location, target->name, way);
    free(host);
    if (!service->address || !invoke_is_safe(service, error))
        return false;
    service->state = google_open(service->client, scope, error);
    service->authorize = authorize;
    service->renew = renew;
    service->used = used;
    service->close = close_google;
    return service->state != NULL;
}
