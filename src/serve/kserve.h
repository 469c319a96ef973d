/*
 * KServe's first protocol: GET /v1/models/NAME and POST /v1/models/NAME:predict, with the sentences that KServe's own
 * server says, and TensorFlow Serving's path for one version of a model.
 */
#ifndef SERVE_KSERVE_H
#define SERVE_KSERVE_H

#include "serve/exchange.h"

/* GET /: {"status": "alive"}, which KServe's client looks for; Azure ML's own server says Healthy. */
void kserve_alive(struct exchange *exchange);

void kserve_list(struct exchange *exchange);
void kserve_ready(struct exchange *exchange);
void kserve_predict(struct exchange *exchange);
void kserve_version(struct exchange *exchange);
void kserve_explain(struct exchange *exchange);

/*
 * The model of this name and version (0 = the highest), if it is there and loaded, for the caller to give back. Else
 * NULL: the exchange is answered.
 */
struct served *kserve_take(struct exchange *exchange, const struct capture *name, uint64_t version);

/* The same for a route whose first capture is a name and whose second, if it has a {version}, is a version. */
struct served *kserve_take_version(struct exchange *exchange);

/* An event in binary form (its attributes are headers, ce-*) is answered by an event. */
void kserve_answered(struct exchange *exchange);

/* Answers with the JSON in the reply's body; where there was no memory to write it, says so. */
void kserve_answer(struct exchange *exchange, bool written);

/* Appends the names of all models, each once, as a JSON array. */
bool kserve_names(struct exchange *exchange);

#endif
