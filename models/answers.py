#!/usr/bin/env python3
"""Write the answers that scikit-learn gives, for `forestd verify MODEL --against FILE.npz`.

    python models/answers.py MODEL ROWS.csv            rows from a CSV file without a header, or from a .npy file
    python models/answers.py MODEL --random 10000      rows that are hard to get right, drawn around the model's thresholds

Run it where the model was trained: the answers are those of the scikit-learn that is installed. Trees are summed by one
job, because with more of them scikit-learn's own last bits depend on which thread comes first.
"""
import argparse
import warnings
from pathlib import Path

import joblib
import numpy as np

FLOAT32 = np.finfo(np.float32)
TOO_LARGE = (2 - 2.0**-24) * 2.0**127  # the least float64 that rounds to no finite float32


def trees(model):
    """Every fitted tree of a forest, or the one of a single tree."""
    return [member.tree_ for member in getattr(model, "estimators_", [model])]


def width(model):
    """The number of features; releases before 0.24 have it under another name."""
    return model.n_features_in_ if hasattr(model, "n_features_in_") else model.n_features_


def is_classifier(model):
    return hasattr(model, "classes_")


def accepts(model, row):
    """Whether scikit-learn predicts for this row when it stands alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model.predict(row.reshape(1, -1))
        except ValueError:
            return False
    return True


def hard_rows(model, count, seed=0):
    """Draw rows where a predictor that compares, rounds or routes a little differently is found out."""
    random = np.random.RandomState(seed)
    features = width(model)
    rows = random.normal(scale=2, size=(count, features))
    rows[::2] = rows[::2].astype(np.float32)

    feature = np.concatenate([tree.feature for tree in trees(model)])
    threshold = np.concatenate([tree.threshold for tree in trees(model)])
    for column in range(features):
        known = threshold[(feature == column) & np.isfinite(threshold)]
        if len(known) == 0:
            continue
        rows[:, column] += np.median(known)
        chosen = np.flatnonzero(random.uniform(size=count) < 0.6)
        at = random.choice(known, len(chosen)).astype(np.float32)
        ulp = random.randint(3, size=len(chosen))
        at = np.where(ulp == 1, np.nextafter(at, np.float32(np.inf)), at)
        at = np.where(ulp == 2, np.nextafter(at, np.float32(-np.inf)), at)
        rows[chosen, column] = np.clip(at, FLOAT32.min, FLOAT32.max)
        # The threshold itself, and the middle of two float32 values where rounding decides: 64 bits that 32 cannot hold.
        exact = random.uniform(size=count) < 0.08
        rows[exact, column] = np.clip(random.choice(known, exact.sum()), FLOAT32.min, FLOAT32.max)
        for position in np.flatnonzero(random.uniform(size=count) < 0.08):
            low = np.float32(np.clip(random.choice(known), -1e38, 1e38))
            middle = (float(low) + float(np.nextafter(low, np.float32(np.inf)))) / 2
            rows[position, column] = random.choice([np.nextafter(middle, -np.inf), middle, np.nextafter(middle, np.inf)])

    tiny = float(np.nextafter(np.float32(0), np.float32(1)))
    largest = float(FLOAT32.max)
    special = [0.0, -0.0, 5e-324, -5e-324, tiny, -tiny, tiny / 2, np.nextafter(tiny / 2, 1), float(FLOAT32.tiny), 2.2e-308,
               largest, -largest, np.nextafter(TOO_LARGE, 0), -np.nextafter(TOO_LARGE, 0), 1e38, -1e38, 16777217.0, 0.1]
    placed = random.uniform(size=rows.shape) < 0.05
    rows[placed] = random.choice(special, placed.sum())

    missing = np.zeros(features)
    missing[0] = np.nan
    if accepts(model, missing):
        absent = (random.uniform(size=count) < 0.3)[:, None] & (random.uniform(size=rows.shape) < 0.4)
        rows[absent] = np.nan
        rows[-1] = np.nan
    return rows


def refused_rows(model):
    """Rows that scikit-learn refuses, each tried alone."""
    candidates = []
    for value in (np.inf, -np.inf, 1e39, -1e39, TOO_LARGE, np.nan):
        row = np.zeros(width(model))
        row[len(candidates) % len(row)] = value
        candidates.append(row)
    return np.array([row for row in candidates if not accepts(model, row)])


def plain(labels):
    """Labels in a dtype that needs no pickle."""
    if labels.dtype != object:
        return labels
    values = labels.ravel().tolist()
    if all(isinstance(value, str) for value in values):
        return labels.astype(str)
    return np.array(values).reshape(labels.shape)


def answers(model, rows):
    """The arrays of the NPZ file: rows and what scikit-learn says about them."""
    if hasattr(model, "n_jobs"):
        model.set_params(n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # models with feature names warn that these rows have none
        result = {"rows": rows, "predictions": plain(np.asarray(model.predict(rows)))}
        if is_classifier(model):
            probabilities = model.predict_proba(rows)
            if isinstance(probabilities, list):
                for output, values in enumerate(probabilities):
                    result[f"probabilities_{output}"] = np.ascontiguousarray(values)
            else:
                result["probabilities"] = np.ascontiguousarray(probabilities)
        result["refused"] = refused_rows(model)
    return result


def write(path, result):
    """Write the arrays without a pickle among them, with the same bytes each time."""
    for name, values in result.items():
        if values.dtype == object:
            raise TypeError(f"{name} would need a pickle")
    with open(path, "wb") as file:
        np.savez_compressed(file, **result)


def read_rows(path):
    rows = np.load(path) if path.suffix == ".npy" else np.loadtxt(path, delimiter=",", ndmin=2)
    return np.asarray(rows, dtype=np.float64)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("rows", type=Path, nargs="?", help="CSV without a header, or .npy")
    parser.add_argument("-o", "--output", type=Path, help="default: beside the model, named .npz")
    parser.add_argument("--random", type=int, metavar="N", help="draw N hard rows (after those of the file)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.rows is None and arguments.random is None:
        parser.error("give a file of rows, or --random N")

    model = joblib.load(arguments.model)
    parts = []
    if arguments.rows is not None:
        parts.append(read_rows(arguments.rows))
    if arguments.random is not None:
        parts.append(hard_rows(model, arguments.random, arguments.seed))
    rows = np.concatenate(parts)

    output = arguments.output or arguments.model.with_suffix(".npz")
    write(output, answers(model, rows))
    print(f"{output}: {len(rows)} rows")


if __name__ == "__main__":
    main()
