#!/usr/bin/env python3
"""Train the tutorial's model and write it as a scikit-learn user would.

    pip install scikit-learn
    python models/train.py [--output models/model.joblib]
"""
import argparse
from pathlib import Path

import joblib
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("model.joblib"))
    arguments = parser.parse_args()

    rows, labels = make_classification(n_samples=1000, n_features=10, random_state=42)
    model = RandomForestClassifier(n_estimators=100, random_state=42)
    model.fit(rows, labels)

    joblib.dump(model, arguments.output)
    print(f"{arguments.output}: {len(model.estimators_)} trees, {arguments.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
