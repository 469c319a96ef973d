/*
 * AWS's shared files: ~/.aws/credentials and ~/.aws/config, or where AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE say.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
#ifndef CLOUD_PROFILES_H
#define CLOUD_PROFILES_H

#include "base/error.h"

struct profiles;

/* Files that are not there are as good as empty ones. */
struct profiles *profiles_open(struct forestd_error *error);

void profiles_close(struct profiles *profiles);

/* The name that AWS_PROFILE or AWS_DEFAULT_PROFILE gives, or "default". */
const char *profiles_chosen(void);

bool profiles_have(const struct profiles *profiles, const char *profile);

/*
 * A setting of a profile, from the credentials file or else the config file; NULL where it is not there. A setting that
 * is nested under another is called "s3.addressing_style".
 */
const char *profiles_get(const struct profiles *profiles, const char *profile, const char *name);

/* A setting of a [services NAME] section of the config file, such as "s3.endpoint_url". */
const char *profiles_service(const struct profiles *profiles, const char *services, const char *name);

#endif
