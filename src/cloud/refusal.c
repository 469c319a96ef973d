#include "cloud/refusal.h"

#include "cloud/text.h"
#include "cloud/xml.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
#include <zlib.h>

static const char *string_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
}

/* {"error": {"status", "message"}}, {"error", "error_description"}, {"error", "code"}, {"code", "message"}, {"Code", "Message"} */
static void read_json(const cJSON *root, struct refusal *refusal)
{
    const cJSON *inner = cJSON_GetObjectItem(root, "error");
    const char *code = cJSON_GetStringValue(inner);
    const char *message = string_of(root, "error_description");
    const cJSON *from = cJSON_IsObject(inner) ? inner : root;
    /* A sentence under "error" is the message; OAuth has a word there. */
    if (code && !message && strchr(code, ' ')) {
        message = code;
        code = NULL;
    }
    if (!code)
        code = string_of(from, "status");
    if (!code)
        code = string_of(from, "code");
    /* Google's older services give the reason one level deeper. */
    if (!code)
        code = string_of(cJSON_GetArrayItem(cJSON_GetObjectItem(from, "errors"), 0), "reason");
    if (!message)
        message = string_of(from, "message");
    text_clean(refusal->code, sizeof refusal->code, code ? code : "");
    text_clean(refusal->message, sizeof refusal->message, message ? message : "");
}

static void read_xml(const struct buffer *body, struct refusal *refusal)
{
    char code[sizeof refusal->code] = "";
    char message[sizeof refusal->message] = "";
    (void)xml_find(body->bytes, body->size, "Code", code, sizeof code);
    (void)xml_find(body->bytes, body->size, "Message", message, sizeof message);
    text_clean(refusal->code, sizeof refusal->code, code);
    /* Azure puts a request's number and time on lines of their own. */
    message[strcspn(message, "\n")] = '\0';
    text_clean(refusal->message, sizeof refusal->message, message);
}

/* Who asks for an object as it is stored, compressed or not, may be refused in that form as well. */
static void unpack(const struct buffer *packed, struct buffer *text)
{
    enum { MOST = 8192, GZIP = 16 };
    z_stream stream = {.next_in = packed->bytes, .avail_in = (uInt)packed->size};
    if (!buffer_reserve(text, MOST, NULL) || inflateInit2(&stream, MAX_WBITS + GZIP) != Z_OK)
        return;
    stream.next_out = text->bytes;
    stream.avail_out = MOST;
    (void)inflate(&stream, Z_FINISH); /* the beginning is enough */
    text->size = MOST - stream.avail_out;
    (void)inflateEnd(&stream);
}

/* A body may have no zero behind it. */
static void read_body(const struct buffer *body, struct refusal *refusal)
{
    size_t blanks = 0;
    while (blanks < body->size && memchr(" \t\r\n", body->bytes[blanks], 4))
        blanks++;
    if (blanks < body->size && body->bytes[blanks] == '{') {
        cJSON *root = cJSON_ParseWithLength((const char *)body->bytes, body->size);
        if (root)
            read_json(root, refusal);
        cJSON_Delete(root);
    } else if (body->size) {
        const char *start = memchr(body->bytes, '<', body->size < 8 ? body->size : 8);
        if (start && !memmem(body->bytes, body->size < 300 ? body->size : 300, "<html", 5)) {
            read_xml(body, refusal);
        } else if (!start) {
            char text[160];
            (void)snprintf(text, sizeof text, "%.*s", (int)(body->size < sizeof text ? body->size : sizeof text),
                           (const char *)body->bytes);
            text_clean(refusal->message, sizeof text, text);
        }
    }
}

void refusal_read(const struct http_call *call, struct refusal *refusal)
{
    const char *coding = call_header(call, "Content-Encoding");
    *refusal = (struct refusal){0};
    /* Azure says the code in a header as well, also where there is no body. */
    const char *header = call_header(call, "x-ms-error-code");
    /* AWS's JSON protocols say it in a header alone, with an address behind a colon. */
    if (!header)
        header = call_header(call, "x-amzn-ErrorType");
    if (coding && strcasecmp(coding, "gzip") == 0) {
        struct buffer text = {0};
        unpack(&call->body_read, &text);
        read_body(&text, refusal);
        buffer_close(&text);
    } else {
        read_body(&call->body_read, refusal);
    }
    if (!refusal->code[0] && header) {
        text_clean(refusal->code, sizeof refusal->code, header);
        refusal->code[strcspn(refusal->code, ":")] = '\0';
    }
}

/* Scheme, host and port: the rest may hold secrets. */
static void origin(const char *address, char text[200])
{
    const char *begin = strstr(address, "://");
    const char *host = begin ? begin + 3 : address;
    size_t size = strcspn(host, "/?#");
    const char *at = memchr(host, '@', size);
    const char *shown = at ? at + 1 : host;
    (void)snprintf(text, 200, "%.*s%.*s", (int)(host - address), address, (int)(host + size - shown), shown);
}

bool refusal_error(const struct http_call *call, const char *what, const char *used, struct forestd_error *error)
{
    char from[200];
    struct refusal refusal;
    origin(call->address, from);
    const char *opens = used ? " (used: " : "";
    const char *closes = used ? ")" : "";
    used = used ? used : "";
    if (call->outcome == HTTP_UNREACHABLE)
        return error_set(error, FORESTD_IO, at_nowhere(), "%s: %s cannot be reached: %s%s%s%s", what, from,
                         call->reason, opens, used, closes);
    if (call->outcome != HTTP_DONE)
        return error_set(error, FORESTD_IO, at_nowhere(), "%s: %s: %s%s%s%s", what, from, call->reason, opens, used,
                         closes);
    refusal_read(call, &refusal);
    enum forestd_code code = call->status == 404 ? FORESTD_NOT_FOUND : FORESTD_IO;
    return error_set(error, code, at_nowhere(), "%s: HTTP %ld from %s%s%s%s%s%s%s%s", what, call->status, from,
                     refusal.code[0] ? ": " : "", refusal.code, refusal.message[0] ? ": " : "", refusal.message, opens,
                     used, closes);
}

bool refusal_passes(const struct http_call *call)
{
    if (call->outcome == HTTP_UNREACHABLE || call->outcome == HTTP_BROKEN)
        return true;
    long status = call->status;
    return call->outcome == HTTP_DONE && (status == 408 || status == 429 || status == 500 || status == 502 ||
                                          status == 503 || status == 504 || status == 509);
}

unsigned refusal_wait(const struct http_call *call, unsigned failures)
{
    const char *after = call->outcome == HTTP_DONE ? call_header(call, "Retry-After") : NULL;
    unsigned long seconds = after ? strtoul(after, NULL, 10) : 0;
    if (seconds)
        return (unsigned)(seconds < 30 ? seconds : 30) * 1000;
    unsigned most = failures < 6 ? 200U << failures : 10000;
    uint32_t chance = 0;
    if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != (ssize_t)sizeof chance)
        chance = (uint32_t)clock();
    return most / 4 + chance % (most - most / 4);
}

void ask_patiently(struct http_client *client, struct http_call *call, size_t limit, unsigned attempts)
{
    for (unsigned failures = 0;; failures++) {
        call_ask(client, call, limit);
        if (!refusal_passes(call) || failures + 1 >= attempts)
            return;
        unsigned wait = refusal_wait(call, failures);
        const struct timespec pause = {wait / 1000, (long)(wait % 1000) * 1000000};
        (void)nanosleep(&pause, NULL);
    }
}
