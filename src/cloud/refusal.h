/*
 * What a service says when it does not do what was asked, as one sentence: where, the status, the service's own code
 * and message, and which credential was used.
 */
#ifndef CLOUD_REFUSAL_H
#define CLOUD_REFUSAL_H

#include "cloud/client.h"

struct refusal {
    char code[96];     /* "NoSuchKey", "invalid_grant"; empty where the service gave none */
    char message[480]; /* the service's own; empty where it gave none */
};

/* Reads the body (`call->body_read`) of an answer: S3's, STS's and Azure's XML, Google's and OAuth's JSON, or plain text. */
void refusal_read(const struct http_call *call, struct refusal *refusal);

/*
 * Writes the error of a call that failed or was refused and returns false. `what` names what was asked for; `used` the
 * credential, NULL where none belongs to it. FORESTD_NOT_FOUND for 404, else FORESTD_IO.
 */
bool refusal_error(const struct http_call *call, const char *what, const char *used, struct forestd_error *error);

/* Whether asking again may help: the connection broke, or the status says to come later. */
bool refusal_passes(const struct http_call *call);

/*
 * Milliseconds to wait before the attempt after `failures` failures: at random up to 200 ms doubled each time, at most
 * 10 s; or what the answer's Retry-After says, at most 30 s.
 */
unsigned refusal_wait(const struct http_call *call, unsigned failures);

/* Asks like call_ask, up to `attempts` times while asking again may help. */
void ask_patiently(struct http_client *client, struct http_call *call, size_t limit, unsigned attempts);

#endif
