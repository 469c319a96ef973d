/*
 * Events that bring several questions at once: messages of queues and topics, and files that were put into a bucket.
 */
#ifndef TRANSPORT_EVENT_RECORDS_H
#define TRANSPORT_EVENT_RECORDS_H

#include "transport/event.h"
#include <cjson/cJSON.h>

/*
 * Answers {"results": [{"id": …, "statusCode": …, "answer": …}, …]}, one for each record, and beside it, for queues
 * and streams, {"batchItemFailures": [{"itemIdentifier": …}]}: those that failed, in the form with which Lambda gives
 * them back to the queue (ReportBatchItemFailures). False when a record is of no kind that is known.
 */
bool records_answer(struct server *server, const cJSON *records, struct event_answer *answer);

/* The same for one file: the object that EventBridge tells of in `detail`. */
bool object_answer(struct server *server, const cJSON *detail, struct event_answer *answer);

#endif
