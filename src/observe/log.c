#include "observe/log.h"

#include "observe/text.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const level_words[] = {"debug", "info", "warn", "error"};

/* The same for Google Cloud's logging (LogSeverity). */
static const char *const severities[] = {"DEBUG", "INFO", "WARNING", "ERROR"};

void log_open(struct log *log, enum log_level level, int descriptor)
{
    log->level = level;
    log->descriptor = descriptor;
    pthread_mutex_init(&log->turn, NULL);
}

void log_close(struct log *log)
{
    pthread_mutex_destroy(&log->turn);
}

bool log_level_read(const char *word, enum log_level *level)
{
    for (size_t i = 0; i < sizeof level_words / sizeof *level_words; i++) {
        if (strcmp(word, level_words[i]) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

bool log_wants(const struct log *log, enum log_level level)
{
    return log && level >= log->level;
}

static bool put_head(struct buffer *line, enum log_level level, const char *message)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    struct tm parts;
    (void)gmtime_r(&now.tv_sec, &parts);
    char time[32];
    (void)strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S", &parts);
    return buffer_print(line, NULL, "{\"time\":\"%s.%03ldZ\",\"level\":\"%s\",\"severity\":\"%s\",\"message\":", time,
                        now.tv_nsec / 1000000, level_words[level], severities[level]) &&
           text_escape(line, message, strlen(message), NULL);
}

static bool put_field(struct buffer *line, const struct field *field)
{
    if (field->kind == FIELD_NUMBER)
        return buffer_print(line, NULL, ",\"%s\":%" PRIu64, field->name, field->number);
    if (!field->text)
        return true;
    if (field->kind == FIELD_JSON)
        return buffer_print(line, NULL, ",\"%s\":%s", field->name, field->text);
    return buffer_print(line, NULL, ",\"%s\":", field->name) &&
           text_escape(line, field->text, strlen(field->text), NULL);
}

static void write_all(struct log *log, const uint8_t *bytes, size_t size)
{
    pthread_mutex_lock(&log->turn);
    while (size) {
        ssize_t written = write(log->descriptor, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            break;
        bytes += written;
        size -= (size_t)written;
    }
    pthread_mutex_unlock(&log->turn);
}

void log_line(struct log *log, enum log_level level, const char *message, const struct field *fields)
{
    if (log_wants(log, level))
        log_write(log, level, message, fields);
}

void log_write(struct log *log, enum log_level level, const char *message, const struct field *fields)
{
    struct buffer line = {0};
    bool good = put_head(&line, level, message);
    for (; good && fields && fields->kind != FIELD_END; fields++)
        good = put_field(&line, fields);
    if (good && buffer_append(&line, "}\n", 2, NULL))
        write_all(log, line.bytes, line.size);
    buffer_close(&line);
}
