/*
 * Replies as they leave: through libmicrohttpd, or, where it would not let them, straight to the socket.
 */
#ifndef TRANSPORT_REPLY_H
#define TRANSPORT_REPLY_H

#include "serve/exchange.h"
#include <microhttpd.h>

/*
 * Queues the exchange's reply, which must live until the request is completed. `last`: the connection ends with it.
 */
enum MHD_Result reply_queue(struct MHD_Connection *connection, const struct exchange *exchange, bool last);

/*
 * Sends the exchange's reply at once, in the middle of its request, and closes the sending direction. libmicrohttpd
 * queues replies only before or after a body; one who sends too large a body must hear of it before it is over.
 */
void reply_send(int descriptor, const struct exchange *exchange);

#endif
