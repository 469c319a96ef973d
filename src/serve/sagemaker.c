#include "serve/sagemaker.h"

#include "serve/invocation.h"
#include "serve/server.h"

static const char attributes[] = "X-Amzn-SageMaker-Custom-Attributes";

void sagemaker_ping(struct exchange *exchange)
{
    enum server_state state = store_state(exchange->server->store);
    if (state == SERVER_READY) {
        exchange_answer(exchange, 200, NULL);
        return;
    }
    exchange_header(exchange, "Retry-After", "1");
    if (state == SERVER_LOADING)
        exchange_fail(exchange, 503, "loading", "The model is being loaded.");
    else
        exchange_fail(exchange, 503, "failed", "The model could not be loaded: the log says why.");
}

void sagemaker_echo(struct exchange *exchange)
{
    exchange_header(exchange, attributes, exchange->carrier->header(exchange, attributes));
}

void sagemaker_invoke(struct exchange *exchange)
{
    sagemaker_echo(exchange);
    invocation_begin(exchange);
}
