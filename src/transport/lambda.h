/*
 * AWS Lambda's Runtime API: events in, answers out, one after another over one connection that is kept alive. No port is
 * listened on, and no thread is started. The sandbox is frozen while it waits for the next event.
 *
 * Paths, headers, status codes and the size of answers: "Lambda runtime API" in AWS's developer guide, and what the
 * runtime interface emulator was seen to do.
 */
#ifndef TRANSPORT_LAMBDA_H
#define TRANSPORT_LAMBDA_H

#include "serve/server.h"

/* The largest answer that Lambda takes, in bytes. */
enum { LAMBDA_ANSWER_MOST = 6291556 };

struct lambda;

/* `api` is what AWS_LAMBDA_RUNTIME_API says: host and port. It must outlive the result. */
struct lambda *lambda_open(const char *api, struct log *log, struct forestd_error *error);

/* Tells Lambda that this instance cannot start, and why. */
bool lambda_refuse(struct lambda *lambda, const struct forestd_error *why);

/*
 * Answers events until the Runtime API is gone (three times in a row) or asks the process to end; `error` says which.
 * With `stream`, HTTP requests are answered as functions whose URL is invoked in the mode RESPONSE_STREAM do.
 */
void lambda_run(struct lambda *lambda, struct server *server, bool stream, struct forestd_error *error);

/* NULL is allowed. */
void lambda_close(struct lambda *lambda);

#endif
