#include "read/machine.h"
#include "read/numpy.h"

/*
 * joblib writes an object NumpyArrayWrapper in place of each array, and the array's bytes after it, between two opcodes
 * of the pickle. From joblib 1.2 on a byte says how much padding comes first; an array of Python objects is a complete
 * pickle of its own.
 */

static bool fail(struct machine *machine, const struct forestd_error *why)
{
    return machine_fail(machine, why->code, "%s", why->message);
}

static bool skip_padding(struct machine *machine, const struct value *state)
{
    const struct value *alignment = dict_find(state, "numpy_array_alignment_bytes");
    if (!alignment || alignment->kind == VALUE_NONE)
        return true;
    const uint8_t *length = machine_take(machine, 1);
    return length && machine_take(machine, *length);
}

static bool run_nested(struct machine *machine, struct object *wrapper)
{
    struct value *root = machine_room(machine, sizeof *root);
    if (!root)
        return false;
    struct machine inner = {.pickle = machine->pickle,
                            .bytes = machine->bytes,
                            .size = machine->size,
                            .position = machine->position,
                            .nested = true,
                            .error = machine->error};
    bool good = machine_run(&inner, root);
    machine->position = inner.position;
    machine_close(&inner);
    wrapper->inner = root;
    machine->pickle->object_arrays = true;
    return good;
}

bool joblib_array(struct machine *machine, struct object *wrapper)
{
    const struct value *state = &wrapper->state;
    struct forestd_error why;
    struct array array = {0};
    if (machine->nested)
        return machine_fail(machine, FORESTD_FORMAT, "an array of joblib's inside an array of objects");
    if (machine->position < machine->frame_end)
        return machine_fail(machine, FORESTD_FORMAT, "an array that lies inside a frame of the pickle");
    if (!numpy_dtype(dict_find(state, "dtype"), &array.type, &why) ||
        !numpy_shape(dict_find(state, "shape"), false, &array, &why))
        return fail(machine, &why);
    machine->pickle->joblib = true;
    if (dict_find(state, "numpy_array_alignment_bytes"))
        machine->pickle->aligned = true;
    if (array.type.objects)
        return run_nested(machine, wrapper);
    if (!skip_padding(machine, state))
        return false;
    wrapper->data = machine_take(machine, array.size);
    wrapper->data_size = array.size;
    machine->pickle->array_bytes += array.size;
    return wrapper->data != NULL;
}
