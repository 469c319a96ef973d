#include "read/report.h"

#include "model/packed.h"
#include <stdio.h>
#include <string.h>

void report_unpacked(struct report *report, size_t size, const struct unpacked *unpacked, bool found)
{
    memset(report, 0, sizeof *report);
    report->packed = size;
    report->unpacked = found ? unpacked->size : 0;
    (void)snprintf(report->container, sizeof report->container, "%s", unpacked->layers);
}

/* numpy 2.0 renamed numpy.core to numpy._core. */
static const char *numpy_release(const struct census *census)
{
    if (census_has(census, "numpy._core."))
        return "2 or newer";
    return census_has(census, "numpy.core.") ? "1" : NULL;
}

/*
 * joblib/numpy_pickle.py: one file for each model since 0.10, arrays on round addresses since 1.2, arrays of objects
 * in the highest protocol since 1.5.
 */
static const char *joblib_release(const struct census *census, const struct pickle *pickle)
{
    if (census_has(census, "sklearn.externals.joblib."))
        return "the copy in scikit-learn 0.20 or older";
    if (census_has(census, "joblib.numpy_pickle.NDArray") || census_has(census, "joblib.numpy_pickle.ZNDArray"))
        return "older than 0.10";
    if (!census_has(census, "joblib.numpy_pickle."))
        return NULL;
    if (!pickle->aligned)
        return "0.10 to 1.1";
    if (!pickle->object_arrays)
        return "1.2 or newer";
    return pickle->object_protocol > 2 ? "1.5 or newer" : "1.2 to 1.4";
}

void report_forest(struct report *report, const struct forest *forest)
{
    report->forest = PACKED_VERSION;
    report->release = text_quote(forest->release, strlen(forest->release));
}

void report_pickle(struct report *report, const struct pickle *pickle, bool complete)
{
    report->complete = complete;
    report->read = pickle->read;
    report->arrays = pickle->array_bytes;
    report->joblib = pickle->joblib;
    report->protocol = pickle->protocol;
    report->numpy_release = numpy_release(&report->census);
    report->joblib_release = joblib_release(&report->census, pickle);
    if (!complete)
        return;
    report->object = value_title(&pickle->root);
    const struct value *release = state_find(&pickle->root, "_sklearn_version");
    if (release && release->kind == VALUE_TEXT)
        report->release = text_quote(release->as.bytes, release->size);
}
