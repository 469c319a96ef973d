#include "transport/event_http.h"

#include "observe/text.h"
#include <ctype.h>
#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the carrier ---- */

static const char *text_of(const cJSON *item)
{
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

/* The last of several values, as HTTP APIs that fold them would have it first of all in the later proxies. */
static const char *last_of(const cJSON *list)
{
    int count = cJSON_GetArraySize(list);
    return count ? text_of(cJSON_GetArrayItem(list, count - 1)) : NULL;
}

static const char *find_header(const struct exchange *exchange, const char *name)
{
    const struct carried *carried = (const struct carried *)exchange;
    /* cJSON_GetObjectItem compares without case, as HTTP does. */
    const char *found = text_of(cJSON_GetObjectItem(carried->headers, name));
    if (!found)
        found = last_of(cJSON_GetObjectItem(carried->many, name));
    if (!found && strcasecmp(name, "Content-Type") == 0)
        found = carried->content_type;
    if (!found && strcasecmp(name, "Accept") == 0)
        found = carried->accept;
    return found;
}

static const char *find_parameter(const struct exchange *exchange, const char *name)
{
    const struct carried *carried = (const struct carried *)exchange;
    const char *found = text_of(cJSON_GetObjectItemCaseSensitive(carried->parameters, name));
    return found ? found : last_of(cJSON_GetObjectItemCaseSensitive(carried->many_parameters, name));
}

static const struct carrier carrier = {find_header, find_parameter, NULL, NULL};

/* ---- the request ---- */

static int digit_of(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    letter = (char)(letter | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Decodes %XX in place; what is none stays, and so does a zero byte. */
static void decode_percent(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        int high = *from == '%' ? digit_of(from[1]) : -1;
        int low = high >= 0 ? digit_of(from[2]) : -1;
        if (low >= 0 && (high || low)) {
            *to++ = (char)(high * 16 + low);
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

/* Where the path goes on behind the stage's name, which HTTP APIs leave in front of it. */
static const char *skip_stage(const char *path, const cJSON *context)
{
    const char *stage = text_of(cJSON_GetObjectItemCaseSensitive(context, "stage"));
    if (!stage || !*stage || strcmp(stage, "$default") == 0 || path[0] != '/')
        return path;
    size_t size = strlen(stage);
    if (strncmp(path + 1, stage, size) != 0 || (path[size + 1] != '/' && path[size + 1]))
        return path;
    return path[size + 1] ? path + size + 1 : "/";
}

/* What people put before a function that predicts: its root, or /predict. */
static const char *route_of(const char *path, const char *method)
{
    bool asks = strcmp(method, "POST") == 0 && (strcmp(path, "/") == 0 || strcmp(path, "/predict") == 0);
    return asks ? "/invocations" : path;
}

static bool decode_body(struct carried *carried, const char *text)
{
    size_t size = strlen(text);
    struct base64_decode_ctx context;
    base64_decode_init(&context);
    if (!buffer_reserve(&carried->body, BASE64_DECODE_LENGTH(size) + 1, NULL))
        return false;
    size_t written = 0;
    carried->bad_body =
        !base64_decode_update(&context, &written, carried->body.bytes, size, text) || !base64_decode_final(&context);
    carried->body.size = carried->bad_body ? 0 : written;
    return true;
}

static bool read_body(struct carried *carried, const cJSON *event)
{
    const cJSON *body = cJSON_GetObjectItemCaseSensitive(event, "body");
    const char *text = text_of(body);
    if (text && cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(event, "isBase64Encoded")))
        return decode_body(carried, text);
    if (text)
        return buffer_append(&carried->body, text, strlen(text), NULL);
    if (!cJSON_IsObject(body) && !cJSON_IsArray(body))
        return true;
    /* Consoles and tests hand over a document where the gateways hand over its text. */
    char *printed = cJSON_PrintUnformatted(body);
    bool good = printed && buffer_append(&carried->body, printed, strlen(printed), NULL);
    cJSON_free(printed);
    return good;
}

bool carried_open(struct carried *carried, struct server *server, enum event_dialect dialect, const cJSON *event)
{
    const cJSON *context = cJSON_GetObjectItemCaseSensitive(event, "requestContext");
    const cJSON *http = cJSON_GetObjectItemCaseSensitive(context, "http");
    const char *method = text_of(cJSON_GetObjectItemCaseSensitive(dialect == EVENT_URL ? http : event,
                                                                  dialect == EVENT_URL ? "method" : "httpMethod"));
    const char *path = text_of(cJSON_GetObjectItemCaseSensitive(event, dialect == EVENT_URL ? "rawPath" : "path"));
    *carried = (struct carried){
        .exchange = {.server = server, .carrier = &carrier, .method = method ? method : "GET"},
        .dialect = dialect,
        .headers = cJSON_GetObjectItemCaseSensitive(event, "headers"),
        .many = cJSON_GetObjectItemCaseSensitive(event, "multiValueHeaders"),
        .parameters = cJSON_GetObjectItemCaseSensitive(event, "queryStringParameters"),
        .many_parameters = cJSON_GetObjectItemCaseSensitive(event, "multiValueQueryStringParameters"),
    };
    carried->path = strdup(skip_stage(path ? path : "/", context));
    if (!carried->path || !read_body(carried, event)) {
        carried_close(carried);
        return false;
    }
    if (dialect != EVENT_REST)
        decode_percent(carried->path);
    carried->exchange.path = route_of(carried->path, carried->exchange.method);
    carried->exchange.length = carried->body.size;
    return true;
}

void carried_open_question(struct carried *carried, struct server *server, const void *body, size_t size,
                           const char *content_type)
{
    (void)body;
    *carried = (struct carried){
        .exchange = {.server = server, .carrier = &carrier, .method = "POST", .path = "/invocations", .length = size},
        .content_type = content_type,
        .accept = "application/json",
    };
}

void carried_run(struct carried *carried, const void *body, size_t size)
{
    struct exchange *exchange = &carried->exchange;
    exchange_begin(exchange);
    if (carried->bad_body)
        exchange_fail(exchange, 400, "syntax",
                      "The event says that its body is base64 (isBase64Encoded), and it is not.");
    if (!exchange->answered && size)
        (void)exchange_piece(exchange, body, size);
    if (!exchange->answered)
        (void)exchange_finish(exchange);
}

void carried_close(struct carried *carried)
{
    exchange_close(&carried->exchange);
    buffer_close(&carried->body);
    free(carried->path);
    carried->path = NULL;
}

/* ---- the reply ---- */

static const char *reason_of(unsigned status)
{
    static const struct {
        unsigned status;
        const char *words;
    } reasons[] = {
        {200, "OK"},
        {204, "No Content"},
        {400, "Bad Request"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {413, "Payload Too Large"},
        {415, "Unsupported Media Type"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].words;
    return "";
}

static bool is_text(const char *content_type)
{
    return !content_type || strncmp(content_type, "text/", 5) == 0 || strstr(content_type, "json");
}

static bool write_name(struct buffer *text, const char *name, bool first)
{
    return buffer_print(text, NULL, "%s", first ? "" : ", ") && text_escape(text, name, strlen(name), NULL) &&
           buffer_append(text, ": ", 2, NULL);
}

static bool write_value(struct buffer *text, const char *value, bool many)
{
    return buffer_append(text, "[", many, NULL) && text_escape(text, value, strlen(value), NULL) &&
           buffer_append(text, "]", many, NULL);
}

static bool write_headers(const struct reply *reply, struct buffer *text, bool many)
{
    bool good = buffer_append(text, "{", 1, NULL);
    bool first = true;
    if (good && reply->content_type) {
        good = write_name(text, "Content-Type", first) && write_value(text, reply->content_type, many);
        first = false;
    }
    for (size_t i = 0; good && i < reply->header_count; i++) {
        good = write_name(text, reply->headers[i].name, first) && write_value(text, reply->headers[i].value, many);
        first = false;
    }
    return good && buffer_append(text, "}", 1, NULL);
}

static bool encode_body(const struct buffer *body, struct buffer *text)
{
    size_t size = BASE64_ENCODE_RAW_LENGTH(body->size);
    if (!buffer_append(text, "\"", 1, NULL) || !buffer_reserve(text, size + 1, NULL))
        return false;
    base64_encode_raw((char *)text->bytes + text->size, body->size, body->bytes);
    text->size += size;
    return buffer_append(text, "\"", 1, NULL);
}

bool carried_write(const struct carried *carried, struct buffer *text)
{
    const struct reply *reply = &carried->exchange.reply;
    bool many = carried->dialect == EVENT_BALANCER && carried->many;
    bool plain = is_text(reply->content_type);
    bool good = buffer_print(text, NULL, "{\"statusCode\": %u, ", reply->status);
    if (good && carried->dialect == EVENT_BALANCER)
        good = buffer_print(text, NULL, "\"statusDescription\": \"%u %s\", ", reply->status, reason_of(reply->status));
    good = good && buffer_print(text, NULL, many ? "\"multiValueHeaders\": " : "\"headers\": ") &&
           write_headers(reply, text, many) && buffer_print(text, NULL, ", \"body\": ") &&
           (plain ? text_escape(text, reply->body.size ? (const char *)reply->body.bytes : "", reply->body.size, NULL)
                  : encode_body(&reply->body, text));
    return good && buffer_print(text, NULL, ", \"isBase64Encoded\": %s}", plain ? "false" : "true");
}

bool carried_write_prelude(const struct carried *carried, struct buffer *text)
{
    const struct reply *reply = &carried->exchange.reply;
    return buffer_print(text, NULL, "{\"statusCode\": %u, \"headers\": ", reply->status) &&
           write_headers(reply, text, false) && buffer_append(text, "}", 1, NULL);
}
