/*
 * The description of /score: what rows of the loaded model are made of, and what is predicted. Swagger 2.0 is what
 * Azure's tools ask for; 3 is OpenAPI's.
 */
#include "serve/azureml.h"

#include "base/error.h"
#include "serve/server.h"
#include <cjson/cJSON.h>
#include <string.h>

static cJSON *object(cJSON *parent, const char *name)
{
    return cJSON_AddObjectToObject(parent, name);
}

static void add_text(cJSON *parent, const char *name, const char *text)
{
    (void)cJSON_AddStringToObject(parent, name, text);
}

static cJSON *typed(const char *type)
{
    cJSON *schema = cJSON_CreateObject();
    add_text(schema, "type", type);
    return schema;
}

static cJSON *array_of(cJSON *items)
{
    cJSON *schema = typed("array");
    cJSON_AddItemToObject(schema, "items", items);
    return schema;
}

static cJSON *sized_array(cJSON *items, size_t size)
{
    cJSON *schema = array_of(items);
    (void)cJSON_AddNumberToObject(schema, "minItems", (double)size);
    (void)cJSON_AddNumberToObject(schema, "maxItems", (double)size);
    return schema;
}

static cJSON *cell(void)
{
    cJSON *schema = typed("number");
    add_text(schema, "format", "float");
    return schema;
}

static cJSON *row_by_name(const struct forest *forest)
{
    cJSON *schema = typed("object");
    cJSON *required = cJSON_AddArrayToObject(schema, "required");
    cJSON *properties = object(schema, "properties");
    for (size_t i = 0; i < forest->features; i++) {
        cJSON_AddItemToArray(required, cJSON_CreateString(forest->names[i]));
        cJSON_AddItemToObject(properties, forest->names[i], cell());
    }
    return schema;
}

static cJSON *example_row(const struct forest *forest)
{
    cJSON *row = forest->names ? cJSON_CreateObject() : cJSON_CreateArray();
    for (size_t i = 0; i < forest->features; i++) {
        if (forest->names)
            (void)cJSON_AddNumberToObject(row, forest->names[i], 0.5);
        else
            cJSON_AddItemToArray(row, cJSON_CreateNumber(0.5));
    }
    return row;
}

/* Swagger 2 knows no alternatives: it has the form that tells most. */
static cJSON *input(const struct forest *forest, bool alternatives)
{
    cJSON *schema = typed("object");
    cJSON *required = cJSON_AddArrayToObject(schema, "required");
    cJSON_AddItemToArray(required, cJSON_CreateString("data"));
    cJSON *row = forest->names ? row_by_name(forest) : sized_array(cell(), forest->features);
    if (alternatives && forest->names) {
        cJSON *either = cJSON_CreateObject();
        cJSON *list = cJSON_AddArrayToObject(either, "oneOf");
        cJSON_AddItemToArray(list, row);
        cJSON_AddItemToArray(list, sized_array(cell(), forest->features));
        row = either;
    }
    cJSON_AddItemToObject(object(schema, "properties"), "data", array_of(row));
    cJSON *rows = cJSON_AddArrayToObject(object(schema, "example"), "data");
    cJSON_AddItemToArray(rows, example_row(forest));
    return schema;
}

static const char *type_of(const struct forest *forest, size_t output)
{
    if (forest->task == FORESTD_REGRESSOR)
        return "number";
    switch (forest->labels[output][0].kind) {
    case FORESTD_INTEGER:
    case FORESTD_UNSIGNED:
        return "integer";
    case FORESTD_REAL:
        return "number";
    case FORESTD_BOOLEAN:
        return "boolean";
    case FORESTD_TEXT:
        break;
    }
    return "string";
}

static cJSON *output(const struct forest *forest)
{
    cJSON *one = typed(type_of(forest, 0));
    return array_of(forest->outputs == 1 ? one : sized_array(one, forest->outputs));
}

static cJSON *error(void)
{
    cJSON *schema = typed("object");
    cJSON_AddItemToObject(object(schema, "properties"), "message", typed("string"));
    return schema;
}

/* ---- the two versions ---- */

static void add_reference(cJSON *parent, const char *name, const char *place, const char *schema)
{
    char text[64] = "#/";
    strncat(text, place, sizeof text - strlen(text) - 1);
    strncat(text, schema, sizeof text - strlen(text) - 1);
    add_text(object(parent, name), "$ref", text);
}

static void add_answer(cJSON *responses, const char *status, const char *description, const char *schema, bool third)
{
    cJSON *answer = object(responses, status);
    add_text(answer, "description", description);
    if (third)
        add_reference(object(object(answer, "content"), "application/json"), "schema", "components/schemas/", schema);
    else
        add_reference(answer, "schema", "definitions/", schema);
}

static void add_operation(cJSON *paths, bool third)
{
    cJSON *health = object(object(paths, "/"), "get");
    add_text(health, "operationId", "ServiceHealthCheck");
    add_text(object(object(health, "responses"), "200"), "description", "The server is alive");
    cJSON *score = object(object(paths, "/score"), "post");
    add_text(score, "operationId", "RunMLService");
    add_text(score, "description", "Predicts the rows in the body");
    if (third) {
        cJSON *body = object(score, "requestBody");
        (void)cJSON_AddTrueToObject(body, "required");
        add_reference(object(object(body, "content"), "application/json"), "schema", "components/schemas/",
                      "ServiceInput");
    } else {
        cJSON *parameter = cJSON_CreateObject();
        add_text(parameter, "name", "serviceInputPayload");
        add_text(parameter, "in", "body");
        (void)cJSON_AddTrueToObject(parameter, "required");
        add_reference(parameter, "schema", "definitions/", "ServiceInput");
        cJSON_AddItemToArray(cJSON_AddArrayToObject(score, "parameters"), parameter);
    }
    cJSON *responses = object(score, "responses");
    add_answer(responses, "200", "A prediction for each row", "ServiceOutput", third);
    add_answer(responses, "default", "The request could not be answered", "ErrorResponse", third);
}

static cJSON *describe(const struct served *served, bool third)
{
    const struct forest *forest = served_model(served)->forest;
    cJSON *document = cJSON_CreateObject();
    add_text(document, third ? "openapi" : "swagger", third ? "3.0.3" : "2.0");
    cJSON *about = object(document, "info");
    add_text(about, "title", served_name(served));
    add_text(about, "description", forest->estimator);
    add_text(about, "version", forest->version);
    if (!third) {
        cJSON_AddItemToArray(cJSON_AddArrayToObject(document, "consumes"), cJSON_CreateString("application/json"));
        cJSON_AddItemToArray(cJSON_AddArrayToObject(document, "produces"), cJSON_CreateString("application/json"));
    }
    add_operation(object(document, "paths"), third);
    cJSON *schemas = third ? object(object(document, "components"), "schemas") : object(document, "definitions");
    cJSON_AddItemToObject(schemas, "ServiceInput", input(forest, third));
    cJSON_AddItemToObject(schemas, "ServiceOutput", output(forest));
    cJSON_AddItemToObject(schemas, "ErrorResponse", error());
    return document;
}

void azureml_swagger(struct exchange *exchange)
{
    const char *version = exchange->carrier->parameter(exchange, "version");
    bool third = version && version[0] == '3';
    struct forestd_error problem;
    if (version && *version && strcmp(version, "2") != 0 && strcmp(version, "2.0") != 0 && strcmp(version, "3") != 0 &&
        strcmp(version, "3.0") != 0 && strcmp(version, "3.1") != 0) {
        exchange_fail(exchange, 404, "not_found", "Swagger version [%.20s] is not valid. Supported versions: [2, 3].",
                      version);
        return;
    }
    struct served *served = store_take(exchange->server->store, "", 0, 0, &problem);
    if (!served) {
        exchange_error(exchange, &problem);
        return;
    }
    if (served_state(served) != SERVER_READY) {
        exchange_fail(exchange, 503, "loading", "The model is not loaded.");
        store_give_back(served);
        return;
    }
    cJSON *document = describe(served, third);
    char *text = cJSON_PrintUnformatted(document);
    if (text && buffer_append(&exchange->reply.body, text, strlen(text), &problem))
        exchange_answer(exchange, 200, "application/json");
    else
        exchange_fail(exchange, 503, forestd_code_word(FORESTD_MEMORY), "There is no memory for the answer.");
    cJSON_free(text);
    cJSON_Delete(document);
    store_give_back(served);
}
