#include "read/pickle.h"

#include "base/bytes.h"
#include "read/machine.h"

enum opcode {
    OP_MARK = '(',
    OP_STOP = '.',
    OP_POP = '0',
    OP_POP_MARK = '1',
    OP_DUP = '2',
    OP_FLOAT = 'F',
    OP_INT = 'I',
    OP_BININT = 'J',
    OP_BININT1 = 'K',
    OP_LONG = 'L',
    OP_BININT2 = 'M',
    OP_NONE = 'N',
    OP_PERSID = 'P',
    OP_BINPERSID = 'Q',
    OP_REDUCE = 'R',
    OP_STRING = 'S',
    OP_BINSTRING = 'T',
    OP_SHORT_BINSTRING = 'U',
    OP_UNICODE = 'V',
    OP_BINUNICODE = 'X',
    OP_APPEND = 'a',
    OP_BUILD = 'b',
    OP_GLOBAL = 'c',
    OP_DICT = 'd',
    OP_EMPTY_DICT = '}',
    OP_APPENDS = 'e',
    OP_GET = 'g',
    OP_BINGET = 'h',
    OP_INST = 'i',
    OP_LONG_BINGET = 'j',
    OP_LIST = 'l',
    OP_EMPTY_LIST = ']',
    OP_OBJ = 'o',
    OP_PUT = 'p',
    OP_BINPUT = 'q',
    OP_LONG_BINPUT = 'r',
    OP_SETITEM = 's',
    OP_TUPLE = 't',
    OP_EMPTY_TUPLE = ')',
    OP_SETITEMS = 'u',
    OP_BINFLOAT = 'G',
    OP_PROTO = 0x80,
    OP_NEWOBJ = 0x81,
    OP_EXT1 = 0x82,
    OP_EXT2 = 0x83,
    OP_EXT4 = 0x84,
    OP_TUPLE1 = 0x85,
    OP_TUPLE2 = 0x86,
    OP_TUPLE3 = 0x87,
    OP_NEWTRUE = 0x88,
    OP_NEWFALSE = 0x89,
    OP_LONG1 = 0x8A,
    OP_LONG4 = 0x8B,
    OP_BINBYTES = 'B',
    OP_SHORT_BINBYTES = 'C',
    OP_SHORT_BINUNICODE = 0x8C,
    OP_BINUNICODE8 = 0x8D,
    OP_BINBYTES8 = 0x8E,
    OP_EMPTY_SET = 0x8F,
    OP_ADDITEMS = 0x90,
    OP_FROZENSET = 0x91,
    OP_NEWOBJ_EX = 0x92,
    OP_STACK_GLOBAL = 0x93,
    OP_MEMOIZE = 0x94,
    OP_FRAME = 0x95,
    OP_BYTEARRAY8 = 0x96,
    OP_NEXT_BUFFER = 0x97,
    OP_READONLY_BUFFER = 0x98
};

static bool take_natural(struct machine *machine, size_t size, uint64_t *number)
{
    const uint8_t *bytes = machine_take(machine, size);
    if (bytes)
        *number = bytes_natural(bytes, size, false);
    return bytes != NULL;
}

/* A text or bytes whose length, in `width` bytes, comes first. */
static bool push_sized(struct machine *machine, enum kind kind, size_t width)
{
    uint64_t size = 0;
    if (!take_natural(machine, width, &size))
        return false;
    const uint8_t *bytes = machine_take(machine, size);
    return bytes && machine_push(machine, value_sized(kind, bytes, size));
}

static bool push_integer(struct machine *machine, size_t width)
{
    const uint8_t *bytes = machine_take(machine, width);
    if (!bytes)
        return false;
    int64_t number = width == 4 ? bytes_integer(bytes, 4, false) : (int64_t)bytes_natural(bytes, width, false);
    return machine_push(machine, value_integer(number));
}

static bool push_long(struct machine *machine, size_t width)
{
    uint64_t size = 0;
    if (!take_natural(machine, width, &size))
        return false;
    const uint8_t *bytes = machine_take(machine, size);
    return bytes && machine_push(machine, literal_bytes(bytes, size));
}

static bool push_real(struct machine *machine)
{
    const uint8_t *bytes = machine_take(machine, 8);
    struct value value = value_of(VALUE_REAL);
    if (bytes)
        value.as.real = bytes_real(bytes, true);
    return bytes && machine_push(machine, value);
}

static bool push_boolean(struct machine *machine, bool boolean)
{
    struct value value = value_of(VALUE_BOOLEAN);
    value.as.boolean = boolean;
    return machine_push(machine, value);
}

static bool push_tuple(struct machine *machine, const struct value *values, size_t count)
{
    struct value *copy = machine_room(machine, count * sizeof *copy);
    if (!copy)
        return false;
    if (count)
        memcpy(copy, values, count * sizeof *copy);
    struct value value = value_sized(VALUE_TUPLE, NULL, count);
    value.as.tuple = copy;
    return machine_push(machine, value);
}

static bool push_short_tuple(struct machine *machine, size_t count)
{
    struct value values[3];
    for (size_t i = count; i > 0; i--)
        if (!machine_pop(machine, &values[i - 1]))
            return false;
    return push_tuple(machine, values, count);
}

static bool push_marked_tuple(struct machine *machine)
{
    struct value *values = NULL;
    size_t count = 0;
    return machine_unmark(machine, &values, &count) && push_tuple(machine, values, count);
}

/* A list or dict of `count` values. */
static bool push_items(struct machine *machine, enum kind kind, const struct value *values, size_t count)
{
    struct items *items = machine_room(machine, sizeof *items);
    if (!items)
        return false;
    if (!items_append(items, values, count, &machine->pickle->memory))
        return machine_no_memory(machine);
    struct value value = value_of(kind);
    value.as.items = items;
    return machine_push(machine, value);
}

static bool odd_pairs(struct machine *machine)
{
    return machine_fail(machine, FORESTD_FORMAT, "a key without a value; the file is damaged: copy or save it again");
}

static bool push_marked_items(struct machine *machine, enum kind kind)
{
    struct value *values = NULL;
    size_t count = 0;
    if (!machine_unmark(machine, &values, &count))
        return false;
    if (kind == VALUE_DICT && count % 2)
        return odd_pairs(machine);
    return push_items(machine, kind, values, count);
}

/* Adds values to what lies on top of the stack. What is added to an object or a set is not kept: nothing reads it. */
static bool add_items(struct machine *machine, enum kind kind, const struct value *values, size_t count)
{
    const struct value *top = machine_top(machine);
    if (!top)
        return false;
    if (top->kind == VALUE_OBJECT || (kind == VALUE_SET && top->kind == VALUE_SET))
        return true;
    if (top->kind != kind || kind == VALUE_SET)
        return machine_fail(machine, FORESTD_FORMAT,
                            "items for a %s are added to a %s; the file is damaged: copy or "
                            "save it again",
                            kind == VALUE_LIST   ? "list"
                            : kind == VALUE_DICT ? "dict"
                                                 : "set",
                            value_title(top).text);
    return items_append(top->as.items, values, count, &machine->pickle->memory) || machine_no_memory(machine);
}

static bool add_popped(struct machine *machine, enum kind kind, size_t count)
{
    struct value values[2];
    for (size_t i = count; i > 0; i--)
        if (!machine_pop(machine, &values[i - 1]))
            return false;
    return add_items(machine, kind, values, count);
}

static bool add_marked(struct machine *machine, enum kind kind)
{
    struct value *values = NULL;
    size_t count = 0;
    if (!machine_unmark(machine, &values, &count))
        return false;
    if (kind == VALUE_DICT && count % 2)
        return odd_pairs(machine);
    return add_items(machine, kind, values, count);
}

static bool drop_marked(struct machine *machine, bool push_set)
{
    struct value *values = NULL;
    size_t count = 0;
    if (!machine_unmark(machine, &values, &count))
        return false;
    return !push_set || machine_push(machine, value_of(VALUE_SET));
}

/* POP takes a mark too when it lies on top. */
static bool drop(struct machine *machine)
{
    struct value value;
    if (machine->mark_count && machine->marks[machine->mark_count - 1] == machine->depth) {
        machine->mark_count--;
        return true;
    }
    return machine_pop(machine, &value);
}

/* numpy's arrays in a plain pickle hold their bytes as a value, or a list of objects. */
static void count_array(struct machine *machine, const struct value *data)
{
    if (data->kind == VALUE_BYTES || data->kind == VALUE_TEXT)
        machine->pickle->array_bytes += data->size;
}

static bool push_object(struct machine *machine, struct value callable, struct value arguments)
{
    struct object *object = machine_room(machine, sizeof *object);
    if (!object)
        return false;
    object->type = callable.kind == VALUE_GLOBAL ? callable.as.global : NULL;
    object->byte = machine->opcode;
    object->arguments = arguments;
    /* copyreg._reconstructor(class, base, state) makes a bare object of the class. */
    if (object->type && object->type->meaning == MEANS_RECONSTRUCTOR && sequence_count(&arguments) >= 1 &&
        sequence_at(&arguments, 0)->kind == VALUE_GLOBAL)
        object->type = sequence_at(&arguments, 0)->as.global;
    if (object->type && object->type->meaning == MEANS_BUFFER && sequence_count(&arguments) >= 1)
        count_array(machine, sequence_at(&arguments, 0));
    struct value value = value_of(VALUE_OBJECT);
    value.as.object = object;
    return machine_push(machine, value);
}

static bool reduce(struct machine *machine, bool keywords)
{
    struct value callable;
    struct value arguments;
    struct value ignored;
    if ((keywords && !machine_pop(machine, &ignored)) || !machine_pop(machine, &arguments) ||
        !machine_pop(machine, &callable))
        return false;
    if (arguments.kind != VALUE_TUPLE)
        return machine_fail(machine, FORESTD_FORMAT, "the arguments of a call are a %s, not a tuple",
                            value_title(&arguments).text);
    if (callable.kind == VALUE_GLOBAL && callable.as.global->meaning == MEANS_ENCODE) {
        struct value encoded;
        return literal_encode(machine, &arguments, &encoded) && machine_push(machine, encoded);
    }
    return push_object(machine, callable, arguments);
}

/* OBJ: the class is the first value above the mark. INST: it is named by the opcode. */
static bool reduce_marked(struct machine *machine, bool named)
{
    struct value *values = NULL;
    size_t count = 0;
    struct value callable;
    struct span module = {NULL, 0};
    struct span name = {NULL, 0};
    if (named && (!machine_line(machine, &module) || !machine_line(machine, &name)))
        return false;
    if (!machine_unmark(machine, &values, &count))
        return false;
    if (!named && count == 0)
        return machine_fail(machine, FORESTD_FORMAT, "an object without a class");
    struct value arguments;
    if (!named) {
        callable = *values++;
        count--;
    }
    if (!push_tuple(machine, values, count) || !machine_pop(machine, &arguments))
        return false;
    if (named && (!machine_global(machine, module, name) || !machine_pop(machine, &callable)))
        return false;
    return push_object(machine, callable, arguments);
}

static bool build(struct machine *machine)
{
    struct value state;
    if (!machine_pop(machine, &state))
        return false;
    const struct value *top = machine_top(machine);
    if (!top)
        return false;
    if (top->kind != VALUE_OBJECT)
        return machine_fail(machine, FORESTD_FORMAT, "a %s is given a state, which only objects have",
                            value_title(top).text);
    top->as.object->state = state;
    if (value_means(top, MEANS_RECONSTRUCT) && sequence_count(&state) == 5)
        count_array(machine, sequence_at(&state, 4));
    if (!value_means(top, MEANS_WRAPPER))
        return true;
    return joblib_array(machine, top->as.object);
}

static bool push_named_global(struct machine *machine)
{
    struct span module;
    struct span name;
    return machine_line(machine, &module) && machine_line(machine, &name) && machine_global(machine, module, name);
}

static bool push_stack_global(struct machine *machine)
{
    struct value module;
    struct value name;
    if (!machine_pop(machine, &name) || !machine_pop(machine, &module))
        return false;
    if (module.kind != VALUE_TEXT || name.kind != VALUE_TEXT)
        return machine_fail(machine, FORESTD_FORMAT, "a class that is named by a %s and a %s, not by two texts",
                            value_title(&module).text, value_title(&name).text);
    return machine_global(machine, (struct span){module.as.bytes, module.size},
                          (struct span){name.as.bytes, name.size});
}

static bool start_protocol(struct machine *machine)
{
    const uint8_t *byte = machine_take(machine, 1);
    if (!byte)
        return false;
    if (*byte > 5)
        return machine_fail(machine, FORESTD_UNSUPPORTED,
                            "pickle protocol %u: forestd reads protocols 0 to 5; save with protocol=5", *byte);
    *(machine->nested ? &machine->pickle->object_protocol : &machine->pickle->protocol) = *byte;
    return true;
}

static bool start_frame(struct machine *machine)
{
    uint64_t size = 0;
    if (!take_natural(machine, 8, &size))
        return false;
    if (size > machine->size - machine->position)
        return machine_fail(machine, FORESTD_FORMAT,
                            "the file ends in the middle: a frame of %llu bytes should follow, and %zu bytes do; copy "
                            "or download it again",
                            (unsigned long long)size, machine->size - machine->position);
    machine->frame_end = machine->position + size;
    return true;
}

static bool refuse(struct machine *machine, uint8_t opcode)
{
    switch (opcode) {
    case OP_PERSID:
    case OP_BINPERSID:
        return machine_fail(machine, FORESTD_UNSUPPORTED,
                            "a persistent id: parts of the object are kept outside of the file (PyTorch's and "
                            "ZODB's files are of this kind); save with joblib.dump or pickle.dump");
    case OP_EXT1:
    case OP_EXT2:
    case OP_EXT4:
        return machine_fail(machine, FORESTD_UNSUPPORTED,
                            "a class named by its number in the writer's extension registry: save without "
                            "copyreg.add_extension");
    case OP_NEXT_BUFFER:
    case OP_READONLY_BUFFER:
        return machine_fail(machine, FORESTD_UNSUPPORTED,
                            "an array that is kept outside of the file: save without buffer_callback");
    default:
        return machine_fail(machine, FORESTD_FORMAT,
                            "0x%02x is no opcode of a pickle; the file is damaged, or was not written by joblib.dump "
                            "or pickle.dump",
                            opcode);
    }
}

static bool put(struct machine *machine, size_t width)
{
    uint64_t index = 0;
    return take_natural(machine, width, &index) && machine_remember(machine, index);
}

static bool get(struct machine *machine, size_t width)
{
    uint64_t index = 0;
    return take_natural(machine, width, &index) && machine_recall(machine, index);
}

static bool put_line(struct machine *machine)
{
    uint64_t index = 0;
    return literal_index(machine, &index) && machine_remember(machine, index);
}

static bool get_line(struct machine *machine)
{
    uint64_t index = 0;
    return literal_index(machine, &index) && machine_recall(machine, index);
}

static bool duplicate(struct machine *machine)
{
    const struct value *top = machine_top(machine);
    return top && machine_push(machine, *top);
}

/* Opcodes that push one plain value. */
static bool run_plain(struct machine *machine, uint8_t opcode)
{
    switch (opcode) {
    case OP_NONE:
        return machine_push(machine, value_of(VALUE_NONE));
    case OP_NEWTRUE:
        return push_boolean(machine, true);
    case OP_NEWFALSE:
        return push_boolean(machine, false);
    case OP_INT:
        return literal_integer(machine);
    case OP_LONG:
        return literal_long(machine);
    case OP_FLOAT:
        return literal_real(machine);
    case OP_STRING:
        return literal_string(machine);
    case OP_UNICODE:
        return literal_unicode(machine);
    case OP_BININT:
        return push_integer(machine, 4);
    case OP_BININT1:
        return push_integer(machine, 1);
    case OP_BININT2:
        return push_integer(machine, 2);
    case OP_LONG1:
        return push_long(machine, 1);
    case OP_LONG4:
        return push_long(machine, 4);
    case OP_BINFLOAT:
        return push_real(machine);
    case OP_SHORT_BINSTRING:
    case OP_SHORT_BINUNICODE:
        return push_sized(machine, VALUE_TEXT, 1);
    case OP_BINSTRING:
    case OP_BINUNICODE:
        return push_sized(machine, VALUE_TEXT, 4);
    case OP_BINUNICODE8:
        return push_sized(machine, VALUE_TEXT, 8);
    case OP_SHORT_BINBYTES:
        return push_sized(machine, VALUE_BYTES, 1);
    case OP_BINBYTES:
        return push_sized(machine, VALUE_BYTES, 4);
    case OP_BINBYTES8:
    case OP_BYTEARRAY8:
        return push_sized(machine, VALUE_BYTES, 8);
    default:
        return refuse(machine, opcode);
    }
}

/* Opcodes that make or fill lists, tuples, dicts and sets. */
static bool run_gathering(struct machine *machine, uint8_t opcode)
{
    switch (opcode) {
    case OP_EMPTY_LIST:
        return push_items(machine, VALUE_LIST, NULL, 0);
    case OP_EMPTY_DICT:
        return push_items(machine, VALUE_DICT, NULL, 0);
    case OP_EMPTY_TUPLE:
        return push_tuple(machine, NULL, 0);
    case OP_EMPTY_SET:
        return machine_push(machine, value_of(VALUE_SET));
    case OP_LIST:
        return push_marked_items(machine, VALUE_LIST);
    case OP_DICT:
        return push_marked_items(machine, VALUE_DICT);
    case OP_TUPLE:
        return push_marked_tuple(machine);
    case OP_TUPLE1:
        return push_short_tuple(machine, 1);
    case OP_TUPLE2:
        return push_short_tuple(machine, 2);
    case OP_TUPLE3:
        return push_short_tuple(machine, 3);
    case OP_FROZENSET:
        return drop_marked(machine, true);
    case OP_APPEND:
        return add_popped(machine, VALUE_LIST, 1);
    case OP_APPENDS:
        return add_marked(machine, VALUE_LIST);
    case OP_SETITEM:
        return add_popped(machine, VALUE_DICT, 2);
    case OP_SETITEMS:
        return add_marked(machine, VALUE_DICT);
    case OP_ADDITEMS:
        return add_marked(machine, VALUE_SET);
    default:
        return run_plain(machine, opcode);
    }
}

/* Opcodes of the stack, the memo and objects. */
static bool run_opcode(struct machine *machine, uint8_t opcode)
{
    switch (opcode) {
    case OP_PROTO:
        return start_protocol(machine);
    case OP_FRAME:
        return start_frame(machine);
    case OP_MARK:
        return machine_mark(machine);
    case OP_POP:
        return drop(machine);
    case OP_POP_MARK:
        return drop_marked(machine, false);
    case OP_DUP:
        return duplicate(machine);
    case OP_MEMOIZE:
        return machine_remember(machine, machine->memo_count);
    case OP_BINPUT:
        return put(machine, 1);
    case OP_LONG_BINPUT:
        return put(machine, 4);
    case OP_PUT:
        return put_line(machine);
    case OP_BINGET:
        return get(machine, 1);
    case OP_LONG_BINGET:
        return get(machine, 4);
    case OP_GET:
        return get_line(machine);
    case OP_GLOBAL:
        return push_named_global(machine);
    case OP_STACK_GLOBAL:
        return push_stack_global(machine);
    case OP_REDUCE:
    case OP_NEWOBJ:
        return reduce(machine, false);
    case OP_NEWOBJ_EX:
        return reduce(machine, true);
    case OP_OBJ:
        return reduce_marked(machine, false);
    case OP_INST:
        return reduce_marked(machine, true);
    case OP_BUILD:
        return build(machine);
    default:
        return run_gathering(machine, opcode);
    }
}

bool machine_run(struct machine *machine, struct value *root)
{
    for (;;) {
        machine->opcode = machine->position;
        const uint8_t *opcode = machine_take(machine, 1);
        if (!opcode)
            return false;
        if (*opcode == OP_STOP)
            return machine_pop(machine, root);
        if (!run_opcode(machine, *opcode))
            return false;
    }
}

bool pickle_open(struct pickle *pickle, const uint8_t *bytes, size_t size, struct census *census, struct budget *budget,
                 struct forestd_error *error)
{
    memset(pickle, 0, sizeof *pickle);
    pickle->census = census;
    pickle->memory.budget = budget;
    /* The files of forests of stumps, which hold the most objects for their size, take less than twice it. */
    pickle->memory.limit = ((size_t)1 << 20) + (size < SIZE_MAX / 16 ? 8 * size : SIZE_MAX / 2);
    struct machine machine = {.pickle = pickle, .bytes = bytes, .size = size, .error = error};
    bool good = machine_run(&machine, &pickle->root);
    pickle->read = machine.position;
    machine_close(&machine);
    return good;
}

void pickle_close(struct pickle *pickle)
{
    arena_close(&pickle->memory);
}
