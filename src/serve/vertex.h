/*
 * Vertex AI. The container's own routes ($AIP_HEALTH_ROUTE, $AIP_PREDICT_ROUTE) are /health and /predict of the route
 * table; here is what Google's client libraries ask of the service, so that they can be aimed at forestd instead.
 */
#ifndef SERVE_VERTEX_H
#define SERVE_VERTEX_H

#include "serve/exchange.h"

/* projects.locations.endpoints.predict. The endpoint names the model, or means the only one. */
void vertex_predict(struct exchange *exchange);

/*
 * projects.locations.endpoints.rawPredict: the body as it is, of any format, or, as the generated clients send it (they
 * say so with the parameter $alt), {"httpBody": {"contentType": "text/csv", "data": BASE64}}, answered likewise.
 */
void vertex_raw_begin(struct exchange *exchange);
void vertex_raw_piece(struct exchange *exchange, const void *bytes, size_t size);
bool vertex_raw_finish(struct exchange *exchange);
void vertex_raw_close(struct exchange *exchange);

#endif
