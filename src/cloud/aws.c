#include "cloud/aws.h"

#include "cloud/aws_source.h"
#include "cloud/text.h"
#include "cloud/token.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHAIN_LIMIT = 5 }; /* profiles that get their keys from each other */

struct aws {
    struct http_client *client;
    struct profiles *profiles;
    const char *profile;
    struct aws_lent lent;
    struct sigv4_keys keys; /* of `lent` */
    bool there;
    int64_t renew_at; /* 0 = never */
};

struct aws *aws_open(struct http_client *client, struct forestd_error *error)
{
    struct aws *aws = calloc(1, sizeof *aws);
    if (!aws) {
        error_memory(error, sizeof *aws, "AWS's settings");
        return NULL;
    }
    aws->client = client;
    aws->profile = profiles_chosen();
    aws->profiles = profiles_open(error);
    if (aws->profiles)
        return aws;
    aws_close(aws);
    return NULL;
}

void aws_close(struct aws *aws)
{
    if (!aws)
        return;
    aws_lent_close(&aws->lent);
    profiles_close(aws->profiles);
    free(aws);
}

void aws_lent_close(struct aws_lent *lent)
{
    free(lent->id);
    secret_free(lent->secret);
    secret_free(lent->token);
    *lent = (struct aws_lent){0};
}

bool aws_lent_set(struct aws_lent *lent, const char *id, const char *secret, const char *token,
                  struct forestd_error *error)
{
    lent->id = strdup(id);
    lent->secret = strdup(secret);
    lent->token = token && *token ? strdup(token) : NULL;
    return (lent->id && lent->secret && (lent->token || !token || !*token)) || error_memory(error, 0, "AWS's keys");
}

const char *aws_setting(const struct aws *aws, const char *name)
{
    return profiles_get(aws->profiles, aws->profile, name);
}

const char *aws_region(const struct aws *aws)
{
    const char *region = variable("AWS_REGION");
    if (!region)
        region = variable("AWS_DEFAULT_REGION");
    return region ? region : aws_setting(aws, "region");
}

const char *aws_domain(const char *region)
{
    return strncmp(region, "cn-", 3) == 0 ? "amazonaws.com.cn" : "amazonaws.com";
}

const char *aws_endpoint(const struct aws *aws, const char *service, const char *setting)
{
    char name[64];
    const char *services = aws_setting(aws, "services");
    const char *ignored = aws_setting(aws, "ignore_configured_endpoint_urls");
    const char *endpoint = NULL;
    if (variable_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") || (ignored && strcmp(ignored, "true") == 0))
        return NULL;
    (void)snprintf(name, sizeof name, "AWS_ENDPOINT_URL_%s", service);
    endpoint = variable(name);
    if (!endpoint)
        endpoint = variable("AWS_ENDPOINT_URL");
    (void)snprintf(name, sizeof name, "%s.endpoint_url", setting);
    if (!endpoint && services)
        endpoint = profiles_service(aws->profiles, services, name);
    return endpoint ? endpoint : aws_setting(aws, "endpoint_url");
}

static enum aws_found from_environment(struct aws_lent *lent, struct forestd_error *error)
{
    const char *id = variable("AWS_ACCESS_KEY_ID");
    const char *secret = variable("AWS_SECRET_ACCESS_KEY");
    if (!id && !secret)
        return AWS_ABSENT;
    if (!id || !secret) {
        error_set(error, FORESTD_ARGUMENT, at_nowhere(), "%s is set, %s is not: AWS's keys are a pair",
                  id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                  id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
        return AWS_FAILED;
    }
    (void)snprintf(lent->used, sizeof lent->used, "the access key %.40s of the environment", id);
    return aws_lent_set(lent, id, secret, variable("AWS_SESSION_TOKEN"), error) ? AWS_FOUND : AWS_FAILED;
}

static enum aws_found from_web_identity(const struct aws_asking *asking, struct aws_lent *lent,
                                        struct forestd_error *error)
{
    const struct aws_role role = {.arn = variable("AWS_ROLE_ARN"),
                                  .session = variable("AWS_ROLE_SESSION_NAME"),
                                  .token_file = variable("AWS_WEB_IDENTITY_TOKEN_FILE"),
                                  .from = "the environment"};
    if (!role.token_file)
        return AWS_ABSENT;
    if (role.arn)
        return aws_assume(asking, &role, NULL, lent, error) ? AWS_FOUND : AWS_FAILED;
    error_set(error, FORESTD_ARGUMENT, at_nowhere(),
              "AWS_WEB_IDENTITY_TOKEN_FILE is set, AWS_ROLE_ARN is not: set the role too");
    return AWS_FAILED;
}

static enum aws_found from_profile(const struct aws_asking *asking, const char *profile, int depth,
                                   struct aws_lent *lent, struct forestd_error *error);

/* The keys that a role is assumed with: another profile's, or those of the place that credential_source names. */
static enum aws_found from_source(const struct aws_asking *asking, const char *profile, int depth,
                                  struct aws_lent *lent, struct forestd_error *error)
{
    const char *next = profiles_get(asking->profiles, profile, "source_profile");
    const char *place = profiles_get(asking->profiles, profile, "credential_source");
    enum aws_found found = AWS_ABSENT;
    if (next && strcmp(next, profile) != 0) {
        found = from_profile(asking, next, depth + 1, lent, error);
    } else if (next) {
        /* A profile that names itself has the keys for its role beside it. */
        const char *id = profiles_get(asking->profiles, profile, "aws_access_key_id");
        const char *secret = profiles_get(asking->profiles, profile, "aws_secret_access_key");
        const char *token = profiles_get(asking->profiles, profile, "aws_session_token");
        if (id && secret)
            found = aws_lent_set(lent, id, secret, token, error) ? AWS_FOUND : AWS_FAILED;
    } else if (place && strcmp(place, "Environment") == 0) {
        found = from_environment(lent, error);
    } else if (place && strcmp(place, "EcsContainer") == 0) {
        found = aws_from_container(asking, lent, error);
    } else if (place && strcmp(place, "Ec2InstanceMetadata") == 0) {
        found = aws_from_instance(asking, lent, error);
    }
    if (found == AWS_ABSENT)
        error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                  "the profile '%s' assumes a role, but %s%s gives no keys to assume it with", profile,
                  next    ? "the profile "
                  : place ? "credential_source "
                          : "neither source_profile nor credential_source",
                  next    ? next
                  : place ? place
                          : "");
    return found == AWS_FOUND ? AWS_FOUND : AWS_FAILED;
}

static enum aws_found from_role(const struct aws_asking *asking, const char *profile, int depth, struct aws_lent *lent,
                                struct forestd_error *error)
{
    char from[160];
    (void)snprintf(from, sizeof from, "the profile '%.120s'", profile);
    const struct aws_role role = {
        .arn = profiles_get(asking->profiles, profile, "role_arn"),
        .session = profiles_get(asking->profiles, profile, "role_session_name"),
        .token_file = profiles_get(asking->profiles, profile, "web_identity_token_file"),
        .external_id = profiles_get(asking->profiles, profile, "external_id"),
        .seconds = profiles_get(asking->profiles, profile, "duration_seconds"),
        .from = from,
    };
    if (!role.arn)
        return AWS_ABSENT;
    if (role.token_file)
        return aws_assume(asking, &role, NULL, lent, error) ? AWS_FOUND : AWS_FAILED;
    if (profiles_get(asking->profiles, profile, "mfa_serial")) {
        error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                  "the profile '%s' wants a code from a device (mfa_serial), which a server cannot give: use another",
                  profile);
        return AWS_FAILED;
    }
    struct aws_lent source = {0};
    enum aws_found found = from_source(asking, profile, depth, &source, error);
    const struct sigv4_keys keys = {source.id, source.secret, source.token};
    if (found == AWS_FOUND && !aws_assume(asking, &role, &keys, lent, error))
        found = AWS_FAILED;
    aws_lent_close(&source);
    return found;
}

/* What AWS's own tools would run a program or open a browser for. */
static enum aws_found refuse_program(const struct aws_asking *asking, const char *profile, struct forestd_error *error)
{
    static const char *const settings[] = {"credential_process", "sso_session", "sso_start_url"};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (!profiles_get(asking->profiles, profile, settings[i]))
            continue;
        error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                  "the profile '%s' gets its keys by %s, and forestd runs no program for them: export them first, with "
                  "eval \"$(aws configure export-credentials --profile %s --format env)\"",
                  profile, settings[i], profile);
        return AWS_FAILED;
    }
    return AWS_ABSENT;
}

static enum aws_found from_profile(const struct aws_asking *asking, const char *profile, int depth,
                                   struct aws_lent *lent, struct forestd_error *error)
{
    if (depth == CHAIN_LIMIT) {
        error_set(error, FORESTD_LIMIT, at_nowhere(), "more than %d AWS profiles get their keys from each other",
                  CHAIN_LIMIT);
        return AWS_FAILED;
    }
    enum aws_found found = from_role(asking, profile, depth, lent, error);
    if (found != AWS_ABSENT)
        return found;
    const char *id = profiles_get(asking->profiles, profile, "aws_access_key_id");
    const char *secret = profiles_get(asking->profiles, profile, "aws_secret_access_key");
    if (!id || !secret)
        return refuse_program(asking, profile, error);
    (void)snprintf(lent->used, sizeof lent->used, "the access key %.40s of the profile '%.120s'", id, profile);
    return aws_lent_set(lent, id, secret, profiles_get(asking->profiles, profile, "aws_session_token"), error)
               ? AWS_FOUND
               : AWS_FAILED;
}

/* All sources in their order. When there is none, `error` says what was looked at. */
static enum aws_found look(const struct aws *aws, struct aws_lent *lent, struct forestd_error *error)
{
    const struct aws_asking asking = {aws->client, aws->profiles, aws_region(aws), aws_endpoint(aws, "STS", "sts")};
    bool named = variable("AWS_PROFILE") || variable("AWS_DEFAULT_PROFILE");
    enum aws_found found = from_environment(lent, error);
    if (found == AWS_ABSENT)
        found = from_web_identity(&asking, lent, error);
    if (found == AWS_ABSENT && named && !profiles_have(aws->profiles, aws->profile)) {
        error_set(error, FORESTD_NOT_FOUND, at_nowhere(),
                  "AWS_PROFILE says '%s', and neither ~/.aws/credentials nor ~/.aws/config has this profile",
                  aws->profile);
        found = AWS_FAILED;
    }
    if (found == AWS_ABSENT)
        found = from_profile(&asking, aws->profile, 0, lent, error);
    if (found == AWS_ABSENT)
        found = aws_from_container(&asking, lent, error);
    if (found != AWS_ABSENT)
        return found;
    struct forestd_error why = {0};
    found = aws_from_instance(&asking, lent, &why);
    if (found == AWS_FAILED && error)
        *error = why;
    if (found == AWS_ABSENT)
        error_set(
            error, FORESTD_IO, at_nowhere(),
            "no AWS credential: none in the environment (AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE, "
            "AWS_CONTAINER_CREDENTIALS_FULL_URI), none in the profile '%s', and %s: set one, or give the role one",
            aws->profile, why.message);
    return found;
}

bool aws_ready(struct aws *aws, struct forestd_error *error)
{
    int64_t now = (int64_t)time(NULL);
    if (aws->there && (!aws->renew_at || now < aws->renew_at))
        return true;
    struct aws_lent lent = {0};
    enum aws_found found = look(aws, &lent, error);
    if (found != AWS_FOUND) {
        aws_lent_close(&lent);
        /* Keys that are still good are better than none. */
        return aws->there && now < aws->lent.expires;
    }
    aws_lent_close(&aws->lent);
    aws->lent = lent;
    aws->keys = (struct sigv4_keys){aws->lent.id, aws->lent.secret, aws->lent.token};
    aws->there = true;
    aws->renew_at = lent.expires ? renewal(now, lent.expires) : 0;
    return true;
}

void aws_expire(struct aws *aws)
{
    if (aws->renew_at)
        aws->there = false;
}

const struct sigv4_keys *aws_keys(const struct aws *aws)
{
    return &aws->keys;
}

const char *aws_used(const struct aws *aws)
{
    return aws->lent.used;
}
