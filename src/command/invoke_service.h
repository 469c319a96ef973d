/*
 * How each platform's endpoints are asked: its address, its credentials, its envelope, and what it says when it refuses.
 */
#ifndef COMMAND_INVOKE_SERVICE_H
#define COMMAND_INVOKE_SERVICE_H

#include "cloud/client.h"
#include "command/invoke_target.h"

struct invoke_settings {
    const char *endpoint;     /* the address of another server than the platform's own; "" = none */
    const char *key;          /* a key or token to bear; "" = those that the platform's own tools would find */
    const char *content_type; /* of what is sent */
    const char *accept;       /* of what is wanted; "" = nothing is said */
    const char *output;       /* what is wanted, where the body cannot say it and an address can; "" = nothing */
    bool json;                /* the body is one JSON document */
};

/* An answer without its envelope. The texts belong to the call or to `held`. */
struct invoke_reply {
    const uint8_t *bytes;
    size_t size;
    const char *content_type; /* NULL = it says none */
    struct buffer held;
    void *document; /* cJSON's, that texts lie in */
};

enum invoke_verdict {
    INVOKE_TAKEN,
    INVOKE_LATER,  /* asking again may help; `error` is written in case it does not */
    INVOKE_REFUSED /* `error` is written */
};

struct invoke_service {
    const struct invoke_target *target;
    const struct invoke_settings *settings;
    struct http_client *client;
    char *address; /* owned */
    void *state;   /* the platform's */
    /* Adds to the call what this platform wants in its headers, credentials last. */
    bool (*authorize)(struct invoke_service *service, struct http_call *call, struct forestd_error *error);
    /* Takes an answer with status 200 out of its envelope; NULL = there is none. */
    enum invoke_verdict (*unwrap)(struct invoke_service *service, const struct http_call *call,
                                  struct invoke_reply *reply, struct forestd_error *error);
    /* Writes the platform's own sentence for a refusal; NULL, or false = it has none. */
    bool (*explain)(struct invoke_service *service, const struct http_call *call, struct forestd_error *error);
    /* The credential was refused: whether another is worth an attempt. NULL = no. */
    bool (*renew)(struct invoke_service *service, const struct http_call *call);
    /* Which credential is used, for messages; NULL = none. */
    const char *(*used)(const struct invoke_service *service);
    void (*close)(struct invoke_service *service);
};

/* Finds the address, and asks nobody. What is passed must outlive the service. */
bool invoke_service_open(struct invoke_service *service, const struct invoke_target *target,
                         const struct invoke_settings *settings, struct http_client *client,
                         struct forestd_error *error);

/* Makes `call`, which is empty, a request with this body. Fails where credentials are missing. */
bool invoke_prepare(struct invoke_service *service, const void *body, size_t size, struct http_call *call,
                    struct forestd_error *error);

/* What became of a call that is over. `reply` is all zero; it is to be closed before the call is forgotten. */
enum invoke_verdict invoke_take(struct invoke_service *service, const struct http_call *call,
                                struct invoke_reply *reply, struct forestd_error *error);

void invoke_reply_close(struct invoke_reply *reply);

void invoke_service_close(struct invoke_service *service);

/* ---- invoke_aws.c, invoke_vertex.c, invoke_azureml.c: for invoke_service.c ---- */

bool invoke_sagemaker_open(struct invoke_service *service, struct forestd_error *error);
bool invoke_lambda_open(struct invoke_service *service, struct forestd_error *error);
bool invoke_vertex_open(struct invoke_service *service, struct forestd_error *error);
bool invoke_azureml_open(struct invoke_service *service, struct forestd_error *error);

/* Bytes of an address without slashes at its end. */
int invoke_address_size(const char *address);

/* Fails where a credential would go over an address that anybody on the way can read. */
bool invoke_is_safe(const struct invoke_service *service, struct forestd_error *error);

#endif
