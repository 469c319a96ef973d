#include "cloud/xml.h"

#include "base/buffer.h"
#include <expat.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { PATH_LIMIT = 256, TEXT_LIMIT = 1 << 20 };

struct walk {
    XML_Parser parser;
    char path[PATH_LIMIT];
    size_t path_size;
    struct buffer text; /* of the innermost element */
    xml_see see;
    void *context;
    struct forestd_error *error;
    bool stopped;
};

static void stop(struct walk *walk)
{
    walk->stopped = true;
    XML_StopParser(walk->parser, XML_FALSE);
}

static void XMLCALL element_begins(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct walk *walk = context;
    (void)attributes;
    const char *colon = strrchr(name, ':');
    name = colon ? colon + 1 : name;
    size_t size = strlen(name);
    walk->text.size = 0;
    if (walk->path_size + size + 2 > PATH_LIMIT) {
        error_set(walk->error, FORESTD_LIMIT, at_nowhere(), "the answer's elements are too deep");
        stop(walk);
        return;
    }
    if (walk->path_size)
        walk->path[walk->path_size++] = '/';
    memcpy(walk->path + walk->path_size, name, size + 1);
    walk->path_size += size;
}

static void XMLCALL element_ends(void *context, const XML_Char *name)
{
    struct walk *walk = context;
    (void)name;
    if (walk->stopped)
        return;
    if (!buffer_append(&walk->text, "", 1, walk->error) ||
        !walk->see(walk->context, walk->path, (const char *)walk->text.bytes, walk->error)) {
        stop(walk);
        return;
    }
    walk->text.size = 0;
    char *slash = strrchr(walk->path, '/');
    walk->path_size = slash ? (size_t)(slash - walk->path) : 0;
    walk->path[walk->path_size] = '\0';
}

static void XMLCALL text_comes(void *context, const XML_Char *text, int size)
{
    struct walk *walk = context;
    if (!walk->stopped && !buffer_append(&walk->text, text, (size_t)size, walk->error))
        stop(walk);
}

/* Where the parser stands. expat 2.9 deprecates the older name. */
static struct forestd_where position(XML_Parser parser)
{
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
    return at_byte((uint64_t)XML_GetCurrentByteIndex64(parser));
#else
    return at_byte((uint64_t)XML_GetCurrentByteIndex(parser));
#endif
}

bool xml_walk(const void *bytes, size_t size, xml_see see, void *context, struct forestd_error *error)
{
    struct walk walk = {.see = see, .context = context, .error = error, .text.limit = TEXT_LIMIT};
    walk.parser = size < INT_MAX ? XML_ParserCreate(NULL) : NULL;
    if (!walk.parser)
        return error_memory(error, size, "an answer in XML");
    XML_SetUserData(walk.parser, &walk);
    XML_SetElementHandler(walk.parser, element_begins, element_ends);
    XML_SetCharacterDataHandler(walk.parser, text_comes);
    bool good = XML_Parse(walk.parser, bytes, (int)size, XML_TRUE) == XML_STATUS_OK;
    if (!good && !walk.stopped)
        error_set(error, FORESTD_FORMAT, position(walk.parser), "the answer is no XML: %s",
                  XML_ErrorString(XML_GetErrorCode(walk.parser)));
    XML_ParserFree(walk.parser);
    buffer_close(&walk.text);
    return good && !walk.stopped;
}

struct wanted {
    const char *name;
    char *text;
    size_t text_size;
    bool found;
};

static bool see_wanted(void *context, const char *path, const char *text, struct forestd_error *error)
{
    struct wanted *wanted = context;
    const char *slash = strrchr(path, '/');
    (void)error;
    if (wanted->found || !slash || strcmp(slash + 1, wanted->name) != 0)
        return true;
    (void)snprintf(wanted->text, wanted->text_size, "%s", text);
    wanted->found = true;
    return true;
}

bool xml_find(const void *bytes, size_t size, const char *name, char *text, size_t text_size)
{
    struct wanted wanted = {.name = name, .text_size = text_size};
    wanted.text = text;
    (void)xml_walk(bytes, size, see_wanted, &wanted, NULL);
    return wanted.found;
}
