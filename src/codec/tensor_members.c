/*
 * What the tokens of a request's JSON mean.
 */
#include "base/number_run.h"
#include "base/number_scan.h"
#include "codec/tensor_state.h"
#include <inttypes.h>
#include <string.h>

static const struct {
    enum tensor_place place;
    const char *name;
    enum tensor_member member;
} members[] = {
    {TENSOR_REQUEST, "id", TENSOR_ID},
    {TENSOR_REQUEST, "parameters", TENSOR_REQUEST_PARAMETERS},
    {TENSOR_REQUEST, "inputs", TENSOR_REQUEST_INPUTS},
    {TENSOR_REQUEST, "outputs", TENSOR_REQUEST_OUTPUTS},
    {TENSOR_PARAMETERS, "binary_data_output", TENSOR_REQUEST_BINARY},
    {TENSOR_INPUT, "name", TENSOR_INPUT_NAME},
    {TENSOR_INPUT, "shape", TENSOR_INPUT_SHAPE},
    {TENSOR_INPUT, "datatype", TENSOR_INPUT_TYPE},
    {TENSOR_INPUT, "data", TENSOR_INPUT_DATA},
    {TENSOR_INPUT, "parameters", TENSOR_INPUT_MORE},
    {TENSOR_INPUT_PARAMETERS, "binary_data_size", TENSOR_INPUT_SIZE},
    {TENSOR_INPUT_PARAMETERS, "shared_memory_region", TENSOR_REFUSED},
    {TENSOR_OUTPUT, "name", TENSOR_OUTPUT_NAME},
    {TENSOR_OUTPUT, "parameters", TENSOR_OUTPUT_MORE},
    {TENSOR_OUTPUT_PARAMETERS, "binary_data", TENSOR_OUTPUT_BINARY},
    {TENSOR_OUTPUT_PARAMETERS, "shared_memory_region", TENSOR_REFUSED},
    {TENSOR_OUTPUT_PARAMETERS, "classification", TENSOR_REFUSED},
};

/* The names that outputs have: MLServer's, forestd's own, and that of KServe's server. */
static const struct {
    const char *name;
    enum output output;
} outputs[TENSOR_NAMES] = {
    {"predict", OUTPUT_PREDICTIONS},     {"predict_proba", OUTPUT_PROBABILITIES},
    {"predictions", OUTPUT_PREDICTIONS}, {"probabilities", OUTPUT_PROBABILITIES},
    {"output-0", OUTPUT_PREDICTIONS},
};

static bool is(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(text, word, size) == 0;
}

/* Refuses a value that is not what its member holds. Returns false. */
static bool unexpected(const struct json_token *token, const char *what, struct forestd_error *error)
{
    return error_set(error, FORESTD_SYNTAX, at_byte(token->byte), "byte %" PRIu64 ": %s is expected here", token->byte,
                     what);
}

static bool take_key(struct tensor_state *state, const struct json_token *token, struct forestd_error *error)
{
    state->member = TENSOR_SKIPPED;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (members[i].place == state->place && is(token->text, token->size, members[i].name))
            state->member = members[i].member;
    return state->member != TENSOR_REFUSED ||
           error_set(error, FORESTD_UNSUPPORTED, at_byte(token->byte), "byte %" PRIu64 ": '%.*s' is not done here",
                     token->byte, (int)token->size, token->text);
}

/* ---- inputs ---- */

static bool begin_input(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    size_t features = decoder->forest->features;
    if (token->kind != JSON_OBJECT)
        return unexpected(token, "a tensor, such as {\"name\": ..., \"shape\": ..., \"datatype\": ..., \"data\": ...},",
                          error);
    if (tensor_count(state) == features)
        return error_set(error, FORESTD_WIDTH, at_byte(token->byte),
                         "byte %" PRIu64 ": there are more inputs than the %zu feature%s that the model takes",
                         token->byte, features, features == 1 ? "" : "s");
    const struct tensor tensor = {.feature = features, .first = state->filled};
    if (!buffer_append(&state->tensors, &tensor, sizeof tensor, error))
        return false;
    state->nest = (struct tensor_nest){0};
    memset(state->nest.lengths, 0xFF, sizeof state->nest.lengths);
    state->census = (struct tensor_census){0};
    state->place = TENSOR_INPUT;
    return true;
}

/* Notes that the last tensor has this member. */
static bool first_time(struct tensor_state *state, unsigned bit, const char *member, struct forestd_error *error)
{
    struct tensor *tensor = tensor_last(state);
    if (tensor->has & bit)
        return error_set(error, FORESTD_SYNTAX, at_nowhere(), "%s has %s twice", tensor_words(state, tensor).text,
                         member);
    tensor->has |= bit;
    return true;
}

static bool take_name(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    const struct forest *forest = decoder->forest;
    struct tensor *tensor = tensor_last(state);
    if (token->kind != JSON_STRING)
        return unexpected(token, "the name of an input, a text,", error);
    tensor->name = text_quote(token->text, token->size);
    if (forest->names)
        tensor->feature = forest_feature(forest, token->text, token->size, tensor_count(state) - 1);
    return first_time(state, TENSOR_HAS_NAME, "a name", error);
}

static bool take_type(struct tensor_state *state, const struct json_token *token, struct forestd_error *error)
{
    struct tensor *tensor = tensor_last(state);
    if (!first_time(state, TENSOR_HAS_TYPE, "a datatype", error))
        return false;
    if (token->kind == JSON_STRING)
        tensor->type = tensor_type_find(token->text, token->size);
    if (tensor->type)
        return true;
    struct quote quote =
        text_quote(token->kind == JSON_STRING ? token->text : "", token->kind == JSON_STRING ? token->size : 0);
    return error_set(error, FORESTD_ARGUMENT, at_byte(token->byte), "%s has the datatype '%s', which is none of %s",
                     tensor_words(state, tensor).text, quote.text, tensor_type_list());
}

static bool take_dimension(struct tensor_state *state, const struct json_token *token, struct forestd_error *error)
{
    struct tensor *tensor = tensor_last(state);
    bool negative = false;
    uint64_t size = 0;
    if (token->kind == JSON_ARRAY_END) {
        state->place = TENSOR_INPUT;
        return true;
    }
    if (token->kind != JSON_NUMBER || !tensor_whole(token, &negative, &size) || (negative && size))
        return error_set(error, FORESTD_ARGUMENT, at_byte(token->byte),
                         "%s has a shape that is not a list of whole numbers from 0 on",
                         tensor_words(state, tensor).text);
    if (tensor->dimensions == TENSOR_DIMENSIONS)
        return error_set(error, FORESTD_ARGUMENT, at_byte(token->byte), "%s has a shape of more than %d dimensions",
                         tensor_words(state, tensor).text, TENSOR_DIMENSIONS);
    tensor->shape[tensor->dimensions++] = size;
    return true;
}

static bool take_size(struct tensor_state *state, const struct json_token *token, struct forestd_error *error)
{
    bool negative = false;
    struct tensor *tensor = tensor_last(state);
    if (!first_time(state, TENSOR_HAS_SIZE, "a binary_data_size", error))
        return false;
    if (token->kind == JSON_NUMBER && tensor_whole(token, &negative, &tensor->bytes) && !(negative && tensor->bytes))
        return true;
    return unexpected(token, "a number of bytes", error);
}

/* ---- data ---- */

static bool ragged(struct tensor_state *state, struct forestd_error *error)
{
    return error_set(error, FORESTD_SYNTAX, at_nowhere(),
                     "%s has data whose arrays are not all of one length and depth",
                     tensor_words(state, tensor_last(state)).text);
}

static bool open_array(struct tensor_state *state, struct forestd_error *error)
{
    struct tensor_nest *nest = &state->nest;
    if (nest->depth && (nest->bottom == nest->depth || nest->depth == TENSOR_DIMENSIONS))
        return ragged(state, error);
    if (nest->depth)
        nest->counts[nest->depth]++;
    nest->counts[++nest->depth] = 0;
    return true;
}

static bool close_array(struct tensor_state *state, struct forestd_error *error)
{
    struct tensor_nest *nest = &state->nest;
    unsigned depth = nest->depth--;
    if (nest->lengths[depth] == UINT64_MAX)
        nest->lengths[depth] = nest->counts[depth];
    if (nest->depth == 0)
        state->place = TENSOR_INPUT;
    return nest->lengths[depth] == nest->counts[depth] || ragged(state, error);
}

static bool take_element(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    struct tensor_nest *nest = &state->nest;
    const struct tensor *tensor = tensor_last(state);
    if (token->kind == JSON_ARRAY)
        return open_array(state, error);
    if (token->kind == JSON_ARRAY_END)
        return close_array(state, error);
    if (nest->bottom && nest->bottom != nest->depth)
        return ragged(state, error);
    float *cell = tensor_room(decoder, 1, error);
    if (!cell)
        return false;
    if (!tensor_number(tensor->type, token, &state->census, cell))
        return error_set(error, FORESTD_VALUE, at_byte(token->byte),
                         "%s holds %s%s%s at byte %" PRIu64 ": every element must be a number",
                         tensor_words(state, tensor).text, token->kind == JSON_STRING ? "'" : "",
                         token->kind == JSON_STRING ? text_quote(token->text, token->size).text : "an object",
                         token->kind == JSON_STRING ? "'" : "", token->byte);
    nest->bottom = nest->depth;
    nest->counts[nest->depth]++;
    tensor_filled(decoder, 1);
    return true;
}

static const char *skip_spaces(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

static bool ends_number(char c)
{
    return c == ',' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* How many numbers that a comma follows may come in the open array behind `count` of this run; the last has none. */
static size_t run_most(const struct tensor_nest *nest, size_t count)
{
    uint64_t length = nest->lengths[nest->depth];
    uint64_t read = nest->counts[nest->depth] + count;
    if (length == UINT64_MAX)
        return nest->depth == 1 ? SIZE_MAX : 0; /* an inner array would end among them */
    return length > read ? length - read - 1 : 0;
}

bool tensor_run(struct decoder *decoder, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    struct json_reader *reader = &state->reader;
    struct tensor_nest *nest = &state->nest;
    const struct tensor_type *type = tensor_last(state)->type;
    if (!type || type->kind != NPY_REAL || type->size == 2 || reader->cut != JSON_CUT_NONE ||
        (nest->bottom && nest->bottom != nest->depth))
        return true;
    const char *end = reader->end;
    const char *at = skip_spaces(reader->at, end);
    if (reader->expect == JSON_EXPECT_COMMA && at < end && *at == ',') {
        at = skip_spaces(at + 1, end);
        reader->expect = JSON_EXPECT_VALUE;
    }
    size_t features = decoder->forest->features;
    size_t room = 0;
    size_t count = 0;
    float *cells = NULL;
    while (reader->expect != JSON_EXPECT_COMMA) {
        float value = 0;
        const char *after = number_scan(at, end, &value);
        if (!after || !ends_number(*after))
            break;
        if (count == room) {
            tensor_filled(decoder, count);
            nest->counts[nest->depth] += count;
            count = 0;
            cells = tensor_room(decoder, 1, error);
            if (!cells)
                return false;
            room = decoder->question.matrix.capacity * features - state->filled;
        }
        cells[count++] = value;
        at = *after == ',' ? after : skip_spaces(after, end);
        reader->expect = JSON_EXPECT_COMMA;
        if (at < end && *at == ',') {
            size_t most = run_most(nest, count);
            size_t taken = 0;
            at = skip_spaces(at + 1, end);
            at = number_run(at, end, RUN_PLAIN, cells + count, most < room - count ? most : room - count, &taken);
            at = skip_spaces(at, end);
            count += taken;
            reader->expect = JSON_EXPECT_VALUE;
        }
    }
    if (cells) {
        tensor_filled(decoder, count);
        nest->counts[nest->depth] += count;
        nest->bottom = nest->depth;
        state->census.numbers = true;
    }
    reader->at = at;
    return true;
}

/* ---- a complete input ---- */

static bool missing(struct tensor_state *state, const char *what, struct forestd_error *error)
{
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "%s has no %s",
                     tensor_words(state, tensor_last(state)).text, what);
}

static bool count_elements(struct tensor_state *state, struct tensor *tensor, struct forestd_error *error)
{
    tensor->count = 1;
    for (size_t i = 0; i < tensor->dimensions; i++)
        if (__builtin_mul_overflow(tensor->count, tensor->shape[i], &tensor->count))
            return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "%s has the shape %s, which no body can fill",
                             tensor_words(state, tensor).text,
                             tensor_shape_words(tensor->shape, tensor->dimensions).text);
    return true;
}

/* Whether the data in the JSON have the shape that they should have. */
static bool check_data(struct tensor_state *state, const struct tensor *tensor, struct forestd_error *error)
{
    const struct tensor_nest *nest = &state->nest;
    struct tensor_words shape = tensor_shape_words(tensor->shape, tensor->dimensions);
    uint64_t count = state->filled - tensor->first;
    if (count != tensor->count)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                         "%s has the shape %s, which is %" PRIu64 " elements, but its data hold %" PRIu64,
                         tensor_words(state, tensor).text, shape.text, tensor->count, count);
    bool nested = nest->bottom > 1;
    bool same = !nested || (nest->bottom == tensor->dimensions &&
                            memcmp(nest->lengths + 1, tensor->shape, nest->bottom * sizeof *tensor->shape) == 0);
    if (!same)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "%s has the shape %s, but its data are nested as %s",
                         tensor_words(state, tensor).text, shape.text,
                         tensor_shape_words(nest->lengths + 1, nest->bottom).text);
    return tensor_census_check(tensor->type, &state->census, tensor_words(state, tensor).text, error);
}

/* Whether as many bytes follow the JSON as its shape needs. */
static bool check_size(struct tensor_state *state, const struct tensor *tensor, struct forestd_error *error)
{
    uint64_t wanted = 0;
    size_t width = tensor->type->size;
    if (state->json_size == TENSOR_ALL_JSON)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                         "%s has a binary_data_size, but the header Inference-Header-Content-Length, which says where "
                         "the JSON ends, is missing",
                         tensor_words(state, tensor).text);
    bool good = !__builtin_mul_overflow(tensor->count, (uint64_t)(width ? width : 4), &wanted);
    if (good && (width ? tensor->bytes == wanted : tensor->bytes >= wanted && (tensor->count || !tensor->bytes)))
        return true;
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                     "%s has the shape %s and the datatype %s, which %s %" PRIu64
                     " bytes, but its binary_data_size is %" PRIu64,
                     tensor_words(state, tensor).text, tensor_shape_words(tensor->shape, tensor->dimensions).text,
                     tensor->type->name, width ? "are" : "are at least", wanted, tensor->bytes);
}

static bool end_input(struct tensor_state *state, struct forestd_error *error)
{
    struct tensor *tensor = tensor_last(state);
    unsigned has = tensor->has;
    state->place = TENSOR_INPUTS;
    if (!(has & TENSOR_HAS_NAME))
        return missing(state, "name", error);
    if (!(has & TENSOR_HAS_SHAPE))
        return missing(state, "shape", error);
    if (!(has & TENSOR_HAS_TYPE))
        return missing(state, "datatype", error);
    if (!(has & (TENSOR_HAS_DATA | TENSOR_HAS_SIZE)))
        return missing(state, "data, and no parameter binary_data_size", error);
    if (has & TENSOR_HAS_DATA && has & TENSOR_HAS_SIZE)
        return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                         "%s has both data and a binary_data_size: send one of them", tensor_words(state, tensor).text);
    if (!count_elements(state, tensor, error))
        return false;
    return has & TENSOR_HAS_DATA ? check_data(state, tensor, error) : check_size(state, tensor, error);
}

/* ---- outputs ---- */

static bool take_output_name(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    if (token->kind != JSON_STRING)
        return unexpected(token, "the name of an output, such as \"predict\",", error);
    for (size_t i = 0; i < TENSOR_NAMES; i++) {
        if (is(token->text, token->size, outputs[i].name)) {
            state->wish = i;
            return true;
        }
    }
    return error_set(error, FORESTD_ARGUMENT, at_byte(token->byte), "'%s' is not an output of the model: %s there",
                     text_quote(token->text, token->size).text,
                     decoder->forest->task == FORESTD_CLASSIFIER ? "'predict' and 'predict_proba' are"
                                                                 : "'predict' is");
}

static bool end_output(struct tensor_state *state, const struct json_token *token, struct forestd_error *error)
{
    struct tensor_request *request = &state->request;
    if (state->wish == TENSOR_NAMES)
        return unexpected(token, "the name of an output, such as \"predict\",", error);
    const char *name = outputs[state->wish].name;
    for (size_t i = 0; i < request->wish_count; i++)
        if (request->wishes[i].name == name)
            return error_set(error, FORESTD_ARGUMENT, at_byte(token->byte), "output '%s' is asked for twice", name);
    state->binaries[request->wish_count] = state->wish_binary;
    request->wishes[request->wish_count++] = (struct tensor_wish){.name = name, .output = outputs[state->wish].output};
    state->place = TENSOR_OUTPUTS;
    return true;
}

/* ---- all ---- */

static bool take_id(struct tensor_state *state, const struct json_token *token, struct forestd_error *error)
{
    struct tensor_request *request = &state->request;
    if (token->kind != JSON_STRING || token->size > TENSOR_ID_SIZE)
        return error_set(error, FORESTD_ARGUMENT, at_byte(token->byte),
                         "byte %" PRIu64 ": the id must be a text of at most %d bytes", token->byte, TENSOR_ID_SIZE);
    request->has_id = true;
    request->id_size = token->size;
    memcpy(request->id, token->text, token->size);
    return true;
}

/* Goes into an array or object. */
static bool enter(struct tensor_state *state, const struct json_token *token, enum json_kind kind,
                  enum tensor_place place, const char *what, struct forestd_error *error)
{
    if (token->kind != kind)
        return unexpected(token, what, error);
    state->place = place;
    return true;
}

static bool once(bool *seen, const struct json_token *token, const char *member, struct forestd_error *error)
{
    if (*seen)
        return error_set(error, FORESTD_SYNTAX, at_byte(token->byte), "byte %" PRIu64 ": %s twice", token->byte,
                         member);
    *seen = true;
    return true;
}

static bool is_true(const struct json_token *token)
{
    return token->kind == JSON_NUMBER && token->number == 1;
}

/* An array or object that means nothing. */
static bool skip(struct tensor_state *state, const struct json_token *token)
{
    if (token->kind == JSON_ARRAY || token->kind == JSON_OBJECT)
        state->skip = state->reader.depth;
    return true;
}

static bool take_value(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    static const char parameters[] = "an object of parameters";
    struct tensor_state *state = tensor_state_of(decoder);
    enum tensor_member member = state->member;
    if (token->kind == JSON_NULL)
        return true; /* as if it were not there */
    switch (member) {
    case TENSOR_ID:
        return take_id(state, token, error);
    case TENSOR_REQUEST_PARAMETERS:
        return enter(state, token, JSON_OBJECT, TENSOR_PARAMETERS, parameters, error);
    case TENSOR_REQUEST_INPUTS:
        return once(&state->has_inputs, token, "inputs", error) &&
               enter(state, token, JSON_ARRAY, TENSOR_INPUTS, "an array of tensors", error);
    case TENSOR_REQUEST_OUTPUTS:
        return once(&state->has_outputs, token, "outputs", error) &&
               enter(state, token, JSON_ARRAY, TENSOR_OUTPUTS, "an array of outputs", error);
    case TENSOR_REQUEST_BINARY:
        state->request.binary = is_true(token);
        break;
    case TENSOR_INPUT_NAME:
        return take_name(decoder, token, error);
    case TENSOR_INPUT_SHAPE:
        return first_time(state, TENSOR_HAS_SHAPE, "a shape", error) &&
               enter(state, token, JSON_ARRAY, TENSOR_SHAPE, "a shape, such as [2, 3],", error);
    case TENSOR_INPUT_TYPE:
        return take_type(state, token, error);
    case TENSOR_INPUT_DATA:
        return first_time(state, TENSOR_HAS_DATA, "data", error) &&
               enter(state, token, JSON_ARRAY, TENSOR_DATA, "an array", error) && open_array(state, error);
    case TENSOR_INPUT_MORE:
        return enter(state, token, JSON_OBJECT, TENSOR_INPUT_PARAMETERS, parameters, error);
    case TENSOR_INPUT_SIZE:
        return take_size(state, token, error);
    case TENSOR_OUTPUT_NAME:
        return take_output_name(decoder, token, error);
    case TENSOR_OUTPUT_MORE:
        return enter(state, token, JSON_OBJECT, TENSOR_OUTPUT_PARAMETERS, parameters, error);
    case TENSOR_OUTPUT_BINARY:
        state->wish_binary = is_true(token);
        break;
    case TENSOR_SKIPPED:
    case TENSOR_REFUSED:
        break;
    }
    return skip(state, token);
}

/* An object is over. */
static bool leave(struct tensor_state *state, const struct json_token *token, struct forestd_error *error)
{
    switch (state->place) {
    case TENSOR_INPUT:
        return end_input(state, error);
    case TENSOR_OUTPUT:
        return end_output(state, token, error);
    case TENSOR_INPUT_PARAMETERS:
        state->place = TENSOR_INPUT;
        return true;
    case TENSOR_OUTPUT_PARAMETERS:
        state->place = TENSOR_OUTPUT;
        return true;
    case TENSOR_PARAMETERS:
        state->place = TENSOR_REQUEST;
        return true;
    default:
        break;
    }
    state->place = TENSOR_END;
    return state->has_inputs || error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                                          "The body has no \"inputs\": {\"inputs\": [{\"name\": ..., \"shape\": ..., "
                                          "\"datatype\": ..., \"data\": ...}]} is expected");
}

static bool take_in_place(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    switch (state->place) {
    case TENSOR_BODY:
        return enter(state, token, JSON_OBJECT, TENSOR_REQUEST, "an object with \"inputs\"", error);
    case TENSOR_END:
        return unexpected(token, "the end of the JSON", error);
    case TENSOR_SHAPE:
        return take_dimension(state, token, error);
    case TENSOR_DATA:
        return take_element(decoder, token, error);
    case TENSOR_INPUTS:
        if (token->kind != JSON_ARRAY_END)
            return begin_input(decoder, token, error);
        state->place = TENSOR_REQUEST;
        return true;
    case TENSOR_OUTPUTS:
        state->wish = TENSOR_NAMES;
        state->wish_binary = -1;
        if (token->kind != JSON_ARRAY_END)
            return enter(state, token, JSON_OBJECT, TENSOR_OUTPUT, "an output, such as {\"name\": \"predict\"},",
                         error);
        state->place = TENSOR_REQUEST;
        return true;
    default:
        break;
    }
    if (token->kind == JSON_KEY)
        return take_key(state, token, error);
    return token->kind == JSON_OBJECT_END ? leave(state, token, error) : take_value(decoder, token, error);
}

bool tensor_take(struct decoder *decoder, const struct json_token *token, struct forestd_error *error)
{
    struct tensor_state *state = tensor_state_of(decoder);
    if (!state->skip)
        return take_in_place(decoder, token, error);
    if (state->reader.depth < state->skip)
        state->skip = 0;
    return true;
}
