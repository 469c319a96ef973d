#include "serve/openapi.h"

/*
 * What rows and answers are does not depend on the model: its own names and types are in /swagger.json. Numbers may be
 * null or NaN where they are missing, so that cells have no type.
 */
static const struct {
    const char *name;
    const char *text;
} schemas[] = {
    {"Rows", "{\"type\": \"array\", \"items\": {}}"},
    {"Instances", "{\"description\": \"Rows: instances, inputs, data or input_data, dataframe_split, "
                  "dataframe_records; or bare rows, or one bare row.\", \"anyOf\": [{\"type\": \"object\", "
                  "\"properties\": {\"instances\": {\"$ref\": \"#/components/schemas/Rows\"}, \"parameters\": "
                  "{\"type\": \"object\", \"nullable\": true}}}, {\"$ref\": \"#/components/schemas/Rows\"}]}"},
    {"Predictions", "{\"anyOf\": [{\"type\": \"object\", \"properties\": {\"predictions\": {\"type\": \"array\", "
                    "\"items\": {}}, \"probabilities\": {\"type\": \"array\", \"items\": {}}, \"model_version\": "
                    "{\"type\": \"string\"}}}, {\"type\": \"array\", \"items\": {}}]}"},
    {"PredictionsOnly", "{\"anyOf\": [{\"type\": \"object\", \"properties\": {\"predictions\": {\"type\": \"array\", "
                        "\"items\": {}}}}, {\"type\": \"array\", \"items\": {}}]}"},
    {"BarePredictions", "{\"anyOf\": [{\"type\": \"array\", \"items\": {}}, {\"type\": \"object\"}]}"},
    {"Document", "{\"type\": \"object\"}"},
    {"Alive", "{\"type\": \"object\", \"properties\": {\"status\": {\"type\": \"string\"}}}"},
    {"SageMakerBatch", "{\"type\": \"object\", \"required\": [\"MaxConcurrentTransforms\", \"BatchStrategy\", "
                       "\"MaxPayloadInMB\"], \"properties\": {\"MaxConcurrentTransforms\": {\"type\": \"integer\"}, "
                       "\"BatchStrategy\": {\"type\": \"string\"}, \"MaxPayloadInMB\": {\"type\": \"integer\"}}}"},
    {"SageMakerModel", "{\"type\": \"object\", \"properties\": {\"modelName\": {\"type\": \"string\"}, "
                       "\"modelUrl\": {\"type\": \"string\"}}}"},
    {"SageMakerModels", "{\"type\": \"object\", \"required\": [\"models\"], \"properties\": {\"models\": {\"type\": "
                        "\"array\", \"items\": {\"$ref\": \"#/components/schemas/SageMakerModel\"}}, "
                        "\"nextPageToken\": {\"type\": \"string\"}}}"},
    {"SageMakerLoad", "{\"type\": \"object\", \"required\": [\"model_name\", \"url\"], \"properties\": "
                      "{\"model_name\": {\"type\": \"string\"}, \"url\": {\"type\": \"string\"}}}"},
    {"SageMakerStatus", "{\"type\": \"object\"}"},
    {"KServeModels", "{\"type\": \"object\", \"required\": [\"models\"], \"properties\": {\"models\": {\"type\": "
                     "\"array\", \"items\": {}}}}"},
    {"KServeReady", "{\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\"}, \"ready\": {}}}"},
    {"TensorFlowVersion", "{\"type\": \"object\", \"required\": [\"model_version_status\"], \"properties\": "
                          "{\"model_version_status\": {\"type\": \"array\", \"items\": {\"type\": \"object\"}}}}"},
    {"TritonConfig", "{\"type\": \"object\", \"required\": [\"name\", \"input\", \"output\"], \"properties\": "
                     "{\"name\": {\"type\": \"string\"}, \"input\": {\"type\": \"array\", \"items\": {\"type\": "
                     "\"object\"}}, \"output\": {\"type\": \"array\", \"items\": {\"type\": \"object\"}}}}"},
    {"InferenceServer", "{\"type\": \"object\", \"required\": [\"name\", \"version\", \"extensions\"], "
                        "\"properties\": {\"name\": {\"type\": \"string\"}, \"version\": {\"type\": \"string\"}, "
                        "\"extensions\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}}}}"},
    {"InferenceLive", "{\"type\": \"object\", \"properties\": {\"live\": {\"type\": \"boolean\"}}}"},
    {"InferenceHealth", "{\"type\": \"object\", \"properties\": {\"ready\": {\"type\": \"boolean\"}}}"},
    {"Tensor", "{\"type\": \"object\", \"required\": [\"name\"], \"properties\": {\"name\": {\"type\": "
               "\"string\"}, \"shape\": {\"type\": \"array\", \"items\": {\"type\": \"integer\"}}, "
               "\"datatype\": {\"type\": \"string\"}, \"parameters\": {\"type\": \"object\"}, \"data\": {}}}"},
    {"Tensors", "{\"type\": \"array\", \"items\": {\"$ref\": \"#/components/schemas/Tensor\"}}"},
    {"InferenceModel", "{\"type\": \"object\", \"required\": [\"name\", \"inputs\", \"outputs\"], \"properties\": "
                       "{\"name\": {\"type\": \"string\"}, \"versions\": {\"type\": \"array\", \"items\": "
                       "{\"type\": \"string\"}}, \"platform\": {\"type\": \"string\"}, \"inputs\": {\"$ref\": "
                       "\"#/components/schemas/Tensors\"}, \"outputs\": {\"$ref\": "
                       "\"#/components/schemas/Tensors\"}}}"},
    {"InferenceRequest", "{\"type\": \"object\", \"required\": [\"inputs\"], \"properties\": {\"id\": {\"type\": "
                         "\"string\"}, \"parameters\": {\"type\": \"object\"}, \"inputs\": {\"$ref\": "
                         "\"#/components/schemas/Tensors\"}, \"outputs\": {\"$ref\": "
                         "\"#/components/schemas/Tensors\"}}}"},
    {"InferenceResponse", "{\"type\": \"object\", \"required\": [\"model_name\", \"outputs\"], \"properties\": "
                          "{\"model_name\": {\"type\": \"string\"}, \"model_version\": {\"type\": \"string\"}, \"id\": "
                          "{\"type\": \"string\"}, \"outputs\": {\"$ref\": \"#/components/schemas/Tensors\"}}}"},
    {"InferenceIndexAsk", "{\"type\": \"object\", \"properties\": {\"ready\": {\"type\": \"boolean\"}}}"},
    {"InferenceIndex", "{\"type\": \"array\", \"items\": {\"type\": \"object\"}}"},
    {"InferenceLoaded", "{\"type\": \"object\"}"},
    {"InferenceUnloaded", "{\"type\": \"object\"}"},
    {"FunctionCall", "{\"type\": \"object\", \"properties\": {\"Data\": {\"type\": \"object\"}, \"Metadata\": "
                     "{\"type\": \"object\"}}}"},
    {"FunctionResult", "{\"type\": \"object\"}"},
    {"Metrics", "{\"type\": \"string\"}"},
    {"Error", "{\"type\": \"object\", \"required\": [\"error\"], \"properties\": {\"error\": {\"type\": "
              "\"string\"}, \"code\": {\"type\": \"string\"}, \"row\": {\"type\": \"integer\"}, "
              "\"column\": {\"type\": \"integer\"}, \"byte\": {\"type\": \"integer\"}}}"},
    {"ErrorOfGoogle", "{\"type\": \"object\", \"required\": [\"error\"], \"properties\": {\"error\": {\"type\": "
                      "\"object\", \"required\": [\"code\", \"message\", \"status\"], \"properties\": {\"code\": "
                      "{\"type\": \"integer\"}, \"message\": {\"type\": \"string\"}, \"status\": {\"type\": "
                      "\"string\"}}}}}"},
    {"ErrorMessage", "{\"type\": \"object\", \"required\": [\"message\"], \"properties\": {\"message\": "
                     "{\"type\": \"string\"}}}"},
};

cJSON *openapi_schemas(void)
{
    cJSON *all = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        cJSON *schema = cJSON_Parse(schemas[i].text);
        if (schema && cJSON_AddItemToObject(all, schemas[i].name, schema))
            continue;
        cJSON_Delete(schema);
        cJSON_Delete(all);
        return NULL;
    }
    return all;
}
