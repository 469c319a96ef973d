#include "transport/reply.h"

#include <sys/socket.h>

enum MHD_Result reply_queue(struct MHD_Connection *connection, const struct exchange *exchange, bool last)
{
    static char nothing[1];
    const struct reply *reply = &exchange->reply;
    struct MHD_Response *response = MHD_create_response_from_buffer(
        reply->body.size, reply->body.size ? (void *)reply->body.bytes : nothing, MHD_RESPMEM_PERSISTENT);
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

void reply_send(int descriptor, const struct exchange *exchange)
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
