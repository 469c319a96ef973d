/*
 * What was measured, for CloudWatch: log lines in its embedded metric format, of which CloudWatch Logs makes metrics.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * A line a minute for each model and status tells how many requests there were (Requests), their rows (Rows), and how
 * long they took (Latency, in milliseconds): every one where there were up to a hundred, which is what an array may
 * hold, else a hundred chosen by lot. So the lines of a minute are bounded, however busy the server is.
 *
 * Threads: all functions may be called from any thread at once, but for open and close.
 */
#ifndef OBSERVE_EMBEDDED_H
#define OBSERVE_EMBEDDED_H

#include "base/error.h"
#include "observe/log.h"
#include <stddef.h>

struct embedded;

/* `space` is the metrics' namespace; it and `log` must outlive the value. Every `seconds` a thread tells what came
 * together; 0: there is none, embedded_tell is called instead. */
struct embedded *embedded_open(struct log *log, const char *space, unsigned seconds, struct forestd_error *error);

/* The number by which embedded_count knows a model: one for all whose names came after the first hundred. */
unsigned embedded_model(struct embedded *embedded, const char *name);

/* One request is over. `model` 0 stands for none. */
void embedded_count(struct embedded *embedded, unsigned model, unsigned status, uint64_t nanoseconds, uint64_t rows);

/* Writes the lines of what was counted since the last time. */
void embedded_tell(struct embedded *embedded);

/* Tells what is left and frees. NULL is allowed. */
void embedded_close(struct embedded *embedded);

#endif
