/*
 * Azure Functions' custom handler. Where the host forwards requests as they are (enableProxyingHttpRequest) the paths
 * of all platforms stand behind /api, and /api/FUNCTION predicts. Elsewhere it posts each invocation to /FUNCTION:
 *
 *     {"Data": {"req": {"Url": "...", "Method": "POST", "Headers": {...}, "Query": {...}, "Body": "..."}}, "Metadata": {}}
 *
 * and is answered {"Outputs": {"res": {"statusCode": 200, "body": "...", "headers": {...}}}, "Logs": [],
 * "ReturnValue": null}. A timer's invocation is answered at once: it keeps the process warm.
 */
#ifndef SERVE_FUNCTIONS_H
#define SERVE_FUNCTIONS_H

#include "serve/exchange.h"

/* Whether the exchange comes from the host of Azure Functions. */
bool functions_calls(const struct exchange *exchange);

/* For the route's finish. */
bool functions_finish(struct exchange *exchange);

#endif
