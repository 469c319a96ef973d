#!/usr/bin/env python3
"""Write the golden cases of the scikit-learn release that runs this: model files, and beside each what it answers.

    python tests/golden/make.py [--output tests/golden] [--suffix -i386] [--formats] [--refused] [CASE ...]

A case is a function here that fits and returns a model; its name is the file's. `--formats` adds the ways there are to
write one model, `--refused` adds the files that are no forests. `tests/golden/make` runs all of this under every release.
Everything is seeded: a case's bytes change only with scikit-learn, numpy and joblib.
"""
import argparse
import bz2
import copyreg
import gzip
import io
import lzma
import os
import pickle
import re
import sys
import tarfile
import warnings
import zipfile
import zlib
from pathlib import Path

import joblib
import numpy as np
import sklearn
from joblib.numpy_pickle import NumpyPickler
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "models"))
import answers  # noqa: E402

RELEASE = tuple(int(part) for part in re.findall(r"\d+", sklearn.__version__)[:3])
SQUARED = "squared_error" if RELEASE >= (1, 0) else "mse"
ABSOLUTE = "absolute_error" if RELEASE >= (1, 0) else "mae"

CASES = {}


def case(since=(0,), until=(99,), rows=60, compress=0):
    """Register a case for the releases since <= RELEASE < until: its number of rows, and how its file is compressed."""

    def register(function):
        if since <= RELEASE < until:
            CASES[function.__name__] = (function, rows, compress)
        return function

    return register


# Data


def samples(seed, count=160, features=5):
    return np.random.RandomState(seed).normal(size=(count, features))


def classes(rows, count, seed=1):
    """Integer labels 0..count-1 that follow the rows, with noise."""
    score = rows[:, 0] + rows[:, 1] * rows[:, 2] + 0.4 * np.random.RandomState(seed).normal(size=len(rows))
    return np.searchsorted(np.quantile(score, np.linspace(0, 1, count + 1)[1:-1]), score)


def targets(rows, outputs=1, seed=1):
    random = np.random.RandomState(seed)
    y = np.sin(rows[:, :1] * np.arange(1, outputs + 1)) + rows[:, 1:2] ** 2 + 0.1 * random.normal(size=(len(rows), outputs))
    return y[:, 0] if outputs == 1 else y


def weights(rows, seed=2):
    return np.random.RandomState(seed).uniform(0.05, 3, size=len(rows))


def with_missing(rows, share=0.2, seed=3):
    rows = rows.copy()
    rows[np.random.RandomState(seed).uniform(size=rows.shape) < share] = np.nan
    return rows


def outputs(rows):
    """Labels of four outputs with 2, 5, 3 and a single class."""
    return np.column_stack([classes(rows, 2, 1), classes(rows, 5, 2) * 10, classes(rows, 3, 3) - 1, np.full(len(rows), 7)])


def forest(kind, rows, y, weight=None, **parameters):
    options = dict(n_estimators=7, max_depth=4, random_state=0)
    options.update(parameters)
    return kind(**options).fit(rows, y, sample_weight=weight)


def tree(kind, rows, y, weight=None, **parameters):
    options = dict(max_depth=6, random_state=0)
    options.update(parameters)
    return kind(**options).fit(rows, y, sample_weight=weight)


# The families


@case()
def rf_classifier():
    x = samples(10)
    return forest(RandomForestClassifier, x, classes(x, 3))


@case(compress=9)
def rf_classifier_deep():
    x = samples(11, 400)
    return forest(RandomForestClassifier, x, classes(x, 2), n_estimators=10, max_depth=None)


@case()
def rf_regressor():
    x = samples(12)
    return forest(RandomForestRegressor, x, targets(x))


@case(compress=9)
def rf_regressor_deep():
    x = samples(13)
    return forest(RandomForestRegressor, x, targets(x), n_estimators=4, max_depth=None)


@case(compress=9)
def et_classifier():
    x = samples(14)
    return forest(ExtraTreesClassifier, x, classes(x, 3))


@case(compress=9)
def et_regressor():
    x = samples(15)
    return forest(ExtraTreesRegressor, x, targets(x))


@case()
def dt_classifier():
    x = samples(16)
    return tree(DecisionTreeClassifier, x, classes(x, 3))


@case()
def dt_regressor():
    x = samples(17)
    return tree(DecisionTreeRegressor, x, targets(x))


@case()
def xt_classifier():
    x = samples(18)
    return tree(ExtraTreeClassifier, x, classes(x, 3))


@case()
def xt_regressor():
    x = samples(19)
    return tree(ExtraTreeRegressor, x, targets(x))


# Several outputs


@case(compress=9)
def rf_classifier_outputs():
    x = samples(20)
    return forest(RandomForestClassifier, x, outputs(x), n_estimators=5)


@case(compress=9)
def rf_classifier_outputs_weighted():
    x = samples(21)
    return forest(RandomForestClassifier, x, outputs(x), weights(x), n_estimators=5)


@case(compress=9)
def et_classifier_outputs_text():
    x = samples(22)
    y = np.array([["no", "yes"][v] for v in classes(x, 2, 1)]), np.array([["low", "middle", "high"][v] for v in classes(x, 3, 2)])
    return forest(ExtraTreesClassifier, x, np.column_stack(y), n_estimators=5)


@case(compress=9)
def dt_classifier_outputs():
    x = samples(23)
    return tree(DecisionTreeClassifier, x, outputs(x), weights(x), max_depth=4)


@case(compress=9)
def rf_regressor_outputs():
    x = samples(24)
    return forest(RandomForestRegressor, x, targets(x, 3), n_estimators=5)


@case(compress=9)
def et_regressor_outputs():
    x = samples(25)
    return forest(ExtraTreesRegressor, x, targets(x, 2), n_estimators=5)


@case()
def dt_regressor_outputs():
    x = samples(26)
    return tree(DecisionTreeRegressor, x, targets(x, 3), max_depth=4)


@case(compress=9)
def rf_regressor_one_column():
    x = samples(27)
    return forest(RandomForestRegressor, x, targets(x)[:, None], n_estimators=3)


# Labels


def labelled(labels, **parameters):
    x = samples(30)
    options = dict(n_estimators=3, max_depth=3)
    options.update(parameters)
    return forest(RandomForestClassifier, x, labels[classes(x, len(labels))], **options)


@case(rows=32)
def labels_negative():
    return labelled(np.array([-7, 0, 2**40]))


@case(rows=32, compress=9)
def labels_int32():
    return labelled(np.array([3, -1, 5], dtype=np.int32))


@case(rows=32, compress=9)
def labels_uint8():
    return labelled(np.array([200, 1, 255], dtype=np.uint8))


@case(rows=32)
def labels_float():
    return labelled(np.array([-1.0, 0.0, 3.0]))


@case(rows=32, compress=9)
def labels_float32():
    return labelled(np.array([2.0, 1.0], dtype=np.float32))


@case(rows=32, compress=9)
def labels_bool():
    return labelled(np.array([False, True]))


@case(rows=32)
def labels_text():
    return labelled(np.array(["setosa", "große Blüte", "\N{CHERRY BLOSSOM}"]))


@case(rows=32, compress=9)
def labels_object():
    return labelled(np.array(["b", "a \"quoted\"\n", "longer than the others"], dtype=object))


@case(rows=32)
def labels_object_tree():
    x = samples(31)
    return tree(DecisionTreeClassifier, x, np.array(["no", "yes"], dtype=object)[classes(x, 2)], max_depth=3)


@case(rows=32, compress=9)
def labels_bytes():
    return labelled(np.array([b"one", b"two", b"three"]))


@case(rows=32)
def labels_one():
    return labelled(np.array(["only"]))


@case(rows=32)
def labels_one_tree():
    x = samples(32)
    return tree(DecisionTreeClassifier, x, np.zeros(len(x), dtype=int))


# Sums whose order shows


@case(compress=9)
def classes_8_weighted():
    x = samples(40, 200)
    return forest(RandomForestClassifier, x, classes(x, 8), weights(x), n_estimators=5, max_depth=3)


@case(compress=9)
def classes_12_weighted():
    x = samples(41, 300)
    return forest(RandomForestClassifier, x, classes(x, 12), weights(x), n_estimators=5)


@case(compress=9, rows=48)
def classes_150_weighted():
    x = samples(42, 900)
    y = np.random.RandomState(1).randint(150, size=len(x))
    return forest(RandomForestClassifier, x, y, weights(x), n_estimators=2, max_leaf_nodes=3)


@case(compress=9, rows=24)
def classes_300_weighted_tree():
    x = samples(43, 900)
    y = np.random.RandomState(1).randint(300, size=len(x))
    return tree(DecisionTreeClassifier, x, y, weights(x), max_leaf_nodes=3)


@case(compress=9, rows=48)
def classes_140_weighted_outputs():
    x = samples(44, 700)
    y = np.column_stack([classes(x, 9, 1), np.random.RandomState(2).randint(140, size=len(x))])
    return forest(ExtraTreesClassifier, x, y, weights(x), n_estimators=1, max_leaf_nodes=3)


@case(compress=9)
def classes_20_balanced_tree():
    x = samples(45, 300)
    return tree(DecisionTreeClassifier, x, classes(x, 20) ** 2, class_weight="balanced", max_leaf_nodes=12)


@case()
def near_tie_tree():
    """Leaves whose classes weigh the same but for the last bits: 0.1 + 0.2 against 0.3, and closer."""
    x, y, weight = [], [], []
    pairs = [((0.1, 0.2), (0.3,)), ((0.3,), (0.1, 0.2)), ((1.0,), (np.nextafter(1, 2),)), ((np.nextafter(1, 2),), (1.0,)),
             ((1.0,), (np.nextafter(1, 0),)), ((0.7, 0.1), (0.8,)), ((0.1,) * 10, (1.0,)), ((1.0,), (0.1,) * 10),
             ((1e-300,), (1e-300,)), ((3.0,), (np.nextafter(3, 4),)), ((np.nextafter(0.7, 0),), (0.7,)), ((2.0,), (2.0,))]
    for place, (first, second) in enumerate(pairs):
        for label, parts in enumerate((first, second)):
            x += [[place, -place]] * len(parts)
            y += [label] * len(parts)
            weight += parts
        # A heavy sample of its own keeps the neighbours apart.
        x += [[place + 0.5, -place - 0.5]]
        y += [place % 3]
        weight += [5.0]
    return DecisionTreeClassifier(random_state=0).fit(np.array(x, dtype=float), y, sample_weight=np.array(weight))


@case(compress=9)
def near_tie():
    """Votes that nearly tie: impure leaves of few rows, trees that disagree."""
    x = np.random.RandomState(46).randint(0, 3, size=(200, 3)).astype(float)
    return forest(RandomForestClassifier, x, np.random.RandomState(47).randint(0, 2, size=200), n_estimators=6, max_depth=3)


@case(compress=9)
def near_tie_regressor():
    x = samples(48)
    return forest(RandomForestRegressor, x, targets(x) * 1e16 + 1, n_estimators=9, max_depth=2)


@case(compress=9)
def sample_weight():
    x = samples(49)
    return forest(RandomForestClassifier, x, classes(x, 3), weights(x), n_estimators=5)


@case(compress=9)
def sample_weight_regressor():
    x = samples(50)
    return forest(RandomForestRegressor, x, targets(x), weights(x), n_estimators=5)


@case(compress=9)
def sample_weight_zero():
    x = samples(51)
    weight = weights(x) * (np.arange(len(x)) % 3 > 0)
    return forest(RandomForestClassifier, x, classes(x, 3), weight, n_estimators=4)


@case(compress=9)
def class_weight_balanced():
    x = samples(52)
    return forest(RandomForestClassifier, x, (classes(x, 5) > 0).astype(int), class_weight="balanced")


@case(compress=9)
def class_weight_balanced_subsample():
    x = samples(53)
    return forest(RandomForestClassifier, x, classes(x, 3) ** 2, class_weight="balanced_subsample")


@case(compress=9)
def class_weight_given():
    x = samples(54)
    return forest(RandomForestClassifier, x, classes(x, 3), class_weight={0: 0.1, 1: 1 / 3, 2: 7.7})


# Parameters


@case(compress=9)
def max_leaf_nodes():
    x = samples(60)
    return forest(RandomForestClassifier, x, classes(x, 3), max_depth=None, max_leaf_nodes=17)


@case(compress=9)
def max_leaf_nodes_regressor():
    x = samples(61)
    return forest(RandomForestRegressor, x, targets(x), max_depth=None, max_leaf_nodes=17)


@case(rows=24)
def single_node():
    x = samples(62)
    return forest(RandomForestRegressor, x, np.full(len(x), 0.1), n_estimators=3)


@case(rows=24)
def single_node_tree():
    x = samples(63)
    return tree(DecisionTreeRegressor, x, np.full(len(x), -2.5))


@case(compress=9)
def stumps():
    x = samples(64)
    return forest(ExtraTreesClassifier, x, classes(x, 2), n_estimators=15, max_depth=1)


@case(compress=9)
def bootstrap_all():
    x = samples(65)
    return forest(ExtraTreesRegressor, x, targets(x), bootstrap=True, max_samples=0.5)


@case(compress=9)
def bootstrap_none():
    x = samples(66)
    return forest(RandomForestClassifier, x, classes(x, 3), bootstrap=False)


@case(compress=9)
def criterion_entropy():
    x = samples(67)
    return forest(RandomForestClassifier, x, classes(x, 3), criterion="entropy")


@case(since=(1, 1), compress=9)
def criterion_log_loss():
    x = samples(68)
    return forest(ExtraTreesClassifier, x, classes(x, 3), criterion="log_loss")


@case(compress=9)
def criterion_absolute():
    x = samples(69)
    return forest(RandomForestRegressor, x, targets(x), criterion=ABSOLUTE, n_estimators=4)


@case()
def criterion_absolute_tree():
    x = samples(70)
    return tree(DecisionTreeRegressor, x, targets(x), criterion=ABSOLUTE, max_depth=4)


@case()
def criterion_friedman():
    x = samples(71)
    return tree(DecisionTreeRegressor, x, targets(x), criterion="friedman_mse", max_depth=4)


@case(since=(0, 24))
def criterion_poisson_tree():
    x = samples(72)
    return tree(DecisionTreeRegressor, x, np.exp(targets(x)), criterion="poisson", max_depth=4)


@case(since=(1, 0), compress=9)
def criterion_poisson():
    x = samples(73)
    return forest(RandomForestRegressor, x, np.exp(targets(x)), criterion="poisson", n_estimators=5)


@case(since=(1, 4), compress=9)
def monotonic():
    x = samples(74)
    return forest(RandomForestClassifier, x, classes(x, 2), monotonic_cst=[1, 0, -1, 0, 0])


@case(since=(1, 4), compress=9)
def monotonic_regressor():
    x = samples(75)
    return forest(ExtraTreesRegressor, x, targets(x), monotonic_cst=[1, 0, -1, 0, 0], n_estimators=5)


@case(since=(1, 4))
def monotonic_tree():
    x = samples(76)
    return tree(DecisionTreeRegressor, x, targets(x), monotonic_cst=[1, 0, -1, 0, 0], max_depth=4)


@case(compress=9)
def splitter_random():
    x = samples(77)
    return tree(DecisionTreeClassifier, x, classes(x, 3), splitter="random")


@case()
def splitter_best():
    x = samples(78)
    return tree(ExtraTreeRegressor, x, targets(x), splitter="best", max_depth=4)


@case(compress=9)
def random_state_object():
    x = samples(79)
    return forest(RandomForestClassifier, x, classes(x, 3), random_state=np.random.RandomState(5), n_estimators=3)


@case(rows=32, compress=9)
def random_state_none():
    """The forest keeps random_state=None; the trees' seeds come from numpy's global one."""
    x = samples(80)
    np.random.seed(80)
    return forest(RandomForestClassifier, x, classes(x, 2), random_state=None, n_estimators=3, max_depth=3)


@case(compress=9)
def out_of_bag():
    x = samples(81)
    return forest(RandomForestClassifier, x, classes(x, 3), oob_score=True, n_estimators=15, max_depth=3)


@case(compress=9)
def out_of_bag_regressor():
    x = samples(82)
    return forest(RandomForestRegressor, x, targets(x), oob_score=True, n_estimators=12, max_depth=3)


@case(compress=9)
def pruned():
    x = samples(83)
    return forest(RandomForestClassifier, x, classes(x, 3), max_depth=None, ccp_alpha=0.02)


@case()
def pruned_tree():
    x = samples(84)
    return tree(DecisionTreeRegressor, x, targets(x), max_depth=None, ccp_alpha=0.01)


@case(compress=9)
def warm_start():
    x = samples(85)
    model = forest(RandomForestClassifier, x, classes(x, 3), warm_start=True, n_estimators=3)
    return model.set_params(n_estimators=6).fit(x, classes(x, 3))


@case(since=(1, 2), rows=32, compress=9)
def set_output():
    x = samples(86)
    model = forest(RandomForestClassifier, x, classes(x, 2), n_estimators=3, max_depth=3)
    return model.set_output(transform="pandas") if hasattr(model, "set_output") else model


@case(rows=32, compress=9)
def many_jobs():
    x = samples(87)
    return forest(RandomForestRegressor, x, targets(x), n_jobs=2, verbose=0, n_estimators=4, max_depth=3)


@case(rows=32)
def feature_names():
    import pandas

    x = samples(88)
    frame = pandas.DataFrame(x, columns=["age", "income, yearly", "größe", "a\"b", "e"])
    return forest(RandomForestClassifier, frame, classes(x, 3), n_estimators=3, max_depth=3)


@case(rows=32, compress=9)
def feature_names_tree():
    import pandas

    x = samples(89)
    return tree(DecisionTreeRegressor, pandas.DataFrame(x, columns=list("abcde")), pandas.Series(targets(x)), max_depth=3)


@case(rows=32, compress=9)
def trained_sparse():
    from scipy.sparse import csr_matrix

    x = samples(90) * (samples(91) > 0)
    return forest(RandomForestClassifier, csr_matrix(x), classes(x, 3), n_estimators=3)


@case(rows=4, compress=9)
def features_300():
    x = samples(92, 120, 300)
    return forest(ExtraTreesClassifier, x, classes(x[:, -3:], 2), n_estimators=3, max_features=None)


@case(rows=32, compress=9)
def features_one():
    x = samples(93, 160, 1)
    return forest(RandomForestRegressor, x, np.sin(3 * x[:, 0]), n_estimators=3)


@case(compress=9)
def features_whole():
    """Small whole numbers, as categories are: thresholds end in .5."""
    x = np.random.RandomState(94).randint(-3, 9, size=(200, 5)).astype(float)
    return forest(RandomForestClassifier, x, classes(x, 3), n_estimators=5)


@case(compress=9)
def features_scaled():
    """Thresholds near the ends of float32."""
    x = samples(95) * [1e-6, 1e30, 1e38, 1.0, 16777216.0]
    y = classes(samples(95), 3)
    return forest(ExtraTreesClassifier, x, y, n_estimators=8, max_depth=6)


@case(compress=9)
def features_close():
    """Values one float32 step apart: thresholds that are no float32."""
    steps = np.random.RandomState(96).randint(0, 40, size=(200, 3))
    x = (np.float32(8.0) + steps.astype(np.float32) * np.float32(2.0**-20)).astype(np.float64)
    return tree(DecisionTreeClassifier, x, (steps[:, 0] * 7 + steps[:, 1]) % 3, max_depth=None, max_leaf_nodes=40)


# Missing values


@case(since=(1, 3), rows=96)
def missing_tree():
    x = samples(100)
    return tree(DecisionTreeClassifier, with_missing(x), classes(x, 3))


@case(since=(1, 3), rows=96)
def missing_tree_regressor():
    x = samples(101)
    return tree(DecisionTreeRegressor, with_missing(x), targets(x))


@case(since=(1, 3))
def missing_alone():
    """What tells the classes apart is only whether a value is missing: a split of nothing but that."""
    x = samples(102, 120, 3)
    absent = np.random.RandomState(103).uniform(size=x.shape) < [0.4, 0.3, 0]
    y = absent[:, 0] * 2 + absent[:, 1]
    x[absent] = np.nan
    return tree(DecisionTreeClassifier, x, y)


@case(since=(1, 3), rows=32)
def missing_alone_left():
    """The same where the values present are constant."""
    x = np.where(np.random.RandomState(104).uniform(size=(120, 3)) < 0.3, np.nan, [1.0, -2.0, 0.5])
    return tree(DecisionTreeRegressor, x, np.isnan(x) @ [1.0, 2.5, 4.0])


@case(since=(1, 4), rows=96)
def missing():
    x = samples(105)
    return forest(RandomForestClassifier, with_missing(x), classes(x, 3), n_estimators=5)


@case(since=(1, 4), rows=96, compress=9)
def missing_regressor():
    x = samples(106)
    return forest(RandomForestRegressor, with_missing(x), targets(x), n_estimators=5)


@case(since=(1, 4), compress=9)
def missing_outputs():
    x = samples(107)
    return forest(RandomForestClassifier, with_missing(x), outputs(x), weights(x), n_estimators=4)


@case(since=(1, 6), rows=96, compress=9)
def missing_extra():
    x = samples(108)
    return forest(ExtraTreesClassifier, with_missing(x), classes(x, 3))


@case(since=(1, 6), rows=96)
def missing_extra_tree():
    x = samples(109)
    return tree(ExtraTreeRegressor, with_missing(x), targets(x), max_depth=5)


@case(since=(1, 6), compress=9)
def missing_alone_extra():
    x = samples(110, 120, 3)
    absent = np.random.RandomState(111).uniform(size=x.shape) < [0.4, 0.3, 0]
    y = absent[:, 0] * 2 + absent[:, 1]
    x[absent] = np.nan
    return forest(ExtraTreesClassifier, x, y)


@case(since=(1, 9), rows=96, compress=9)
def missing_absolute():
    x = samples(112)
    return forest(RandomForestRegressor, with_missing(x), targets(x), criterion="absolute_error", n_estimators=5)


@case(since=(1, 9), rows=96, compress=9)
def missing_monotonic():
    x = samples(113)
    return forest(RandomForestRegressor, with_missing(x), targets(x), monotonic_cst=[1, 0, -1, 0, 0], n_estimators=5)


# One model in every form of file


class Sink:
    """A file that cannot tell where it is, as a pipe is."""

    def __init__(self, file):
        self.write = file.write

    def tell(self):
        raise io.UnsupportedOperation


def swapped(array):
    return array.byteswap().view(array.dtype.newbyteorder())


def reduce_swapped(array):
    return swapped(array).__reduce__() if array.dtype != object else array.__reduce__()


def reduce_fortran(array):
    return np.asfortranarray(array).__reduce__()


class SwappedPickler(NumpyPickler):
    """joblib's pickler on a machine of the other byte order."""

    def save(self, obj):
        if isinstance(obj, np.ndarray) and obj.dtype != object:
            obj = swapped(obj)
        super().save(obj)


class FortranPickler(NumpyPickler):
    def save(self, obj):
        if isinstance(obj, np.ndarray):
            obj = np.asfortranarray(obj)
        super().save(obj)


def pickled(model, reduce):
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=4)
    pickler.dispatch_table = copyreg.dispatch_table.copy()
    pickler.dispatch_table[np.ndarray] = reduce
    pickler.dump(model)
    return buffer.getvalue()


def joblibbed(model, pickler):
    buffer = io.BytesIO()
    pickler(buffer).dump(model)
    return buffer.getvalue()


def dumped(model, **options):
    buffer = io.BytesIO()
    joblib.dump(model, buffer, **options)
    return buffer.getvalue()


def gzipped(data):
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def tarred(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def zipped(members, method):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return buffer.getvalue()


def write_formats(folder):
    """Write one small forest in every form; the answers are those of the forest itself."""
    x = samples(120, 120, 4)
    model = forest(RandomForestClassifier, x, np.array(["no", "perhaps", "yes"])[classes(x, 3)], n_estimators=3, max_depth=4)
    model.feature_names_in_ = np.array(["a", "b", "c", "d"], dtype=object)
    several = forest(RandomForestClassifier, x, outputs(x), n_estimators=2, max_depth=3)
    answer = answers.answers(model, answers.hard_rows(model, 24))

    plain = dumped(model)
    script = b"def model_fn(path):\n    raise SystemError('never run')\n"
    files = {
        "format_plain.joblib": plain,
        "format_tell_none.joblib": None,
        "format_zlib_9.joblib": dumped(model, compress=("zlib", 9)),
        "format_true.joblib": dumped(model, compress=True),
        "format_gzip.joblib.gz": gzipped(plain),
        "format_bz2.joblib": dumped(model, compress=("bz2", 3)),
        "format_xz.joblib": dumped(model, compress=("xz", 3)),
        "format_lzma.joblib": dumped(model, compress=("lzma", 3)),
        "format_lz4.joblib": dumped(model, compress=("lz4", 3)),
        "format_swapped.joblib": joblibbed(model, SwappedPickler),
        "format_swapped.pkl": pickled(model, reduce_swapped),
        "format_tar.tar": tarred([("model.joblib", plain)]),
        "format_tar_gz.tar.gz": gzipped(tarred([("model.joblib", plain)])),
        "format_tar_gz_more.tar.gz": gzipped(tarred([
            ("./._model.joblib", b"\0\5\x16\7\0\2\0\0Mac OS X" + bytes(40)), ("./model.joblib", plain),
            ("./code/inference.py", script), ("./code/requirements.txt", b"scikit-learn\n")])),
        "format_tar_gz_pkl.tar.gz": gzipped(tarred([("1/model.pkl", pickle.dumps(model))])),
        "format_tar_zlib.tar": tarred([("model.joblib", dumped(model, compress=3))]),
        "format_zip.zip": zipped([("model.joblib", plain)], zipfile.ZIP_DEFLATED),
        "format_zip_stored.zip": zipped([("README.txt", b"see model\n"), ("model/model.pkl", pickle.dumps(model))], zipfile.ZIP_STORED),
    }
    # joblib's own gzip writer notes the time of day in bytes 4 to 8: take it out.
    data = dumped(model, compress=("gzip", 3))
    files["format_gzip.joblib"] = data[:4] + bytes(4) + data[8:]
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        files[f"format_protocol_{protocol}.joblib"] = dumped(model, protocol=protocol)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        files[f"format_pickle_{protocol}.pkl"] = pickle.dumps(model, protocol)
    buffer = io.BytesIO()
    joblib.dump(model, Sink(buffer))
    files["format_tell_none.joblib"] = buffer.getvalue()
    for name, data in sorted(files.items()):
        stem = name.split(".")[0]
        (folder / name).write_bytes(data)
        answers.write(folder / f"{stem}.npz", answer)

    # Several outputs are what makes a Tree's values differ between C and Fortran order.
    answer = answers.answers(several, answers.hard_rows(several, 24))
    for name, data in {"format_fortran.joblib": joblibbed(several, FortranPickler),
                       "format_fortran_pickle.pkl": pickled(several, reduce_fortran),
                       "format_swapped_outputs.joblib": joblibbed(several, SwappedPickler)}.items():
        (folder / name).write_bytes(data)
        answers.write(folder / f"{name.split('.')[0]}.npz", answer)
    return len(files) + 3


# Files that are no forests


class Command:
    """What an attacker's pickle looks like: loading it runs a command, here a harmless one."""

    def __reduce__(self):
        return os.system, ("true",)


def no_forests():
    """What must be refused, and the name that the refusal has to say."""
    x = samples(130, 80, 3)
    y = classes(x, 2)
    small = forest(RandomForestClassifier, x, y, n_estimators=2, max_depth=2)
    if RELEASE < (0, 22):
        return {f"forest-{sklearn.__version__}": (small, "sklearn.ensemble.forest.RandomForestClassifier")}

    from sklearn.ensemble import (AdaBoostClassifier, BaggingClassifier, GradientBoostingClassifier,
                                  HistGradientBoostingClassifier, IsolationForest, RandomTreesEmbedding, VotingClassifier)
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    stump = DecisionTreeClassifier(max_depth=1)
    return {
        "gradient-boosting": (GradientBoostingClassifier(n_estimators=2, max_depth=2, random_state=0).fit(x, y), "GradientBoostingClassifier"),
        "hist-gradient-boosting": (HistGradientBoostingClassifier(max_iter=2, max_depth=2).fit(x, y), "HistGradientBoostingClassifier"),
        "pipeline": (make_pipeline(StandardScaler(), RandomForestClassifier(2, max_depth=2, random_state=0)).fit(x, y), "Pipeline"),
        "dict": ({"model": small, "threshold": 0.3}, "dict"),
        "list": ([small], "list"),
        "tuple": ((small, "1.0"), "tuple"),
        "array": (x[:4], "ndarray"),
        "text": ("model.joblib", "str"),
        "none": (None, "None"),
        "logistic-regression": (LogisticRegression().fit(x, y), "LogisticRegression"),
        "isolation-forest": (IsolationForest(n_estimators=2, max_samples=8, random_state=0).fit(x), "IsolationForest"),
        "ada-boost": (AdaBoostClassifier(n_estimators=2, random_state=0).fit(x, y), "AdaBoostClassifier"),
        "bagging": (BaggingClassifier(stump, n_estimators=2, random_state=0).fit(x, y), "BaggingClassifier"),
        "voting": (VotingClassifier([("a", stump), ("b", LogisticRegression())]).fit(x, y), "VotingClassifier"),
        "trees-embedding": (RandomTreesEmbedding(n_estimators=2, max_depth=2, random_state=0).fit(x), "RandomTreesEmbedding"),
        "not-fitted": (RandomForestClassifier(2), "RandomForestClassifier"),
        "command": (Command(), "system"),
        "command-inside": ({"model": small, "extra": Command()}, "system"),
    }


def write_refused(folder):
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "names.tsv"
    lines = set(table.read_text().splitlines()) if table.exists() else set()
    objects = no_forests()
    writer = joblib
    if RELEASE < (0, 21):
        from sklearn.externals import joblib as writer  # the copy within scikit-learn, which its users had
    for name, (value, said) in objects.items():
        writer.dump(value, folder / f"{name}.joblib")
        lines.add(f"{name}.joblib\t{said}")
        if name.startswith("command"):
            (folder / f"{name}.pkl").write_bytes(pickle.dumps(value, 2))
            lines.add(f"{name}.pkl\t{said}")
    table.write_text("\n".join(sorted(lines)) + "\n")
    return len(objects)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help="only these (default: all)")
    parser.add_argument("--output", type=Path, default=HERE)
    parser.add_argument("--suffix", default="", help="added to the release in the folder's name")
    parser.add_argument("--answer", type=Path, metavar="FOLDER", help="write the answers to the models that are there")
    parser.add_argument("--formats", action="store_true")
    parser.add_argument("--refused", action="store_true", help="write refused/ instead of the release's folder")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")

    if arguments.answer:
        for path in sorted(arguments.answer.glob("*.joblib")):
            rows = np.load(path.with_suffix(".npz"))["rows"]
            answers.write(path.with_suffix(".npz"), answers.answers(joblib.load(path), rows))
        return
    if arguments.refused:
        print(f"{sklearn.__version__}: {write_refused(arguments.output / 'refused')} to refuse")
        return

    folder = arguments.output / (sklearn.__version__ + arguments.suffix)
    folder.mkdir(parents=True, exist_ok=True)
    names = arguments.cases or list(CASES)
    for name in names:
        make, rows, compress = CASES[name]
        try:
            model = make()
        except (TypeError, ValueError) as reason:
            print(f"{sklearn.__version__}: no {name}: {str(reason).splitlines()[0]}")
            continue
        path = folder / f"{name}.joblib"
        joblib.dump(model, path, compress=compress)
        model = joblib.load(path)
        answers.write(folder / f"{name}.npz", answers.answers(model, answers.hard_rows(model, rows)))
    formats = write_formats(folder) if arguments.formats else 0
    print(f"{sklearn.__version__}: {len(names)} cases, {formats} formats")


if __name__ == "__main__":
    main()
