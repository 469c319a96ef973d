#include "transport/event_records.h"

#include "observe/text.h"
#include "storage/storage.h"
#include "transport/event_http.h"
#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct results {
    struct server *server;
    struct buffer list;
    struct buffer failures;
    size_t count;
    bool reports; /* the source takes back what failed */
    unsigned worst;
    bool memory; /* there was not enough */
};

static const cJSON *item(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text(const cJSON *object, const char *name)
{
    const cJSON *found = item(object, name);
    return cJSON_IsString(found) ? found->valuestring : "";
}

static bool write_pair(struct buffer *list, const char *before, const char *value, const char *after)
{
    return buffer_print(list, NULL, "%s", before) && text_escape(list, value, strlen(value), NULL) &&
           buffer_print(list, NULL, "%s", after);
}

/* `body` is the JSON text of an answer, or of an error. */
static void add(struct results *results, const char *id, unsigned status, const struct buffer *body)
{
    size_t size = body->size;
    while (size && body->bytes[size - 1] == '\n')
        size--;
    bool good = write_pair(&results->list, results->count++ ? ", {\"id\": " : "{\"id\": ", id, "") &&
                buffer_print(&results->list, NULL, ", \"statusCode\": %u, \"answer\": ", status) &&
                (size ? buffer_append(&results->list, body->bytes, size, NULL)
                      : buffer_append(&results->list, "null", 4, NULL)) &&
                buffer_append(&results->list, "}", 1, NULL);
    if (status >= 400)
        good =
            good && write_pair(&results->failures,
                               results->failures.size ? ", {\"itemIdentifier\": " : "{\"itemIdentifier\": ", id, "}");
    results->worst = status > results->worst ? status : results->worst;
    results->memory = results->memory || !good;
}

static void add_error(struct results *results, const char *id, unsigned status, const char *message)
{
    struct buffer body = {0};
    if (write_pair(&body, "{\"error\": ", message, "}"))
        add(results, id, status, &body);
    buffer_close(&body);
}

static void ask(struct results *results, const char *id, const void *body, size_t size, const char *content_type)
{
    struct carried carried;
    carried_open_question(&carried, results->server, body, size, content_type);
    carried_run(&carried, body, size);
    add(results, id, carried.exchange.reply.status, &carried.exchange.reply.body);
    carried_close(&carried);
}

static void ask_text(struct results *results, const char *id, const char *body)
{
    ask(results, id, body, strlen(body), "application/json");
}

/* ---- files ---- */

/* The rows' format by the ending of the file's name. */
static const char *type_of(const char *key)
{
    static const struct {
        const char *ending;
        const char *type;
    } types[] = {{".json", "application/json"}, {".jsonl", "application/jsonlines"}, {".npy", "application/x-npy"}};
    const char *ending = strrchr(key, '.');
    for (size_t i = 0; ending && i < sizeof types / sizeof *types; i++)
        if (strcmp(ending, types[i].ending) == 0)
            return types[i].type;
    return "text/csv";
}

static void ask_object(struct results *results, const char *bucket, const char *key)
{
    char *address = NULL;
    struct artifact artifact;
    struct forestd_error error;
    const struct forestd_fetching *fetching = &results->server->options.fetching;
    const struct storage_options options = {.cache = fetching->cache, .seconds = fetching->seconds};
    if (asprintf(&address, "s3://%s/%s", bucket, key) < 0)
        return;
    if (storage_fetch(address, &options, &artifact, &error)) {
        ask(results, address, artifact.bytes, artifact.size, type_of(key));
        artifact_close(&artifact);
    } else {
        add_error(results, address, 502, error.message);
    }
    free(address);
}

/* Notifications have keys as forms do: + is a space, %XX any byte. */
static void decode_form(char *key)
{
    char *to = key;
    for (const char *from = key; *from; from++) {
        char digits[3] = "";
        char *end = digits;
        if (*from == '%')
            (void)snprintf(digits, sizeof digits, "%s", from + 1);
        long code = strtol(digits, &end, 16);
        if (end == digits + 2 && code) {
            *to++ = (char)code;
            from += 2;
        } else {
            *to++ = (char)(*from == '+' ? ' ' : *from);
        }
    }
    *to = '\0';
}

static void ask_notified(struct results *results, const cJSON *record)
{
    const cJSON *s3 = item(record, "s3");
    const char *bucket = text(item(s3, "bucket"), "name");
    char *key = strdup(text(item(s3, "object"), "key"));
    if (!key)
        return;
    decode_form(key);
    if (*bucket && *key)
        ask_object(results, bucket, key);
    else
        add_error(results, "", 400, "This record of aws:s3 names no s3.bucket.name and s3.object.key.");
    free(key);
}

/* ---- streams ---- */

static void ask_encoded(struct results *results, const char *id, const char *data)
{
    size_t size = strlen(data);
    size_t written = 0;
    struct base64_decode_ctx context;
    uint8_t *bytes = malloc(BASE64_DECODE_LENGTH(size) + 1);
    base64_decode_init(&context);
    if (bytes && base64_decode_update(&context, &written, bytes, size, data) && base64_decode_final(&context))
        ask(results, id, bytes, written, "application/json");
    else
        add_error(results, id, 400, "The data of this record is not base64.");
    free(bytes);
}

/* ---- records ---- */

static bool add_record(struct results *results, const cJSON *record)
{
    const char *source = text(record, "eventSource");
    if (!*source)
        source = text(record, "EventSource");
    if (strcmp(source, "aws:sqs") == 0) {
        results->reports = true;
        ask_text(results, text(record, "messageId"), text(record, "body"));
    } else if (strcmp(source, "aws:sns") == 0) {
        ask_text(results, text(item(record, "Sns"), "MessageId"), text(item(record, "Sns"), "Message"));
    } else if (strcmp(source, "aws:s3") == 0) {
        ask_notified(results, record);
    } else if (strcmp(source, "aws:kinesis") == 0) {
        results->reports = true;
        ask_encoded(results, text(item(record, "kinesis"), "sequenceNumber"), text(item(record, "kinesis"), "data"));
    } else {
        return false;
    }
    return true;
}

static void write_results(struct results *results, struct event_answer *answer)
{
    bool good = !results->memory && buffer_print(&answer->body, NULL, "{\"results\": [") &&
                buffer_append(&answer->body, results->list.bytes, results->list.size, NULL) &&
                buffer_append(&answer->body, "]", 1, NULL);
    if (good && results->reports)
        good = buffer_print(&answer->body, NULL, ", \"batchItemFailures\": [") &&
               buffer_append(&answer->body, results->failures.bytes, results->failures.size, NULL) &&
               buffer_append(&answer->body, "]", 1, NULL);
    answer->status = results->worst;
    if (!good || !buffer_append(&answer->body, "}", 1, NULL))
        event_fail(answer, "Forestd.memory",
                   "There was not enough memory for the answers: send fewer records at once.");
    buffer_close(&results->list);
    buffer_close(&results->failures);
}

bool records_answer(struct server *server, const cJSON *records, struct event_answer *answer)
{
    struct results results = {.server = server};
    const cJSON *record = NULL;
    bool known = true;
    cJSON_ArrayForEach(record, records)
    {
        known = known && add_record(&results, record);
    }
    if (known) {
        write_results(&results, answer);
        return true;
    }
    buffer_close(&results.list);
    buffer_close(&results.failures);
    return false;
}

bool object_answer(struct server *server, const cJSON *detail, struct event_answer *answer)
{
    struct results results = {.server = server};
    const char *bucket = text(item(detail, "bucket"), "name");
    const char *key = text(item(detail, "object"), "key");
    if (!*bucket || !*key)
        return false;
    ask_object(&results, bucket, key);
    write_results(&results, answer);
    return true;
}
