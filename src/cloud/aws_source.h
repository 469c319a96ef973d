/*
 * Where AWS's keys come from: one function a source, for aws.c alone.
 */
#ifndef CLOUD_AWS_SOURCE_H
#define CLOUD_AWS_SOURCE_H

#include "cloud/client.h"
#include "cloud/profiles.h"
#include "cloud/sigv4.h"

enum aws_found { AWS_FOUND, AWS_ABSENT, AWS_FAILED };

/* Keys, owned, and how long they are good. */
struct aws_lent {
    char *id;
    char *secret;
    char *token;     /* NULL = none is needed */
    int64_t expires; /* seconds since 1970; 0 = never */
    char used[240];  /* how messages call them */
};

void aws_lent_close(struct aws_lent *lent);

/* Fills `lent` with copies. */
bool aws_lent_set(struct aws_lent *lent, const char *id, const char *secret, const char *token,
                  struct forestd_error *error);

/* What the sources share. */
struct aws_asking {
    struct http_client *client;
    const struct profiles *profiles;
    const char *region;       /* NULL = none is set */
    const char *sts_endpoint; /* NULL = AWS's own */
};

struct aws_role {
    const char *arn;
    const char *session;     /* NULL = forestd's */
    const char *token_file;  /* the web identity; NULL = the role is assumed with `keys` */
    const char *external_id; /* NULL = none */
    const char *seconds;     /* how long the keys shall be good, in decimal; NULL = the service's usual */
    const char *from;        /* who says so: "the profile 'x'" */
};

/* AssumeRole signed with `keys`, or AssumeRoleWithWebIdentity. */
bool aws_assume(const struct aws_asking *asking, const struct aws_role *role, const struct sigv4_keys *keys,
                struct aws_lent *lent, struct forestd_error *error);

enum aws_found aws_from_container(const struct aws_asking *asking, struct aws_lent *lent, struct forestd_error *error);

/* AWS_ABSENT writes into `error` why there is none here. */
enum aws_found aws_from_instance(const struct aws_asking *asking, struct aws_lent *lent, struct forestd_error *error);

#endif
