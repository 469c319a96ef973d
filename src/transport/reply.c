#include "transport/reply.h"

#include <stdlib.h>
#include <sys/socket.h>

static void free_body(void *context)
{
    struct buffer *body = context;
    buffer_close(body);
    free(body);
}

/* The response takes the body over as it is; without memory to hold it, the reply is empty. */
static struct MHD_Response *response_of(struct buffer *body)
{
    static char nothing[1];
    struct buffer *taken = body->size ? malloc(sizeof *taken) : NULL;
    if (!taken)
        return MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
    *taken = *body;
    *body = (struct buffer){0};
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback_cls(taken->size, taken->bytes, free_body, taken);
    if (!response)
        free_body(taken);
    return response;
}

enum MHD_Result reply_queue(struct MHD_Connection *connection, struct exchange *exchange, bool last)
{
    const struct reply *reply = &exchange->reply;
    struct MHD_Response *response = response_of(&exchange->reply.body);
    if (!response)
        return MHD_NO;
    if (reply->content_type)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    for (size_t i = 0; i < reply->header_count; i++)
        (void)MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    if (last)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    enum MHD_Result result = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

void reply_send(int descriptor, struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;
    struct buffer text = {0};
    bool good = buffer_print(&text, NULL, "HTTP/1.1 %u %s\r\nConnection: close\r\nContent-Length: %zu\r\n",
                             reply->status, MHD_get_reason_phrase_for(reply->status), reply->body.size);
    if (good && reply->content_type)
        good = buffer_print(&text, NULL, "Content-Type: %s\r\n", reply->content_type);
    for (size_t i = 0; good && i < reply->header_count; i++)
        good = buffer_print(&text, NULL, "%s: %s\r\n", reply->headers[i].name, reply->headers[i].value);
    good = good && buffer_print(&text, NULL, "\r\n") && buffer_append(&text, reply->body.bytes, reply->body.size, NULL);
    /* It is small, and nothing else waits in the socket's buffer: it goes as a whole or the connection is lost. */
    if (good)
        (void)send(descriptor, text.bytes, text.size, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(descriptor, SHUT_WR);
    buffer_close(&text);
}
