/*
 * KServe's second protocol, the Open Inference Protocol, as MLServer and Triton speak it over HTTP too:
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 * The tensors of bodies are those of codec/tensor.h; binary ones come and go with Inference-Header-Content-Length.
 * Content-Type and Accept are passed over: Triton's client sends neither.
 */
#ifndef SERVE_KSERVE_V2_H
#define SERVE_KSERVE_V2_H

#include "serve/exchange.h"

void kserve_v2_server(struct exchange *exchange);
void kserve_v2_live(struct exchange *exchange);
void kserve_v2_ready(struct exchange *exchange);
void kserve_v2_model(struct exchange *exchange);
void kserve_v2_model_ready(struct exchange *exchange);

/* Triton's extensions that tell of a model: its configuration, and its statistics, for which 501 names /metrics. */
void kserve_v2_config(struct exchange *exchange);
void kserve_v2_statistics(struct exchange *exchange);

/* Begins an invocation. */
void kserve_v2_infer(struct exchange *exchange);

/* Triton's extension for repositories: only where clients may load models. */
bool kserve_v2_index(struct exchange *exchange);
void kserve_v2_load_begin(struct exchange *exchange);
bool kserve_v2_load(struct exchange *exchange);
void kserve_v2_unload_begin(struct exchange *exchange);
bool kserve_v2_unload(struct exchange *exchange);

#endif
