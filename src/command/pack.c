/*
 * `forestd pack`: any model that forestd reads to the packed file that it starts from at once.
 */
#include "command/commands.h"

#include "engine/engine.h"
#include "model/packed.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool failed(const char *path, const char *what, struct forestd_error *error)
{
    return error_set(error, FORESTD_IO, at_nowhere(), "%s: it cannot be %s: %s", path, what, strerror(errno));
}

/* Writes to a new file beside `path`, which takes its name when it is whole: nobody ever sees half of it. */
static bool write_beside(const struct forest *forest, const char *path, char *beside, uint64_t *written,
                         struct forestd_error *error)
{
    int file = mkostemp(beside, O_CLOEXEC);
    if (file < 0)
        return failed(path, "written there", error);
    mode_t mask = umask(0);
    (void)umask(mask);
    bool good = packed_write(forest, file, written, error) || error_prefix(error, path);
    if (good && (fchmod(file, 0666 & ~mask) != 0 || fsync(file) != 0))
        good = failed(path, "written", error);
    if (close(file) != 0 && good)
        good = failed(path, "written", error);
    if (good && rename(beside, path) != 0)
        good = failed(path, "given its name", error);
    if (!good)
        (void)unlink(beside);
    return good;
}

static bool pack(const struct forestd_model *model, const char *path, uint64_t *written, struct forestd_error *error)
{
    static const char ending[] = ".XXXXXX";
    if (!model->forest->plan)
        return error_memory(error, model->summary.nodes * sizeof(struct slot), "laying the model out");
    size_t size = strlen(path);
    char *beside = malloc(size + sizeof ending);
    if (!beside)
        return error_memory(error, size + sizeof ending, "a path");
    memcpy(beside, path, size);
    memcpy(beside + size, ending, sizeof ending);
    bool good = write_beside(model->forest, path, beside, written, error);
    free(beside);
    return good;
}

int command_pack(const struct options *options)
{
    struct forestd_error error;
    const char *address = model_address(options, &error);
    const char *path = options->values[OPTION_OUT];
    if (!address)
        return complain(&error, EXIT_USAGE);
    if (!path[0]) {
        error_set(&error, FORESTD_ARGUMENT, at_nowhere(), "where to? forestd pack %s -o model.forest", address);
        return complain(&error, EXIT_USAGE);
    }
    struct forestd_model *model = model_open(options, address, &error);
    if (!model)
        return complain(&error, EXIT_FAILED);
    uint64_t written = 0;
    bool good = pack(model, path, &written, &error);
    if (good)
        printf("%s: %zu trees of %zu nodes in %" PRIu64 " bytes, %.1f for each node\n", path, model->summary.trees,
               model->summary.nodes, written, (double)written / (double)model->summary.nodes);
    forestd_close(model);
    return good ? EXIT_DONE : complain(&error, EXIT_FAILED);
}
