#include "serve/routes.h"

#include "serve/azureml.h"
#include "serve/call.h"
#include "serve/document.h"
#include "serve/events.h"
#include "serve/functions.h"
#include "serve/invocation.h"
#include "serve/kserve.h"
#include "serve/kserve_v2.h"
#include "serve/metrics.h"
#include "serve/openapi.h"
#include "serve/sagemaker.h"
#include "serve/server.h"
#include "serve/vertex.h"
#include <stdio.h>
#include <string.h>

static const char endpoint[] = "/endpoints/{name}/invocations";
static const char google_endpoint[] = "/v1/projects/{project}/locations/{location}/endpoints/{endpoint}:predict";
static const struct platform sagemaker = {"SageMaker", "/invocations", FORM_USUAL, DIALECT_ASKED, NULL, NULL};
static const struct platform service = {"SageMaker Runtime",        endpoint, FORM_SERVICE, DIALECT_ASKED,
                                        sagemaker_service_answered, NULL};
static const struct platform runtime = {"SageMaker Runtime",        endpoint, FORM_USUAL, DIALECT_ASKED,
                                        sagemaker_runtime_answered, &service};
static const struct platform vertex = {"Vertex AI", "/predict", FORM_USUAL, DIALECT_PREDICTIONS, NULL, NULL};
static const struct platform google = {
    "Vertex AI's API", google_endpoint, FORM_GOOGLE, DIALECT_PREDICTIONS, NULL, NULL};
static const struct platform azureml = {"Azure ML", "/score", FORM_MESSAGE, DIALECT_ROWS, azureml_answered, NULL};
static const struct platform functions = {"Azure Functions", "/api/{function}", FORM_USUAL, DIALECT_ASKED, NULL, NULL};
static const struct platform kserve = {
    "KServe", "/v1/models/{model}:predict", FORM_USUAL, DIALECT_PREDICTIONS, kserve_answered, NULL};
static const struct platform inference = {
    "Open Inference Protocol", "/v2/models/{model}/infer", FORM_USUAL, DIALECT_NAMED, NULL, NULL};
static const struct platform lambda = {"AWS Lambda", "/invocations", FORM_USUAL, DIALECT_ASKED, NULL, NULL};
static const struct platform plain = {"HTTP", "/invocations", FORM_USUAL, DIALECT_ASKED, NULL, NULL};

/* Whose words an error is said in where the path does not tell. */
static const struct platform *platform_of(enum mode mode)
{
    switch (mode) {
    case MODE_SAGEMAKER:
        return &sagemaker;
    case MODE_VERTEX:
        return &vertex;
    case MODE_AZUREML:
        return &azureml;
    case MODE_FUNCTIONS:
        return &functions;
    case MODE_KSERVE:
        return &kserve;
    case MODE_LAMBDA:
        return &lambda;
    case MODE_HTTP:
    case MODE_CLOUDRUN:
        break;
    }
    return &plain;
}

enum { READ = METHOD_GET | METHOD_HEAD };

/* Rows that tell something, that predict, and that take a document. */
#define TELL(methods, path, platform, purpose, answer, begin)                                                          \
    {                                                                                                                  \
        methods, path, platform, purpose, NULL, answer, begin, NULL, NULL, NULL, false                                 \
    }
#define PREDICT(path, platform, purpose, answer, begin)                                                                \
    {                                                                                                                  \
        METHOD_POST, path, platform, purpose, "Instances", answer, begin, invocation_piece, invocation_finish,         \
            invocation_close, false                                                                                    \
    }
#define TAKE(path, platform, purpose, question, answer, begin, finish)                                                 \
    {                                                                                                                  \
        METHOD_POST, path, platform, purpose, question, answer, begin, document_piece, finish, document_close, false   \
    }

#define INFER(path, purpose)                                                                                           \
    {                                                                                                                  \
        METHOD_POST, path, &inference, purpose, "InferenceRequest", "InferenceResponse", kserve_v2_infer,              \
            invocation_piece, invocation_finish, invocation_close, false                                               \
    }

static const struct route routes[] = {
    TELL(READ | METHOD_POST, "/ping", &sagemaker, "Is the model ready?", NULL, sagemaker_ping),
    PREDICT("/invocations", &sagemaker, "Predict the rows in the body; MLflow's path as well", "Predictions",
            sagemaker_invoke),
    PREDICT("/endpoints/{name}/invocations", &runtime,
            "Predict, as AWS's SDKs ask; the name is a model's where there are several", "Predictions",
            sagemaker_endpoint),
    TELL(METHOD_GET, "/execution-parameters", &sagemaker, "How to send a batch", "SageMakerBatch",
         sagemaker_parameters),
    TELL(METHOD_GET, "/models", &sagemaker, "Which models are loaded", "SageMakerModels", sagemaker_list),
    TAKE("/models", &sagemaker, "Load a model", "SageMakerLoad", "SageMakerStatus", sagemaker_load_begin,
         sagemaker_load),
    TELL(METHOD_GET, "/models/{name}", &sagemaker, "Is this model loaded?", "SageMakerModel", sagemaker_describe),
    {METHOD_DELETE, "/models/{name}", &sagemaker, "Unload this model", NULL, "SageMakerStatus", sagemaker_unload_begin,
     NULL, sagemaker_unload, NULL, false},
    PREDICT("/models/{name}/invoke", &sagemaker, "Predict with this model", "Predictions", sagemaker_invoke_model),

    TELL(READ, "/health", &vertex, "Is the model ready? $AIP_HEALTH_ROUTE is this too", NULL, sagemaker_ping),
    PREDICT("/predict", &vertex, "Predict the rows in the body; $AIP_PREDICT_ROUTE is this too", "PredictionsOnly",
            invocation_begin),
    TELL(READ, "/v1/endpoints/{endpoint}/deployedModels/{deployed}", &vertex, "Is the model ready?", NULL,
         sagemaker_ping),
    PREDICT("/v1/endpoints/{endpoint}/deployedModels/{deployed}:predict", &vertex, "Predict the rows in the body",
            "PredictionsOnly", invocation_begin),
    PREDICT("/v1/projects/{project}/locations/{location}/endpoints/{endpoint}:predict", &google,
            "Predict, as Google's clients ask; the endpoint names the model where there are several", "PredictionsOnly",
            vertex_predict),
    {METHOD_POST, "/v1/projects/{project}/locations/{location}/endpoints/{endpoint}:rawPredict", &google,
     "Predict a body of any format, as Google's clients ask", "Instances", "PredictionsOnly", vertex_raw_begin,
     vertex_raw_piece, vertex_raw_finish, vertex_raw_close, false},

    {METHOD_POST, "/events", &lambda, "Answer an event that is no HTTP request, as Lambda's web adapter posts it",
     "Document", "Document", events_begin, call_piece, events_finish, call_close, false},
    TELL(READ, "/openapi.json", &plain, "All of this, as OpenAPI 3", "Document", openapi_tell),
    TELL(READ, "/metrics", &plain, "What the server counts, for Prometheus", "Metrics", metrics_tell),
    TELL(READ, "/", &plain, "Is the server alive? Asked by Azure ML, Azure Functions, KServe and load balancers",
         "Alive", kserve_alive),
    PREDICT("/score", &azureml, "Predict the rows in the body", "BarePredictions", azureml_score),
    {METHOD_GET, "/score", &azureml, "Predict the rows in the parameter `data`, in JSON", NULL, "BarePredictions",
     azureml_score_query, NULL, invocation_finish, invocation_close, false},
    TELL(METHOD_GET, "/swagger.json", &azureml, "The model's own schema, in Swagger 2 or, with ?version=3, OpenAPI 3",
         "Document", azureml_swagger),

    TELL(READ, "/v1/models", &kserve, "Which models there are", "KServeModels", kserve_list),
    TELL(READ, "/v1/models/{model}", &kserve, "Is this model ready?", "KServeReady", kserve_ready),
    PREDICT("/v1/models/{model}:predict", &kserve, "Predict the rows in the body", "PredictionsOnly", kserve_predict),
    TELL(READ, "/v1/models/{model}/versions/{version}", &kserve, "Is this version ready? As TensorFlow Serving says it",
         "TensorFlowVersion", kserve_version),
    PREDICT("/v1/models/{model}/versions/{version}:predict", &kserve, "The same with one version", "PredictionsOnly",
            kserve_predict),
    TELL(METHOD_POST, "/v1/models/{model}:explain", &kserve, "Nothing is explained: 501", NULL, kserve_explain),

    TELL(READ, "/v2", &inference, "Which server this is", "InferenceServer", kserve_v2_server),
    TELL(READ, "/v2/health/live", &inference, "Is the server alive?", "InferenceLive", kserve_v2_live),
    TELL(READ, "/v2/health/ready", &inference, "Are the models ready?", "InferenceHealth", kserve_v2_ready),
    TELL(READ, "/v2/models", &inference, "Which models there are", "KServeModels", kserve_list),
    TELL(READ, "/v2/models/{model}", &inference, "The model's inputs and outputs", "InferenceModel", kserve_v2_model),
    TELL(READ, "/v2/models/{model}/versions/{version}", &inference, "The same of one version", "InferenceModel",
         kserve_v2_model),
    TELL(READ, "/v2/models/{model}/ready", &inference, "Is this model ready?", "KServeReady", kserve_v2_model_ready),
    TELL(READ, "/v2/models/{model}/versions/{version}/ready", &inference, "Is this version ready?", "KServeReady",
         kserve_v2_model_ready),
    TELL(READ, "/v2/models/{model}/config", &inference, "The model as Triton describes it", "TritonConfig",
         kserve_v2_config),
    TELL(READ, "/v2/models/{model}/versions/{version}/config", &inference, "The same of one version", "TritonConfig",
         kserve_v2_config),
    TELL(READ, "/v2/models/{model}/stats", &inference, "Statistics are told at /metrics: 501", NULL,
         kserve_v2_statistics),
    TELL(READ, "/v2/models/{model}/versions/{version}/stats", &inference, "Likewise", NULL, kserve_v2_statistics),
    INFER("/v2/models/{model}/infer", "Predict the tensors in the body, in JSON or in Triton's binary form"),
    INFER("/v2/models/{model}/versions/{version}/infer", "The same with one version"),
    {METHOD_POST, "/v2/repository/index", &inference, "Which models there are, and their states", "InferenceIndexAsk",
     "InferenceIndex", document_begin, document_piece, kserve_v2_index, document_close, true},
    {METHOD_POST, "/v2/repository/models/{model}/load", &inference,
     "Load a model that the server began with and that was unloaded", "Document", "InferenceLoaded",
     kserve_v2_load_begin, document_piece, kserve_v2_load, document_close, true},
    {METHOD_POST, "/v2/repository/models/{model}/unload", &inference, "Unload all versions of this model", NULL,
     "InferenceUnloaded", kserve_v2_unload_begin, NULL, kserve_v2_unload, NULL, false},

    PREDICT("/api/{function}", &functions, "Predict the rows in the body: what a custom handler is proxied",
            "Predictions", invocation_begin),
};

/* The route of what Azure Functions' host sends to a custom handler that is not proxied. */
static const struct route envelope = {
    METHOD_POST,      "/{function}",    &functions, "Predict the rows in an invocation's envelope",
    "FunctionCall",   "FunctionResult", call_begin, call_piece,
    functions_finish, call_close,       false};

enum { ROUTES = sizeof routes / sizeof *routes };
_Static_assert((int)ROUTES < (int)METRICS_ROUTES, "each route is counted by itself");

const struct route *route_table(size_t *count)
{
    *count = ROUTES;
    return routes;
}

/* ---- methods ---- */

static const struct {
    enum method method;
    const char *word;
} methods[] = {
    {METHOD_GET, "GET"},     {METHOD_HEAD, "HEAD"},     {METHOD_POST, "POST"},       {METHOD_PUT, "PUT"},
    {METHOD_PATCH, "PATCH"}, {METHOD_DELETE, "DELETE"}, {METHOD_OPTIONS, "OPTIONS"},
};

enum { METHODS = sizeof methods / sizeof *methods };

static enum method method_of_word(const char *word)
{
    for (size_t i = 0; i < METHODS; i++)
        if (strcmp(word, methods[i].word) == 0)
            return methods[i].method;
    return METHOD_OTHER;
}

void methods_each(unsigned set, void (*see)(const char *word, void *context), void *context)
{
    for (size_t i = 0; i < METHODS; i++)
        if (set & methods[i].method)
            see(methods[i].word, context);
}

/* Writes the words of a set of methods as the Allow header lists them. */
static const char *list_methods(unsigned set, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < METHODS; i++)
        if (set & methods[i].method)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", methods[i].word);
    return text;
}

/* ---- what is not there ---- */

/* Letters that a path and a route have in common before the route's first capture. */
static size_t common(const char *pattern, const char *path)
{
    size_t size = 0;
    while (pattern[size] && pattern[size] != '{' && pattern[size] == path[size])
        size++;
    return size;
}

/* How much of the path the best of the routes that take one of `set` begin with. */
static size_t best_common(const char *path, unsigned set)
{
    size_t best = 0;
    for (size_t i = 0; i < ROUTES; i++)
        if ((routes[i].methods & set) && common(routes[i].path, path) > best)
            best = common(routes[i].path, path);
    return best;
}

/* The reply to a path that does not exist names those that begin as it does, in the form of their platform: those that
 * take the method, if there are any. */
static void answer_unknown(struct exchange *exchange)
{
    enum { LEAST = 4, LISTED = 6 };
    static const unsigned any = ~0U;
    size_t best = best_common(exchange->path, any);
    unsigned set = best_common(exchange->path, exchange->method_bit) == best ? exchange->method_bit : any;
    char list[512] = "";
    size_t used = 0;
    size_t listed = 0;
    const struct platform *platform = platform_of(exchange->server->options.mode);
    for (size_t i = 0; best >= LEAST && i < ROUTES && listed < LISTED && used < sizeof list; i++) {
        if (!(routes[i].methods & set) || common(routes[i].path, exchange->path) != best)
            continue;
        if (!listed++)
            platform = routes[i].platform;
        char allow[80];
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s %s", used ? ", " : "",
                                 list_methods(routes[i].methods & ~(unsigned)METHOD_HEAD, allow, sizeof allow),
                                 routes[i].path);
    }
    if (!used)
        (void)snprintf(list, sizeof list, "POST %s", platform->predict);
    exchange->platform = platform->front ? platform->front : platform;
    exchange_fail(exchange, 404, "not_found",
                  "There is nothing at %.200s. There is: %s. GET /openapi.json lists everything.", exchange->path,
                  list);
}

/* Who posts to what only tells something wants a prediction. */
static void answer_wrong_method(struct exchange *exchange, const struct route *near)
{
    bool lost = exchange->method_bit == METHOD_POST && !near->piece;
    exchange_fail(exchange, 405, "method_not_allowed", "%.200s takes %s, not %.40s.%s%s%s", exchange->path,
                  exchange->allow, exchange->method, lost ? " POST " : "", lost ? near->platform->predict : "",
                  lost ? " predicts." : "");
}

static void answer_options(struct exchange *exchange)
{
    exchange_header(exchange, "Access-Control-Allow-Methods", exchange->allow);
    const char *wanted = exchange->carrier->header(exchange, "Access-Control-Request-Headers");
    exchange_header(exchange, "Access-Control-Allow-Headers", wanted ? wanted : "*");
    exchange_header(exchange, "Access-Control-Max-Age", "86400");
    exchange_answer(exchange, 204, NULL);
}

/* ---- search ---- */

/* Whether `path` is what the pattern says. What stands for {name} is captured, as much as fits. */
static bool matches(const char *pattern, const char *path, struct capture *captures, size_t left)
{
    while (*pattern && *pattern == *path && *pattern != '{') {
        pattern++;
        path++;
    }
    if (*pattern != '{')
        return !*pattern && !*path;
    if (!left)
        return false;
    const char *rest = strchr(pattern, '}') + 1;
    for (size_t size = strcspn(path, "/"); size; size--) {
        *captures = (struct capture){path, size};
        if (matches(rest, path + size, captures + 1, left - 1))
            return true;
    }
    return false;
}

/* What a path ends with where it is asked to do something, such as ":predict" of a route; else NULL. */
static const char *verb_of(const char *path)
{
    const char *colon = strrchr(path, ':');
    for (size_t i = 0; colon && i < ROUTES; i++) {
        const char *verb = strrchr(routes[i].path, ':');
        if (verb && strcmp(verb, colon) == 0)
            return colon;
    }
    return NULL;
}

/* The route for `path`; NULL when there is none: `allowed` are then the methods of those that would be it, and `near`
 * is one of them. */
static const struct route *search(struct exchange *exchange, const char *path, unsigned *allowed,
                                  const struct route **near)
{
    const char *verb = verb_of(path);
    for (size_t i = 0; i < ROUTES; i++) {
        if ((verb && !strchr(routes[i].path, ':')) || !matches(routes[i].path, path, exchange->captures, CAPTURES))
            continue;
        if (exchange->method_bit & routes[i].methods)
            return &routes[i];
        *allowed |= routes[i].methods;
        *near = &routes[i];
    }
    return NULL;
}

/* Where a platform chose a path for one of the table's, the table's. Such paths are met as they are, letter by letter.
 */
static const char *table_path(const struct exchange *exchange)
{
    const struct serve_options *options = &exchange->server->options;
    if (options->predict_route && strcmp(exchange->path, options->predict_route) == 0)
        return "/predict";
    if (options->health_route && strcmp(exchange->path, options->health_route) == 0)
        return "/health";
    return exchange->path;
}

static const struct route *find(struct exchange *exchange, unsigned *allowed, const struct route **near)
{
    static const char prefix[] = "/api"; /* what Azure Functions puts before every path */
    const char *path = table_path(exchange);
    const struct route *route = NULL;
    if (strncmp(path, prefix, sizeof prefix - 1) == 0 && path[sizeof prefix - 1] == '/')
        route = search(exchange, path + sizeof prefix - 1, allowed, near);
    if (!route && !*allowed)
        route = search(exchange, path, allowed, near);
    if (!route && !*allowed && exchange->method_bit == METHOD_POST && functions_calls(exchange) &&
        matches(envelope.path, path, exchange->captures, CAPTURES))
        route = &envelope;
    return route;
}

const struct route *route_find(struct exchange *exchange)
{
    unsigned allowed = 0;
    const struct route *near = NULL;
    exchange->method_bit = method_of_word(exchange->method);
    const struct route *route = find(exchange, &allowed, &near);
    if (route) {
        exchange->platform = route->platform;
        return route;
    }
    if (!allowed) {
        answer_unknown(exchange);
        return NULL;
    }
    exchange->platform = near->platform->front ? near->platform->front : near->platform;
    list_methods(allowed | METHOD_OPTIONS, exchange->allow, sizeof exchange->allow);
    exchange_header(exchange, "Allow", exchange->allow);
    if (exchange->method_bit == METHOD_OPTIONS)
        answer_options(exchange);
    else
        answer_wrong_method(exchange, near);
    return NULL;
}
