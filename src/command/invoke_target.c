#include "command/invoke_target.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *scheme;
    enum target_kind kind;
} schemes[] = {
    {"sagemaker://", TARGET_SAGEMAKER}, {"lambda://", TARGET_LAMBDA}, {"vertex://", TARGET_VERTEX},
    {"azureml://", TARGET_AZUREML},     {"https://", TARGET_HTTP},    {"http://", TARGET_HTTP},
};

/* What may stand behind a question mark, for which platforms, and where it goes. */
static const struct {
    const char *name;
    unsigned kinds; /* bits */
    size_t place;
} parameters[] = {
    {"region", 1U << TARGET_SAGEMAKER | 1U << TARGET_LAMBDA, offsetof(struct invoke_target, region)},
    {"model", 1U << TARGET_SAGEMAKER, offsetof(struct invoke_target, model)},
    {"variant", 1U << TARGET_SAGEMAKER, offsetof(struct invoke_target, variant)},
    {"component", 1U << TARGET_SAGEMAKER, offsetof(struct invoke_target, component)},
    {"deployment", 1U << TARGET_AZUREML, offsetof(struct invoke_target, deployment)},
};

enum { PARAMETERS = sizeof parameters / sizeof *parameters };

static bool keep(char **place, const char *text, size_t size, struct forestd_error *error)
{
    free(*place);
    *place = strndup(text, size);
    return *place || error_memory(error, size, "a target");
}

static bool refuse(const struct invoke_target *target, const char *wanted, struct forestd_error *error)
{
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "%s: it should look like %s", target->text, wanted);
}

static bool read_parameter(struct invoke_target *target, const char *text, size_t size, struct forestd_error *error)
{
    const char *equals = memchr(text, '=', size);
    size_t length = equals ? (size_t)(equals - text) : size;
    for (size_t i = 0; i < PARAMETERS; i++) {
        const char *name = parameters[i].name;
        if (!(parameters[i].kinds >> target->kind & 1) || strlen(name) != length || memcmp(name, text, length) != 0)
            continue;
        if (!equals || length + 1 == size)
            return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "%s: ?%s= wants a value", target->text, name);
        return keep((char **)((char *)target + parameters[i].place), equals + 1, size - length - 1, error);
    }
    const char *known = target->kind == TARGET_SAGEMAKER ? ": there are model, variant, component and region"
                        : target->kind == TARGET_LAMBDA  ? ": there is region"
                        : target->kind == TARGET_AZUREML ? ": there is deployment"
                                                         : "";
    return error_set(error, FORESTD_ARGUMENT, at_nowhere(), "%s: no parameter '%.*s'%s", target->text,
                     (int)(length < 60 ? length : 60), text, known);
}

static bool read_parameters(struct invoke_target *target, const char *query, struct forestd_error *error)
{
    while (*query) {
        size_t size = strcspn(query, "&");
        if (size && !read_parameter(target, query, size, error))
            return false;
        query += size + (query[size] == '&');
    }
    return true;
}

/* Whether a name has letters, digits and `others` only, and is not longer than `most`. */
static bool is_name(const char *text, const char *others, size_t most)
{
    size_t size = strlen(text);
    for (const char *letter = text; *letter; letter++)
        if (!isalnum((unsigned char)*letter) && !strchr(others, *letter))
            return false;
    return size > 0 && size <= most;
}

/* https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html */
static bool read_sagemaker(struct invoke_target *target, const char *name, struct forestd_error *error)
{
    if (!is_name(name, "-", 63) || name[0] == '-')
        return refuse(target, "sagemaker://ENDPOINT, a name of up to 63 letters, digits and hyphens", error);
    return keep(&target->name, name, strlen(name), error);
}

/* https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
static bool read_lambda(struct invoke_target *target, const char *name, struct forestd_error *error)
{
    if (!is_name(name, "-_:$", 170))
        return refuse(target, "lambda://FUNCTION or lambda://FUNCTION:ALIAS", error);
    /* arn:aws:lambda:REGION:ACCOUNT:function:NAME */
    const char *region = strncmp(name, "arn:", 4) == 0 ? strchr(name + 4, ':') : NULL;
    region = region ? strchr(region + 1, ':') : NULL;
    if (region && !target->region && !keep(&target->region, region + 1, strcspn(region + 1, ":"), error))
        return false;
    return keep(&target->name, name, strlen(name), error);
}

/* Takes what stands before the next slash, and the word `before` in front of it where it is there. */
static bool take_part(const char **at, const char *before, char **place, struct forestd_error *error)
{
    size_t size = strlen(before);
    if (strncmp(*at, before, size) == 0 && (*at)[size] == '/')
        *at += size + 1;
    size = strcspn(*at, "/");
    if (!keep(place, *at, size, error))
        return false;
    *at += size + ((*at)[size] == '/');
    return true;
}

static bool read_vertex(struct invoke_target *target, const char *name, struct forestd_error *error)
{
    if (!take_part(&name, "projects", &target->project, error) ||
        !take_part(&name, "locations", &target->location, error) ||
        !take_part(&name, "endpoints", &target->name, error))
        return false;
    if (*name || !is_name(target->project, "-.:", 100) || !is_name(target->location, "-", 40) ||
        !is_name(target->name, "-_", 63))
        return refuse(target, "vertex://PROJECT/LOCATION/ENDPOINT, such as vertex://my-project/us-central1/1234567890",
                      error);
    return true;
}

static bool read_azureml(struct invoke_target *target, const char *name, struct forestd_error *error)
{
    static const char wanted[] = "azureml://ENDPOINT/REGION, or azureml://ENDPOINT.REGION.inference.ml.azure.com/score";
    const char *slash = strchr(name, '/');
    if (memchr(name, '.', slash ? (size_t)(slash - name) : strlen(name))) {
        /* The scoring address: its host says both. */
        const char *path = slash && slash[1] ? slash + 1 : "score";
        size_t host = strcspn(name, "/");
        return keep(&target->host, name, host, error) && keep(&target->name, path, strlen(path), error);
    }
    if (!slash || !take_part(&name, "", &target->name, error) || !take_part(&name, "", &target->location, error))
        return slash ? false : refuse(target, wanted, error);
    if (*name || !is_name(target->name, "-", 32) || !is_name(target->location, "", 40))
        return refuse(target, wanted, error);
    return true;
}

static bool read_http(struct invoke_target *target, const char *text, struct forestd_error *error)
{
    const char *host = strstr(text, "://") + 3;
    size_t size = strcspn(host, "/?#");
    const char *rest = host + size;
    if (size == 0)
        return refuse(target, "http://HOST:PORT or https://HOST/PATH", error);
    bool bare = *rest != '/' || strspn(rest + 1, "/") == strcspn(rest + 1, "?#");
    const char *query = strchr(rest, '?');
    char *address = NULL;
    size_t room = strlen(text) + sizeof "/invocations";
    if (bare)
        address = malloc(room);
    if (bare && address) {
        size_t before = (size_t)(rest - text);
        memcpy(address, text, before);
        memcpy(address + before, "/invocations", sizeof "/invocations");
        if (query)
            memcpy(address + strlen(address), query, strlen(query) + 1);
    } else if (!bare) {
        address = strdup(text);
    }
    target->name = address;
    return address || error_memory(error, room, "an address");
}

static bool read_rest(struct invoke_target *target, const char *rest, const char *whole, struct forestd_error *error)
{
    if (target->kind == TARGET_HTTP)
        return read_http(target, whole, error);
    size_t size = strcspn(rest, "?");
    if (rest[size] == '?' && !read_parameters(target, rest + size + 1, error))
        return false;
    char *name = strndup(rest, size);
    if (!name)
        return error_memory(error, size, "a target");
    bool good = false;
    switch (target->kind) {
    case TARGET_SAGEMAKER:
        good = read_sagemaker(target, name, error);
        break;
    case TARGET_LAMBDA:
        good = read_lambda(target, name, error);
        break;
    case TARGET_VERTEX:
        good = read_vertex(target, name, error);
        break;
    case TARGET_AZUREML:
        good = read_azureml(target, name, error);
        break;
    case TARGET_HTTP:
        break;
    }
    free(name);
    return good;
}

bool invoke_target_read(const char *text, struct invoke_target *target, struct forestd_error *error)
{
    *target = (struct invoke_target){0};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t size = strlen(schemes[i].scheme);
        if (strncasecmp(text, schemes[i].scheme, size) != 0)
            continue;
        target->kind = schemes[i].kind;
        if (!keep(&target->text, text, strcspn(text, "?"), error))
            return false;
        return read_rest(target, text + size, text, error);
    }
    return error_set(
        error, FORESTD_ARGUMENT, at_nowhere(),
        "'%.200s' is no target: sagemaker://ENDPOINT, lambda://FUNCTION, vertex://PROJECT/LOCATION/ENDPOINT, "
        "azureml://ENDPOINT/REGION, or http(s)://HOST",
        text);
}

void invoke_target_close(struct invoke_target *target)
{
    char *const texts[] = {target->text,   target->name,  target->project, target->location,  target->host,
                           target->region, target->model, target->variant, target->component, target->deployment};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    *target = (struct invoke_target){0};
}
