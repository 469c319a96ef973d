/*
 * AWS as its own tools are configured: keys, region, endpoints.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 *
 * Keys are looked for in this order: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; AWS_WEB_IDENTITY_TOKEN_FILE and
 * AWS_ROLE_ARN (EKS); the profile (a role to assume, a web identity, or keys); AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or
 * _FULL_URI (ECS, SageMaker, EKS pod identity); the instance metadata service, version 2. An empty variable is none.
 * A source that is configured and fails is an error: the next one is not tried. Programs that a profile names
 * (credential_process) are not run.
 */
#ifndef CLOUD_AWS_H
#define CLOUD_AWS_H

#include "cloud/client.h"
#include "cloud/sigv4.h"

struct aws;

/* Reads the settings; asks nobody. `client` must outlive it. */
struct aws *aws_open(struct http_client *client, struct forestd_error *error);

/* NULL is allowed. */
void aws_close(struct aws *aws);

/*
 * Makes sure that there are keys which are good for a while, asking for them where needed: before each request. Fails
 * within a second or so where nothing is configured and no metadata service answers.
 */
bool aws_ready(struct aws *aws, struct forestd_error *error);

/* The service said that the keys have expired: aws_ready gets others, where they came from a service. */
void aws_expire(struct aws *aws);

/* What aws_ready made sure of. */
const struct sigv4_keys *aws_keys(const struct aws *aws);

/* How messages call the keys: "the access key AKIA... of the environment". Never a secret. */
const char *aws_used(const struct aws *aws);

/* AWS_REGION, AWS_DEFAULT_REGION, or the profile's; NULL where none is set. */
const char *aws_region(const struct aws *aws);

/*
 * The endpoint that was set for a service: `service` is "S3" in AWS_ENDPOINT_URL_S3, `setting` is "s3" in the profile's
 * services. Else AWS_ENDPOINT_URL or the profile's endpoint_url. NULL where none is set.
 */
const char *aws_endpoint(const struct aws *aws, const char *service, const char *setting);

/* A setting of the profile, such as "s3.addressing_style"; NULL where it is not there. */
const char *aws_setting(const struct aws *aws, const char *name);

/* The domain of a region's services: "amazonaws.com", "amazonaws.com.cn". */
const char *aws_domain(const char *region);

#endif
