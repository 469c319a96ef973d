#include "command/invoke_target.h"
#include "unit/suite.h"

#include <string.h>

static void reads(const char *text, enum target_kind kind, const char *name)
{
    struct invoke_target target;
    struct forestd_error error;
    bool good = invoke_target_read(text, &target, &error);
    ck_assert_msg(good, "%s: %s", text, error.message);
    ck_assert_int_eq(target.kind, kind);
    ck_assert_str_eq(target.name, name);
    invoke_target_close(&target);
}

static void refuses(const char *text, const char *said)
{
    struct invoke_target target;
    struct forestd_error error;
    ck_assert_msg(!invoke_target_read(text, &target, &error), "%s", text);
    ck_assert_int_eq(error.code, FORESTD_ARGUMENT);
    ck_assert_msg(strstr(error.message, said), "%s: %s", text, error.message);
    invoke_target_close(&target);
}

START_TEST(an_address_without_a_path_gets_one)
{
    reads("http://host:8080", TARGET_HTTP, "http://host:8080/invocations");
    reads("http://host:8080/", TARGET_HTTP, "http://host:8080/invocations");
    reads("https://host//?a=b", TARGET_HTTP, "https://host/invocations?a=b");
    reads("https://host?a=b", TARGET_HTTP, "https://host/invocations?a=b");
    reads("https://host/score", TARGET_HTTP, "https://host/score");
    reads("https://host/a/b?c=/", TARGET_HTTP, "https://host/a/b?c=/");
    refuses("http://", "http://HOST:PORT");
    refuses("https:///score", "http://HOST:PORT");
}
END_TEST

START_TEST(names_are_those_of_their_platform)
{
    reads("sagemaker://churn-1", TARGET_SAGEMAKER, "churn-1");
    reads("SageMaker://churn", TARGET_SAGEMAKER, "churn");
    reads("lambda://churn", TARGET_LAMBDA, "churn");
    reads("lambda://churn:$LATEST", TARGET_LAMBDA, "churn:$LATEST");
    reads("vertex://p/europe-west4/77", TARGET_VERTEX, "77");
    reads("vertex://projects/p/locations/europe-west4/endpoints/77", TARGET_VERTEX, "77");
    reads("azureml://churn/westeurope", TARGET_AZUREML, "churn");
    reads("azureml://churn.westeurope.inference.ml.azure.com/score", TARGET_AZUREML, "score");
    reads("azureml://churn.westeurope.inference.ml.azure.com", TARGET_AZUREML, "score");
    refuses("", "is no target");
    refuses("churn", "is no target");
    refuses("s3://bucket/key", "is no target");
    refuses("sagemaker://", "63 letters");
    refuses("sagemaker://-a", "63 letters");
    refuses("sagemaker://a/b", "63 letters");
    refuses("sagemaker://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "63 letters");
    refuses("lambda://a/b", "FUNCTION:ALIAS");
    refuses("vertex://p/l", "vertex://PROJECT/LOCATION/ENDPOINT");
    refuses("vertex://p/l/e/more", "vertex://PROJECT/LOCATION/ENDPOINT");
    refuses("vertex://p/l@evil.example/e", "vertex://PROJECT/LOCATION/ENDPOINT");
    refuses("azureml://churn", "azureml://ENDPOINT/REGION");
    refuses("azureml://churn/west/more", "azureml://ENDPOINT/REGION");
}
END_TEST

START_TEST(parameters_belong_to_a_platform)
{
    struct invoke_target target;
    struct forestd_error error;
    ck_assert(invoke_target_read("sagemaker://e?model=a/b.tar.gz&variant=v&component=c&region=r", &target, &error));
    ck_assert_str_eq(target.text, "sagemaker://e");
    ck_assert_str_eq(target.model, "a/b.tar.gz");
    ck_assert_str_eq(target.variant, "v");
    ck_assert_str_eq(target.component, "c");
    ck_assert_str_eq(target.region, "r");
    invoke_target_close(&target);
    ck_assert(invoke_target_read("azureml://e/r?deployment=green", &target, &error));
    ck_assert_str_eq(target.deployment, "green");
    ck_assert_str_eq(target.location, "r");
    invoke_target_close(&target);
    ck_assert(
        invoke_target_read("lambda://arn:aws:lambda:eu-west-1:123456789012:function:churn:live", &target, &error));
    ck_assert_str_eq(target.region, "eu-west-1");
    invoke_target_close(&target);
    refuses("sagemaker://e?deployment=green", "no parameter 'deployment'");
    refuses("sagemaker://e?model=", "wants a value");
    refuses("sagemaker://e?model", "wants a value");
    refuses("vertex://p/l/e?model=x", "no parameter 'model'");
}
END_TEST

SUITE(invoke_target, an_address_without_a_path_gets_one, names_are_those_of_their_platform,
      parameters_belong_to_a_platform)
