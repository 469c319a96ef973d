#include "codec/codec.h"

#include <string.h>
#include <strings.h>

/* Every content type once. The first of a format is what its answers carry. */
#define JSON_TYPE "application/json"
#define LINES_TYPE "application/jsonlines"
#define CSV_TYPE "text/csv"
#define NPY_TYPE "application/x-npy"
#define LIBSVM_TYPE "text/libsvm"
#define RECORDIO_TYPE "application/x-recordio-protobuf"

static const struct format_type {
    const char *type;
    enum format format;
} types[] = {
    {JSON_TYPE, FORMAT_JSON},
    {"application/cloudevents+json", FORMAT_JSON}, /* an event whose data are the question */
    {LINES_TYPE, FORMAT_LINES},
    {"application/x-jsonlines", FORMAT_LINES},
    {"application/jsonl", FORMAT_LINES},
    {"application/x-ndjson", FORMAT_LINES},
    {"application/ndjson", FORMAT_LINES},
    {CSV_TYPE, FORMAT_CSV},
    {"application/csv", FORMAT_CSV},
    {NPY_TYPE, FORMAT_NPY},
    {LIBSVM_TYPE, FORMAT_LIBSVM},
    {"text/x-libsvm", FORMAT_LIBSVM},
    {RECORDIO_TYPE, FORMAT_RECORDIO},
    {"application/octet-stream", FORMAT_SNIFFED},
    {"binary/octet-stream", FORMAT_SNIFFED},
    {"application/x-www-form-urlencoded", FORMAT_SNIFFED},
};

static const struct {
    const char *ending;
    enum format format;
} endings[] = {
    {".json", FORMAT_JSON},     {".jsonl", FORMAT_LINES},     {".jsonlines", FORMAT_LINES},
    {".ndjson", FORMAT_LINES},  {".csv", FORMAT_CSV},         {".npy", FORMAT_NPY},
    {".libsvm", FORMAT_LIBSVM}, {".svmlight", FORMAT_LIBSVM}, {".recordio", FORMAT_RECORDIO},
};

enum { TYPES = sizeof types / sizeof *types, ENDINGS = sizeof endings / sizeof *endings };

const char *format_content_type(enum format format)
{
    for (size_t i = 0; i < TYPES; i++) {
        if (types[i].format == format)
            return types[i].type;
    }
    return "application/octet-stream";
}

const char *format_list(void)
{
    return JSON_TYPE ", " LINES_TYPE ", " CSV_TYPE ", " NPY_TYPE ", " LIBSVM_TYPE ", " RECORDIO_TYPE;
}

const char *format_answer_list(void)
{
    return JSON_TYPE ", " LINES_TYPE ", " CSV_TYPE ", " NPY_TYPE;
}

bool format_in_lines(enum format format)
{
    return format == FORMAT_LINES || format == FORMAT_CSV || format == FORMAT_LIBSVM || format == FORMAT_RECORDIO;
}

enum format format_of_answer(enum format question)
{
    switch (question) {
    case FORMAT_LIBSVM: /* as other containers that take it do */
        return FORMAT_CSV;
    case FORMAT_RECORDIO:
        return FORMAT_JSON;
    default:
        return question;
    }
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A part of a header: no spaces around it. */
struct part {
    const char *text;
    size_t size;
};

static struct part trimmed(const char *text, const char *end)
{
    while (text < end && is_space(*text))
        text++;
    while (end > text && is_space(end[-1]))
        end--;
    return (struct part){text, (size_t)(end - text)};
}

static bool same(struct part part, const char *word)
{
    return strlen(word) == part.size && strncasecmp(part.text, word, part.size) == 0;
}

bool format_of_content_type(const char *content_type, enum format *format)
{
    if (!content_type)
        content_type = "";
    struct part part = trimmed(content_type, content_type + strcspn(content_type, ";"));
    if (part.size == 0) {
        *format = FORMAT_SNIFFED;
        return true;
    }
    for (size_t i = 0; i < TYPES; i++) {
        if (same(part, types[i].type)) {
            *format = types[i].format;
            return true;
        }
    }
    return false;
}

bool format_of_path(const char *path, enum format *format)
{
    size_t size = strlen(path);
    for (size_t i = 0; i < ENDINGS; i++) {
        size_t ending = strlen(endings[i].ending);
        if (size > ending && strcasecmp(path + size - ending, endings[i].ending) == 0) {
            *format = endings[i].format;
            return true;
        }
    }
    return false;
}

/* How much a client wants one format. */
struct liking {
    int exactness; /* of the entry that decided: 3 = names the type, 2 = type/ *, 1 = any, 0 = none */
    int quality;   /* in thousandths */
    size_t entry;  /* its place in the list */
};

/* How exactly an entry means a type of `format`; 0 when it does not. */
static int exactness_of(struct part entry, enum format format)
{
    if (same(entry, "*/*") || same(entry, "*"))
        return 1;
    const char *usual = format_content_type(format);
    size_t family = strcspn(usual, "/") + 1;
    if (entry.size == family + 1 && entry.text[family] == '*' && strncasecmp(entry.text, usual, family) == 0)
        return 2;
    for (size_t i = 0; i < TYPES; i++) {
        if (types[i].format == format && same(entry, types[i].type))
            return 3;
    }
    return 0;
}

/* The q among an entry's parameters, in thousandths; 1000 where there is none that makes sense. */
static int quality_of(const char *text, const char *end)
{
    while (text < end) {
        const char *stop = memchr(text, ';', (size_t)(end - text));
        struct part part = trimmed(text, stop ? stop : end);
        if (part.size >= 3 && (part.text[0] == 'q' || part.text[0] == 'Q') && part.text[1] == '=') {
            int quality = part.text[2] == '0' ? 0 : 1000;
            int unit = 100;
            for (size_t i = 4; quality < 1000 && i < part.size && unit; i++, unit /= 10) {
                if (part.text[i] < '0' || part.text[i] > '9')
                    break;
                quality += unit * (part.text[i] - '0');
            }
            return quality;
        }
        text = stop ? stop + 1 : end;
    }
    return 1000;
}

/* One entry of the list: what it says about each format. More exact entries override less exact ones. */
static void read_entry(const char *text, const char *end, size_t entry, struct liking *likings)
{
    const char *mark = memchr(text, ';', (size_t)(end - text));
    struct part type = trimmed(text, mark ? mark : end);
    int quality = mark ? quality_of(mark + 1, end) : 1000;
    for (int format = 0; format < ANSWER_FORMATS; format++) {
        int exactness = exactness_of(type, (enum format)format);
        struct liking *liking = &likings[format];
        if (exactness > liking->exactness || (exactness && exactness == liking->exactness && quality > liking->quality))
            *liking = (struct liking){exactness, quality, entry};
    }
}

/* Whether `left` is liked more; `usual` says that left is the format that is answered when nothing is asked. */
static bool liked_more(struct liking left, bool usual, struct liking right, bool right_usual)
{
    if (left.quality != right.quality)
        return left.quality > right.quality;
    if ((left.exactness == 3) != (right.exactness == 3))
        return left.exactness == 3;
    if (usual || right_usual)
        return usual;
    return left.entry < right.entry;
}

bool format_of_accept(const char *accept, enum format usual, enum format *format)
{
    usual = format_of_answer(usual);
    if (!accept || trimmed(accept, accept + strlen(accept)).size == 0) {
        *format = usual;
        return true;
    }
    struct liking likings[ANSWER_FORMATS] = {{0, 0, 0}};
    size_t entry = 0;
    for (const char *text = accept;; entry++) {
        const char *end = text + strcspn(text, ",");
        read_entry(text, end, entry, likings);
        if (!*end)
            break;
        text = end + 1;
    }
    bool found = false;
    for (int i = 0; i < ANSWER_FORMATS; i++) {
        enum format candidate = (enum format)i;
        if (likings[i].quality == 0)
            continue;
        if (!found || liked_more(likings[i], candidate == usual, likings[*format], *format == usual)) {
            *format = candidate;
            found = true;
        }
    }
    return found;
}
