/*
 * Amazon SageMaker's contract for a single model: GET /ping and POST /invocations.
 */
#ifndef SERVE_SAGEMAKER_H
#define SERVE_SAGEMAKER_H

#include "serve/exchange.h"

/* 200 with an empty body once the model is there, 503 before. Reads nothing but a flag. */
void sagemaker_ping(struct exchange *exchange);

/* Begins an invocation, and sends the caller's custom attributes back. */
void sagemaker_invoke(struct exchange *exchange);

#endif
