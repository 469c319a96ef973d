"""`forestd invoke`: every platform's endpoint, stood in for by forestd's own routes behind servers that check signatures and tokens."""

import contextlib
import http.client
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import time
import unittest

import numpy
from clouds import Reply, Services, StandIn, sigv4
from program import FORESTD, GOLDEN, MODEL, TOP, Server, free_port
from runtime_api import Function, RuntimeApi

ROWS = TOP / "models" / "rows.csv"
COUNT = len(ROWS.read_text().split())
KEYS = {"AKIAFOREST": ("forestsecret", None), "ASIAFOREST": ("lentsecret", "lent+/token==")}
AWS = {"AWS_ACCESS_KEY_ID": "AKIAFOREST", "AWS_SECRET_ACCESS_KEY": "forestsecret", "AWS_REGION": "eu-central-1"}
# Nothing of the machine's own may be found.
BARE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}


def run(*words, given=None, **variables):
    return subprocess.run([FORESTD, *map(str, words)], input=given, capture_output=True, text=True, timeout=60,
                          env={**BARE, **variables})


class Forwarding(StandIn):
    """Hands requests on to a server when `refusal` has nothing against them."""

    def __init__(self, port):
        self.target_port = port
        super().__init__()

    def refusal(self, request):
        return None

    def answer(self, request):
        return self.refusal(request) or self.forward(request, request.target)

    def forward(self, request, target):
        connection = http.client.HTTPConnection("127.0.0.1", self.target_port, timeout=60)
        names = ("Content-Type", "Accept", "X-Amzn-SageMaker-Target-Model")
        headers = {name: request.headers[name] for name in names if request.headers[name]}
        connection.request("POST", target, request.body, headers)
        response = connection.getresponse()
        body = response.read()
        kept = {name: value for name, value in response.getheaders()
                if name.lower() in ("content-type", "x-amzn-errortype")}
        connection.close()
        return Reply(response.status, body, kept)


class Signed(Forwarding):
    """SageMaker's runtime: wrong signatures are refused as AWS does."""

    def refusal(self, request):
        wrong = sigv4(request, "sagemaker", KEYS, "eu-central-1")
        if wrong:
            return Reply(403, json.dumps({"message": f"The message of {wrong}."}),
                         {"x-amzn-ErrorType": f"{wrong}:http://internal.amazon.com/", "Content-Type": "application/json"})
        return None


class Functions(StandIn):
    """Lambda's Invoke, before functions that are forestd itself; `envelope` answers as a function behind HTTP."""

    def __init__(self, api):
        self.api, self.envelope = api, None
        super().__init__()

    def answer(self, request):
        wrong = sigv4(request, "lambda", KEYS, "eu-central-1")
        if wrong:
            return Reply(403, json.dumps({"message": wrong}), {"x-amzn-ErrorType": wrong})
        if request.path != "/2015-03-31/functions/churn:live/invocations":
            return Reply(404, json.dumps({"Type": "User", "Message": f"Function not found: {request.path}"}),
                         {"x-amzn-ErrorType": "ResourceNotFoundException"})
        answer = self.api.ask(request.body)
        if answer.kind == "error":
            return Reply(200, answer.body, {"X-Amz-Function-Error": "Unhandled"})
        if self.envelope:
            return Reply(200, json.dumps(self.envelope(answer.body.decode())))
        return Reply(200, answer.body)


class Scripted(StandIn):
    """Answers what a test says."""

    def __init__(self, *replies):
        self.replies = list(replies)
        super().__init__()

    def answer(self, request):
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def said(document, **how):
    return Reply(body=json.dumps(document), headers={"Content-Type": "application/json"}, **how)


class Case(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory()))

    def start(self, thing):
        return self.stack.enter_context(thing)

    def equal(self, done, outputs="predictions and probabilities", count=COUNT):
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"{count} rows equal", done.stdout)
        self.assertIn(f"bit for bit ({outputs})", done.stdout)
        self.assertRegex(done.stderr, r"^\d+ requests? in [\d.]+ s, [\d.]+ requests/s; latency p50 [\d.]+ ms, p90 [\d.]+ "
                                      r"ms, p99 [\d.]+ ms, max [\d.]+ ms; \d+ retried\n$")

    def wrong(self, done, *words, status=1):
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        line = done.stderr.splitlines()[-1]
        for word in words:
            self.assertIn(word, line)


class Local(Case):
    """forestd's own routes, asked without a stand-in between."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.base = f"http://127.0.0.1:{cls.server.port}"

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def test_every_route_and_format_is_equal(self):
        for path in "", "/", "/invocations", "/score", "/predict", "/v1/models/model:predict", "/endpoints/x/invocations":
            self.equal(run("invoke", self.base + path, "--rows", ROWS, "--expect", MODEL))
        for kind in "application/jsonlines", "application/json":
            self.equal(run("invoke", self.base, "--rows", ROWS, "--expect", MODEL, "--content-type", kind, "--batch", 2))
        for kind, accept in (("text/csv", ""), ("application/x-npy", ""), ("text/csv", "application/json"),
                             ("application/x-npy", "text/csv")):
            words = ["invoke", self.base, "--rows", ROWS, "--expect", MODEL, "--content-type", kind, "--accept", accept]
            self.equal(run(*words), "predictions")
            self.equal(run(*words, "--output", "probabilities"), "probabilities")
        both = "predictions,probabilities"
        self.equal(run("invoke", self.base, "--rows", ROWS, "--expect", MODEL, "--content-type", "text/csv", "--output", both))
        self.equal(run("invoke", "azureml://churn/westeurope", "--endpoint-url", self.base, "--rows", ROWS, "--expect", MODEL))
        for kind in "application/json", "application/x-npy":
            done = run("invoke", "vertex://project/europe-west4/77", "--endpoint-url", self.base, "--rows", ROWS, "--expect",
                       MODEL, "--content-type", kind)
            self.equal(done, "predictions" if "npy" in kind else "predictions and probabilities")

    def test_answers_are_printed_as_predict_prints_them(self):
        expected = run("predict", "--model", MODEL, ROWS).stdout
        self.assertEqual(run("invoke", self.base, "--rows", ROWS).stdout, expected)
        for words in (["--batch", 1, "--concurrency", 4], ["--batch", 2, "--repeat", 3], ["--batch", 100]):
            self.assertEqual(run("invoke", self.base, "--rows", ROWS, *words).stdout, expected)
        self.assertEqual(run("invoke", self.base, "--rows", "-", given=ROWS.read_text()).stdout, expected)
        rows = [[float(cell) for cell in line.split(",")] for line in ROWS.read_text().split()]
        files = {"rows.json": json.dumps({"instances": rows}), "bare.json": json.dumps(rows),
                 "rows.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}
        for name, text in files.items():
            path = self.folder / name
            path.write_text(text)
            done = run("invoke", self.base, "--rows", path, "--batch", 2, "--content-type", "text/csv")
            self.assertEqual((done.returncode, done.stdout), (0, expected), done.stderr)
            self.assertEqual(run("invoke", self.base, "--rows", path).stdout,
                             run("predict", "--model", MODEL, path).stdout)
        numpy.save(self.folder / "rows.npy", numpy.array(rows))
        done = run("invoke", self.base, "--rows", self.folder / "rows.npy", "--accept", "text/csv")
        self.assertEqual((done.returncode, done.stdout), (0, expected), done.stderr)

    def test_vertex_is_sent_an_object(self):
        path = self.folder / "rows.json"
        row = [float(cell) for cell in ROWS.read_text().split()[0].split(",")]
        answers = []
        for document in [row, row], {"instances": [row, row]}:
            path.write_text(json.dumps(document))
            done = run("invoke", "vertex://p/l/1", "--endpoint-url", self.base, "--rows", path)
            self.assertEqual(done.returncode, 0, done.stderr)
            answers.append(json.loads(done.stdout))
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(len(answers[0]["predictions"]), 2)

    def test_the_report(self):
        done = run("invoke", self.base, "--rows", ROWS, "--batch", 1, "--repeat", 20, "--concurrency", 8, "--expect", MODEL,
                   "--json")
        told = json.loads(done.stdout)
        self.assertEqual((told["requests"], told["rows"], told["equal"], told["retries"]), (20 * COUNT, COUNT, True, 0))
        self.assertEqual(told["compared"], ["predictions", "probabilities"])
        self.assertLessEqual(told["p50_ms"], told["p90_ms"])
        self.assertLessEqual(told["p90_ms"], told["p99_ms"])
        self.assertLessEqual(told["p99_ms"], told["max_ms"])
        self.assertGreater(told["requests_a_second"], 1)

    def test_another_model_is_different(self):
        other = self.folder / "other.joblib"
        content = MODEL.read_bytes()
        labels = numpy.array([0, 1], "<i8").tobytes()
        self.assertIn(labels, content)
        other.write_bytes(content.replace(labels, numpy.array([0, 2], "<i8").tobytes()))
        done = run("invoke", self.base, "--rows", ROWS, "--expect", other)
        self.wrong(done, "row 1, prediction of output 0: got 1", "expected 2")
        told = json.loads(run("invoke", self.base, "--rows", ROWS, "--expect", other, "--json").stdout)
        self.assertEqual((told["equal"], told["code"], told["row"]), (False, "different", 1))
        self.wrong(run("invoke", self.base, "--rows", ROWS, "--expect", GOLDEN / "1.9.1" / "rf_classifier.joblib"), "cells")

    def test_what_is_wrong_is_said(self):
        wide = self.folder / "wide.csv"
        wide.write_text("1,2,3\n")
        self.wrong(run("invoke", self.base, "--rows", wide), "HTTP 400", "bad_width", "row 0 has 3 cells")
        self.wrong(run("invoke", self.base, "--rows", wide, "--expect", MODEL), "wide.csv: row 0 has 3 cells")
        self.wrong(run("invoke", self.base + "/nowhere", "--rows", ROWS), "HTTP 404", "There is nothing at /nowhere")
        self.wrong(run("invoke", self.base, "--rows", self.folder / "none.csv"), "none.csv", "No such file")
        self.wrong(run("invoke", f"http://127.0.0.1:{free_port()}", "--rows", ROWS, "--retries", 1), "cannot be reached",
                   "after 2 attempts")
        bad = self.folder / "bad.csv"
        bad.write_text("1,2,3\n1,x,3\n")
        self.wrong(run("invoke", self.base, "--rows", bad, "--batch", 1), "bad.csv: row 1", "not a number")
        bad.write_text("")
        self.wrong(run("invoke", self.base, "--rows", bad), "empty")
        self.wrong(run("invoke", self.base, "--rows", ROWS, "--expect", bad), "bad.csv")

    def test_usage(self):
        self.wrong(run("invoke"), "which endpoint?", status=2)
        self.wrong(run("invoke", self.base), "which rows?", status=2)
        self.wrong(run("invoke", "sagemaker", "--rows", ROWS), "is no target", "vertex://PROJECT", status=2)
        self.wrong(run("invoke", "sagemaker://a_b", "--rows", ROWS), "63 letters", status=2)
        self.wrong(run("invoke", "vertex://a/b", "--rows", ROWS), "vertex://PROJECT/LOCATION/ENDPOINT", status=2)
        self.wrong(run("invoke", "sagemaker://a?colour=red", "--rows", ROWS), "no parameter 'colour'", status=2)
        self.wrong(run("invoke", "sagemaker://a", "--rows", ROWS), "in which region? set AWS_REGION", status=2)
        self.wrong(run("invoke", "lambda://a", "--rows", ROWS, "--content-type", "text/csv", **AWS), "JSON", status=2)
        self.wrong(run("invoke", self.base, "--rows", ROWS, "--concurrency", "0"), "from 1 to 256", status=2)
        self.wrong(run("invoke", self.base, "--rows", ROWS, "--batch", "x"), "--batch", status=2)
        self.wrong(run("invoke", "http://example.invalid", "--rows", ROWS, "--key", "k"), "https:// and to this machine",
                   status=2)
        self.wrong(run("invoke", self.base, "--rows", ROWS, "--batch", 1, "--content-type", "text/plain"), "text/plain",
                   status=2)


class Models(Case):
    """Every kind of label and of output, over every way of sending."""

    def test_labels_and_outputs(self):
        for name in ("labels_bool", "labels_bytes", "labels_float", "labels_text", "labels_object", "labels_negative",
                     "labels_uint8", "labels_one", "rf_classifier_outputs", "et_classifier_outputs_text",
                     "rf_regressor_outputs", "rf_regressor", "missing", "features_one", "feature_names"):
            model = GOLDEN / "1.9.1" / f"{name}.joblib"
            rows = numpy.load(GOLDEN / "1.9.1" / f"{name}.npz")["rows"][:50]
            numpy.save(self.folder / "rows.npy", rows)
            told = json.loads(run("inspect", model, "--json").stdout)
            outputs = "predictions and probabilities" if "classes" in told else "predictions"
            with Server(model) as server:
                base = f"http://127.0.0.1:{server.port}"
                words = ["invoke", base, "--rows", self.folder / "rows.npy", "--expect", model, "--batch", 7]
                with self.subTest(name):
                    self.equal(run(*words), outputs, len(rows))
                    self.equal(run(*words, "--content-type", "application/jsonlines"), outputs, len(rows))
                    self.equal(run(*words, "--content-type", "text/csv"), "predictions", len(rows))
                    self.equal(run(*words, "--content-type", "application/x-npy"), "predictions", len(rows))

    def test_named_columns_go_with_their_names(self):
        name = GOLDEN / "1.9.1" / "feature_names"
        rows = numpy.load(name.with_suffix(".npz"))["rows"][:20]
        features = json.loads(run("inspect", name.with_suffix(".joblib"), "--json").stdout)["features"]
        names = [feature["name"] for feature in features]
        order = list(reversed(range(len(names))))
        lines = [",".join('"' + names[i].replace('"', '""') + '"' for i in order)]
        lines += [",".join(repr(float(row[i])) for i in order) for row in rows]
        (self.folder / "rows.csv").write_text("\n".join(lines) + "\n")
        with Server(name.with_suffix(".joblib")) as server:
            words = ["invoke", f"http://127.0.0.1:{server.port}", "--rows", self.folder / "rows.csv"]
            whole = run(*words).stdout
            self.assertEqual(whole, run("predict", "--model", name.with_suffix(".joblib"), self.folder / "rows.csv").stdout)
            self.assertEqual(run(*words, "--batch", 3).stdout, whole)
            as_json = run(*words, "--batch", 3, "--content-type", "application/json", "--accept", "text/csv")
            self.assertEqual(as_json.stdout, whole, as_json.stderr)
            self.equal(run(*words, "--expect", name.with_suffix(".joblib"), "--batch", 3), count=len(rows))
            self.wrong(run(*words, "--batch", 3, "--content-type", "application/x-npy"), "names", status=2)


class SageMaker(Case):
    def setUp(self):
        super().setUp()
        self.server = self.start(Server())
        self.runtime = self.start(Signed(self.server.port))
        self.variables = {**AWS, "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": self.runtime.address}

    def invoke(self, target="sagemaker://churn", *words, **variables):
        return run("invoke", target, "--rows", ROWS, *words, **{**self.variables, **variables})

    def test_signed_requests_are_answered(self):
        self.equal(self.invoke("sagemaker://churn", "--expect", MODEL, "--batch", 2))
        self.assertEqual(self.runtime.requests[-1].path, "/endpoints/churn/invocations")
        self.assertEqual(self.invoke().stdout, run("predict", "--model", MODEL, ROWS).stdout)
        self.equal(self.invoke("sagemaker://churn", "--expect", MODEL, AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME="",
                               AWS_ENDPOINT_URL=self.runtime.address + "/"))
        self.equal(self.invoke("sagemaker://churn", "--expect", MODEL, AWS_ACCESS_KEY_ID="ASIAFOREST",
                               AWS_SECRET_ACCESS_KEY="lentsecret", AWS_SESSION_TOKEN="lent+/token=="))
        self.equal(self.invoke("sagemaker://churn?region=eu-central-1", "--expect", MODEL, AWS_REGION="us-west-2"))

    def test_parts_of_an_endpoint_are_named(self):
        self.wrong(self.invoke("sagemaker://churn?model=a/b.tar.gz&variant=blue&component=c-1"), "there is no model a/b.tar.gz")
        headers = self.runtime.requests[-1].headers
        self.assertEqual(headers["X-Amzn-SageMaker-Target-Model"], "a/b.tar.gz")
        self.assertEqual(headers["X-Amzn-SageMaker-Target-Variant"], "blue")
        self.assertEqual(headers["X-Amzn-SageMaker-Inference-Component"], "c-1")

    def test_wrong_credentials_are_named(self):
        done = self.invoke(AWS_SECRET_ACCESS_KEY="wrong-secret")
        self.wrong(done, "sagemaker://churn", "HTTP 403", "SignatureDoesNotMatch", "The message of",
                   "the access key AKIAFOREST of the environment")
        self.assertNotIn("wrong-secret", done.stderr)
        self.assertEqual(len(self.runtime.requests), 1)
        self.wrong(self.invoke(AWS_REGION="us-west-2"), "AuthorizationHeaderMalformed")
        self.wrong(self.invoke(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY=""), "no AWS credential", "AWS_ACCESS_KEY_ID",
                   "the profile 'default'")
        self.wrong(self.invoke("sagemaker://churn", "--key", "k"), "signatures", status=2)

    def test_the_containers_own_error(self):
        (self.folder / "wide.csv").write_text("1,2\n")
        done = run("invoke", "sagemaker://churn", "--rows", self.folder / "wide.csv", **self.variables)
        self.wrong(done, "ModelError: the container answered 400: row 0 has 2 cells: the model takes 10 features")

    def test_what_may_pass_is_asked_again(self):
        busy = [Reply(429, json.dumps({"message": "slow down"}), {"x-amzn-ErrorType": "ThrottlingException", "Retry-After": "1"}),
                Reply(503, json.dumps({"message": "no"}), {"x-amzn-ErrorType": "ServiceUnavailable"}), None]
        self.runtime.fault = lambda number, request, reply: busy[number - 1] if number <= len(busy) else reply
        began = time.monotonic()
        done = self.invoke("sagemaker://churn", "--expect", MODEL)
        self.equal(done)
        # libcurl itself asks again where a connection that it kept is closed.
        self.assertRegex(done.stderr, "; [23] retried")
        self.assertGreaterEqual(time.monotonic() - began, 1)
        self.runtime.fault = lambda number, request, reply: busy[1]
        self.wrong(self.invoke("sagemaker://churn", "--retries", "2"), "ServiceUnavailable", "after 3 attempts")
        self.runtime.requests.clear()
        self.wrong(self.invoke("sagemaker://churn", "--retries", "0"), "ServiceUnavailable")
        self.assertEqual(len(self.runtime.requests), 1)


class Lambda(Case):
    def setUp(self):
        super().setUp()
        self.api = self.start(RuntimeApi())
        self.start(Function(self.api, model=MODEL))
        self.functions = self.start(Functions(self.api))
        self.variables = {**AWS, "AWS_ENDPOINT_URL_LAMBDA": self.functions.address}

    def invoke(self, target="lambda://churn:live", *words, rows=ROWS, **variables):
        return run("invoke", target, "--rows", rows, *words, **{**self.variables, **variables})

    def test_a_function_is_asked_directly(self):
        self.equal(self.invoke("lambda://churn:live", "--expect", MODEL, "--batch", 2))
        told = json.loads(self.invoke().stdout)
        self.assertEqual(len(told["predictions"]), COUNT)

    def test_a_function_behind_http_has_an_envelope(self):
        self.functions.envelope = lambda text: {"statusCode": 200, "headers": {"Content-Type": "application/json"},
                                                "body": text, "isBase64Encoded": False}
        self.equal(self.invoke("lambda://churn:live", "--expect", MODEL))
        import base64
        self.functions.envelope = lambda text: {"statusCode": 200, "headers": {"content-type": "application/json"},
                                                "body": base64.b64encode(text.encode()).decode(), "isBase64Encoded": True}
        self.equal(self.invoke("lambda://churn:live", "--expect", MODEL))
        self.functions.envelope = lambda text: {"statusCode": 400, "body": json.dumps({"error": "no such feature"})}
        self.wrong(self.invoke(), "the function answered 400: no such feature")
        self.functions.envelope = lambda text: {"statusCode": 503, "body": "starting"}
        self.wrong(self.invoke("lambda://churn:live", "--retries", "1"), "answered 503: starting", "after 2 attempts")

    def test_what_is_wrong_is_said(self):
        (self.folder / "wide.csv").write_text("1,2\n")
        self.wrong(self.invoke(rows=self.folder / "wide.csv"), "the function failed (Unhandled)", "row 0 has 2 cells")
        self.wrong(self.invoke("lambda://price"), "HTTP 404", "ResourceNotFoundException", "Function not found")
        self.wrong(self.invoke(AWS_SECRET_ACCESS_KEY="x"), "HTTP 403", "SignatureDoesNotMatch")


class Bearing(Forwarding):
    """An endpoint that wants a token or a key."""

    def refusal(self, request):
        if request.headers.get("Authorization") == "Bearer the-key":
            return None
        return Reply(401, json.dumps({"error": {"code": 401, "status": "UNAUTHENTICATED", "message": "Who is it?"}}))


class Tokens(Case):
    def setUp(self):
        super().setUp()
        self.server = self.start(Server())
        self.bearing = self.start(Bearing(self.server.port))
        self.services = self.start(Services())

    def test_vertex_with_a_lent_token(self):
        @self.services.route("POST", "/token")
        def token(request):
            return Reply(200, json.dumps({"access_token": "the-key", "expires_in": 3600}))

        user = self.folder / "user.json"
        user.write_text(json.dumps({"type": "authorized_user", "client_id": "id", "client_secret": "s", "refresh_token": "r",
                                    "token_uri": f"{self.services.address}/token"}))
        words = ["invoke", "vertex://projects/p/locations/europe-west4/endpoints/7", "--rows", ROWS, "--expect", MODEL,
                 "--batch", "1", "--concurrency", "3"]
        variables = {"CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM": self.bearing.address + "/"}
        self.equal(run(*words, GOOGLE_APPLICATION_CREDENTIALS=str(user), **variables))
        self.assertEqual(self.services.lent["/token"], 1)
        self.assertEqual(self.bearing.requests[-1].path, "/v1/projects/p/locations/europe-west4/endpoints/7:predict")
        self.equal(run(*words, FORESTD_KEY="the-key", **variables))
        done = run(*words, FORESTD_KEY="another", **variables)
        self.wrong(done, "HTTP 401", "UNAUTHENTICATED", "Who is it?", "the key that was given")
        self.assertNotIn("another", done.stderr)
        self.wrong(run(*words, **variables), "HTTP 401")
        self.wrong(run(*words, GOOGLE_APPLICATION_CREDENTIALS=str(self.folder / "none.json"), **variables), "none.json")

    def test_azure_with_a_key_or_an_identity(self):
        words = ["invoke", "azureml://churn/westeurope?deployment=green", "--endpoint-url", self.bearing.address, "--rows", ROWS,
                 "--expect", MODEL]
        self.equal(run(*words, FORESTD_KEY="the-key"))
        request = self.bearing.requests[-1]
        self.assertEqual((request.path, request.headers["azureml-model-deployment"]), ("/score", "green"))
        asked = []

        @self.services.route("GET", "/identity")
        def identity(request):
            asked.append(request.query)
            return Reply(200, json.dumps({"access_token": "the-key", "expires_in": "3600"}))

        # A key of storage is none of these endpoints.
        self.equal(run(*words, IDENTITY_ENDPOINT=f"{self.services.address}/identity", IDENTITY_HEADER="h",
                       AZURE_STORAGE_KEY="a2V5"))
        self.assertEqual(asked[0]["resource"], "https://ml.azure.com")
        self.wrong(run(*words, FORESTD_KEY="wrong"), "HTTP 401")

    def test_https_with_a_key(self):
        self.equal(run("invoke", self.bearing.address, "--rows", ROWS, "--expect", MODEL, "--key", "the-key"))
        self.wrong(run("invoke", self.bearing.address, "--rows", ROWS), "HTTP 401")


class Answers(Case):
    """Servers that answer in other ways, or wrongly."""

    def ask(self, *replies, words=("--expect", MODEL)):
        server = self.start(Scripted(*replies))
        return run("invoke", server.address, "--rows", ROWS, *words)

    def right(self):
        told = json.loads(run("predict", "--model", MODEL, ROWS, "--to", "json", "--output", "predictions,probabilities").stdout)
        return told["predictions"], told["probabilities"]

    def test_other_containers_answers(self):
        predictions, probabilities = self.right()
        self.equal(self.ask(said({"predictions": predictions, "probabilities": probabilities, "took_ms": 1.5})))
        self.equal(self.ask(said({"predictions": predictions})), "predictions")
        self.equal(self.ask(said({"probabilities": probabilities})), "probabilities")
        self.equal(self.ask(said(predictions)), "predictions")
        self.equal(self.ask(said({"predictions": [float(each) for each in predictions]})), "predictions")
        both = [{"prediction": one, "probabilities": two} for one, two in zip(predictions, probabilities)]
        self.equal(self.ask(said({"predictions": both, "deployedModelId": "1"})))
        lines = "\r\n".join(map(str, predictions))
        self.equal(self.ask(Reply(200, lines, {"Content-Type": "text/csv; charset=utf-8"})), "predictions")

    def test_the_last_bit_counts(self):
        predictions, probabilities = self.right()
        probabilities[3][1] = float(numpy.nextafter(probabilities[3][1], 2))
        done = self.ask(said({"predictions": predictions, "probabilities": probabilities}))
        self.wrong(done, f"row 3, probability 1: got {probabilities[3][1]!r}, expected")
        self.assertIn("latency p50", done.stderr)

    def test_answers_that_are_none(self):
        predictions, probabilities = self.right()
        self.wrong(self.ask(said(predictions[:-1])), f"{COUNT - 1} predictions for {COUNT} rows")
        self.wrong(self.ask(said([])), f"0 predictions for {COUNT} rows")
        self.wrong(self.ask(said({"predictions": predictions, "probabilities": [[1.0]] * COUNT})), "another model")
        self.wrong(self.ask(Reply(200, "<html>hello</html>", {"Content-Type": "text/html"})), "text/html", "<html>hello")
        self.wrong(self.ask(Reply(200, "<html>hello</html>", {"Content-Type": "application/json"})), "no JSON", "<html>hello")
        self.wrong(self.ask(Reply(200, "<html>", {"Content-Type": "application/json"}), words=()), "no JSON")
        self.wrong(self.ask(Reply(200, "", {})), "no JSON")
        self.wrong(self.ask(Reply(200, "", {"Content-Type": "image/png"}), words=()), "empty")
        self.wrong(self.ask(said({"result": 1})), "neither predictions nor probabilities")
        self.wrong(self.ask(said([[[]]] * COUNT)), "no predictions in row 0")
        self.wrong(self.ask(said([{"a": 1}] * COUNT)), "neither a number")
        self.wrong(self.ask(said(["x"] * COUNT)), "row 0, prediction of output 0: got x, expected 0")
        self.wrong(self.ask(Reply(200, b"\x93NUMPY\x01\x00junk", {"Content-Type": "application/x-npy"})), "NPY")
        self.wrong(self.ask(said(predictions[:1]), words=("--batch", COUNT)), f"1 answers for {COUNT} rows")
        self.wrong(self.ask(said(predictions, cut=3), words=("--retries", 1)), "after 2 attempts")

    def test_a_slow_server_is_not_waited_for_long(self):
        began = time.monotonic()
        server = self.start(Scripted(said([1], wait=4)))
        self.wrong(run("invoke", server.address, "--rows", ROWS, "--timeout", 1, "--retries", 0), "timed out")
        self.assertLess(time.monotonic() - began, 4)

    def test_requests_are_side_by_side(self):
        barrier = threading.Barrier(4, timeout=20)

        def meet(number, request, reply):
            barrier.wait()
            return reply

        server = self.start(Scripted(Reply(200, "1\n", {"Content-Type": "text/csv"})))
        server.fault = meet
        done = run("invoke", server.address, "--rows", ROWS, "--batch", 1, "--repeat", 4, "--concurrency", 4)
        self.assertEqual((done.returncode, done.stdout), (0, "1\n" * COUNT), done.stderr)


if __name__ == "__main__":
    unittest.main()
