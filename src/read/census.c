#include "read/census.h"

#include <stdio.h>
#include <string.h>

/* Bytes of a module or name that tell it from others: a long one in a hostile file may be named without end. */
enum { TELLING = 200 };

/* FNV-1a. */
static uint64_t mix(uint64_t hash, struct span span)
{
    for (size_t i = 0; i < span.size && i < TELLING; i++)
        hash = (hash ^ span.bytes[i]) * 0x100000001B3;
    return (hash ^ span.size) * 0x100000001B3;
}

void census_add(struct census *census, struct span module, struct span name, const struct global *global, size_t byte)
{
    uint64_t identity = mix(mix(0xCBF29CE484222325, module), name);
    if (!global && !census->refused) {
        census->refused = true;
        global_refuse(module, name, byte, &census->reason);
    }
    for (size_t i = 0; i < census->count; i++) {
        if (census->mentions[i].identity == identity) {
            census->mentions[i].count++;
            return;
        }
    }
    if (census->count == MENTION_LIMIT) {
        census->left_out++;
        return;
    }
    char title[2 * TELLING + 2];
    int size = snprintf(title, sizeof title, "%.*s.%.*s", (int)(module.size < TELLING ? module.size : TELLING),
                        (const char *)module.bytes, (int)(name.size < TELLING ? name.size : TELLING),
                        (const char *)name.bytes);
    census->mentions[census->count++] = (struct mention){.title = text_quote((const uint8_t *)title, (size_t)size),
                                                         .known = global != NULL,
                                                         .first = byte,
                                                         .count = 1,
                                                         .identity = identity};
}

bool census_has(const struct census *census, const char *beginning)
{
    for (size_t i = 0; i < census->count; i++)
        if (strncmp(census->mentions[i].title.text, beginning, strlen(beginning)) == 0)
            return true;
    return false;
}
