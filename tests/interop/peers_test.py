"""Other servers as referees: MLServer, KServe's own and Azure ML's answer the same requests as forestd.

Both answers are taken apart into fields, and each must be equal or stand in the table of differences, with its reason.
A difference that is in the table and no more there is told as well.
"""

import http.client
import json
import math
import re
import shutil
import time
import unittest

from interop import CASES, Case, golden, place, use

use("peers")

from program import Server, free_port

CLASSIFIER = CASES / "rf_classifier.joblib"
ABSENT = "nothing"

# Of every refusal that each of them has: our own word for programs, and where in the body the mistake is.
PLACES = (".*", "code|byte|row|column", "forestd adds a word for programs, and the place of the mistake")


def ask(port, method, path, body=None, headers=()):
    """The fields of what is said, {"status": 200, "outputs[0].name": "predict", …}, and its headers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        sent = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, body, {**sent, **dict(headers)})
        answer = connection.getresponse()
        data = answer.read()
    finally:
        connection.close()
    try:
        said = json.loads(data) if data else ABSENT
    except ValueError:
        said = data.decode("utf-8", "replace")
    fields = {"status": answer.status, "type": (answer.headers["Content-Type"] or ABSENT).split(";")[0]}
    take_apart("", said, fields)
    return fields, answer.headers


def take_apart(name, value, fields):
    if isinstance(value, dict) and value:
        for key, one in value.items():
            take_apart(f"{name}.{key}" if name else key, one, fields)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for i, one in enumerate(value):
            take_apart(f"{name}[{i}]", one, fields)
    else:
        fields[name or "body"] = value


class Peer(Case):
    """`differences`: lines of the requests' names and the fields' names, both as patterns, and why they differ."""

    differences = ()
    headers = ()  # that are compared as well

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seen = set()

    @classmethod
    def start_peer(cls, path, *words, **how):
        """Starts it on the port `peer`, until it has its model."""
        cls.start(*words, port=cls.peer, **how)
        deadline = time.monotonic() + 60
        while ask(cls.peer, "GET", path)[0]["status"] != 200 and time.monotonic() < deadline:
            time.sleep(0.1)

    @classmethod
    def tearDownClass(cls):
        unseen = [line for i, line in enumerate(cls.differences) if i not in cls.seen]
        assert not unseen, f"the table tells differences that are no more: {unseen}"

    def ask(self, port, method, path, body, sent):
        fields, headers = ask(port, method, path, body, sent)
        for header in self.headers:
            if header in headers:  # what was not sent is made up, and differs
                fields[f"header {header}"] = headers[header] if header in sent else "there"
        return fields

    def compare(self, name, method, path, body=None, headers=()):
        theirs = self.ask(self.peer, method, path, body, headers)
        our = self.ask(self.server.port, method, path, body, headers)
        wrong = []
        for field in sorted({*theirs, *our}):
            pair = theirs.get(field, ABSENT), our.get(field, ABSENT)
            if pair[0] == pair[1]:
                continue
            why = [i for i, (request, pattern, _) in enumerate(self.differences)
                   if re.fullmatch(request, name) and re.fullmatch(pattern, field)]
            self.seen.update(why)
            if not why:
                wrong.append(f"{field}: theirs {pair[0]!r}, ours {pair[1]!r}")
        self.assertFalse(wrong, f"{name}, {method} {path}\n" + "\n".join(wrong))


def tensor(rows, **more):
    return {"name": "input-0", "shape": [len(rows), len(rows[0])], "datatype": "FP64",
            "data": [cell for row in rows for cell in row], **more}


def finite(case="rf_classifier"):
    return [row for row in golden(case)["rows"].tolist() if all(map(math.isfinite, row))]


class MLServer(Peer):
    differences = (
        PLACES,
        ("live|ready|(model|version) ready", "live|ready|name|type", "KServe's client reads JSON there; the status is the same"),
        ("(un)?load", "load|unload|name|type", "KServe's words, where MLServer's body is empty"),
        ("server", "name|version|extensions", "each tells of itself"),
        ("model|version", r"platform|versions|parameters|(in|out)puts.*",
         "forestd knows the model's own inputs, outputs and version without a file that tells them"),
        ("infer( version)?", "id", "an id comes back; none is made up"),
        ("infer.*", "parameters", "there are none"),
        ("infer.*", r"outputs\[\d\]\.parameters\.content_type", "a hint for MLServer's own codecs"),
        ("infer(?! proba).*", r"outputs\[\d\]\.shape",
         "one prediction a row is [rows], as scikit-learn's array is and KServe's server answers; MLServer makes it [rows, 1]"),
        ("unknown output|empty inputs|(infer )?.*unknown.*|infer after unload", "error", "sentences that say what would have worked"),
        ("index after unload", r"\[0\]\.reason", "says why it is not there"),
        ("transform|narrow|wrong shape", "status|type|body|error", "the client's mistake: 400 and a sentence, not 500"),
        ("wrong datatype|no inputs|no JSON|unknown path|wrong method", r"detail.*|error",
         "the protocol's form of an error, where MLServer has its framework's"),
        ("wrong datatype|no inputs|no JSON", "status", "400, as the protocol says, not 422"),
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = free_port()
        folder = cls.folder / "peer"
        folder.mkdir()
        shutil.copy(CLASSIFIER, folder / "model.joblib")
        (folder / "settings.json").write_text(json.dumps({
            "host": "127.0.0.1", "http_port": cls.peer, "grpc_port": free_port(), "metrics_port": free_port(),
            "parallel_workers": 0, "debug": False}))
        (folder / "model-settings.json").write_text(json.dumps({
            "name": "forest", "implementation": "mlserver_sklearn.SKLearnModel",
            "parameters": {"uri": "./model.joblib", "version": "1"}}))
        cls.start_peer("/v2/models/forest/ready", place("peers", "bin", "mlserver"), "start", folder,
                       environment={"PATH": f"{place('peers', 'bin')}:/usr/bin:/bin"})
        cls.server = Server(None, "--multi-model", "--model", f"forest={CLASSIFIER}")
        cls.addClassCleanup(cls.server.stop)

    def test_everything(self):
        rows = finite()
        infer = "/v2/models/forest/infer"
        for name, method, path, body in (
            ("live", "GET", "/v2/health/live", None),
            ("ready", "GET", "/v2/health/ready", None),
            ("model ready", "GET", "/v2/models/forest/ready", None),
            ("version ready", "GET", "/v2/models/forest/versions/1/ready", None),
            ("server", "GET", "/v2", None),
            ("model", "GET", "/v2/models/forest", None),
            ("version", "GET", "/v2/models/forest/versions/1", None),
            ("infer", "POST", infer, {"inputs": [tensor(rows)]}),
            ("infer version", "POST", "/v2/models/forest/versions/1/infer", {"inputs": [tensor(rows)]}),
            ("infer id", "POST", infer, {"id": "seven", "inputs": [tensor(rows)]}),
            ("infer one", "POST", infer, {"id": "s", "inputs": [tensor(rows[:1])]}),
            ("infer predict", "POST", infer, {"id": "s", "inputs": [tensor(rows)], "outputs": [{"name": "predict"}]}),
            ("infer proba", "POST", infer, {"id": "s", "inputs": [tensor(rows)], "outputs": [{"name": "predict_proba"}]}),
            ("infer both", "POST", infer,
             {"id": "s", "inputs": [tensor(rows)], "outputs": [{"name": "predict_proba"}, {"name": "predict"}]}),
            ("infer nested", "POST", infer, {"id": "s", "inputs": [{**tensor(rows), "data": rows}]}),
            ("infer FP32", "POST", infer, {"id": "s", "inputs": [{**tensor(rows), "datatype": "FP32"}]}),
            ("infer INT32", "POST", infer, {"id": "s", "inputs": [{**tensor([[1, 2, 3, 4, 5]]), "datatype": "INT32"}]}),
            ("infer columns", "POST", infer, {"id": "s", "parameters": {"content_type": "pd"}, "inputs": [
                {"name": f"f{i}", "shape": [len(rows)], "datatype": "FP64", "data": [row[i] for row in rows]}
                for i in range(5)]}),
            ("infer np", "POST", infer, {"id": "s", "parameters": {"content_type": "np"}, "inputs": [tensor(rows)]}),
            ("unknown output", "POST", infer, {"inputs": [tensor(rows)], "outputs": [{"name": "other"}]}),
            ("transform", "POST", infer, {"inputs": [tensor(rows)], "outputs": [{"name": "transform"}]}),
            ("narrow", "POST", infer, {"inputs": [tensor([[1, 2]])]}),
            ("wrong shape", "POST", infer, {"inputs": [{**tensor(rows), "shape": [7, 5]}]}),
            ("wrong datatype", "POST", infer, {"inputs": [{**tensor(rows), "datatype": "FP65"}]}),
            ("no inputs", "POST", infer, {}),
            ("empty inputs", "POST", infer, {"inputs": []}),
            ("no JSON", "POST", infer, "{"),
            ("unknown model", "POST", "/v2/models/absent/infer", {"inputs": [tensor(rows)]}),
            ("unknown model ready", "GET", "/v2/models/absent/ready", None),
            ("unknown version", "GET", "/v2/models/forest/versions/7", None),
            ("index", "POST", "/v2/repository/index", {}),
            ("index ready", "POST", "/v2/repository/index", {"ready": True}),
            ("unload", "POST", "/v2/repository/models/forest/unload", None),
            ("index after unload", "POST", "/v2/repository/index", {}),
            ("infer after unload", "POST", infer, {"inputs": [tensor(rows)]}),
            ("load", "POST", "/v2/repository/models/forest/load", None),
            ("infer after load", "POST", infer, {"id": "s", "inputs": [tensor(rows)]}),
            ("load unknown", "POST", "/v2/repository/models/absent/load", None),
            ("unload unknown", "POST", "/v2/repository/models/absent/unload", None),
            ("unknown path", "GET", "/v2/nothing", None),
            ("wrong method", "GET", infer, None),
        ):
            with self.subTest(name):
                self.compare(name, method, path, body)


KSERVE = """
import sys
import joblib
import kserve
from kserve.utils.utils import get_predict_input, get_predict_response

class Forest(kserve.Model):
    def load(self):
        self.forest = joblib.load(sys.argv[2])
        self.ready = True
        return True

    def predict(self, payload, headers=None, response_headers=None):
        return get_predict_response(payload, self.forest.predict(get_predict_input(payload)), self.name)

model = Forest("forest")
model.load()
kserve.ModelServer(http_port=int(sys.argv[1]), enable_grpc=False).start([model])
"""


class KServe(Peer):
    """Its server around a model of ten lines, which answers by its own functions as its scikit-learn server does."""

    differences = (
        PLACES,
        ("names", "status|error", "the client's mistake: 400 and a sentence, not 500; the model has no names of features"),
        ("no instances|narrow|v2 narrow", "status|error", "the client's mistake: 400 and a sentence, not 500"),
        ("(v2 )?unknown.*|instances that are none|no JSON|explain", "error", "sentences that say what would have worked"),
        ("wrong method", "status|error", "the path is there: 405, not a model whose name has a colon"),
        ("v2 server", "name|version|extensions", "each tells of itself"),
        ("v2 model", r"platform|versions|(in|out)puts.*", "forestd knows the model's own inputs, outputs and version"),
        ("v2 infer without id", "id", "an id comes back; none is made up"),
        ("v2 (infer.*|named|nested|columns)", "model_version", "forestd's models have versions"),
        ("v2 (infer.*|named|nested|columns)", r"(outputs\[0\]\.)?parameters", "what is not there is left out, not null"),
        ("v2 (infer.*|nested|columns)", r"outputs\[0\]\.name",
         "MLServer's name, since there is a second output, predict_proba; `output-0` is understood where it is asked for"),
        ("v2 no (inputs|JSON)", r"status|detail.*|error", "400 and the protocol's form of an error, not the framework's 422"),
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = free_port()
        (cls.folder / "peer.py").write_text(KSERVE)
        cls.start_peer("/v1/models/forest", place("clients", "bin", "python"), "peer.py", cls.peer, CLASSIFIER)
        cls.server = Server(None, "--model", f"forest={CLASSIFIER}", "--mode", "kserve")
        cls.addClassCleanup(cls.server.stop)

    def test_everything(self):
        rows = finite()
        predict, infer = "/v1/models/forest:predict", "/v2/models/forest/infer"
        for name, method, path, body in (
            ("alive", "GET", "/", None),
            ("list", "GET", "/v1/models", None),
            ("ready", "GET", "/v1/models/forest", None),
            ("unknown ready", "GET", "/v1/models/absent", None),
            ("predict", "POST", predict, {"instances": rows}),
            ("inputs", "POST", predict, {"inputs": rows}),
            ("both", "POST", predict, {"instances": rows[:3], "inputs": rows}),
            ("one", "POST", predict, {"instances": rows[:1]}),
            ("parameters", "POST", predict, {"instances": rows, "parameters": None}),
            ("names", "POST", predict, {"instances": [dict(zip("abcde", row)) for row in rows]}),
            ("unknown", "POST", "/v1/models/absent:predict", {"instances": rows}),
            ("no instances", "POST", predict, {"rows": rows}),
            ("instances that are none", "POST", predict, {"instances": 7}),
            ("no JSON", "POST", predict, "{"),
            ("narrow", "POST", predict, {"instances": [[1, 2]]}),
            ("explain", "POST", "/v1/models/forest:explain", {"instances": rows}),
            ("wrong method", "GET", predict, None),
            ("v2 live", "GET", "/v2/health/live", None),
            ("v2 ready", "GET", "/v2/health/ready", None),
            ("v2 list", "GET", "/v2/models", None),
            ("v2 server", "GET", "/v2", None),
            ("v2 model", "GET", "/v2/models/forest", None),
            ("v2 model ready", "GET", "/v2/models/forest/ready", None),
            ("v2 unknown ready", "GET", "/v2/models/absent/ready", None),
            ("v2 infer", "POST", infer, {"id": "s", "inputs": [tensor(rows)]}),
            ("v2 infer without id", "POST", infer, {"inputs": [tensor(rows)]}),
            ("v2 named", "POST", infer, {"id": "s", "inputs": [tensor(rows)], "outputs": [{"name": "output-0"}]}),
            ("v2 nested", "POST", infer, {"id": "s", "inputs": [{**tensor(rows), "data": rows}]}),
            ("v2 columns", "POST", infer, {"id": "s", "parameters": {"content_type": "pd"}, "inputs": [
                {"name": f"f{i}", "shape": [len(rows)], "datatype": "FP64", "data": [row[i] for row in rows]}
                for i in range(5)]}),
            ("v2 unknown", "POST", "/v2/models/absent/infer", {"inputs": [tensor(rows)]}),
            ("v2 no inputs", "POST", infer, {}),
            ("v2 no JSON", "POST", infer, "{"),
            ("v2 narrow", "POST", infer, {"inputs": [tensor([[1, 2]])]}),
        ):
            with self.subTest(name):
                self.compare(name, method, path, body)


AZUREML = """
import json
import os
import joblib

def init():
    global forest
    forest = joblib.load(os.path.join(os.environ["AZUREML_MODEL_DIR"], "model.joblib"))

def run(data):
    return forest.predict(json.loads(data)["data"]).tolist()
"""


class AzureML(Peer):
    """Its inference server around a scoring script as its tutorials write it."""

    headers = ("x-ms-client-request-id", "x-request-id", "x-ms-request-id", "x-ms-run-function-failed",
               "x-ms-run-fn-exec-ms", "x-ms-server-version")
    differences = (
        PLACES,
        ("alive", "type", "the text Healthy is text, not HTML"),
        ("no JSON|narrow|other fields", "status|message", "the client's mistake: 400 and a sentence; a script that fails is 500"),
        ("long id|wrong method|wrong path", "message", "sentences that say what would have worked"),
        ("alive", "header .*", "probes are not told apart"),
        ("no JSON|narrow|other fields", "header x-ms-run-fn-exec-ms", "how long it took, whatever came of it"),
        ("wrong (method|path)", "header x-(ms-)?request-id|header x-ms-server-version",
         "what is refused can be found in the log by it as well"),
        ("long id|wrong (method|path)|options", "header x-ms-run-function-failed", "no function was run"),
        ("options", "status|type", "a question of CORS has an answer without a body: 204"),
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = free_port()
        models = cls.folder / "models"
        models.mkdir()
        shutil.copy(CLASSIFIER, models / "model.joblib")
        (cls.folder / "score.py").write_text(AZUREML)
        cls.start_peer("/", place("peers", "bin", "azmlinfsrv"), "--entry_script", "score.py", "--model_dir", models,
                       "--port", cls.peer, "--health_port", cls.peer,
                       environment={"PATH": f"{place('peers', 'bin')}:/usr/bin:/bin"})
        cls.server = Server(None, environment={"AZUREML_MODEL_DIR": str(models)})
        cls.addClassCleanup(cls.server.stop)

    def test_everything(self):
        rows = finite()
        for name, method, path, body, headers in (
            ("alive", "GET", "/", None, {}),
            ("score", "POST", "/score", {"data": rows}, {}),
            ("one", "POST", "/score", {"data": rows[:1]}, {}),
            ("key", "POST", "/score", {"data": rows}, {"Authorization": "Bearer key"}),
            ("ids", "POST", "/score", {"data": rows}, {"x-ms-client-request-id": "a1", "x-request-id": "b2"}),
            ("no JSON", "POST", "/score", "{", {}),
            ("narrow", "POST", "/score", {"data": [[1, 2]]}, {}),
            ("other fields", "POST", "/score", {"rows": rows}, {}),
            ("long id", "POST", "/score", {"data": rows}, {"x-ms-client-request-id": "a" * 101}),
            ("wrong method", "PUT", "/score", {"data": rows}, {}),
            ("wrong path", "POST", "/scores", {"data": rows}, {}),
            ("options", "OPTIONS", "/score", None, {}),
        ):
            with self.subTest(name):
                self.compare(name, method, path, body, headers)


if __name__ == "__main__":
    unittest.main()
