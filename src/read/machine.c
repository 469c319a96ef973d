#include "read/machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool machine_fail(struct machine *machine, enum forestd_code code, const char *format, ...)
{
    char sentence[FORESTD_MESSAGE_SIZE - 64];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return error_set(machine->error, code, at_byte(machine->opcode), "byte %zu: %s", machine->opcode, sentence);
}

bool machine_no_memory(struct machine *machine)
{
    if (machine->pickle->memory.starved)
        return error_memory(machine->error, machine->size, "reading a pickle");
    return machine_fail(machine, FORESTD_LIMIT,
                        "the file asks for more memory than its %zu bytes can be worth, as no file of scikit-learn's "
                        "does: it is damaged or made to harm",
                        machine->size);
}

const uint8_t *machine_take(struct machine *machine, size_t size)
{
    if (size > machine->size - machine->position) {
        machine_fail(machine, FORESTD_FORMAT,
                     "the file ends in the middle: %zu bytes should follow byte %zu, and %zu do; copy or download it "
                     "again",
                     size, machine->position, machine->size - machine->position);
        return NULL;
    }
    const uint8_t *bytes = machine->bytes + machine->position;
    machine->position += size;
    return bytes;
}

bool machine_line(struct machine *machine, struct span *line)
{
    size_t left = machine->size - machine->position;
    const uint8_t *start = machine->bytes + machine->position;
    const uint8_t *end = left ? memchr(start, '\n', left) : NULL;
    if (!end)
        return machine_fail(machine, FORESTD_FORMAT,
                            "the file ends in the middle of a line; copy or download it again");
    *line = (struct span){start, (size_t)(end - start)};
    machine->position += line->size + 1;
    return true;
}

/* Makes room for `index` in an array of things of `size` bytes, doubling what it had. */
static bool grow(struct machine *machine, void **things, size_t *capacity, size_t index, size_t size)
{
    if (index < *capacity)
        return true;
    size_t wanted = *capacity ? 2 * *capacity : 64;
    if (wanted <= index)
        wanted = index + 1;
    struct budget *budget = machine->pickle->memory.budget;
    size_t added = (wanted - *capacity) * size;
    if (!budget_take(budget, added))
        return error_memory(machine->error, wanted * size, "reading a pickle");
    void *grown = realloc(*things, wanted * size);
    if (!grown) {
        budget_give_back(budget, added);
        return error_memory(machine->error, wanted * size, "reading a pickle");
    }
    *things = grown;
    *capacity = wanted;
    return true;
}

bool machine_push(struct machine *machine, struct value value)
{
    if (machine->depth >= STACK_LIMIT)
        return machine_fail(machine, FORESTD_LIMIT, "more than %d values wait on the pickle's stack", STACK_LIMIT);
    void *stack = machine->stack;
    if (!grow(machine, &stack, &machine->capacity, machine->depth, sizeof value))
        return false;
    machine->stack = stack;
    machine->stack[machine->depth++] = value;
    return true;
}

struct value *machine_top(struct machine *machine)
{
    size_t floor = machine->mark_count ? machine->marks[machine->mark_count - 1] : 0;
    if (machine->depth > floor)
        return &machine->stack[machine->depth - 1];
    machine_fail(machine, FORESTD_FORMAT,
                 "an opcode needs a value and the pickle's stack has none; the file is "
                 "damaged: copy or save it again");
    return NULL;
}

bool machine_pop(struct machine *machine, struct value *value)
{
    const struct value *top = machine_top(machine);
    if (!top)
        return false;
    *value = *top;
    machine->depth--;
    return true;
}

bool machine_mark(struct machine *machine)
{
    if (machine->mark_count >= STACK_LIMIT)
        return machine_fail(machine, FORESTD_LIMIT, "more than %d marks wait on the pickle's stack", STACK_LIMIT);
    void *marks = machine->marks;
    if (!grow(machine, &marks, &machine->mark_capacity, machine->mark_count, sizeof *machine->marks))
        return false;
    machine->marks = marks;
    machine->marks[machine->mark_count++] = machine->depth;
    return true;
}

bool machine_unmark(struct machine *machine, struct value **values, size_t *count)
{
    if (!machine->mark_count)
        return machine_fail(machine, FORESTD_FORMAT,
                            "an opcode needs a mark and the pickle's stack has none; the file is damaged: copy or "
                            "save it again");
    size_t depth = machine->marks[--machine->mark_count];
    *values = machine->stack ? machine->stack + depth : NULL;
    *count = machine->depth - depth;
    machine->depth = depth;
    return true;
}

/* An index needs a byte at least to be written, and a pickler counts them up: none can be above its own position. */
bool machine_remember(struct machine *machine, uint64_t index)
{
    const struct value *top = machine_top(machine);
    if (!top)
        return false;
    if (index > machine->position)
        return machine_fail(machine, FORESTD_FORMAT, "memo index %llu is more than the file can hold",
                            (unsigned long long)index);
    struct value value = *top;
    void *memo = machine->memo;
    if (index >= machine->memo_capacity && index * sizeof value > machine->pickle->memory.limit)
        return machine_no_memory(machine);
    if (!grow(machine, &memo, &machine->memo_capacity, index, sizeof value))
        return false;
    machine->memo = memo;
    while (machine->memo_count < index)
        machine->memo[machine->memo_count++] = value_of(VALUE_ABSENT);
    machine->memo[index] = value;
    if (machine->memo_count == index)
        machine->memo_count++;
    return true;
}

bool machine_recall(struct machine *machine, uint64_t index)
{
    if (index >= machine->memo_count || machine->memo[index].kind == VALUE_ABSENT)
        return machine_fail(machine, FORESTD_FORMAT,
                            "memo index %llu was never set; the file is damaged: copy or save it again",
                            (unsigned long long)index);
    return machine_push(machine, machine->memo[index]);
}

void *machine_room(struct machine *machine, size_t size)
{
    void *room = arena_take(&machine->pickle->memory, size);
    if (!room)
        machine_no_memory(machine);
    return room;
}

/* What stands for a class that is not in the table. */
static const struct global *stand_in(struct machine *machine, struct span module, struct span name)
{
    struct arena *memory = &machine->pickle->memory;
    struct global *global = arena_take(memory, sizeof *global);
    if (global) {
        global->module = arena_text(memory, (const char *)module.bytes, module.size);
        global->name = arena_text(memory, (const char *)name.bytes, name.size);
        global->meaning = MEANS_UNKNOWN;
    }
    if (global && global->module && global->name)
        return global;
    machine_no_memory(machine);
    return NULL;
}

bool machine_global(struct machine *machine, struct span module, struct span name)
{
    const struct global *global = global_find(module, name);
    struct census *census = machine->pickle->census;
    if (!global && !census)
        return global_refuse(module, name, machine->opcode, machine->error);
    if (census)
        census_add(census, module, name, global, machine->opcode);
    if (!global)
        global = stand_in(machine, module, name);
    if (!global)
        return false;
    struct value value = value_of(VALUE_GLOBAL);
    value.as.global = global;
    return machine_push(machine, value);
}

void machine_close(struct machine *machine)
{
    budget_give_back(machine->pickle->memory.budget, machine->capacity * sizeof *machine->stack +
                                                         machine->mark_capacity * sizeof *machine->marks +
                                                         machine->memo_capacity * sizeof *machine->memo);
    free(machine->stack);
    free(machine->marks);
    free(machine->memo);
}
