#include "cloud/client.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    USUAL_CONNECT_MS = 10000,
    USUAL_SILENCE_MS = 20000,
    REDIRECTS = 8,
    CONNECTIONS = 256,      /* kept for the next call */
    READ_SIZE = 128 * 1024, /* bytes that are taken from a connection at a time */
    HEAD_LIMIT = 256 * 1024
};

struct http_client {
    CURLM *multi;
    const char *ca_file;    /* NULL = libcurl's */
    struct http_call *over; /* calls that client_next has still to tell of */
};

/* A write to a connection that the other side closed must not end the process: libcurl's TLS library may cause one. */
struct quiet {
    sigset_t before;
    bool pending;
};

static sigset_t broken_pipe(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

static struct quiet quiet_begin(void)
{
    struct quiet quiet;
    sigset_t set = broken_pipe();
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    quiet.pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &set, &quiet.before);
    return quiet;
}

static void quiet_end(const struct quiet *quiet)
{
    const struct timespec now = {0};
    sigset_t set = broken_pipe();
    if (!quiet->pending)
        while (sigtimedwait(&set, NULL, &now) == -1 && errno == EINTR)
            ;
    pthread_sigmask(SIG_SETMASK, &quiet->before, NULL);
}

static const char *trusted(const char *ca_file)
{
    static const char *const variables[] = {"SSL_CERT_FILE", "CURL_CA_BUNDLE"};
    for (size_t i = 0; !ca_file && i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        ca_file = value && *value ? value : NULL;
    }
    return ca_file;
}

struct http_client *client_open(const char *ca_file, struct forestd_error *error)
{
    struct http_client *client = calloc(1, sizeof *client);
    if (!client) {
        error_memory(error, sizeof *client, "an HTTP client");
        return NULL;
    }
    client->multi = curl_multi_init();
    if (!client->multi) {
        error_set(error, FORESTD_UNSUPPORTED, at_nowhere(), "no HTTP client: %s",
                  curl_easy_strerror(CURLE_FAILED_INIT));
        free(client);
        return NULL;
    }
    client->ca_file = trusted(ca_file);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
    return client;
}

void client_close(struct http_client *client)
{
    if (!client)
        return;
    struct quiet quiet = quiet_begin();
    curl_multi_cleanup(client->multi);
    quiet_end(&quiet);
    free(client);
}

/* A line of the answer's head. A further status line is that of an answer behind a redirect or an informational one. */
static size_t take_line(char *line, size_t size, size_t count, void *context)
{
    struct http_call *call = context;
    size_t length = size * count;
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0)
        call->head.size = 0;
    while (length && isspace((unsigned char)line[length - 1]))
        length--;
    call->head.limit = HEAD_LIMIT;
    if (length && (!buffer_append(&call->head, line, length, NULL) || !buffer_append(&call->head, "", 1, NULL)))
        return 0;
    return size * count;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
    struct http_call *call = context;
    size_t length = size * count;
    if (!call->status) {
        curl_easy_getinfo((CURL *)call->handle, CURLINFO_RESPONSE_CODE, &call->status);
        if (call->on_head && !call->on_head(call)) {
            call->outcome = HTTP_STOPPED;
            return 0;
        }
    }
    if (!call->on_bytes || call->on_bytes(call, (const uint8_t *)bytes, length))
        return length;
    call->outcome = HTTP_STOPPED;
    return 0;
}

static void set_request(CURL *curl, struct http_call *call)
{
    curl_easy_setopt(curl, CURLOPT_URL, call->address);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    if (strcmp(call->method, "HEAD") == 0) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else if (call->body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_size);
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
    } else if (strcmp(call->method, "GET") != 0) {
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
    }
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < call->headers.count; i++)
        list = curl_slist_append(list, call->headers.lines[i]);
    /* Nobody is asked for permission to send a body. */
    call->list = curl_slist_append(list, "Expect:");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, (struct curl_slist *)call->list);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "forestd/" FORESTD_VERSION);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

static void set_bounds(CURL *curl, const struct http_call *call)
{
    unsigned silence = call->silence_ms ? call->silence_ms : USUAL_SILENCE_MS;
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(call->connect_ms ? call->connect_ms : USUAL_CONNECT_MS));
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)((silence + 999) / 1000));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)call->total_ms);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, (long)READ_SIZE);
    if (call->direct)
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
}

static void set_reach(CURL *curl, const struct http_client *client, const struct http_call *call)
{
    bool safe = strncasecmp(call->address, "https:", 6) == 0;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, safe ? "https" : "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, call->follow ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS);
    if (client->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca_file);
}

static void release(struct http_client *client, struct http_call *call)
{
    if (call->handle) {
        curl_multi_remove_handle(client->multi, (CURL *)call->handle);
        curl_easy_cleanup((CURL *)call->handle);
    }
    curl_slist_free_all((struct curl_slist *)call->list);
    call->handle = NULL;
    call->list = NULL;
}

static void bury(struct http_client *client, struct http_call *call)
{
    call->outcome = HTTP_REFUSED;
    (void)snprintf(call->reason, sizeof call->reason, "there is no memory for it");
    call->next = client->over;
    client->over = call;
}

void call_open(struct http_client *client, struct http_call *call)
{
    call->outcome = HTTP_DONE;
    call->status = 0;
    call->head.size = 0;
    call->reason[0] = '\0';
    CURL *curl = curl_easy_init();
    call->handle = curl;
    call->list = NULL;
    if (!curl) {
        bury(client, call);
        return;
    }
    set_request(curl, call);
    set_bounds(curl, call);
    set_reach(curl, client, call);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_line);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, call->reason);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, call);
    if (curl_multi_add_handle(client->multi, curl) != CURLM_OK) {
        release(client, call);
        bury(client, call);
    }
}

static enum http_outcome outcome_of(CURLcode code, const struct http_call *call)
{
    curl_off_t connected = 0;
    switch (code) {
    case CURLE_OK:
        return HTTP_DONE;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return HTTP_UNREACHABLE;
    case CURLE_OPERATION_TIMEDOUT:
        curl_easy_getinfo((CURL *)call->handle, CURLINFO_CONNECT_TIME_T, &connected);
        return connected ? HTTP_BROKEN : HTTP_UNREACHABLE;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
        return HTTP_REFUSED;
    default:
        return HTTP_BROKEN;
    }
}

/* What the last message of libcurl says about a call that is over; NULL when there is no message. */
static struct http_call *finished(struct http_client *client)
{
    int left = 0;
    CURLMsg *message = curl_multi_info_read(client->multi, &left);
    while (message && message->msg != CURLMSG_DONE)
        message = curl_multi_info_read(client->multi, &left);
    if (!message)
        return NULL;
    CURL *curl = message->easy_handle;
    CURLcode code = message->data.result;
    struct http_call *call = NULL;
    curl_easy_getinfo(curl, CURLINFO_PRIVATE, &call);
    if (call->outcome != HTTP_STOPPED)
        call->outcome = outcome_of(code, call);
    if (code != CURLE_OK && !call->reason[0])
        (void)snprintf(call->reason, sizeof call->reason, "%s", curl_easy_strerror(code));
    /* An answer without a body. */
    if (call->outcome == HTTP_DONE && !call->status) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &call->status);
        if (call->on_head && !call->on_head(call))
            call->outcome = HTTP_STOPPED;
    }
    release(client, call);
    return call;
}

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Lets libcurl work until a call is over, or so many milliseconds have passed. */
static struct http_call *run(struct http_client *client, int most)
{
    struct quiet quiet = quiet_begin();
    int64_t until = milliseconds() + most;
    struct http_call *call = NULL;
    for (;;) {
        int running = 0;
        curl_multi_perform(client->multi, &running);
        call = finished(client);
        int64_t left = until - milliseconds();
        if (call || left <= 0)
            break;
        curl_multi_poll(client->multi, NULL, 0, (int)left, NULL);
    }
    quiet_end(&quiet);
    return call;
}

struct http_call *client_next(struct http_client *client, int milliseconds_most)
{
    struct http_call *call = client->over;
    if (call)
        client->over = call->next;
    else
        call = run(client, milliseconds_most);
    return call;
}

void call_done(struct http_client *client, struct http_call *call)
{
    struct quiet quiet = quiet_begin();
    release(client, call);
    quiet_end(&quiet);
    call->outcome = HTTP_STOPPED;
}

static bool keep_bytes(struct http_call *call, const uint8_t *bytes, size_t size)
{
    return buffer_append(&call->body_read, bytes, size, NULL);
}

void call_ask(struct http_client *client, struct http_call *call, size_t limit)
{
    call->on_bytes = keep_bytes;
    call->body_read.size = 0;
    call->body_read.limit = limit;
    call_open(client, call);
    if (!call->handle)
        client->over = call->next;
    /* Other calls may be under way, and end meanwhile. */
    while (call->handle) {
        struct http_call *other = run(client, USUAL_SILENCE_MS);
        if (other && other != call) {
            other->next = client->over;
            client->over = other;
        }
    }
    call->body_read.limit = limit + 1;
    if (buffer_append(&call->body_read, "", 1, NULL))
        call->body_read.size--;
    if (call->outcome == HTTP_STOPPED)
        (void)snprintf(call->reason, sizeof call->reason, "the answer is longer than %zu bytes", limit);
}

const char *call_header(const struct http_call *call, const char *name)
{
    return call_header_at(call, name, 0);
}

const char *call_header_at(const struct http_call *call, const char *name, size_t index)
{
    size_t length = strlen(name);
    const char *end = (const char *)call->head.bytes + call->head.size;
    for (const char *line = (const char *)call->head.bytes; line && line < end; line += strlen(line) + 1) {
        if (strncasecmp(line, name, length) != 0 || line[length] != ':' || index-- > 0)
            continue;
        const char *value = line + length + 1;
        while (isblank((unsigned char)*value))
            value++;
        return value;
    }
    return NULL;
}

void call_forget(struct http_call *call)
{
    headers_close(&call->headers);
    free(call->kept);
    call->kept = NULL;
    buffer_close(&call->head);
    buffer_close(&call->body_read);
}
