"""GET /openapi.json, believed to the letter, and the Open Inference Protocol's own description of what V2 answers.

schemathesis makes up requests from the document, good and bad ones: none may be answered with 500, nor with a status, a
type or a form that the document does not tell. redocly looks at the document itself.
"""

import json
import os
import re
import shutil
import subprocess
import unittest

from interop import CASES, INTEROP, Case, place, use

use("openapi")

import jsonschema
from program import MODEL, Server

EXAMPLES = 12  # of each operation
SECONDS = 300  # more is a failure
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "unsupported_method", "allow_header_conformance")
NEVER = ("/v1/models/{model}:explain", "/v2/models/{model}/stats", "/v2/models/{model}/versions/{version}/stats")
FEATURES = 10  # of MODEL


class Document(Case):
    def narrow(self, document):
        """No status but those that are named, models that are there, and rows as wide as the model's."""
        document["components"]["schemas"]["Rows"]["items"] = {
            "type": "array", "items": {"type": "number"}, "minItems": FEATURES, "maxItems": FEATURES}
        known = {"model": "model", "name": "model", "endpoint": "model", "version": "1"}
        for operations in document["paths"].values():
            for operation in operations.values():
                del operation["responses"]["default"]
                for parameter in operation.get("parameters", ()):
                    if parameter["name"] in known:
                        parameter["schema"]["enum"] = [known[parameter["name"]], "absent"]
        return document

    def made_up(self, *options, exclude=()):
        with Server(None, "--model", f"model={MODEL}", *options) as server:
            document = self.folder / "document.json"
            document.write_text(json.dumps(self.narrow(server.ask("GET", "/openapi.json").json())))
            excluded = [word for path in exclude for word in ("--exclude-path", path)]
            done = subprocess.run(
                [place("openapi", "bin", "schemathesis"), "run", document, "--url", f"http://127.0.0.1:{server.port}",
                 "--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES), "--seed", "1", "--phases",
                 "examples,coverage,fuzzing", "--continue-on-failure", "--warnings", "off",
                 "--output-truncate", "false", *excluded],
                cwd=self.folder, capture_output=True, text=True, timeout=SECONDS)
            self.assertEqual(done.returncode, 0, done.stdout[-12000:] + done.stderr)
            self.assertGreater(int(re.search(r"(\d+) generated", done.stdout)[1]), 1000)

    # What is always refused with 501 is seen below; 501 is a server's error to schemathesis.
    def test_what_is_answered_is_told(self):
        self.made_up(exclude=NEVER)

    def test_what_is_answered_where_models_come_and_go_is_told(self):
        self.made_up("--multi-model", exclude=NEVER)

    def test_what_is_never_done(self):
        with Server() as server:
            paths = server.ask("GET", "/openapi.json").json()["paths"]
            for path in NEVER:
                for operation in paths[path].values():
                    self.assertNotIn("200", operation["responses"])
                    self.assertIn("501", operation["responses"])

    @unittest.skipUnless((INTEROP / "redocly" / "ready").exists() and shutil.which("node"), "redocly is not there")
    def test_redocly_finds_nothing(self):
        with Server() as server:
            (self.folder / "openapi.json").write_bytes(server.ask("GET", "/openapi.json").body)
        done = subprocess.run([place("redocly", "node_modules", ".bin", "redocly"), "lint", "--extends=minimal", "openapi.json"],
                              cwd=self.folder, capture_output=True, text=True, timeout=120,
                              env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


# The description has a type that JSON has not: a text.
Validator = jsonschema.validators.extend(
    jsonschema.Draft4Validator,
    type_checker=jsonschema.Draft4Validator.TYPE_CHECKER.redefine("bytes", lambda _, value: isinstance(value, str)))


class Protocol(unittest.TestCase):
    """The description that MLServer ships."""

    @classmethod
    def setUpClass(cls):
        folder, = place("peers", "lib").glob("python3*/site-packages/mlserver/rest/openapi")
        cls.documents = [json.loads((folder / name).read_text()) for name in ("dataplane.json", "model_repository.json")]
        cls.server = Server(None, "--multi-model", *(word for case in ("rf_classifier", "rf_regressor", "labels_text")
                                                     for word in ("--model", f"{case}={CASES / case}.joblib")))
        cls.addClassCleanup(cls.server.stop)

    def operation(self, method, path):
        for document in self.documents:
            if path in document["paths"]:
                return document, document["paths"][path][method.lower()]
        self.fail(f"the protocol has no {path}")

    def see(self, method, path, status, body=None, model="rf_classifier"):
        document, operation = self.operation(method, path)
        if body is not None and status == 200:
            asked = operation["requestBody"]["content"]["application/json"]["schema"]
            Validator({**asked, "components": document["components"]}).validate(body)
        real = path.format(model_name=model, model_version="1")
        answer = self.server.ask(method, real, json.dumps(body) if body is not None else None,
                                 {"Content-Type": "application/json"} if body is not None else {"Content-Length": "0"})
        self.assertEqual(answer.status, status, answer.body)
        told = operation["responses"][str(status)]
        if "content" not in told:
            return
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        schema = told["content"]["application/json"]["schema"]
        Validator({**schema, "components": document["components"]}).validate(answer.json())

    def test_who_is_there(self):
        for path in "/v2/health/live", "/v2/health/ready", "/v2":
            self.see("GET", path, 200)
        for model in "rf_classifier", "rf_regressor", "labels_text":
            for path in ("/v2/models/{model_name}", "/v2/models/{model_name}/ready",
                         "/v2/models/{model_name}/versions/{model_version}",
                         "/v2/models/{model_name}/versions/{model_version}/ready"):
                self.see("GET", path, 200, model=model)
        self.see("GET", "/v2/models/{model_name}", 404, model="absent")

    def test_infer(self):
        rows = {"name": "x", "shape": [2, 5], "datatype": "FP64", "data": [0.5] * 10}
        for path in "/v2/models/{model_name}/infer", "/v2/models/{model_name}/versions/{model_version}/infer":
            for model in "rf_classifier", "rf_regressor", "labels_text":
                self.see("POST", path, 200, {"inputs": [rows]}, model)
                self.see("POST", path, 200, {"id": "7", "inputs": [rows], "outputs": [{"name": "predict"}]}, model)
            self.see("POST", path, 200, {"inputs": [rows], "outputs": [{"name": "predict_proba"}, {"name": "predict"}]})
            self.see("POST", path, 400, {"inputs": []})
            self.see("POST", path, 400, {"inputs": [{**rows, "shape": [3, 5]}]})
            self.see("POST", path, 404, {"inputs": [rows]}, "absent")

    def test_repository(self):
        self.see("POST", "/v2/repository/index", 200, {})
        self.see("POST", "/v2/repository/models/{model_name}/unload", 200, model="rf_regressor")
        self.see("POST", "/v2/repository/index", 200, {"ready": True})
        self.see("POST", "/v2/repository/index", 200, {"ready": False})
        self.see("POST", "/v2/repository/models/{model_name}/load", 200, model="rf_regressor")


if __name__ == "__main__":
    unittest.main()
