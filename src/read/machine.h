/*
 * The pickle machine's inside: its stack, marks and memo. Private to the files that carry out opcodes.
 */
#ifndef READ_MACHINE_H
#define READ_MACHINE_H

#include "read/pickle.h"

/* Most values that may wait on the stack: real files keep a thousand there at most, except for a large tuple. */
enum { STACK_LIMIT = 1 << 20 };

struct machine {
    struct pickle *pickle; /* what is being filled */
    const uint8_t *bytes;  /* the whole unpacked stream */
    size_t size;
    size_t position;  /* next byte to read */
    size_t opcode;    /* byte of the opcode at work */
    size_t frame_end; /* first byte after the current frame; arrays may only follow it */
    bool nested;      /* inside an array of objects, where no array of joblib's can be */

    struct value *stack;
    size_t depth;
    size_t capacity;
    size_t *marks; /* depths */
    size_t mark_count;
    size_t mark_capacity;
    struct value *memo;
    size_t memo_count;
    size_t memo_capacity;
    struct forestd_error *error;
};

/* All that can fail returns false (or NULL) and has filled machine->error. */

/* "byte N: " and the sentence, with the position of the opcode. */
__attribute__((format(printf, 3, 4))) bool machine_fail(struct machine *machine, enum forestd_code code,
                                                        const char *format, ...);
bool machine_no_memory(struct machine *machine);

/* The next `size` bytes, or NULL where the file ends before. */
const uint8_t *machine_take(struct machine *machine, size_t size);
/* The text up to the next line end, which is taken too. */
bool machine_line(struct machine *machine, struct span *line);

bool machine_push(struct machine *machine, struct value value);
/* The topmost value; NULL when there is none above the last mark. */
struct value *machine_top(struct machine *machine);
bool machine_pop(struct machine *machine, struct value *value);
bool machine_mark(struct machine *machine);
/* Drops the last mark; `values`[0..count) are what lay above it, and stay readable until the next push. */
bool machine_unmark(struct machine *machine, struct value **values, size_t *count);

bool machine_remember(struct machine *machine, uint64_t index);
bool machine_recall(struct machine *machine, uint64_t index);

/* Pushes the class or function of this name, or refuses it. */
bool machine_global(struct machine *machine, struct span module, struct span name);

/* Room in the pickle's arena. */
void *machine_room(struct machine *machine, size_t size);

/* literals.c: the opcodes that write numbers and texts in letters. */
bool literal_integer(struct machine *machine);
bool literal_long(struct machine *machine);
bool literal_real(struct machine *machine);
bool literal_string(struct machine *machine);
bool literal_unicode(struct machine *machine);
bool literal_index(struct machine *machine, uint64_t *index);
/* The integer in `size` bytes of two's complement, little end first. */
struct value literal_bytes(const uint8_t *bytes, size_t size);
/* What _codecs.encode(text, "latin1") gives. */
bool literal_encode(struct machine *machine, const struct value *arguments, struct value *encoded);

/* joblib.c: takes the bytes that follow a NumpyArrayWrapper whose state is known. */
bool joblib_array(struct machine *machine, struct object *wrapper);

/* pickle.c: runs the opcodes from machine->position to STOP. */
bool machine_run(struct machine *machine, struct value *root);
void machine_close(struct machine *machine);

#endif
