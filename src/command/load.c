#include "command/load.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OVERTIME = 10 }; /* seconds that answers may come after the last request was sent */

struct sender {
    CURL *handle;
    struct sender *next; /* among the idle */
    uint64_t due;        /* when its request was to be sent */
};

struct sending {
    const struct load *load;
    struct load_result *result;
    CURLM *multi;
    struct curl_slist *headers;
    struct sender *senders; /* [load->connections] */
    struct sender *idle;
    unsigned busy;
    uint64_t started;
    uint64_t sent; /* requests */
};

static uint64_t clock_nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t now(void)
{
    return clock_nanoseconds(CLOCK_MONOTONIC);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type */
static size_t discard(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static bool open_sender(struct sending *sending, struct sender *sender)
{
    const struct load *load = sending->load;
    CURL *handle = curl_easy_init();
    sender->handle = handle;
    if (!handle)
        return false;
    curl_easy_setopt(handle, CURLOPT_URL, load->url);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, load->body);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)load->body_size);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, sending->headers);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PRIVATE, sender);
    sender->next = sending->idle;
    sending->idle = sender;
    return true;
}

static bool open_sending(struct sending *sending, struct forestd_error *error)
{
    const struct load *load = sending->load;
    char content_type[128];
    (void)snprintf(content_type, sizeof content_type, "Content-Type: %.100s", load->content_type);
    sending->headers = curl_slist_append(curl_slist_append(NULL, content_type), "Expect:");
    sending->multi = curl_multi_init();
    sending->senders = calloc(load->connections, sizeof *sending->senders);
    if (!sending->multi || !sending->senders || !sending->headers)
        return error_memory(error, load->connections * sizeof *sending->senders, "connections");
    curl_multi_setopt(sending->multi, CURLMOPT_MAXCONNECTS, (long)load->connections);
    for (unsigned i = 0; i < load->connections; i++)
        if (!open_sender(sending, &sending->senders[i]))
            return error_memory(error, sizeof *sending->senders, "a connection");
    return true;
}

static void close_sending(struct sending *sending)
{
    for (unsigned i = 0; sending->senders && i < sending->load->connections; i++) {
        if (!sending->senders[i].handle)
            continue;
        curl_multi_remove_handle(sending->multi, sending->senders[i].handle);
        curl_easy_cleanup(sending->senders[i].handle);
    }
    free(sending->senders);
    curl_multi_cleanup(sending->multi);
    curl_slist_free_all(sending->headers);
}

/* When the next request is due; UINT64_MAX when all were sent. */
static uint64_t next_due(const struct sending *sending)
{
    const struct load *load = sending->load;
    uint64_t end = sending->started + (uint64_t)(load->seconds * 1e9);
    uint64_t due = load->rate > 0 ? sending->started + (uint64_t)((double)sending->sent * 1e9 / load->rate) : now();
    return due < end ? due : UINT64_MAX;
}

static void send_due(struct sending *sending)
{
    while (sending->idle) {
        uint64_t due = next_due(sending);
        if (due == UINT64_MAX || due > now())
            return;
        struct sender *sender = sending->idle;
        sending->idle = sender->next;
        sender->due = due;
        sending->sent++;
        sending->busy++;
        curl_multi_add_handle(sending->multi, sender->handle);
    }
}

static void take_answers(struct sending *sending)
{
    struct load_result *result = sending->result;
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(sending->multi, &left))) {
        struct sender *sender = NULL;
        long status = 0;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *handle = message->easy_handle;
        bool arrived = message->data.result == CURLE_OK;
        curl_easy_getinfo(handle, CURLINFO_PRIVATE, &sender);
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(sending->multi, handle);
        histogram_add(&result->latencies, now() - sender->due);
        if (arrived && status == 200)
            result->answers++;
        else
            result->failures++;
        sender->next = sending->idle;
        sending->idle = sender;
        sending->busy--;
    }
}

/* Sleeps until something happens. libcurl's clock has milliseconds: shorter waits are spent looking. */
static void wait_a_moment(struct sending *sending)
{
    uint64_t due = sending->idle ? next_due(sending) : UINT64_MAX;
    uint64_t moment = now();
    int milliseconds = due == UINT64_MAX ? 100 : due > moment ? (int)((due - moment) / 1000000) : 0;
    curl_multi_poll(sending->multi, NULL, 0, milliseconds < 100 ? milliseconds : 100, NULL);
}

bool load_run(const struct load *load, struct load_result *result, struct forestd_error *error)
{
    struct sending sending = {.load = load, .result = result};
    memset(result, 0, sizeof *result);
    if (!open_sending(&sending, error)) {
        close_sending(&sending);
        return false;
    }
    uint64_t processor = clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    sending.started = now();
    uint64_t end = sending.started + (uint64_t)((load->seconds + OVERTIME) * 1e9);
    do {
        int running = 0;
        send_due(&sending);
        curl_multi_perform(sending.multi, &running);
        take_answers(&sending);
        if (sending.busy || next_due(&sending) != UINT64_MAX)
            wait_a_moment(&sending);
    } while (now() < end && (sending.busy || next_due(&sending) != UINT64_MAX));
    result->seconds = (double)(now() - sending.started) / 1e9;
    result->processor = (double)(clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID) - processor) / 1e9;
    result->failures += sending.busy;
    close_sending(&sending);
    return result->answers + result->failures > 0 ||
           error_set(error, FORESTD_IO, at_nowhere(), "%s: nothing could be sent", load->url);
}
