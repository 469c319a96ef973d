/*
 * GET /openapi.json: the one route table as an OpenAPI 3.0 document, with what each route takes and answers.
 */
#ifndef SERVE_OPENAPI_H
#define SERVE_OPENAPI_H

#include "serve/exchange.h"
#include <cjson/cJSON.h>

void openapi_tell(struct exchange *exchange);

/* The schemas that rows of the route table name, and "Error" for each form of it; NULL without memory. To be deleted. */
cJSON *openapi_schemas(void);

#endif
