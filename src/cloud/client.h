/*
 * The one HTTP client: what fetches models, asks for credentials and speaks to other services goes through here, and
 * client.c is the only file that knows libcurl.
 *
 *     struct http_client *client = client_open(NULL, &error);
 *     struct http_call call = {.method = "GET", .address = "http://169.254.169.254/latest/...", .total_ms = 1000};
 *     call_ask(client, &call, 65536);
 *     if (call.outcome == HTTP_DONE && call.status == 200) ... call.body ...
 *     call_forget(&call);
 *     client_close(client);
 *
 * A client belongs to one thread at a time. Its connections are kept for the next call to the same host. HTTP/1.1 is
 * spoken, so that calls side by side have a connection each. Proxies are taken from the environment as libcurl does.
 */
#ifndef CLOUD_CLIENT_H
#define CLOUD_CLIENT_H

#include "base/buffer.h"
#include "base/error.h"
#include "cloud/headers.h"
#include <stddef.h>
#include <stdint.h>

struct http_client;

enum http_outcome {
    HTTP_DONE,        /* the whole answer came, whatever its status */
    HTTP_STOPPED,     /* on_head or on_bytes said that it was enough, or the body was longer than allowed */
    HTTP_UNREACHABLE, /* no such host, nobody listens, no connection in time */
    HTTP_BROKEN,      /* the answer was cut, too slow, or not HTTP: asking again may help */
    HTTP_REFUSED      /* the certificate, or the address itself: asking again does not help */
};

/* All zero but method and address is a call with the usual patience. What it points to must last until it is over. */
struct http_call {
    const char *method;
    const char *address;
    struct http_headers headers; /* owned: call_forget frees them */
    char *kept;                  /* owned likewise: the address, where nobody else keeps it */
    const void *body;            /* NULL = none */
    size_t body_size;
    unsigned connect_ms; /* until there is a connection; 0 = 10000 */
    unsigned silence_ms; /* without a byte, in whole seconds; 0 = 20000 */
    unsigned total_ms;   /* for all of it; 0 = no bound */
    bool direct;         /* never through a proxy */
    bool follow;         /* redirects, up to 8, and never from https to http */

    /* The status and headers are there; before the first byte of the body. NULL = nothing to do. False ends it. */
    bool (*on_head)(struct http_call *call);
    /* The next bytes of the body. False ends it. */
    bool (*on_bytes)(struct http_call *call, const uint8_t *bytes, size_t size);
    void *context;

    enum http_outcome outcome; /* when it is over */
    long status;
    struct buffer head;      /* the answer's headers as they came, each line ending with a 0; owned */
    struct buffer body_read; /* call_ask: the answer's body, with a 0 behind it that is not counted; owned */
    char reason[256];        /* why the outcome is not HTTP_DONE */
    void *handle;            /* the client's */
    void *list;              /* the client's */
    struct http_call *next;  /* the client's */
};

/*
 * `ca_file` holds the certificates to trust, NULL for SSL_CERT_FILE or CURL_CA_BUNDLE of the environment, or else the
 * system's.
 */
struct http_client *client_open(const char *ca_file, struct forestd_error *error);

/* Ends what is under way. NULL is allowed. */
void client_close(struct http_client *client);

/* Begins a call. Whatever goes wrong is its outcome, which client_next tells. */
void call_open(struct http_client *client, struct http_call *call);

/* The next call that is over, or NULL when none was within so many milliseconds. */
struct http_call *client_next(struct http_client *client, int milliseconds);

/* Ends a call that is under way; client_next does not tell of it. */
void call_done(struct http_client *client, struct http_call *call);

/* Begins a call and waits for its end. At most `limit` bytes of the body are read. */
void call_ask(struct http_client *client, struct http_call *call, size_t limit);

/* The value of a header of the answer, of any case, without blanks around it; NULL when there is none. */
const char *call_header(const struct http_call *call, const char *name);

/* The value of the header's occurrence number `index`, from 0: some are sent more than once. */
const char *call_header_at(const struct http_call *call, const char *name, size_t index);

/* Frees what the call holds: its headers, and what came. It must not be under way. */
void call_forget(struct http_call *call);

#endif
