#include "read/read.h"

#include "base/candidate.h"
#include "model/packed.h"
#include "read/pickle.h"
#include "read/sklearn.h"
#include "read/unpack.h"
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static void identify(struct forest *forest, const uint8_t *bytes, size_t size)
{
    (void)snprintf(forest->version, sizeof forest->version, "%016llx", (unsigned long long)XXH3_64bits(bytes, size));
}

static struct forest *read_pickle(const uint8_t *bytes, size_t size, struct report *report, struct budget *budget,
                                  struct forestd_error *error)
{
    struct pickle pickle;
    struct forest *forest = NULL;
    struct census *census = report ? &report->census : NULL;
    bool good = pickle_open(&pickle, bytes, size, census, budget, error);
    if (report)
        report_pickle(report, &pickle, good);
    if (census && census->refused) {
        good = false;
        if (error)
            *error = census->reason;
    }
    if (good)
        forest = sklearn_forest(&pickle, size, budget, error);
    pickle_close(&pickle);
    return forest;
}

static struct forest *read_file(const uint8_t *bytes, size_t size, const char *name, struct report *report,
                                struct budget *budget, struct forestd_error *error)
{
    struct unpacked unpacked;
    struct forest *forest = NULL;
    bool found = unpack(bytes, size, budget, &unpacked, error);
    bool packed = found && content_of(unpacked.bytes, unpacked.size) == CONTENT_PACKED;
    if (report)
        report_unpacked(report, size, &unpacked, found && !packed);
    if (packed)
        forest = packed_open(unpacked.bytes, unpacked.size, true, budget, error);
    else if (found)
        forest = read_pickle(unpacked.bytes, unpacked.size, report, budget, error);
    if (!forest && unpacked.layers[0])
        error_prefix(error, unpacked.layers);
    unpacked_close(&unpacked);
    if (forest && packed && report)
        report_forest(report, forest);
    if (forest && !packed)
        identify(forest, bytes, size);
    else if (!forest)
        error_prefix(error, name);
    return forest;
}

struct forest *forest_inspect(const uint8_t *bytes, size_t size, const char *name, struct report *report,
                              struct forestd_error *error)
{
    return read_file(bytes, size, name, report, NULL, error);
}

struct forest *forest_read(const uint8_t *bytes, size_t size, const char *name, struct budget *budget,
                           struct forestd_error *error)
{
    return read_file(bytes, size, name, NULL, budget, error);
}
