/*
 * SageMaker's endpoints and Lambda's functions, asked as AWS's SDKs do.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
#include "cloud/aws.h"
#include "cloud/digest.h"
#include "cloud/refusal.h"
#include "cloud/text.h"
#include "command/invoke_service.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct signer {
    struct aws *aws;
    const char *service; /* as it is signed for */
    const char *region;
};

/* Where the service is: `variable` is its part of AWS_ENDPOINT_URL_..., `setting` that of the profile, `host` AWS's own. */
struct place {
    const char *service;
    const char *variable;
    const char *setting;
    const char *host;
};

static const struct place sagemaker = {"sagemaker", "SAGEMAKER_RUNTIME", "sagemaker_runtime", "runtime.sagemaker"};
static const struct place lambda = {"lambda", "LAMBDA", "lambda", "lambda"};

static const char *string_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
}

static const char *used(const struct invoke_service *service)
{
    const struct signer *signer = service->state;
    return aws_used(signer->aws);
}

static void close_signer(struct invoke_service *service)
{
    struct signer *signer = service->state;
    aws_close(signer->aws);
    free(signer);
}

static bool sign(struct invoke_service *service, struct http_call *call, struct forestd_error *error)
{
    struct signer *signer = service->state;
    const struct sigv4_request request = {.method = call->method,
                                          .address = call->address,
                                          .body = call->body,
                                          .body_size = call->body_size,
                                          .region = signer->region,
                                          .service = signer->service,
                                          .now = (int64_t)time(NULL)};
    return aws_ready(signer->aws, error) && sigv4_sign(&request, aws_keys(signer->aws), &call->headers, error);
}

static bool renew(struct invoke_service *service, const struct http_call *call)
{
    struct signer *signer = service->state;
    struct refusal refusal;
    refusal_read(call, &refusal);
    if (strncmp(refusal.code, "ExpiredToken", 12) != 0)
        return false;
    aws_expire(signer->aws);
    return true;
}

/* Opens the signer and begins the address: scheme and host, which the path is to follow. */
static bool open_signer(struct invoke_service *service, const struct place *place, struct buffer *address,
                        struct forestd_error *error)
{
    const struct invoke_target *target = service->target;
    struct signer *signer = calloc(1, sizeof *signer);
    struct aws *aws = signer ? aws_open(service->client, error) : NULL;
    if (!aws) {
        free(signer);
        return signer ? false : error_memory(error, sizeof *signer, "AWS's settings");
    }
    service->state = signer;
    service->authorize = sign;
    service->renew = renew;
    service->used = used;
    service->close = close_signer;
    const char *endpoint = service->settings->endpoint;
    if (!endpoint[0])
        endpoint = aws_endpoint(aws, place->variable, place->setting);
    signer->aws = aws;
    signer->service = place->service;
    signer->region = target->region ? target->region : aws_region(aws);
    if (!signer->region && endpoint)
        signer->region = "us-east-1";
    if (!signer->region)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                         "%s: in which region? set AWS_REGION, or ask %s?region=us-east-1", target->text, target->text);
    if (service->settings->key[0])
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                         "%s: AWS takes signatures, not a key: leave --key away and set AWS's own variables",
                         target->text);
    if (endpoint)
        return buffer_print(address, error, "%.*s", invoke_address_size(endpoint), endpoint);
    return buffer_print(address, error, "https://%s.%s.%s", place->host, signer->region, aws_domain(signer->region));
}

static bool keep_address(struct invoke_service *service, struct buffer *address, bool good, struct forestd_error *error)
{
    if (good && text_end(address, error)) {
        service->address = (char *)address->bytes;
        return true;
    }
    buffer_close(address);
    return false;
}

/* ---- SageMaker ---- */

static bool authorize_sagemaker(struct invoke_service *service, struct http_call *call, struct forestd_error *error)
{
    const struct invoke_target *target = service->target;
    const char *const headers[][2] = {
        {"X-Amzn-SageMaker-Target-Model", target->model},
        {"X-Amzn-SageMaker-Target-Variant", target->variant},
        {"X-Amzn-SageMaker-Inference-Component", target->component},
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (headers[i][1] && !headers_add(&call->headers, error, headers[i][0], "%s", headers[i][1]))
            return false;
    return sign(service, call, error);
}

/* What the container itself said: forestd's errors have the sentence in "error". */
static void container_said(const char *message, char *text, size_t size)
{
    cJSON *root = cJSON_Parse(message);
    const char *said = string_of(root, "error");
    text_clean(text, size, said ? said : message);
    cJSON_Delete(root);
}

static bool explain_sagemaker(struct invoke_service *service, const struct http_call *call, struct forestd_error *error)
{
    if (call->status != 424)
        return false;
    cJSON *root = cJSON_ParseWithLength((const char *)call->body_read.bytes, call->body_read.size);
    const char *message = string_of(root, "OriginalMessage");
    const cJSON *status = cJSON_GetObjectItem(root, "OriginalStatusCode");
    const char *log = string_of(root, "LogStreamArn");
    char said[800] = "";
    if (message)
        container_said(message, said, sizeof said);
    if (message)
        error_set(error, FORESTD_IO, at_nowhere(), "%s: ModelError: the container answered %d: %s%s%.200s",
                  service->target->text, cJSON_IsNumber(status) ? status->valueint : 0, said,
                  log && *log ? ". Its log: " : "", log && *log ? log : "");
    cJSON_Delete(root);
    return message != NULL;
}

bool invoke_sagemaker_open(struct invoke_service *service, struct forestd_error *error)
{
    struct buffer address = {0};
    bool good = open_signer(service, &sagemaker, &address, error) && text_append(&address, "/endpoints/", error) &&
                encode_append(&address, service->target->name, false, error) &&
                text_append(&address, "/invocations", error);
    service->authorize = authorize_sagemaker;
    service->explain = explain_sagemaker;
    return keep_address(service, &address, good, error);
}

/* ---- Lambda ---- */

static enum invoke_verdict function_failed(struct invoke_service *service, const char *kind, const cJSON *root,
                                           struct forestd_error *error)
{
    char type[160];
    char message[800];
    const char *said = string_of(root, "errorMessage");
    const char *named = string_of(root, "errorType");
    text_clean(type, sizeof type, named ? named : kind);
    text_clean(message, sizeof message, said ? said : "no message");
    error_set(error, FORESTD_IO, at_nowhere(), "%s: the function failed (%.20s): %s: %s", service->target->text, kind,
              type, message);
    return INVOKE_REFUSED;
}

static const char *header_of(const cJSON *envelope, const char *name)
{
    const cJSON *headers = cJSON_GetObjectItem(envelope, "headers");
    return string_of(headers ? headers : cJSON_GetObjectItem(envelope, "multiValueHeaders"), name);
}

static enum invoke_verdict envelope_refused(struct invoke_service *service, int status, const char *body,
                                            struct forestd_error *error)
{
    char said[800];
    container_said(body, said, sizeof said);
    error_set(error, status == 404 ? FORESTD_NOT_FOUND : FORESTD_IO, at_nowhere(), "%s: the function answered %d: %s",
              service->target->text, status, said);
    return status == 429 || status == 503 ? INVOKE_LATER : INVOKE_REFUSED;
}

/* {"statusCode": 200, "headers": {...}, "body": "...", "isBase64Encoded": false}, as functions behind HTTP answer. */
static enum invoke_verdict take_envelope(struct invoke_service *service, const cJSON *envelope,
                                         struct invoke_reply *reply, struct forestd_error *error)
{
    int status = cJSON_GetObjectItem(envelope, "statusCode")->valueint;
    const char *body = string_of(envelope, "body");
    body = body ? body : "";
    size_t size = strlen(body);
    if (status != 200)
        return envelope_refused(service, status, body, error);
    reply->content_type = header_of(envelope, "Content-Type");
    reply->bytes = (const uint8_t *)body;
    reply->size = size;
    if (!cJSON_IsTrue(cJSON_GetObjectItem(envelope, "isBase64Encoded")))
        return INVOKE_TAKEN;
    if (!buffer_reserve(&reply->held, size / 4 * 3 + 3, error))
        return INVOKE_REFUSED;
    if (!base64_read(body, size, reply->held.bytes, &reply->held.size)) {
        error_set(error, FORESTD_FORMAT, at_nowhere(), "%s: the body of its answer is said to be base64 and is not",
                  service->target->text);
        return INVOKE_REFUSED;
    }
    reply->bytes = reply->held.bytes;
    reply->size = reply->held.size;
    return INVOKE_TAKEN;
}

static enum invoke_verdict unwrap_lambda(struct invoke_service *service, const struct http_call *call,
                                         struct invoke_reply *reply, struct forestd_error *error)
{
    const char *failed = call_header(call, "X-Amz-Function-Error");
    cJSON *root = cJSON_ParseWithLength((const char *)call->body_read.bytes, call->body_read.size);
    reply->document = root;
    if (failed)
        return function_failed(service, failed, root, error);
    if (cJSON_IsNumber(cJSON_GetObjectItem(root, "statusCode")))
        return take_envelope(service, root, reply, error);
    reply->bytes = call->body_read.bytes;
    reply->size = call->body_read.size;
    reply->content_type = "application/json";
    return INVOKE_TAKEN;
}

bool invoke_lambda_open(struct invoke_service *service, struct forestd_error *error)
{
    struct buffer address = {0};
    if (!service->settings->json)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                         "%s: Lambda's events are JSON: leave --content-type away", service->target->text);
    bool good =
        open_signer(service, &lambda, &address, error) && text_append(&address, "/2015-03-31/functions/", error) &&
        encode_append(&address, service->target->name, false, error) && text_append(&address, "/invocations", error);
    service->unwrap = unwrap_lambda;
    return keep_address(service, &address, good, error);
}
