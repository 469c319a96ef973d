"""The stack that people deploy today: Flask, behind gunicorn with two workers, around joblib.load and scikit-learn.

    FORESTD_MODEL=models/model.joblib gunicorn --workers 2 --bind 127.0.0.1:9000 tutorial:app
"""

import os

import joblib
import numpy as np
from flask import Flask, jsonify, request

app = Flask(__name__)
model = joblib.load(os.environ["FORESTD_MODEL"])


@app.get("/ping")
def ping():
    return "", 200


@app.post("/invocations")
def invocations():
    rows = np.array(request.get_json()["instances"])
    return jsonify(
        predictions=model.predict(rows).tolist(),
        probabilities=model.predict_proba(rows).tolist(),
    )
