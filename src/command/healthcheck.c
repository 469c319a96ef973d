#include "command/commands.h"

#include <curl/curl.h>
#include <stdio.h>

/* A container's health check is asked every few seconds and must be over before the next one. */
enum { PATIENCE_MS = 4000 };

static size_t ignore(const char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static bool ask(unsigned long port, long *status, struct forestd_error *error)
{
    char address[64];
    (void)snprintf(address, sizeof address, "http://127.0.0.1:%lu/ping", port);
    CURL *curl = curl_easy_init();
    if (!curl)
        return error_memory(error, 0, "an HTTP client");
    curl_easy_setopt(curl, CURLOPT_URL, address);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)PATIENCE_MS);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
    curl_easy_cleanup(curl);
    if (code != CURLE_OK)
        return error_set(error, FORESTD_IO, at_nowhere(), "%s: %s: is forestd running on this port?", address,
                         curl_easy_strerror(code));
    return true;
}

int command_healthcheck(const struct options *options)
{
    struct forestd_error error;
    unsigned long port = 0;
    if (!option_number(options, OPTION_PORT, 1, 65535, &port, &error))
        return complain(&error, EXIT_USAGE);
    long status = 0;
    if (!ask(port, &status, &error))
        return complain(&error, EXIT_FAILED);
    if (status != 200) {
        error_set(&error, FORESTD_IO, at_nowhere(), "not ready: /ping on port %lu answered %ld", port, status);
        return complain(&error, EXIT_FAILED);
    }
    return EXIT_DONE;
}
