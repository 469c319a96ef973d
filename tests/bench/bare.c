/*
 * The floor that forestd's HTTP is measured against: a libmicrohttpd server on one thread that reads a request's body and
 * answers with a constant text of SIZE bytes. Its connections have as much memory as forestd's, which libmicrohttpd
 * clears for every request.
 *
 *     bare PORT SIZE
 */
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTION_MEMORY = 24 * 1024, MEMORY_STEP = 4 * 1024 }; /* those of src/transport/http.c */

struct reply {
    char *text;
    size_t size;
};

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **state)
{
    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    const struct reply *reply = context;
    static int seen;
    if (!*state) {
        *state = &seen;
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0;
        return MHD_YES;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(reply->size, reply->text, MHD_RESPMEM_PERSISTENT);
    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

int main(int count, char **words)
{
    if (count != 3)
        return 2;
    struct reply reply = {.size = strtoul(words[2], NULL, 10)};
    reply.text = malloc(reply.size + 1);
    if (!reply.text)
        return 1;
    memset(reply.text, ' ', reply.size);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, (uint16_t)strtoul(words[1], NULL, 10), NULL, NULL, answer,
                         &reply, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
                         MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)MEMORY_STEP, MHD_OPTION_END);
    if (!daemon)
        return 1;
    int received = 0;
    (void)sigwait(&signals, &received);
    MHD_stop_daemon(daemon);
    free(reply.text);
    return 0;
}
