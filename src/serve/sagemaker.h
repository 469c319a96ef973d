/*
 * Amazon SageMaker's contract: GET /ping and POST /invocations for the one model, /models for many, and what batch
 * transform asks. Functions are named as the route table needs them; /ping is also what other platforms' health checks
 * may be.
 */
#ifndef SERVE_SAGEMAKER_H
#define SERVE_SAGEMAKER_H

#include "serve/exchange.h"

/* 200 with an empty body once the models that the server began with are there, 503 before. */
void sagemaker_ping(struct exchange *exchange);

/* Sends the caller's custom attributes back. */
void sagemaker_echo(struct exchange *exchange);

/* Begins an invocation. */
void sagemaker_invoke(struct exchange *exchange);

/* POST /endpoints/NAME/invocations: the service's own front, for SDKs whose endpoint_url is this server. */
void sagemaker_endpoint(struct exchange *exchange);

/* Says an error of the container's as the service would. */
void sagemaker_runtime_answered(struct exchange *exchange);

/* Adds the service's word for an error of its own. */
void sagemaker_service_answered(struct exchange *exchange);

/* GET /execution-parameters, of batch transform. */
void sagemaker_parameters(struct exchange *exchange);

/* POST /models {"model_name": NAME, "url": ADDRESS}: the body is a document (serve/document.h). */
void sagemaker_load_begin(struct exchange *exchange);
bool sagemaker_load(struct exchange *exchange);

/* GET /models?next_page_token=TOKEN&limit=N. Tokens stay good while models come and go. */
void sagemaker_list(struct exchange *exchange);

/* GET, DELETE /models/NAME and POST /models/NAME/invoke. DELETE is answered when the memory is free. */
void sagemaker_describe(struct exchange *exchange);
void sagemaker_unload_begin(struct exchange *exchange);
bool sagemaker_unload(struct exchange *exchange);
void sagemaker_invoke_model(struct exchange *exchange);

#endif
