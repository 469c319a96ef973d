#include "cloud/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

bool variable_true(const char *name)
{
    const char *value = variable(name);
    return value && strcasecmp(value, "true") == 0;
}

bool encode_append(struct buffer *buffer, const char *text, bool path, struct forestd_error *error)
{
    static const char digits[] = "0123456789ABCDEF";
    if (!buffer_reserve(buffer, 3 * strlen(text), error))
        return false;
    for (; *text; text++) {
        unsigned char letter = (unsigned char)*text;
        bool plain = letter < 0x80 && (isalnum(letter) || strchr("-._~", letter) || (path && letter == '/'));
        if (plain) {
            buffer->bytes[buffer->size++] = letter;
        } else {
            buffer->bytes[buffer->size++] = '%';
            buffer->bytes[buffer->size++] = (uint8_t)digits[letter >> 4];
            buffer->bytes[buffer->size++] = (uint8_t)digits[letter & 15];
        }
    }
    return true;
}

bool text_append(struct buffer *buffer, const char *text, struct forestd_error *error)
{
    return buffer_append(buffer, text, strlen(text), error);
}

bool text_end(struct buffer *buffer, struct forestd_error *error)
{
    if (!buffer_append(buffer, "", 1, error))
        return false;
    buffer->size--;
    return true;
}

char *text_print(struct forestd_error *error, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (size >= 0)
        return text;
    error_memory(error, 0, "a text");
    return NULL;
}

static char *read_whole(int file, size_t *size)
{
    char *text = malloc(SMALL_FILE + 1);
    ssize_t got = 1;
    *size = 0;
    while (text && got > 0 && *size < SMALL_FILE) {
        got = read(file, text + *size, SMALL_FILE - *size);
        *size += got > 0 ? (size_t)got : 0;
    }
    if (text && got == 0)
        return text;
    if (got > 0)
        errno = EFBIG;
    free(text);
    return NULL;
}

char *text_file(const char *path, struct forestd_error *error)
{
    /* Not blocking: opening a pipe would wait for its writer. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t size = 0;
    char *text = file < 0 ? NULL : read_whole(file, &size);
    int why = errno;
    if (file >= 0)
        (void)close(file);
    if (!text) {
        error_set(error, FORESTD_IO, at_nowhere(), "%s: %s", path, strerror(why));
        return NULL;
    }
    while (size && isspace((unsigned char)text[size - 1]))
        size--;
    text[size] = '\0';
    return text;
}

const char *home(void)
{
    const char *folder = variable("HOME");
    if (folder)
        return folder;
    /* Asked once a fetch at most, before threads share what it returns. */
    const struct passwd *user = getpwuid(getuid()); /* NOLINT(concurrency-mt-unsafe) */
    return user ? user->pw_dir : NULL;
}

int64_t time_read(const char *text)
{
    struct tm parts = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    if (!rest)
        return 0;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    long zone = 0;
    if ((*rest == '+' || *rest == '-') && isdigit((unsigned char)rest[1])) {
        struct tm offset = {0};
        if (!strptime(rest + 1, "%H:%M", &offset))
            return 0;
        zone = (offset.tm_hour * 60L + offset.tm_min) * (*rest == '+' ? 60L : -60L);
    }
    return (int64_t)timegm(&parts) - zone;
}

bool address_is_loopback(const char *address)
{
    const char *host = strstr(address, "://");
    host = host ? host + 3 : address;
    if (strncmp(host, "[::1]", 5) == 0)
        return true;
    size_t size = strcspn(host, ":/?#");
    if (memchr(host, '@', strcspn(host, "/?#")))
        return false;
    return (size == 9 && strncasecmp(host, "localhost", 9) == 0) ||
           (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == size);
}

void text_clean(char *text, size_t size, const char *dirty)
{
    size_t used = 0;
    for (; *dirty && used + 1 < size; dirty++) {
        text[used] = *dirty;
        if ((unsigned char)*dirty < 0x20 || *dirty == 0x7F)
            text[used] = ' ';
        used++;
    }
    text[used] = '\0';
}
