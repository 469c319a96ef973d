#include "transport/event.h"

#include "transport/event_http.h"
#include "transport/event_records.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char event_shapes[] = "an HTTP request by API Gateway (REST or HTTP API), a function URL or an Application Load "
                            "Balancer; {\"instances\": [[…]]} or another question as /invocations takes it; Records of "
                            "SQS, SNS, Kinesis or S3; an event of EventBridge; {\"warmup\": true}";

static const double MOST_SLEEP = 10; /* seconds that a warm-up may ask for */

struct task {
    struct server *server;
    const cJSON *event;
    const char *bytes; /* the event's own text */
    size_t size;
    double seconds;
    bool stream;
    struct event_answer *answer;
};

static const cJSON *item(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static bool says(const cJSON *object, const char *name, const char *value)
{
    const cJSON *found = item(object, name);
    return cJSON_IsString(found) && strcmp(found->valuestring, value) == 0;
}

void event_fail(struct event_answer *answer, const char *type, const char *format, ...)
{
    char message[FORESTD_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    event_answer_close(answer);
    answer->failed = true;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "errorMessage", message);
    cJSON_AddStringToObject(object, "errorType", type);
    cJSON_AddArrayToObject(object, "stackTrace");
    char *text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    if (text)
        (void)buffer_append(&answer->body, text, strlen(text), NULL);
    cJSON_free(text);
}

/* ---- requests ---- */

static void answer_http(struct task *task, enum event_dialect dialect)
{
    struct carried carried;
    struct event_answer *answer = task->answer;
    if (!carried_open(&carried, task->server, dialect, task->event)) {
        event_fail(answer, "Forestd.memory", "There is not enough memory for the event.");
        return;
    }
    carried_run(&carried, carried.body.bytes, carried.body.size);
    answer->status = carried.exchange.reply.status;
    bool good = false;
    if (task->stream) {
        good = carried_write_prelude(&carried, &answer->prelude);
        answer->content = carried.exchange.reply.body;
        carried.exchange.reply.body = (struct buffer){.budget = answer->content.budget};
    } else {
        good = carried_write(&carried, &answer->body);
    }
    carried_close(&carried);
    if (!good)
        event_fail(answer, "Forestd.memory", "There is not enough memory for the reply.");
}

static bool is_balancer(const cJSON *event)
{
    return item(item(event, "requestContext"), "elb") != NULL;
}

static void answer_balancer(struct task *task)
{
    answer_http(task, EVENT_BALANCER);
}

static bool is_url(const cJSON *event)
{
    return item(item(item(event, "requestContext"), "http"), "method") != NULL;
}

static void answer_url(struct task *task)
{
    answer_http(task, EVENT_URL);
}

static bool is_rest(const cJSON *event)
{
    return cJSON_IsString(item(event, "httpMethod"));
}

static void answer_rest(struct task *task)
{
    answer_http(task, EVENT_REST);
}

/* ---- warm-up ---- */

static bool is_warmup(const cJSON *event)
{
    return cJSON_IsTrue(item(event, "warmup")) || says(event, "source", "serverless-plugin-warmup") ||
           says(event, "detail-type", "Scheduled Event");
}

/* Several instances are warmed by asking several at once to sleep: none can take another's place meanwhile. */
static void answer_warmup(struct task *task)
{
    const cJSON *sleep = item(task->event, "sleep");
    double seconds = cJSON_IsNumber(sleep) && sleep->valuedouble > 0 ? sleep->valuedouble : 0;
    seconds = fmin(seconds, fmin(MOST_SLEEP, fmax(task->seconds - 1, 0)));
    const struct timespec pause = {(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};
    if (seconds > 0)
        (void)nanosleep(&pause, NULL);
    static const char warmed[] = "{\"statusCode\": 200, \"body\": \"warmed up\"}";
    task->answer->status = 200;
    (void)buffer_append(&task->answer->body, warmed, sizeof warmed - 1, NULL);
}

/* ---- questions ---- */

/* The sentence of an error reply. */
static const char *sentence(const cJSON *reply)
{
    const cJSON *found = item(reply, "error");
    return cJSON_IsString(found) ? found->valuestring : "The question could not be answered.";
}

static void ask(struct task *task, const char *bytes, size_t size)
{
    struct carried carried;
    struct event_answer *answer = task->answer;
    carried_open_question(&carried, task->server, bytes, size, "application/json");
    carried_run(&carried, bytes, size);
    struct buffer *body = &carried.exchange.reply.body;
    answer->status = carried.exchange.reply.status;
    if (answer->status == 200) {
        answer->body = *body;
        *body = (struct buffer){.budget = answer->body.budget};
    } else {
        cJSON *reply = cJSON_ParseWithLength((const char *)body->bytes, body->size);
        const cJSON *word = item(reply, "code");
        char type[64];
        (void)snprintf(type, sizeof type, "Forestd.%.40s", cJSON_IsString(word) ? word->valuestring : "error");
        event_fail(answer, type, "%s", sentence(reply));
        cJSON_Delete(reply);
    }
    carried_close(&carried);
}

static const char *const questions[] = {"instances",         "inputs",  "data", "input_data", "dataframe_split",
                                        "dataframe_records", "features"};
enum { QUESTIONS = sizeof questions / sizeof *questions };

static bool is_question(const cJSON *event)
{
    for (size_t i = 0; i < QUESTIONS; i++)
        if (item(event, questions[i]))
            return true;
    return cJSON_IsArray(event);
}

static void answer_question(struct task *task)
{
    ask(task, task->bytes, task->size);
}

/* ---- batches and buses ---- */

static void answer_unknown(struct task *task)
{
    event_fail(task->answer, "Forestd.UnknownEvent", "This event is of no shape that is known here. These are: %s.",
               event_shapes);
}

static bool is_records(const cJSON *event)
{
    return cJSON_IsArray(item(event, "Records"));
}

static void answer_records(struct task *task)
{
    if (!records_answer(task->server, item(task->event, "Records"), task->answer))
        answer_unknown(task);
}

static bool is_bus(const cJSON *event)
{
    return cJSON_IsString(item(event, "detail-type")) && cJSON_IsObject(item(event, "detail"));
}

/* EventBridge brings the question in `detail`, or tells of an object that holds it. */
static void answer_bus(struct task *task)
{
    const cJSON *detail = item(task->event, "detail");
    if (says(task->event, "source", "aws.s3")) {
        if (!object_answer(task->server, detail, task->answer))
            answer_unknown(task);
        return;
    }
    char *text = cJSON_PrintUnformatted(detail);
    if (text)
        ask(task, text, strlen(text));
    else
        event_fail(task->answer, "Forestd.memory", "There is not enough memory for the event.");
    cJSON_free(text);
}

/* ---- the table ---- */

static const struct {
    const char *name; /* for the log */
    bool (*is)(const cJSON *event);
    void (*answer)(struct task *task);
} shapes[] = {
    {"load balancer", is_balancer, answer_balancer},
    {"HTTP API or function URL", is_url, answer_url},
    {"REST API", is_rest, answer_rest},
    {"warm-up", is_warmup, answer_warmup},
    {"records", is_records, answer_records},
    {"question", is_question, answer_question},
    {"EventBridge", is_bus, answer_bus},
};

/* Most direct questions begin with their rows: these need no document beside the one that is streamed. */
static bool begins_as_question(const char *bytes, size_t size)
{
    static const char first[] = "{\"instances\":";
    char begin[sizeof first] = "";
    size_t used = 0;
    for (size_t i = 0; i < size && used < sizeof first - 1; i++)
        if (!strchr(" \t\r\n", bytes[i]))
            begin[used++] = bytes[i];
    return begin[0] == '[' || memcmp(begin, first, sizeof first - 1) == 0;
}

static void answer_document(struct task *task)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        if (!shapes[i].is(task->event))
            continue;
        task->answer->shape = shapes[i].name;
        shapes[i].answer(task);
        return;
    }
    answer_unknown(task);
}

void event_answer(struct server *server, const char *bytes, size_t size, double seconds, bool stream,
                  struct event_answer *answer)
{
    struct task task = {server, NULL, bytes, size, seconds, stream, answer};
    *answer = (struct event_answer){.shape = "unknown"};
    if (begins_as_question(bytes, size)) {
        answer->shape = "question";
        answer_question(&task);
        return;
    }
    const char *end = NULL;
    cJSON *event = cJSON_ParseWithLengthOpts(bytes, size, &end, false);
    task.event = event;
    if (event)
        answer_document(&task);
    else
        event_fail(answer, "Forestd.syntax", "byte %zu: the event is not JSON. What is understood: %s.",
                   end ? (size_t)(end - bytes) : 0, event_shapes);
    cJSON_Delete(event);
}

void event_serve(struct server *server, const char *bytes, size_t size, struct buffer *body, unsigned *status)
{
    struct event_answer answer;
    /* A warm-up's sleep would hold up other requests: there is no time for it. */
    event_answer(server, bytes, size, 0, false, &answer);
    *status = !answer.failed ? 200 : answer.status >= 400 ? answer.status : 400;
    *body = answer.body;
    answer.body = (struct buffer){0};
    event_answer_close(&answer);
}

void event_answer_close(struct event_answer *answer)
{
    buffer_close(&answer->body);
    buffer_close(&answer->prelude);
    buffer_close(&answer->content);
}
