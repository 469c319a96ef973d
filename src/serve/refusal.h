/*
 * How a platform says that something is wrong: one sentence and one word for programs, in the form that its clients
 * read.
 */
#ifndef SERVE_REFUSAL_H
#define SERVE_REFUSAL_H

#include "base/buffer.h"

enum form {
    FORM_USUAL,   /* {"error": sentence, "code": word} and the position: KServe, Open Inference Protocol, SageMaker */
    FORM_MESSAGE, /* {"message": sentence, "code": word} and the position: Azure ML's inference server */
    FORM_SERVICE, /* {"Message": sentence}: AWS's services, whose word for it is a header */
    FORM_GOOGLE   /* {"error": {"code": 400, "message": sentence, "status": "INVALID_ARGUMENT", "details": [...]}}:
                     google.rpc.Status as Google's APIs write it in JSON */
};

struct refusal {
    enum form form;
    unsigned status;
    const char *word;
    const char *message;
    struct forestd_where where;
};

/* Writes the body into `body`, in place of what it held. False without memory: it is then empty. */
bool refusal_write(const struct refusal *refusal, struct buffer *body);

#endif
