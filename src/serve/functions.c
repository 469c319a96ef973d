#include "serve/functions.h"

#include "base/error.h"
#include "observe/text.h"
#include "serve/call.h"
#include "serve/server.h"
#include <string.h>

bool functions_calls(const struct exchange *exchange)
{
    return exchange->server->options.mode == MODE_FUNCTIONS ||
           exchange->carrier->header(exchange, "X-Azure-Functions-InvocationId");
}

/* What stands in an HTTP trigger's envelope, or NULL: its name is chosen in function.json. */
static const cJSON *find_request(const cJSON *data)
{
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, data)
    {
        if (cJSON_HasObjectItem(member, "Url") || cJSON_HasObjectItem(member, "Body") ||
            cJSON_HasObjectItem(member, "Method"))
            return member;
    }
    return NULL;
}

static bool is_timer(const cJSON *data)
{
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, data)
    {
        if (cJSON_HasObjectItem(member, "IsPastDue") || cJSON_HasObjectItem(member, "Schedule") ||
            cJSON_HasObjectItem(member, "ScheduleStatus"))
            return true;
    }
    return false;
}

static void answer_written(struct exchange *exchange, bool written)
{
    struct forestd_error error;
    if (written) {
        exchange_answer(exchange, 200, "application/json");
        return;
    }
    error_memory(&error, exchange->reply.body.size, "the answer");
    exchange_error(exchange, &error);
}

static void answer_timer(struct exchange *exchange)
{
    static const char text[] = "{\"Outputs\": {}, \"Logs\": [\"forestd is awake\"], \"ReturnValue\": null}\n";
    answer_written(exchange, buffer_append(&exchange->reply.body, text, sizeof text - 1, NULL));
}

/* Wraps the inner reply. A body that is no text cannot stand in JSON. */
static void wrap(struct exchange *exchange, const struct reply *reply)
{
    static const char no_text[] =
        "{\"error\": \"Azure Functions carries texts: ask for application/json or text/csv.\"}";
    struct buffer *body = &exchange->reply.body;
    bool text = !reply->content_type || strcmp(reply->content_type, "application/x-npy") != 0;
    const char *bytes = text ? (const char *)reply->body.bytes : no_text;
    size_t size = text ? reply->body.size : sizeof no_text - 1;
    body->budget = &exchange->server->memory;
    bool good = buffer_print(body, NULL,
                             "{\"Outputs\": {\"res\": {\"statusCode\": %u, \"body\": ", text ? reply->status : 406) &&
                text_escape(body, bytes ? bytes : "", size, NULL) && buffer_print(body, NULL, ", \"headers\": {");
    if (reply->content_type)
        good = good &&
               buffer_print(body, NULL, "\"Content-Type\": \"%s\"", text ? reply->content_type : "application/json");
    for (size_t i = 0; good && i < reply->header_count; i++) {
        const struct reply_header *header = &reply->headers[i];
        good = buffer_print(body, NULL, "%s\"%s\": ", i || reply->content_type ? ", " : "", header->name) &&
               text_escape(body, header->value, strlen(header->value), NULL);
    }
    answer_written(exchange, good && buffer_print(body, NULL, "}}}, \"Logs\": [], \"ReturnValue\": null}\n"));
}

/* The path of an address, without the query: "https://host/api/score?x=1" is "/api/score". */
static void path_of(const char *address, char *path, size_t size)
{
    const char *host = strstr(address, "://");
    const char *begin = host ? strchr(host + 3, '/') : address;
    size_t length = begin ? strcspn(begin, "?#") : 0;
    if (!length || length >= size || begin[0] != '/') {
        (void)memcpy(path, "/", 2);
        return;
    }
    memcpy(path, begin, length);
    path[length] = '\0';
}

static void answer_request(struct exchange *exchange, const cJSON *request)
{
    enum { LONGEST = 1024 };
    static const char predict[] = "/invocations";
    const cJSON *body = cJSON_GetObjectItem(request, "Body");
    const char *address = cJSON_GetStringValue(cJSON_GetObjectItem(request, "Url"));
    const char *method = cJSON_GetStringValue(cJSON_GetObjectItem(request, "Method"));
    char *printed = body && !cJSON_IsString(body) && !cJSON_IsNull(body) ? cJSON_PrintUnformatted(body) : NULL;
    const char *text = printed ? printed : cJSON_GetStringValue(body);
    size_t size = text ? strlen(text) : 0;
    char path[LONGEST];
    path_of(address ? address : predict, path, sizeof path);
    struct inner inner = {.headers = cJSON_GetObjectItem(request, "Headers"),
                          .parameters = cJSON_GetObjectItem(request, "Query")};
    inner_run(&inner, exchange->server, method ? method : "POST", path, text, size);
    /* A function's path is its own affair: what is posted to one that means nothing here is predicted. */
    if (!inner.exchange.route && inner.exchange.reply.status == 404 && size) {
        inner_close(&inner);
        inner_run(&inner, exchange->server, "POST", predict, text, size);
    }
    exchange->rows = inner.exchange.rows;
    wrap(exchange, &inner.exchange.reply);
    inner_close(&inner);
    cJSON_free(printed);
}

static void answer(struct exchange *exchange, struct buffer *text)
{
    cJSON *document = call_document(exchange, text);
    if (!document)
        return;
    const cJSON *data = cJSON_GetObjectItem(document, "Data");
    const cJSON *request = data ? find_request(data) : NULL;
    if (request)
        answer_request(exchange, request);
    else if (data && is_timer(data))
        answer_timer(exchange);
    else if (data)
        exchange_fail(exchange, 400, "unsupported",
                      "Only functions with an HTTP or a timer trigger are answered: there is no request in Data.");
    else
        exchange_fail(exchange, 400, "bad_syntax",
                      "This is no invocation of Azure Functions: it has no member Data. POST /api/FUNCTION predicts.");
    cJSON_Delete(document);
}

bool functions_finish(struct exchange *exchange)
{
    return call_finish(exchange, answer);
}
