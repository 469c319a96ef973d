#include "cloud/token.h"

#include "cloud/refusal.h"
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { USUAL_LIFE = 300, LEAD = 300 };

static int64_t number_of(const cJSON *root, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(root, name);
    if (cJSON_IsString(item))
        return strtoll(item->valuestring, NULL, 10);
    return cJSON_IsNumber(item) && item->valuedouble > 0 && item->valuedouble < 1e12 ? (int64_t)item->valuedouble : 0;
}

int64_t renewal(int64_t now, int64_t expires)
{
    int64_t life = expires - now;
    return expires - (life / 4 < LEAD ? life / 4 : LEAD);
}

bool token_take(struct token *token, const struct http_call *call, const char *what, struct forestd_error *error)
{
    if (call->outcome != HTTP_DONE || call->status != 200)
        return refusal_error(call, what, NULL, error);
    cJSON *root = cJSON_ParseWithLength((const char *)call->body_read.bytes, call->body_read.size);
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(root, "access_token"));
    int64_t now = (int64_t)time(NULL);
    int64_t life = number_of(root, "expires_in");
    int64_t until = number_of(root, "expires_on");
    char *copy = text && *text ? strdup(text) : NULL;
    cJSON_Delete(root);
    if (!copy)
        return error_set(error, FORESTD_FORMAT, at_nowhere(), "%s: the answer holds no access_token", what);
    token_close(token);
    token->text = copy;
    token->expires = until > now ? until : now + (life ? life : USUAL_LIFE);
    token->renew_at = renewal(now, token->expires);
    return true;
}

bool token_fresh(const struct token *token)
{
    return token->text && (int64_t)time(NULL) < token->renew_at;
}

void secret_free(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

void token_close(struct token *token)
{
    secret_free(token->text);
    *token = (struct token){0};
}
