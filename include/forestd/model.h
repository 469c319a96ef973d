/*
 * A model: what one file holds, opened, proved and ready to predict.
 *
 * Files that open: `joblib.dump` and `pickle.dump` files of scikit-learn 0.22 to 1.9 that hold a RandomForest,
 * ExtraTrees, DecisionTree or ExtraTree classifier or regressor, plain or compressed (zlib, gzip, bz2, xz, lzma, lz4);
 * a tar, tar.gz or zip archive, or a directory, that holds exactly one of these. No code in a file is ever run.
 *
 * A model never changes once it is open: any number of threads may use it at once. Everything that is reached through
 * it (texts, labels, the summary) belongs to it and lives until forestd_close.
 */
#ifndef FORESTD_MODEL_H
#define FORESTD_MODEL_H

#include <forestd/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct forestd_model;

/*
 * Opens the model at `path`: a file or directory, or the address of an object or prefix (s3://, gs://, azblob://,
 * https://), which is fetched with the credentials that the cloud's own tools would find. Returns NULL and writes
 * `error` when it cannot be opened.
 */
FORESTD_API struct forestd_model *forestd_open(const char *path, struct forestd_error *error);

/* How an object is fetched; all zero is what forestd_open does. */
struct forestd_fetching {
    bool cache;       /* into a file under $TMPDIR, where it is found again, instead of into memory */
    unsigned seconds; /* that it may take in all; 0 = 1800 */
};

/* The same, with a say in how an object is fetched. `fetching` may be NULL. */
FORESTD_API struct forestd_model *forestd_open_fetching(const char *path, const struct forestd_fetching *fetching,
                                                        struct forestd_error *error);

/*
 * Opens a model that lies in memory: `size` bytes of any kind of file that forestd_open takes. `name` is what messages
 * call it. The bytes are not needed after the call. Returns NULL and writes `error` on failure.
 */
FORESTD_API struct forestd_model *forestd_open_bytes(const void *bytes, size_t size, const char *name,
                                                     struct forestd_error *error);

/* Frees the model. NULL is allowed. No other thread may be using it. */
FORESTD_API void forestd_close(struct forestd_model *model);

enum forestd_task { FORESTD_CLASSIFIER, FORESTD_REGRESSOR };

struct forestd_summary {
    enum forestd_task task;
    const char *estimator; /* scikit-learn's class, such as "RandomForestClassifier" */
    const char *release;   /* the scikit-learn release that wrote the file, such as "1.9.0" */
    const char *version; /* identity of the file's bytes: XXH3-64 in 16 hexadecimal digits, as `xxhsum -H3` prints it */
    size_t features;     /* cells in a row */
    size_t outputs;      /* targets predicted for a row; 1 unless the model was trained on several */
    size_t width;        /* numbers in a row of values: classes of all outputs together, or outputs of a regressor */
    size_t trees;
    size_t nodes;     /* splits and leaves of all trees */
    size_t leaves;    /* leaves of all trees */
    size_t depth;     /* splits on the longest path of any tree */
    bool accepts_nan; /* whether this estimator, in its release, predicts rows with missing values */
    bool named;       /* whether the model was trained with feature names */
};

FORESTD_API const struct forestd_summary *forestd_describe(const struct forestd_model *model);

/* Name of feature `feature` (from 0) in UTF-8, or NULL when the model was trained without names or has no such feature.
 */
FORESTD_API const char *forestd_feature_name(const struct forestd_model *model, size_t feature);

enum forestd_label_kind { FORESTD_INTEGER, FORESTD_UNSIGNED, FORESTD_REAL, FORESTD_BOOLEAN, FORESTD_TEXT };

/* A class's label, in the type that it was trained with. */
struct forestd_label {
    enum forestd_label_kind kind;
    size_t text_size; /* bytes of `text`, without the 0 that follows it */
    union {
        int64_t integer;
        uint64_t natural; /* FORESTD_UNSIGNED: only for labels over INT64_MAX */
        double real;
        bool boolean;
        const char *text; /* UTF-8 */
    } as;
};

/* Number of classes of output `output` (from 0); 0 for a regressor or where there is no such output. */
FORESTD_API size_t forestd_class_count(const struct forestd_model *model, size_t output);

/* Label of class `index` (from 0) of output `output`. Returns NULL where there is none. */
FORESTD_API const struct forestd_label *forestd_class_label(const struct forestd_model *model, size_t output,
                                                            size_t index);

#ifdef __cplusplus
}
#endif
#endif
