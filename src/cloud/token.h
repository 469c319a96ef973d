/*
 * Things that a service lends for a time: bearer tokens.
 */
#ifndef CLOUD_TOKEN_H
#define CLOUD_TOKEN_H

#include "cloud/client.h"
#include <stdint.h>

struct token {
    char *text;       /* owned; NULL = none yet */
    int64_t renew_at; /* seconds since 1970 from which a new one should be asked for */
    int64_t expires;
};

/*
 * Reads {"access_token", "expires_in" or "expires_on"} of an answer with status 200; numbers may be strings, as Azure's
 * are. Anything else is an error that begins with `what`.
 */
bool token_take(struct token *token, const struct http_call *call, const char *what, struct forestd_error *error);

bool token_fresh(const struct token *token);

/* When to ask for what succeeds something that ends at `expires`: five minutes before, or a quarter of a short life. */
int64_t renewal(int64_t now, int64_t expires);

void token_close(struct token *token);

/* A secret's memory: overwritten, then freed. */
void secret_free(char *secret);

#endif
