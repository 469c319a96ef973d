#include "serve/openapi.h"

#include "base/error.h"
#include "serve/routes.h"
#include <stdio.h>
#include <string.h>

/* Statuses that a route may answer with beside 200, each with its meaning; those of bodies where one is read. */
static const struct {
    const char *status;
    const char *meaning;
    bool of_bodies;
} refusals[] = {
    {"400", "The request cannot be read; the message says where and what to do", true},
    {"404", "There is no such model, or no such path", false},
    {"405", "Another method is wanted: Allow names those that are", false},
    {"406", "Accept asks for nothing that is spoken here", true},
    {"408", "The body did not arrive in time", true},
    {"411", "The body's length is not said", true},
    {"413", "The body is larger than is taken", true},
    {"415", "Content-Type or Content-Encoding is not read here", true},
    {"503", "The model is being loaded, or the server is busy: ask again after Retry-After seconds", false},
    {"default", "Another error", false},
};

static const char not_loading[] = "The server loads and unloads nothing: it was not started with --multi-model";
static const char full[] = "There is no room for the model: unload others, then ask again";

/* Those of one path alone, before the ones above; a schema where they are not in the platform's form. */
static const struct particular {
    const char *path;
    const char *status;
    const char *meaning;
    const char *schema;
} particulars[] = {
    {"/endpoints/{name}/invocations", "400", "There is no such endpoint or model", "ServiceError"},
    {"/endpoints/{name}/invocations", "424", "The model's own error, with its status and message", "ModelError"},
    {"/models", "403", not_loading, NULL},
    {"/models", "409", "There is a model of this name already", NULL},
    {"/models", "507", full, NULL},
    {"/models/{name}", "403", not_loading, NULL},
    {"/score", "400", "The rows cannot be read; the message says where and what to do", NULL},
    {"/score", "406", "Accept asks for nothing that is spoken here", NULL},
    {"/score", "431", "An id is longer than 100 characters", NULL},
    {"/swagger.json", "400", "There is no such version of the format", NULL},
    {"/v1/models/{model}:explain", "501", "Always: trees are not explained here", NULL},
    {"/v2/models/{model}/stats", "501", "Always: GET /metrics tells them", NULL},
    {"/v2/models/{model}/versions/{version}/stats", "501", "Always: GET /metrics tells them", NULL},
    {"/v2/repository/models/{model}/load", "403", not_loading, NULL},
    {"/v2/repository/models/{model}/load", "507", full, NULL},
    {"/v2/repository/models/{model}/unload", "403", not_loading, NULL},
};

static cJSON *reference(const char *name)
{
    char place[80];
    cJSON *schema = cJSON_CreateObject();
    (void)snprintf(place, sizeof place, "#/components/schemas/%s", name);
    cJSON_AddStringToObject(schema, "$ref", place);
    return schema;
}

static void add_content(cJSON *content, const char *type, cJSON *schema)
{
    cJSON_AddItemToObject(cJSON_AddObjectToObject(content, type), "schema", schema);
}

/* Bytes in another form than JSON. */
static cJSON *text_schema(bool binary)
{
    cJSON *schema = cJSON_CreateObject();
    cJSON_AddStringToObject(schema, "type", "string");
    if (binary)
        cJSON_AddStringToObject(schema, "format", "binary");
    return schema;
}

static const struct particular *particular_of(const struct route *route, const char *status)
{
    for (size_t i = 0; i < sizeof particulars / sizeof *particulars; i++)
        if (strcmp(particulars[i].path, route->path) == 0 && strcmp(particulars[i].status, status) == 0)
            return &particulars[i];
    return NULL;
}

static bool is_predicting(const struct route *route)
{
    return route->question && strcmp(route->question, "Instances") == 0;
}

static void add_question(cJSON *operation, const struct route *route)
{
    cJSON *body = cJSON_AddObjectToObject(operation, "requestBody");
    cJSON *content = cJSON_AddObjectToObject(body, "content");
    cJSON_AddBoolToObject(body, "required", !route->may_be_empty);
    add_content(content, "application/json", reference(route->question));
    if (strcmp(route->question, "InferenceRequest") == 0)
        add_content(content, "application/octet-stream", text_schema(true));
    if (!is_predicting(route))
        return;
    static const char *const texts[] = {"application/jsonlines", "text/csv", "text/libsvm"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_content(content, texts[i], text_schema(false));
    add_content(content, "application/x-npy", text_schema(true));
    add_content(content, "application/x-recordio-protobuf", text_schema(true));
}

static void add_answer(cJSON *answers, const struct route *route)
{
    if (particular_of(route, "501"))
        return;
    cJSON *good = cJSON_AddObjectToObject(answers, "200");
    cJSON_AddStringToObject(good, "description", route->purpose);
    if (!route->answer)
        return;
    cJSON *content = cJSON_AddObjectToObject(good, "content");
    if (strcmp(route->answer, "Metrics") == 0) {
        add_content(content, "text/plain", reference(route->answer));
        return;
    }
    add_content(content, "application/json", reference(route->answer));
    if (strcmp(route->answer, "Alive") == 0)
        add_content(content, "text/plain", text_schema(false));
    if (strcmp(route->answer, "InferenceResponse") == 0)
        add_content(content, "application/octet-stream", text_schema(true));
    if (!is_predicting(route))
        return;
    add_content(content, "application/jsonlines", text_schema(false));
    add_content(content, "text/csv", text_schema(false));
    add_content(content, "application/x-npy", text_schema(true));
}

static const char *error_name(enum form form)
{
    switch (form) {
    case FORM_USUAL:
        break;
    case FORM_GOOGLE:
        return "ErrorOfGoogle";
    case FORM_MESSAGE:
        return "ErrorMessage";
    case FORM_SERVICE:
        return "ServiceError";
    }
    return "Error";
}

static void add_refusal(cJSON *answers, const char *status, const char *meaning, const char *schema)
{
    cJSON *answer = cJSON_AddObjectToObject(answers, status);
    cJSON_AddStringToObject(answer, "description", meaning);
    add_content(cJSON_AddObjectToObject(answer, "content"), "application/json", reference(schema));
}

/* Whether another route's refusals are this one's as well: some always refuse, and a service has errors of its own. */
static bool is_usual(const struct route *route, const char *status)
{
    bool own = particular_of(route, "501") || route->platform->front;
    return !own || strcmp(status, "405") == 0 || strcmp(status, "default") == 0;
}

static void add_refusals(cJSON *answers, const struct route *route)
{
    const struct platform *platform = route->platform;
    const char *usual = error_name(platform->form);
    const char *front = platform->front ? error_name(platform->front->form) : usual;
    for (size_t i = 0; i < sizeof particulars / sizeof *particulars; i++)
        if (strcmp(particulars[i].path, route->path) == 0)
            add_refusal(answers, particulars[i].status, particulars[i].meaning,
                        particulars[i].schema ? particulars[i].schema : usual);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        bool possible = !refusals[i].of_bodies || route->piece || strchr(route->path, '{');
        if (possible && is_usual(route, refusals[i].status) && !particular_of(route, refusals[i].status))
            add_refusal(answers, refusals[i].status, refusals[i].meaning,
                        strcmp(refusals[i].status, "405") == 0 ? front : usual);
    }
}

static void add_parameters(cJSON *operation, const struct route *route)
{
    if (!strchr(route->path, '{') && !is_predicting(route))
        return;
    cJSON *parameters = cJSON_AddArrayToObject(operation, "parameters");
    for (const char *at = strchr(route->path, '{'); at; at = strchr(at + 1, '{')) {
        char name[40];
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 1, "}"), at + 1);
        cJSON *parameter = cJSON_CreateObject();
        cJSON_AddStringToObject(parameter, "name", name);
        cJSON_AddStringToObject(parameter, "in", "path");
        cJSON_AddTrueToObject(parameter, "required");
        cJSON_AddItemToObject(parameter, "schema", text_schema(false));
        cJSON_AddItemToArray(parameters, parameter);
    }
    if (!is_predicting(route))
        return;
    cJSON *output = cJSON_CreateObject();
    cJSON_AddStringToObject(output, "name", "output");
    cJSON_AddStringToObject(output, "in", "query");
    cJSON_AddStringToObject(output, "description", "predictions, probabilities, or both with a comma between");
    cJSON *words = text_schema(false);
    cJSON_AddStringToObject(words, "pattern", "^(predictions|probabilities)(,(predictions|probabilities))?$");
    cJSON_AddItemToObject(output, "schema", words);
    cJSON_AddItemToArray(parameters, output);
}

struct adding {
    cJSON *path;
    const struct route *route;
};

static void add_operation(const char *word, void *context)
{
    const struct adding *adding = context;
    const struct route *route = adding->route;
    char name[160];
    size_t size = 0;
    for (const char *at = word; *at && size < sizeof name - 1; at++)
        name[size++] = (char)(*at | 32); /* methods are capital letters */
    for (const char *at = route->path; *at && size < sizeof name - 1; at++) {
        name[size] = *at;
        if (strchr("/:.{", *at))
            name[size] = '_';
        size += *at != '}';
    }
    name[size] = '\0';
    char method[8];
    (void)snprintf(method, sizeof method, "%.*s", (int)strlen(word), name);
    cJSON *operation = cJSON_AddObjectToObject(adding->path, method);
    cJSON_AddStringToObject(operation, "operationId", name);
    cJSON_AddStringToObject(operation, "summary", route->purpose);
    cJSON *tags = cJSON_AddArrayToObject(operation, "tags");
    cJSON_AddItemToArray(tags, cJSON_CreateString(route->platform->name));
    add_parameters(operation, route);
    if (route->question)
        add_question(operation, route);
    cJSON *answers = cJSON_AddObjectToObject(operation, "responses");
    add_answer(answers, route);
    add_refusals(answers, route);
}

static void add_route(cJSON *paths, const struct route *route)
{
    cJSON *path = cJSON_GetObjectItemCaseSensitive(paths, route->path);
    struct adding adding = {path ? path : cJSON_AddObjectToObject(paths, route->path), route};
    methods_each(route->methods, add_operation, &adding);
}

static cJSON *make_document(void)
{
    size_t count;
    const struct route *table = route_table(&count);
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "openapi", "3.0.3");
    cJSON *about = cJSON_AddObjectToObject(document, "info");
    cJSON_AddStringToObject(about, "title", "forestd");
    cJSON_AddStringToObject(about, "version", FORESTD_VERSION);
    cJSON_AddStringToObject(about, "description",
                            "Predictions of scikit-learn's tree ensembles, on the paths of every platform at once.");
    cJSON *paths = cJSON_AddObjectToObject(document, "paths");
    for (size_t i = 0; i < count; i++)
        add_route(paths, &table[i]);
    cJSON *schemas = openapi_schemas();
    if (!schemas || !cJSON_AddItemToObject(cJSON_AddObjectToObject(document, "components"), "schemas", schemas)) {
        cJSON_Delete(schemas);
        cJSON_Delete(document);
        return NULL;
    }
    return document;
}

void openapi_tell(struct exchange *exchange)
{
    struct forestd_error error;
    cJSON *document = make_document();
    char *text = document ? cJSON_PrintUnformatted(document) : NULL;
    cJSON_Delete(document);
    bool good = text && buffer_append(&exchange->reply.body, text, strlen(text), NULL);
    cJSON_free(text);
    if (good) {
        exchange_answer(exchange, 200, "application/json");
        return;
    }
    error_memory(&error, 0, "the document");
    exchange_error(exchange, &error);
}
