/*
 * KServe's first protocol: GET /v1/models/NAME and POST /v1/models/NAME:predict, with the sentences that KServe's own
 * server says. Headers of CloudEvents (ce-*) are passed over.
 */
#ifndef SERVE_KSERVE_H
#define SERVE_KSERVE_H

#include "serve/exchange.h"

/* GET /: {"status": "alive"}, which KServe's client looks for; Azure ML's own server says Healthy. */
void kserve_alive(struct exchange *exchange);

void kserve_list(struct exchange *exchange);
void kserve_ready(struct exchange *exchange);
void kserve_predict(struct exchange *exchange);
void kserve_explain(struct exchange *exchange);

/*
 * The model of this name and version (0 = the highest), if it is there and loaded, for the caller to give back. Else
 * NULL: the exchange is answered.
 */
struct served *kserve_take(struct exchange *exchange, const struct capture *name, uint64_t version);

/* Answers with the JSON in the reply's body; where there was no memory to write it, says so. */
void kserve_answer(struct exchange *exchange, bool written);

/* Appends the names of all models, each once, as a JSON array. */
bool kserve_names(struct exchange *exchange);

#endif
