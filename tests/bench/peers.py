"""forestd beside scikit-learn, ONNX Runtime, XGBoost and treelite on seven forests, in one run on one core.

    scripts/bench [--forests F1,F5] [--repeats N]

Each peer is called in the way that is fastest for it: forestd from C (tests/bench/loop.c), ONNX Runtime with its inputs and
outputs bound beforehand, the others from Python. A time is the least of several repeats, in which all take turns. Every
answer is compared with scikit-learn's float64 bits, and the rows that differ stand beside the time.
"""

import argparse
import ctypes
import os
import pathlib
import platform
import sys
import time
import warnings

os.environ["OMP_NUM_THREADS"] = "1"

import joblib  # noqa: E402
import numpy as np  # noqa: E402
from sklearn.datasets import make_classification, make_friedman1  # noqa: E402
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor  # noqa: E402

warnings.filterwarnings("ignore")
TOP = pathlib.Path(__file__).resolve().parents[2]
STORE = TOP / "build" / "bench"
BATCHES = (1, 8, 64, 1000, 100000)
ROWS = 100000
SECONDS = 0.3  # that one repeat of a small batch takes

# ---- the forests ----


def noise():
    random = np.random.RandomState(0)
    rows, labels = random.randn(1000, 10), random.randint(0, 2, 1000)
    return RandomForestClassifier(100, random_state=0).fit(rows, labels), random.randn(ROWS, 10), (rows, labels)


def classes(train, features, informative, trees, **how):
    count = how.pop("n_classes", 2)
    rows, labels = make_classification(train + ROWS, features, n_informative=informative, n_classes=count, random_state=0)
    known = rows[:train], labels[:train]
    return RandomForestClassifier(trees, random_state=0, **how).fit(*known), rows[train:], known


def friedman():
    rows, values = make_friedman1(50000 + ROWS, 20, noise=1.0, random_state=0)
    known = rows[:50000], values[:50000]
    return RandomForestRegressor(100, random_state=0).fit(*known), rows[50000:], known


def missing():
    random = np.random.RandomState(0)
    rows, labels, tests = random.randn(1000, 10), random.randint(0, 2, 1000), random.randn(ROWS, 10)
    for cells in rows, tests:
        cells[random.rand(*cells.shape) < 0.03] = np.nan
    return RandomForestClassifier(100, random_state=0).fit(rows, labels), tests, (rows, labels)


FORESTS = {
    "F1": ("100 trees on noise, the tutorial's model", noise),
    "F2": ("100 trees, 20k x 30", lambda: classes(20000, 30, 10, 100)),
    "F3": ("500 trees of depth 8, 5 classes, 20k x 50", lambda: classes(20000, 50, 20, 500, max_depth=8, n_classes=5)),
    "F4": ("regression, 100 trees, 50k x 20", friedman),
    "F5": ("20 trees of depth 8", lambda: classes(10000, 20, 8, 20, max_depth=8)),
    "F6": ("100 trees of depth 6", lambda: classes(20000, 30, 10, 100, max_depth=6)),
    "F7": ("as F1, 3 % of the values missing", missing),
}


def put_on_thresholds(model, rows):
    """In the last tenth of the rows, most cells become a threshold of their feature, or a neighbour of one."""
    random = np.random.RandomState(1)
    first = len(rows) * 9 // 10
    count = len(rows) - first
    thresholds = [[] for _ in range(rows.shape[1])]
    for estimator in model.estimators_:
        tree = estimator.tree_
        for feature, threshold in zip(tree.feature, tree.threshold):
            if feature >= 0 and np.isfinite(threshold) and len(thresholds[feature]) < 20000:
                thresholds[feature].append(threshold)
    for feature, known in enumerate(thresholds):
        if known:
            cells = np.array(known).astype(np.float32)[random.randint(0, len(known), count)]
            side = random.randint(0, 3, count)
            cells = np.where(side == 1, np.nextafter(cells, np.float32(np.inf)), cells)
            cells = np.where(side == 2, np.nextafter(cells, np.float32(-np.inf)), cells)
            rows[first:, feature] = np.where(random.rand(count) < 0.7, cells, rows[first:, feature])


def forest(name):
    """The forest, its rows and what scikit-learn answers, from the store or made now."""
    file = STORE / f"{name}.joblib"
    if not file.exists():
        model, rows, known = FORESTS[name][1]()
        model.n_jobs = 1
        rows = np.ascontiguousarray(rows, np.float32)
        put_on_thresholds(model, rows)
        joblib.dump(model, STORE / f"{name}.model.joblib")
        np.savez(STORE / f"{name}.npz", rows=rows, values=values_of(model, rows), known=known[0], labels=known[1])
        joblib.dump(model, file)
    saved = np.load(STORE / f"{name}.npz")
    return joblib.load(file), file, saved["rows"], saved["values"], (saved["known"], saved["labels"])


def values_of(model, rows):
    found = model.predict_proba(rows) if hasattr(model, "predict_proba") else model.predict(rows)
    return np.asarray(found).reshape(len(rows), -1)


# ---- the peers: each is made for one forest, and answers a slice of its rows ----


class Forestd:
    name = "forestd"

    def __init__(self, model, file, rows, values, known):
        self.library = ctypes.CDLL(str(TOP / "build" / "tests" / "bench" / "libbench_loop.so"))
        self.library.loop_open.restype = ctypes.c_void_p
        self.library.loop_run.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p]
        self.model = self.library.loop_open(str(file).encode())
        if not self.model:
            raise RuntimeError("forestd cannot read this forest")
        self.rows, self.found = rows, np.zeros_like(values)

    def many(self, first, batch, calls):
        """`calls` calls of `batch` rows each."""
        if self.library.loop_run(self.model, self.rows[first:].ctypes.data, batch, calls, self.found[first:].ctypes.data):
            raise RuntimeError("forestd refused the rows")
        return self.found[first:first + batch * calls]


class Called:
    """A peer that is called from Python, once a batch."""

    def many(self, first, batch, calls):
        found = [self.call(self.rows[first + i * batch:first + (i + 1) * batch]) for i in range(calls)]
        return np.concatenate([np.asarray(each).reshape(batch, -1) for each in found]) if calls > 1 else \
            np.asarray(found[0]).reshape(batch, -1)


class Sklearn(Called):
    name = "scikit-learn"

    def __init__(self, model, file, rows, values, known):
        self.rows = rows
        self.call = model.predict_proba if hasattr(model, "predict_proba") else model.predict


class Onnx(Called):
    name = "ONNX Runtime"

    def __init__(self, model, file, rows, values, known):
        import onnxruntime
        from skl2onnx import to_onnx
        made = STORE / (file.stem + ".onnx")
        if not made.exists():
            options = {"zipmap": False} if hasattr(model, "predict_proba") else {}
            made.write_bytes(to_onnx(model, rows[:1], options={id(model): options}).SerializeToString())
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(made), settings, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name
        self.output = self.session.get_outputs()[-1].name
        self.value = onnxruntime.OrtValue.ortvalue_from_numpy
        self.rows, self.bound = rows, {}

    def call(self, rows):
        binding = self.session.io_binding()
        binding.bind_ortvalue_input(self.input, self.value(rows))
        binding.bind_output(self.output)
        self.session.run_with_iobinding(binding)
        return binding.copy_outputs_to_cpu()[0]


class Xgboost(Called):
    name = "XGBoost (like shape)"

    def __init__(self, model, file, rows, values, known):
        import xgboost
        made = STORE / (file.stem + ".ubj")
        kind = xgboost.XGBRFClassifier if hasattr(model, "predict_proba") else xgboost.XGBRFRegressor
        peer = kind(n_estimators=len(model.estimators_), max_depth=model.max_depth or 0, tree_method="hist", n_jobs=1,
                    min_child_weight=0, reg_lambda=0, random_state=0)
        if made.exists():
            peer.load_model(made)
        else:
            peer.fit(*known).save_model(made)
        self.booster = peer.get_booster()
        self.booster.set_param({"nthread": 1})
        self.rows = rows

    def call(self, rows):
        return self.booster.inplace_predict(rows)


class Treelite(Called):
    name = "treelite GTIL"

    def __init__(self, model, file, rows, values, known):
        import treelite
        self.gtil, self.model, self.rows = treelite.gtil, treelite.sklearn.import_model(model), rows

    def call(self, rows):
        return self.gtil.predict(self.model, rows, nthread=1)


class Compiled(Called):
    name = "tl2cgen (compiled C)"

    def __init__(self, model, file, rows, values, known):
        import tl2cgen
        import treelite
        if sum(tree.tree_.node_count for tree in model.estimators_) > 15000:
            raise RuntimeError("too large a program for a C compiler")
        made = STORE / (file.stem + ".tl2cgen.so")
        if not made.exists():
            tl2cgen.export_lib(treelite.sklearn.import_model(model), toolchain="gcc", libpath=str(made), nthread=1)
        self.predictor, self.matrix = tl2cgen.Predictor(str(made), nthread=1), tl2cgen.DMatrix
        self.rows = rows.astype(np.float64)

    def call(self, rows):
        return self.predictor.predict(self.matrix(rows, dtype="float64"))


PEERS = (Forestd, Sklearn, Onnx, Xgboost, Treelite, Compiled)


# ---- measuring ----


def one_time(peer, batch, calls, first):
    start = time.perf_counter_ns()
    peer.many(first, batch, calls)
    return (time.perf_counter_ns() - start) / (batch * calls)


def measure(peers, batch, repeats):
    """Nanoseconds a row for each peer: the least of the repeats, in which they take turns."""
    least, calls = {}, {}
    for peer in peers:
        once = one_time(peer, batch, 1, 0) * batch / 1e9
        calls[peer.name] = max(1, min(int(SECONDS / once), ROWS // batch))
    for repeat in range(repeats):
        for peer in peers:
            found = one_time(peer, batch, calls[peer.name], 0)
            least[peer.name] = min(found, least.get(peer.name, found))
    return least


def differing(peer, values):
    """Rows whose bits differ from scikit-learn's, and rows whose largest value is another one."""
    found = np.asarray(peer.many(0, len(values), 1))
    if found.shape != values.shape and values.shape[1] == 2 and found.size == len(values):
        found = np.column_stack([1 - found.reshape(-1), found.reshape(-1)])
    if found.shape != values.shape:
        return "other shape", "-"
    bits = int((found.astype(np.float64).view(np.uint64) != values.view(np.uint64)).any(axis=1).sum())
    return bits, int((found.argmax(axis=1) != values.argmax(axis=1)).sum()) if values.shape[1] > 1 else "-"


def show(name, repeats):
    about = forest(name)
    model, _, _, values, _ = about
    nodes = sum(tree.tree_.node_count for tree in model.estimators_)
    print(f"\n{name}: {FORESTS[name][0]} ({nodes} nodes)\n")
    peers = []
    for kind in PEERS:
        try:
            peer = kind(*about)
            peer.many(0, 1, 1)
            peers.append(peer)
        except Exception as error:
            print(f"    {kind.name} is left out: {str(error).splitlines()[0][:90]}")
    least = {batch: measure(peers, batch, repeats) for batch in BATCHES}
    print(f"    {'ns a row at':22}" + "".join(f"{batch:>18}" for batch in BATCHES) + f"{'rows with other':>18}{'with another':>14}")
    print(f"    {'(times forestd)':22}" + " " * 18 * len(BATCHES) + f"{'bits':>18}{'largest':>14}")
    for peer in peers:
        line = f"    {peer.name:22}"
        for batch in BATCHES:
            ratio = least[batch][peer.name] / least[batch][Forestd.name]
            line += f"{least[batch][peer.name]:10.0f} {f'({ratio:.1f}x)':>7}"
        if peer.name == Xgboost.name:
            print(line + f"{'another forest':>18}{'-':>14}")
            continue
        bits, largest = differing(peer, values)
        print(line + f"{bits:>18}{largest:>14}")
        if peer.name == Forestd.name and bits:
            return False
    return True


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--forests", default=",".join(FORESTS))
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    STORE.mkdir(parents=True, exist_ok=True)
    core = sorted(os.sched_getaffinity(0))[-1]
    os.sched_setaffinity(0, {core})
    import onnxruntime
    import sklearn
    import treelite
    import xgboost
    print(f"{processor()}, one core; scikit-learn {sklearn.__version__}, ONNX Runtime {onnxruntime.__version__}, "
          f"XGBoost {xgboost.__version__}, treelite {treelite.__version__}")
    exact = True
    for name in given.forests.split(","):
        exact = show(name, given.repeats) and exact
        sys.stdout.flush()
    return 0 if exact else 1


if __name__ == "__main__":
    sys.exit(main())
