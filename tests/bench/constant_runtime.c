/*
 * The least that a runtime of AWS Lambda does, for tests/bench/lambda: it answers every event with a constant of the size
 * that forestd's answer has.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char answer[] =
    "{\"predictions\": [0], \"probabilities\": [[0.78, 0.22]], \"model_version\": \"c836760f9d8c09f6\"}";

static size_t take_header(char *line, size_t size, size_t count, void *context)
{
    static const char name[] = "Lambda-Runtime-Aws-Request-Id: ";
    size_t length = sizeof name - 1;
    if (size * count > length && strncasecmp(line, name, length) == 0)
        (void)snprintf(context, 128, "%.*s", (int)strcspn(line + length, "\r\n"), line + length);
    return size * count;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl has it so */
static size_t discard(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

int main(void)
{
    const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
    CURL *handle = curl_easy_init();
    if (!api || !handle)
        return 1;
    char url[512];
    char id[128] = "";
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, id);
    for (;;) {
        (void)snprintf(url, sizeof url, "http://%s/2018-06-01/runtime/invocation/next", api);
        curl_easy_setopt(handle, CURLOPT_URL, url);
        curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
        curl_easy_setopt(handle, CURLOPT_HTTPHEADER, NULL);
        if (curl_easy_perform(handle) != CURLE_OK)
            return 1;
        (void)snprintf(url, sizeof url, "http://%s/2018-06-01/runtime/invocation/%s/response", api, id);
        curl_easy_setopt(handle, CURLOPT_URL, url);
        curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, (long)(sizeof answer - 1));
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, answer);
        if (curl_easy_perform(handle) != CURLE_OK)
            return 1;
    }
}
