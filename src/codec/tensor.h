/*
 * Tensors: the bodies of KServe's V2 protocol, the Open Inference Protocol, with Triton's extension for binary data.
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 * https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 *
 *     {"id": "7",
 *      "inputs": [{"name": "x", "shape": [2, 3], "datatype": "FP32", "data": [1, 2, 3, 4, 5, 6]}],
 *      "outputs": [{"name": "predict"}, {"name": "predict_proba", "parameters": {"binary_data": true}}]}
 *
 * The inputs are one tensor [rows, features] (or [features], one row), or several that stand side by side: a tensor
 * [rows] or [rows, 1] for each feature, by the features' names where the model has them, else in the model's order.
 * Data are flat or nested. A tensor with the parameter "binary_data_size" has its bytes behind the JSON instead, least
 * significant first; a text there has its length before it, in four bytes.
 *
 * Every number becomes float32 as numpy would make it of an array of the tensor's datatype: whole numbers are rounded
 * once, FP64 from the double, FP16 to a half first. A number that its datatype does not hold is refused. Of BYTES, texts
 * that are numbers are read.
 */
#ifndef CODEC_TENSOR_H
#define CODEC_TENSOR_H

#include "codec/codec.h"

/* An output that was asked for. */
struct tensor_wish {
    const char *name; /* as it was asked for; lives for ever */
    enum output output;
    bool binary; /* its data go behind the JSON */
};

enum {
    TENSOR_NAMES = 5,    /* names that outputs have */
    TENSOR_ID_SIZE = 256 /* bytes of an id, at most */
};

/* What a body says beside its rows. */
struct tensor_request {
    bool has_id;
    char id[TENSOR_ID_SIZE];
    size_t id_size;
    struct tensor_wish wishes[TENSOR_NAMES]; /* [wish_count] in the order asked */
    size_t wish_count;                       /* 0 = nothing was said */
    bool binary;                             /* what was not said for an output: its data go behind the JSON */
};

/* The length of a body's JSON where no tensor has bytes behind it. */
#define TENSOR_ALL_JSON UINT64_MAX

/*
 * A decoder of tensors, for decoder_feed and the other functions of codec/codec.h. The first `json_size` bytes of the
 * body are JSON.
 */
struct decoder *tensor_decoder_open(uint64_t json_size, const struct forest *forest, struct budget *budget,
                                    struct forestd_error *error);

/* Good once decoder_finish has succeeded; belongs to the decoder. */
const struct tensor_request *tensor_request(const struct decoder *decoder);

/* A tensor as the protocol describes it. */
struct tensor_shape {
    const char *name;
    const char *datatype;
    size_t dimensions; /* 1 to 3; the first is the rows */
    size_t rest[2];    /* [dimensions - 1] those that follow */
};

/* The tensor that is answered for `output`; it is called `name`. */
struct tensor_shape tensor_describe(const struct forest *forest, enum output output, const char *name);

/* Who answers. */
struct tensor_speaker {
    const char *model;
    uint64_t version;
};

/*
 * Appends the answer to `reply`: the outputs asked for; where none was, those of the set `outputs`, and for 0 the
 * predictions. `json_size` becomes the length of its JSON where data follow it, else 0. Probabilities of a regressor
 * are FORESTD_ARGUMENT.
 */
bool tensor_answer(const struct tensor_request *request, const struct prediction *prediction, unsigned outputs,
                   const struct tensor_speaker *speaker, struct buffer *reply, size_t *json_size,
                   struct forestd_error *error);

#endif
