"""The function that people deploy today: awslambdaric around joblib.load and scikit-learn."""

import json
import os

import joblib
import numpy as np

model = joblib.load(os.environ["MODEL_PATH"])


def handler(event, context):
    body = json.loads(event["body"]) if isinstance(event.get("body"), str) else event
    rows = np.array(body["instances"])
    return {"predictions": model.predict(rows).tolist(), "probabilities": model.predict_proba(rows).tolist()}
