#include "codec/codec.h"

#include "base/text.h"
#include <string.h>

static const enum output all_outputs[] = {OUTPUT_PREDICTIONS, OUTPUT_PROBABILITIES};

enum { OUTPUT_KINDS = sizeof all_outputs / sizeof *all_outputs };

const char *output_word(enum output output)
{
    switch (output) {
    case OUTPUT_PREDICTIONS:
        return "predictions";
    case OUTPUT_PROBABILITIES:
        return "probabilities";
    }
    return "unknown";
}

static bool read_one(const char *text, size_t size, unsigned *outputs, struct forestd_error *error)
{
    for (size_t i = 0; i < OUTPUT_KINDS; i++) {
        const char *word = output_word(all_outputs[i]);
        if (strlen(word) == size && memcmp(word, text, size) == 0) {
            *outputs |= all_outputs[i];
            return true;
        }
    }
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                     "'%s' is not an output: ask for 'predictions', 'probabilities' or both with a comma",
                     text_quote(text, size).text);
}

bool outputs_read(const char *text, size_t size, unsigned *outputs, struct forestd_error *error)
{
    const char *end = text + size;
    unsigned set = 0;
    for (;;) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        const char *stop = comma ? comma : end;
        while (text < stop && *text == ' ')
            text++;
        while (stop > text && stop[-1] == ' ')
            stop--;
        if (!read_one(text, (size_t)(stop - text), &set, error))
            return false;
        if (!comma)
            break;
        text = comma + 1;
    }
    *outputs = set;
    return true;
}
