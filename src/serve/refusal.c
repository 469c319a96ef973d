#include "serve/refusal.h"

#include "base/error.h"
#include "observe/text.h"
#include <inttypes.h>
#include <string.h>

/* google.rpc.Code, as the API documentation maps it to statuses of HTTP. */
static const struct {
    unsigned status;
    const char *word;
} google_words[] = {
    {400, "INVALID_ARGUMENT"},    {403, "PERMISSION_DENIED"},  {404, "NOT_FOUND"},     {409, "ALREADY_EXISTS"},
    {413, "FAILED_PRECONDITION"}, {429, "RESOURCE_EXHAUSTED"}, {501, "UNIMPLEMENTED"}, {503, "UNAVAILABLE"},
};

static const char *google_word(unsigned status)
{
    for (size_t i = 0; i < sizeof google_words / sizeof *google_words; i++)
        if (google_words[i].status == status)
            return google_words[i].word;
    return status < 500 ? "INVALID_ARGUMENT" : "INTERNAL";
}

/* The members that say where; they follow others. */
static bool write_where(struct buffer *body, struct forestd_where where)
{
    switch (where.place) {
    case FORESTD_CELL:
        return buffer_print(body, NULL, ", \"row\": %" PRIu64 ", \"column\": %" PRIu64, where.first, where.second);
    case FORESTD_ROW:
        return buffer_print(body, NULL, ", \"row\": %" PRIu64, where.first);
    case FORESTD_BYTE:
        return buffer_print(body, NULL, ", \"byte\": %" PRIu64, where.first);
    case FORESTD_NODE:
    case FORESTD_NOWHERE:
        break;
    }
    return true;
}

static bool write_flat(const struct refusal *refusal, const char *member, struct buffer *body)
{
    return buffer_print(body, NULL, "{\"%s\": ", member) &&
           text_escape(body, refusal->message, strlen(refusal->message), NULL) &&
           buffer_print(body, NULL, ", \"code\": \"%s\"", refusal->word) && write_where(body, refusal->where) &&
           buffer_append(body, "}\n", 2, NULL);
}

static bool write_service(const struct refusal *refusal, struct buffer *body)
{
    return buffer_print(body, NULL, "{\"Message\": ") &&
           text_escape(body, refusal->message, strlen(refusal->message), NULL) && buffer_append(body, "}\n", 2, NULL);
}

/* The word and the position stand in a google.rpc.ErrorInfo, where API clients look for such things. */
static bool write_google(const struct refusal *refusal, struct buffer *body)
{
    return buffer_print(body, NULL, "{\"error\": {\"code\": %u, \"message\": ", refusal->status) &&
           text_escape(body, refusal->message, strlen(refusal->message), NULL) &&
           buffer_print(body, NULL,
                        ", \"status\": \"%s\", \"details\": [{\"@type\": \"type.googleapis.com/google.rpc.ErrorInfo\", "
                        "\"reason\": \"%s\", \"domain\": \"forestd\"}]}}\n",
                        google_word(refusal->status), refusal->word);
}

bool refusal_write(const struct refusal *refusal, struct buffer *body)
{
    bool good = false;
    buffer_close(body);
    body->budget = NULL;
    switch (refusal->form) {
    case FORM_USUAL:
        good = write_flat(refusal, "error", body);
        break;
    case FORM_MESSAGE:
        good = write_flat(refusal, "message", body);
        break;
    case FORM_SERVICE:
        good = write_service(refusal, body);
        break;
    case FORM_GOOGLE:
        good = write_google(refusal, body);
        break;
    }
    if (!good)
        buffer_close(body);
    return good;
}
