/*
 * `forestd pack`: any model that forestd reads to the packed file that it starts from at once, or to the archive that
 * SageMaker takes, which holds this file and where it comes from.
 */
#include "command/commands.h"

#include "cloud/digest.h"
#include "command/tarball.h"
#include "engine/engine.h"
#include "model/packed.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct packing {
    const struct forestd_model *model;
    const char *address; /* of the source */
    const char *path;    /* of what is written */
    uint64_t written;
};

/* Writes what is wanted to the open file `file`. */
typedef bool writer(struct packing *packing, int file, struct forestd_error *error);

static bool failed(const char *path, const char *what, struct forestd_error *error)
{
    return error_set(error, FORESTD_IO, at_nowhere(), "%s: it cannot be %s: %s", path, what, strerror(errno));
}

static bool write_packed(struct packing *packing, int file, struct forestd_error *error)
{
    return packed_write(packing->model->forest, file, &packing->written, error) || error_prefix(error, packing->path);
}

/* A name for a file beside `path`, for mkostemp; the caller frees it. */
static char *name_beside(const char *path, struct forestd_error *error)
{
    static const char ending[] = ".XXXXXX";
    size_t size = strlen(path);
    char *beside = malloc(size + sizeof ending);
    if (!beside) {
        error_memory(error, size + sizeof ending, "a path");
        return NULL;
    }
    memcpy(beside, path, size);
    memcpy(beside + size, ending, sizeof ending);
    return beside;
}

/* Writes to a new file beside the path, which takes its name when it is whole: nobody ever sees half of it. */
static bool write_beside(struct packing *packing, writer *write, char *beside, struct forestd_error *error)
{
    const char *path = packing->path;
    int file = mkostemp(beside, O_CLOEXEC);
    if (file < 0)
        return failed(path, "written there", error);
    mode_t mask = umask(0);
    (void)umask(mask);
    bool good = write(packing, file, error);
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

static bool pack(struct packing *packing, writer *write, struct forestd_error *error)
{
    const struct forestd_model *model = packing->model;
    if (!model->forest->plan)
        return error_memory(error, model->summary.nodes * sizeof(struct slot), "laying the model out");
    char *beside = name_beside(packing->path, error);
    bool good = beside && write_beside(packing, write, beside, error);
    free(beside);
    return good;
}

/* ---- the archive ---- */

/* A model of this machine by its name alone: where it lay is nobody's concern, and would make other bytes elsewhere. */
static char *source_name(const char *address)
{
    char *shown = storage_show(address);
    if (!shown || strstr(shown, "://"))
        return shown;
    size_t size = strlen(shown);
    while (size > 1 && shown[size - 1] == '/')
        shown[--size] = '\0';
    const char *slash = strrchr(shown, '/');
    if (slash && slash[1])
        memmove(shown, slash + 1, strlen(slash));
    return shown;
}

/* Where the packed model comes from, as JSON; NULL without memory. */
static char *origin_text(const struct packing *packing, const void *bytes, size_t size)
{
    const struct forestd_summary *summary = &packing->model->summary;
    char hash[SHA256_HEX];
    char version[48];
    char *source = source_name(packing->address);
    sha256_hex(bytes, size, hash);
    (void)snprintf(version, sizeof version, "xxh3-64:%s", summary->version);
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "source", source ? source : "");
    cJSON_AddStringToObject(document, "source_hash", version);
    cJSON_AddStringToObject(document, "estimator", summary->estimator);
    cJSON_AddStringToObject(document, "scikit_learn", summary->release);
    cJSON_AddStringToObject(document, "forestd", FORESTD_VERSION);
    cJSON_AddStringToObject(document, "model", "model.forest");
    cJSON_AddStringToObject(document, "model_sha256", hash);
    char *text = source ? cJSON_Print(document) : NULL;
    cJSON_Delete(document);
    free(source);
    return text;
}

static bool write_files(struct packing *packing, const void *bytes, size_t size, int file, struct forestd_error *error)
{
    char *origin = origin_text(packing, bytes, size);
    if (!origin)
        return error_memory(error, 0, "the origin of the model");
    const struct tarball_file files[] = {{"model.forest", bytes, size}, {"origin.json", origin, strlen(origin)}};
    bool good = tarball_write(file, files, sizeof files / sizeof *files, &packing->written, error) ||
                error_prefix(error, packing->path);
    free(origin);
    return good;
}

/* The packed model goes to a file without a name, for an archive says each file's size before its bytes. */
static bool write_archive(struct packing *packing, int file, struct forestd_error *error)
{
    char *name = name_beside(packing->path, error);
    if (!name)
        return false;
    int packed = mkostemp(name, O_CLOEXEC);
    bool good = packed >= 0 || failed(packing->path, "written there", error);
    if (good)
        (void)unlink(name);
    free(name);
    good = good && write_packed(packing, packed, error);
    size_t size = (size_t)packing->written;
    void *bytes = good ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, packed, 0) : MAP_FAILED;
    if (good && bytes == MAP_FAILED)
        good = failed(packing->path, "written", error);
    good = good && write_files(packing, bytes, size, file, error);
    if (bytes != MAP_FAILED)
        (void)munmap(bytes, size);
    if (packed >= 0)
        (void)close(packed);
    return good;
}

/* ---- the command ---- */

static bool run(struct packing *packing, const char *path, writer *write, struct forestd_error *error)
{
    const struct forestd_summary *summary = &packing->model->summary;
    packing->path = path;
    if (!pack(packing, write, error))
        return false;
    printf("%s: %zu trees of %zu nodes in %" PRIu64 " bytes, %.1f for each node\n", path, summary->trees,
           summary->nodes, packing->written, (double)packing->written / (double)summary->nodes);
    return true;
}

int command_pack(const struct options *options)
{
    struct forestd_error error;
    const char *address = model_address(options, &error);
    const char *path = options->values[OPTION_OUT];
    const char *archive = options->values[OPTION_ARCHIVE];
    if (!address)
        return complain(&error, EXIT_USAGE);
    if (!path[0] && !archive[0]) {
        error_set(&error, FORESTD_ARGUMENT, at_nowhere(),
                  "where to? forestd pack %s -o model.forest, or --archive model.tar.gz", address);
        return complain(&error, EXIT_USAGE);
    }
    struct forestd_model *model = model_open(options, address, &error);
    if (!model)
        return complain(&error, EXIT_FAILED);
    struct packing packing = {.model = model, .address = address};
    bool good = (!path[0] || run(&packing, path, write_packed, &error)) &&
                (!archive[0] || run(&packing, archive, write_archive, &error));
    forestd_close(model);
    return good ? EXIT_DONE : complain(&error, EXIT_FAILED);
}
