/*
 * Azure Machine Learning's online endpoints, as azureml-inference-server-http answers them: GET /, /score, and
 * /swagger.json, with its headers.
 */
#ifndef SERVE_AZUREML_H
#define SERVE_AZUREML_H

#include "serve/exchange.h"

/* Adds the headers that its server adds: the request's own ids, how long it took, whether it failed. */
void azureml_answered(struct exchange *exchange);

void azureml_score(struct exchange *exchange);

/* GET /score?data=[[...]] */
void azureml_score_query(struct exchange *exchange);

/* GET /swagger.json?version=2|3: the loaded model's own names and types. */
void azureml_swagger(struct exchange *exchange);

#endif
