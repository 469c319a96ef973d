/*
 * What `forestd invoke` asks: an endpoint, by the name that its platform knows it by.
 *
 *     sagemaker://ENDPOINT[?model=X.tar.gz&variant=V&component=C&region=R]
 *     lambda://FUNCTION[:ALIAS][?region=R], also an ARN
 *     vertex://PROJECT/LOCATION/ENDPOINT, also projects/P/locations/L/endpoints/E
 *     azureml://ENDPOINT/REGION[?deployment=D], or the scoring address with azureml for https
 *     http://HOST[/PATH], https://HOST[/PATH]; without a path, /invocations
 */
#ifndef COMMAND_INVOKE_TARGET_H
#define COMMAND_INVOKE_TARGET_H

#include "base/error.h"
#include <stdbool.h>

enum target_kind { TARGET_SAGEMAKER, TARGET_LAMBDA, TARGET_VERTEX, TARGET_AZUREML, TARGET_HTTP };

/* Owned texts, NULL where nothing was said. */
struct invoke_target {
    enum target_kind kind;
    char *text;       /* as it was said, without what stands behind a question mark: for messages */
    char *name;       /* the endpoint or function; for TARGET_HTTP the address that is asked */
    char *project;    /* Vertex AI's */
    char *location;   /* Vertex AI's location, Azure's region */
    char *host;       /* of Azure ML's scoring address, whose path is then the name */
    char *region;     /* AWS's */
    char *model;      /* of a multi-model endpoint */
    char *variant;    /* of SageMaker's */
    char *component;  /* inference component of SageMaker's */
    char *deployment; /* of Azure ML's */
};

/* Fails with FORESTD_ARGUMENT and a sentence that shows what a target looks like. */
bool invoke_target_read(const char *text, struct invoke_target *target, struct forestd_error *error);

void invoke_target_close(struct invoke_target *target);

#endif
