#include "model/packed_layout.h"

#include "base/candidate.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static bool append_text(struct buffer *buffer, const char *text, size_t size, struct forestd_error *error)
{
    uint32_t count = (uint32_t)size;
    if (size > UINT32_MAX - 1)
        return error_set(error, FORESTD_LIMIT, at_nowhere(), "a text of %zu bytes is too long to be packed", size);
    return buffer_append(buffer, &count, sizeof count, error) && buffer_append(buffer, text, size, error) &&
           buffer_append(buffer, "", 1, error);
}

static bool append_label(struct buffer *buffer, const struct forestd_label *label, struct forestd_error *error)
{
    uint8_t kind = (uint8_t)label->kind;
    uint64_t word = 0;
    if (!buffer_append(buffer, &kind, 1, error))
        return false;
    switch (label->kind) {
    case FORESTD_INTEGER:
        memcpy(&word, &label->as.integer, sizeof word);
        break;
    case FORESTD_UNSIGNED:
        word = label->as.natural;
        break;
    case FORESTD_REAL:
        memcpy(&word, &label->as.real, sizeof word);
        break;
    case FORESTD_BOOLEAN:
        word = label->as.boolean;
        break;
    case FORESTD_TEXT:
        return append_text(buffer, label->as.text, label->text_size, error);
    }
    return buffer_append(buffer, &word, sizeof word, error);
}

static bool describe(const struct forest *forest, struct buffer *buffer, struct forestd_error *error)
{
    bool good = append_text(buffer, forest->estimator, strlen(forest->estimator), error) &&
                append_text(buffer, forest->release, strlen(forest->release), error) &&
                buffer_append(buffer, forest->classes, forest->outputs * sizeof *forest->classes, error);
    for (size_t output = 0; good && forest->labels && output < forest->outputs; output++)
        for (uint32_t i = 0; good && i < forest->classes[output]; i++)
            good = append_label(buffer, &forest->labels[output][i], error);
    for (size_t i = 0; good && forest->names && i < forest->features; i++)
        good = append_text(buffer, forest->names[i], strlen(forest->names[i]), error);
    return good;
}

static struct packed_header head(const struct forest *forest, size_t description)
{
    const struct plan *plan = forest->plan;
    struct packed_header header = {
        .order = PACKED_ORDER,
        .version = PACKED_VERSION,
        .task = forest->task == FORESTD_REGRESSOR,
        .combination = forest->combination == COMBINE_SINGLE,
        .flags = (plan->votes ? PACKED_VOTES : 0U) | (plan->wide ? PACKED_WIDE : 0U) |
                 (forest->accepts_nan ? PACKED_MISSING : 0U) | (forest->names ? PACKED_NAMED : 0U) |
                 (plan->leaf_choice ? PACKED_CHOICES : 0U),
        .outputs = (uint32_t)forest->outputs,
        .features = forest->features,
        .trees = forest->tree_count,
        .nodes = forest->node_count,
        .leaves = forest->leaf_count,
        .slots = plan->slot_count,
        .leaf_count = plan->leaf_count,
        .description = description,
        .source = strtoull(forest->version, NULL, 16),
    };
    memcpy(header.magic, PACKED_MAGIC, sizeof header.magic);
    return header;
}

static bool write_all(int file, const void *bytes, uint64_t size, struct forestd_error *error)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t done = write(file, at, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return error_set(error, FORESTD_IO, at_nowhere(), "%s", strerror(errno));
        at += done;
        size -= (uint64_t)done;
    }
    return true;
}

/* Where parts of the file go: into the checksum, then into the file. */
struct sink {
    XXH3_state_t *state; /* NULL the second time */
    int file;
};

static bool emit(const struct sink *sink, const void *bytes, uint64_t size, struct forestd_error *error)
{
    if (!sink->state)
        return write_all(sink->file, bytes, size, error);
    return XXH3_64bits_update(sink->state, bytes, size) == XXH_OK;
}

static bool emit_sections(const struct sink *sink, const struct packed_layout *layout,
                          const void *const sections[SECTIONS], struct forestd_error *error)
{
    static const char zeros[PACKED_ALIGNMENT];
    uint64_t at = PACKED_HEADER;
    for (int i = 0; i < SECTIONS; i++) {
        if (layout->size[i] == 0)
            continue;
        if (!emit(sink, zeros, layout->at[i] - at, error) || !emit(sink, sections[i], layout->size[i], error))
            return false;
        at = layout->at[i] + layout->size[i];
    }
    return true;
}

bool packed_write(const struct forest *forest, int file, uint64_t *written, struct forestd_error *error)
{
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
        return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(),
                         "this processor stores numbers big end first, and packed files are for the others");
    const struct plan *plan = forest->plan;
    struct buffer description = {0};
    struct packed_layout layout;
    XXH3_state_t *state = XXH3_createState();
    bool good = state || error_memory(error, sizeof *state, "a checksum");
    good = good && describe(forest, &description, error);
    struct packed_header header = head(forest, description.size);
    if (good && !packed_lay_out(&header, forest->width, &layout))
        good = error_set(error, FORESTD_LIMIT, at_nowhere(), "the model is too large to be packed");
    if (good) {
        const void *const sections[SECTIONS] = {plan->trees,      plan->wide ? (const void *)plan->wide : plan->slots,
                                                plan->steps,      plan->missing,
                                                plan->leaves,     plan->leaf_choice,
                                                description.bytes};
        header.size = layout.end;
        (void)XXH3_64bits_reset(state);
        const size_t unchecked = offsetof(struct packed_header, task);
        (void)XXH3_64bits_update(state, (const char *)&header + unchecked, sizeof header - unchecked);
        good = emit_sections(&(struct sink){state, file}, &layout, sections, error);
        header.check = XXH3_64bits_digest(state);
        good = good && write_all(file, &header, sizeof header, error) &&
               emit_sections(&(struct sink){NULL, file}, &layout, sections, error);
        *written = layout.end;
    }
    (void)XXH3_freeState(state);
    buffer_close(&description);
    return good;
}
