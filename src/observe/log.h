/*
 * Log lines: one JSON object a line, such as
 *
 *     {"time":"2026-11-24T00:13:05.123Z","level":"info","severity":"INFO","message":"listening","host":"0.0.0.0","port":8080}
 *
 * A log is passed to whoever writes to it. All functions may be called from any thread at once.
 */
#ifndef OBSERVE_LOG_H
#define OBSERVE_LOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum log_level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR };

struct log {
    enum log_level level; /* lines below it are dropped */
    int descriptor;       /* where lines go; stays the caller's */
    pthread_mutex_t turn; /* one line at a time, however long */
};

enum field_kind { FIELD_END, FIELD_TEXT, FIELD_NUMBER, FIELD_JSON };

/* One more member of a line. */
struct field {
    const char *name;
    enum field_kind kind;
    const char *text; /* NULL leaves the member out */
    uint64_t number;
};

static inline struct field field_text(const char *name, const char *text)
{
    return (struct field){name, FIELD_TEXT, text, 0};
}

static inline struct field field_number(const char *name, uint64_t number)
{
    return (struct field){name, FIELD_NUMBER, 0, number};
}

/* `text` is JSON, on one line, and written as it is. */
static inline struct field field_json(const char *name, const char *text)
{
    return (struct field){name, FIELD_JSON, text, 0};
}

static inline struct field field_end(void)
{
    return (struct field){0, FIELD_END, 0, 0};
}

void log_open(struct log *log, enum log_level level, int descriptor);

void log_close(struct log *log);

/* "debug", "info", "warn", "error". Returns false on any other word. */
bool log_level_read(const char *word, enum log_level *level);

/* Whether lines of `level` are written: to be asked before work that only a line needs. A NULL log writes nothing. */
bool log_wants(const struct log *log, enum log_level level);

/* Writes one line. `fields` ends with field_end(); NULL = none. A line that cannot be written is lost. */
void log_line(struct log *log, enum log_level level, const char *message, const struct field *fields);

/* The same whatever the log's level: for lines that are no messages. */
void log_write(struct log *log, enum log_level level, const char *message, const struct field *fields);

#endif
