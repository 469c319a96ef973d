#include "command/models.h"

#include "storage/collection.h"
#include "storage/folder.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool add(void *context, const char *name, uint64_t version, const char *path, struct forestd_error *error)
{
    struct models *models = context;
    struct serve_model *list = realloc(models->list, (models->count + 1) * sizeof *list);
    if (!list)
        return error_memory(error, (models->count + 1) * sizeof *list, "the list of models");
    models->list = list;
    struct serve_model *model = &list[models->count++];
    *model = (struct serve_model){name ? strdup(name) : NULL, version, strdup(path)};
    return (model->address && (!name || model->name)) || error_memory(error, strlen(path), "the list of models");
}

/* Whether the folder holds more than one model. */
static bool has_several(const char *folder)
{
    struct forestd_error error = {0};
    char *found = folder_search(folder, &error);
    free(found);
    return !found && error.code == FORESTD_AMBIGUOUS;
}

/* `several`: a folder may stand for all models in it. */
static bool add_address(struct models *models, const char *name, const char *address, bool several,
                        struct forestd_error *error)
{
    struct stat about;
    if (stat(address, &about) != 0 || !S_ISDIR(about.st_mode))
        return add(models, name, 1, address, error);
    size_t versions = 0;
    if (!collection_versions(address, name, &versions, add, models, error))
        return false;
    if (versions)
        return true;
    if (!name && several && has_several(address))
        return collection_read(address, add, models, error);
    return add(models, name, 1, address, error);
}

/* Bytes of the name in `name=path`; 0 where there is none: in a path a slash comes before any equals sign. */
static size_t name_size(const char *text)
{
    size_t size = strcspn(text, "=/:,");
    return text[size] == '=' ? size : 0;
}

/* Whether `text` is several `name=path` with a comma between. */
static bool is_list(const char *text)
{
    const char *comma = strchr(text, ',');
    while (comma && name_size(comma + 1))
        comma = strchr(comma + 1, ',');
    return name_size(text) && strchr(text, ',') && !comma;
}

static bool add_word(struct models *models, const char *text, size_t size, struct forestd_error *error)
{
    size_t named = name_size(text);
    char *name = named ? strndup(text, named) : NULL;
    size_t begin = named ? named + 1 : 0;
    char *path = strndup(text + begin, size - begin);
    bool good = path && (!named || name);
    if (!good)
        error_memory(error, size, "the list of models");
    else if (!path[0])
        good = error_set(error, FORESTD_ARGUMENT, at_nowhere(), "--model %.*s: it names no path", (int)size, text);
    else
        good = add_address(models, name, path, true, error);
    free(name);
    free(path);
    return good;
}

static bool add_text(struct models *models, const char *text, struct forestd_error *error)
{
    if (!is_list(text))
        return add_word(models, text, strlen(text), error);
    bool good = true;
    while (good) {
        size_t size = strcspn(text, ",");
        good = add_word(models, text, size, error);
        if (!text[size])
            break;
        text += size + 1;
    }
    return good;
}

static bool read_all(struct models *models, const struct options *options, const char *usual,
                     struct forestd_error *error)
{
    bool repeated = false;
    for (size_t i = 0; i < options->given_count; i++) {
        if (options->given[i].option != OPTION_MODEL)
            continue;
        repeated = true;
        if (!add_text(models, options->given[i].value, error))
            return false;
    }
    if (repeated)
        return true;
    bool platform = options->source[OPTION_MODEL] == options->variables[OPTION_MODEL];
    if (options->values[OPTION_MODEL][0] && !(platform && options->argument_count))
        return add_text(models, options->values[OPTION_MODEL], error);
    for (size_t i = 0; i < options->argument_count; i++)
        if (!add_text(models, options->arguments[i], error))
            return false;
    return options->argument_count || !usual || add_address(models, NULL, usual, false, error);
}

/* Calls models without a name what --name says. */
static bool name_all(struct models *models, const char *name, struct forestd_error *error)
{
    for (size_t i = 0; name[0] && i < models->count; i++) {
        struct serve_model *model = &models->list[i];
        if (!model->name)
            model->name = strdup(name);
        if (!model->name)
            return error_memory(error, strlen(name), "a model's name");
    }
    return true;
}

static const char *called(const struct serve_model *model)
{
    return model->name ? model->name : "model";
}

static bool check_names(const struct models *models, struct forestd_error *error)
{
    for (size_t i = 1; i < models->count; i++) {
        const struct serve_model *model = &models->list[i];
        for (const struct serve_model *other = models->list; other < model; other++)
            if (model->version == other->version && strcmp(called(model), called(other)) == 0)
                return error_set(error, FORESTD_ARGUMENT, at_nowhere(),
                                 "%s and %s are both called '%s': name them, --model one=PATH --model two=PATH",
                                 other->address, model->address, called(model));
    }
    return true;
}

bool models_read(struct models *models, const struct options *options, const char *usual, struct forestd_error *error)
{
    *models = (struct models){0};
    if (read_all(models, options, usual, error) && name_all(models, options->values[OPTION_NAME], error) &&
        check_names(models, error))
        return true;
    models_close(models);
    return false;
}

void models_close(struct models *models)
{
    for (size_t i = 0; i < models->count; i++) {
        free((void *)(uintptr_t)models->list[i].name);
        free((void *)(uintptr_t)models->list[i].address);
    }
    free(models->list);
    *models = (struct models){0};
}
