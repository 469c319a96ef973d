/*
 * The models that serve begins with, as the options name them.
 */
#ifndef COMMAND_MODELS_H
#define COMMAND_MODELS_H

#include "command/options.h"
#include "serve/serve.h"

struct models {
    struct serve_model *list; /* [count]; its texts belong to the list */
    size_t count;
};

/*
 * Reads every --model: `path`, `name=path`, or several `name=path` with a comma between. A folder stands for the one
 * model in it, for its versions where it has sub-folders whose names are numbers, and, where it has no name given, for
 * all models in it. `usual` is where the model is when no option says so; NULL = nowhere. The caller closes the list.
 */
bool models_read(struct models *models, const struct options *options, const char *usual, struct forestd_error *error);

void models_close(struct models *models);

#endif
