#include "read/globals.h"

#include "base/text.h"
#include <string.h>

/* Modules that were renamed: today's name, and the one that older files use. */
static const struct {
    const char *old;
    const char *module;
} renamed[] = {
    {"__builtin__", "builtins"},
    {"copy_reg", "copyreg"},
    {"numpy.core.multiarray", "numpy._core.multiarray"},
    {"numpy.core.numeric", "numpy._core.numeric"},
    {"numpy.core._internal", "numpy._core._internal"},
    {"sklearn.externals.joblib.numpy_pickle", "joblib.numpy_pickle"},
};

static const struct global table[] = {
    {"sklearn.ensemble._forest", "RandomForestClassifier", MEANS_ESTIMATOR},
    {"sklearn.ensemble._forest", "RandomForestRegressor", MEANS_ESTIMATOR},
    {"sklearn.ensemble._forest", "ExtraTreesClassifier", MEANS_ESTIMATOR},
    {"sklearn.ensemble._forest", "ExtraTreesRegressor", MEANS_ESTIMATOR},
    {"sklearn.tree._classes", "DecisionTreeClassifier", MEANS_ESTIMATOR},
    {"sklearn.tree._classes", "DecisionTreeRegressor", MEANS_ESTIMATOR},
    {"sklearn.tree._classes", "ExtraTreeClassifier", MEANS_ESTIMATOR},
    {"sklearn.tree._classes", "ExtraTreeRegressor", MEANS_ESTIMATOR},
    {"sklearn.tree._tree", "Tree", MEANS_TREE},

    /* scikit-learn up to 0.21: known so that the message speaks of the release and not of an unknown class */
    {"sklearn.ensemble.forest", "RandomForestClassifier", MEANS_ESTIMATOR},
    {"sklearn.ensemble.forest", "RandomForestRegressor", MEANS_ESTIMATOR},
    {"sklearn.ensemble.forest", "ExtraTreesClassifier", MEANS_ESTIMATOR},
    {"sklearn.ensemble.forest", "ExtraTreesRegressor", MEANS_ESTIMATOR},
    {"sklearn.tree.tree", "DecisionTreeClassifier", MEANS_ESTIMATOR},
    {"sklearn.tree.tree", "DecisionTreeRegressor", MEANS_ESTIMATOR},
    {"sklearn.tree.tree", "ExtraTreeClassifier", MEANS_ESTIMATOR},
    {"sklearn.tree.tree", "ExtraTreeRegressor", MEANS_ESTIMATOR},

    {"joblib.numpy_pickle", "NumpyArrayWrapper", MEANS_WRAPPER},
    {"joblib.numpy_pickle", "NDArrayWrapper", MEANS_OLD_WRAPPER},
    {"joblib.numpy_pickle", "ZNDArrayWrapper", MEANS_OLD_WRAPPER},
    {"joblib.numpy_pickle_compat", "NDArrayWrapper", MEANS_OLD_WRAPPER},
    {"joblib.numpy_pickle_compat", "ZNDArrayWrapper", MEANS_OLD_WRAPPER},

    {"numpy._core.multiarray", "_reconstruct", MEANS_RECONSTRUCT},
    {"numpy._core.multiarray", "scalar", MEANS_SCALAR},
    {"numpy._core.numeric", "_frombuffer", MEANS_BUFFER},
    {"numpy", "dtype", MEANS_DTYPE},
    {"numpy", "ndarray", MEANS_NOTHING},
    {"numpy", "memmap", MEANS_NOTHING},
    {"numpy._core.memmap", "memmap", MEANS_NOTHING},
    {"numpy.core.memmap", "memmap", MEANS_NOTHING},
    {"numpy", "bool", MEANS_NOTHING},
    {"numpy", "bool_", MEANS_NOTHING},
    {"numpy", "int8", MEANS_NOTHING},
    {"numpy", "int16", MEANS_NOTHING},
    {"numpy", "int32", MEANS_NOTHING},
    {"numpy", "int64", MEANS_NOTHING},
    {"numpy", "uint8", MEANS_NOTHING},
    {"numpy", "uint16", MEANS_NOTHING},
    {"numpy", "uint32", MEANS_NOTHING},
    {"numpy", "uint64", MEANS_NOTHING},
    {"numpy", "float16", MEANS_NOTHING},
    {"numpy", "float32", MEANS_NOTHING},
    {"numpy", "float64", MEANS_NOTHING},
    {"numpy", "str_", MEANS_NOTHING},
    {"numpy", "bytes_", MEANS_NOTHING},
    {"numpy", "object_", MEANS_NOTHING},

    {"numpy.random", "__RandomState_ctor", MEANS_NOTHING},
    {"numpy.random._pickle", "__randomstate_ctor", MEANS_NOTHING},
    {"numpy.random._pickle", "__bit_generator_ctor", MEANS_NOTHING},
    {"numpy.random._pickle", "__generator_ctor", MEANS_NOTHING},
    {"numpy.random.mtrand", "RandomState", MEANS_NOTHING},
    {"numpy.random.mtrand", "_rand", MEANS_NOTHING},
    {"numpy.random._generator", "Generator", MEANS_NOTHING},
    {"numpy.random._mt19937", "MT19937", MEANS_NOTHING},
    {"numpy.random._pcg64", "PCG64", MEANS_NOTHING},
    {"numpy.random._pcg64", "PCG64DXSM", MEANS_NOTHING},
    {"numpy.random._philox", "Philox", MEANS_NOTHING},
    {"numpy.random._sfc64", "SFC64", MEANS_NOTHING},
    {"numpy.random.bit_generator", "SeedSequence", MEANS_NOTHING},
    {"numpy.random.bit_generator", "__pyx_unpickle_SeedSequence", MEANS_NOTHING},

    {"sklearn.tree._criterion", "Gini", MEANS_NOTHING},
    {"sklearn.tree._criterion", "Entropy", MEANS_NOTHING},
    {"sklearn.tree._criterion", "MSE", MEANS_NOTHING},
    {"sklearn.tree._criterion", "MAE", MEANS_NOTHING},
    {"sklearn.tree._criterion", "FriedmanMSE", MEANS_NOTHING},
    {"sklearn.tree._criterion", "Poisson", MEANS_NOTHING},
    {"sklearn.utils._metadata_requests", "MetadataRequest", MEANS_NOTHING},
    {"sklearn.utils._metadata_requests", "MethodMetadataRequest", MEANS_NOTHING},

    {"copyreg", "_reconstructor", MEANS_RECONSTRUCTOR},
    {"_codecs", "encode", MEANS_ENCODE},
    {"builtins", "object", MEANS_NOTHING},
    {"builtins", "bool", MEANS_NOTHING},
    {"builtins", "int", MEANS_NOTHING},
    {"builtins", "long", MEANS_NOTHING},
    {"builtins", "float", MEANS_NOTHING},
    {"builtins", "complex", MEANS_NOTHING},
    {"builtins", "str", MEANS_NOTHING},
    {"builtins", "bytes", MEANS_NOTHING},
    {"builtins", "bytearray", MEANS_NOTHING},
    {"builtins", "tuple", MEANS_NOTHING},
    {"builtins", "list", MEANS_NOTHING},
    {"builtins", "dict", MEANS_NOTHING},
    {"builtins", "set", MEANS_NOTHING},
    {"builtins", "frozenset", MEANS_NOTHING},
    {"builtins", "range", MEANS_NOTHING},
    {"builtins", "slice", MEANS_NOTHING},
    {"collections", "OrderedDict", MEANS_NOTHING},
    {"collections", "defaultdict", MEANS_NOTHING},
    {"collections", "Counter", MEANS_NOTHING},
};

/* What to do about a class that is not read, by the beginning of its module or of "module.name". */
static const struct {
    const char *beginning;
    const char *advice;
} advices[] = {
    {"sklearn.pipeline.", "save the forest alone: joblib.dump(model[-1], path), and send it rows that the pipeline's "
                          "other steps have prepared"},
    {"sklearn.compose.", "save the forest alone: joblib.dump(model[-1], path)"},
    {"sklearn.preprocessing.", "save the forest alone, without its preparation steps"},
    {"sklearn.model_selection.", "save the model that was found: joblib.dump(search.best_estimator_, path)"},
    {"sklearn.calibration.", "save the forest alone, uncalibrated: calibration is not read"},
    {"sklearn.multioutput.", "fit the forest on all targets at once: it predicts several outputs by itself"},
    {"sklearn.multiclass.", "fit the forest on all classes at once: it tells several classes apart by itself"},
    {"sklearn.", "save a forest or a decision tree alone: joblib.dump(forest, path)"},
    {"sklearnex.",
     "train without the Intel patch, or save with plain scikit-learn: its objects are not scikit-learn's"},
    {"daal4py.", "train without the Intel patch, or save with plain scikit-learn: its objects are not scikit-learn's"},
    {"pandas.", "fit on numpy values, or pass plain values as parameters, and save again"},
    {"__main__.", "the class was defined in the training script: save the forest in it alone"},
    {"", "save the forest alone: joblib.dump(forest, path)"},
};

static bool equals(const char *text, struct span span)
{
    return strlen(text) == span.size && memcmp(text, span.bytes, span.size) == 0;
}

static const struct global *find(struct span module, struct span name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (equals(table[i].name, name) && equals(table[i].module, module))
            return &table[i];
    return NULL;
}

const struct global *global_find(struct span module, struct span name)
{
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++) {
        if (!equals(renamed[i].old, module))
            continue;
        const char *today = renamed[i].module;
        return find((struct span){(const uint8_t *)today, strlen(today)}, name);
    }
    return find(module, name);
}

static bool begins(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

bool global_refuse(struct span module, struct span name, size_t byte, struct forestd_error *error)
{
    struct quote place = text_quote(module.bytes, module.size);
    struct quote title = text_quote(name.bytes, name.size);
    char dotted[QUOTE_SIZE + 2];
    size_t size = strlen(place.text);
    memcpy(dotted, place.text, size);
    memcpy(dotted + size, ".", 2);
    size_t i = 0;
    while (!begins(dotted, advices[i].beginning))
        i++;
    return error_set(error, FORESTD_UNSUPPORTED, at_byte(byte),
                     "byte %zu: unknown class '%s.%s' (forestd reads: RandomForestClassifier, RandomForestRegressor, "
                     "ExtraTreesClassifier, ExtraTreesRegressor, DecisionTreeClassifier, DecisionTreeRegressor, "
                     "ExtraTreeClassifier, ExtraTreeRegressor of scikit-learn): %s",
                     byte, place.text, title.text, advices[i].advice);
}
