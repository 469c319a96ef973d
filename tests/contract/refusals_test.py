"""What is wrong with a request is said as the platform whose path it is says such things, and what would have worked is named."""

import json
import pathlib
import shutil
import tempfile
import unittest

from program import MODEL, QUESTION, Server

TENSORS = json.dumps({"inputs": [{"name": "x", "shape": [1, 10], "datatype": "FP64", "data": list(range(10))}]})
ENVELOPE = json.dumps({"Data": {"req": {"Url": "https://a/api/x", "Method": "POST", "Body": "[[1]]"}}, "Metadata": {}})
ENDPOINT = "/v1/projects/p/locations/l/endpoints/e"
V1, V2 = "/v1/models/churn", "/v2/models/churn"


def usual(said):
    """KServe, the Open Inference Protocol, SageMaker's containers, and where no platform is known."""
    return said["error"]


def message(said):
    """Azure ML's inference server."""
    assert "error" not in said
    return said["message"]


def google(said):
    """google.rpc.Status."""
    error = said["error"]
    assert error["code"] >= 400 and error["status"].isupper() and error["details"][0]["domain"] == "forestd"
    return error["message"]


def model_error(said):
    """AWS's ModelError: the container's own words are in it."""
    assert said["ErrorCode"].endswith("_ERROR_FROM_MODEL") and str(said["OriginalStatusCode"]) in said["Message"]
    assert said["OriginalMessage"] in said["Message"]
    return json.loads(said["OriginalMessage"])["error"]


def service(said):
    """An error of AWS's service itself."""
    return said["Message"]


# A family's form; what is asked; the status; what the sentence must name.
CASES = (
    # paths that are not there
    (usual, "POST", "/invocation", QUESTION, 404, "POST /invocations"),
    (usual, "POST", "/model/churn/invoke", QUESTION, 404, "/models/{name}/invoke"),
    (usual, "POST", "/predictions", QUESTION, 404, "POST /predict"),
    (usual, "GET", "/healthz", None, 404, "GET /health"),
    (usual, "GET", "/v1/model", None, 404, "GET /v1/models"),
    (usual, "POST", V2 + "/inferr", TENSORS, 404, "POST /v2/models/{model}/infer"),
    (usual, "GET", "/somewhere/else", None, 404, "/openapi.json"),
    (message, "POST", "/scores", QUESTION, 404, "POST /score"),
    (google, "POST", ENDPOINT + ":divine", QUESTION, 404, ":predict"),
    (service, "POST", "/endpoints/e/invocation", QUESTION, 404, "POST /endpoints/{name}/invocations"),
    # methods that are not taken
    (usual, "GET", "/invocations", None, 405, "POST"),
    (usual, "PUT", "/ping", "x", 405, "GET"),
    (usual, "POST", "/", QUESTION, 405, "POST /invocations"),
    (usual, "GET", "/predict", None, 405, "POST"),
    (usual, "POST", "/health", QUESTION, 405, "POST /predict"),
    (usual, "GET", V1 + ":predict", None, 405, "POST"),
    (usual, "POST", V1 + ":classify", QUESTION, 405, ":predict"),
    (usual, "GET", V2 + "/infer", None, 405, "POST"),
    (usual, "POST", V2, TENSORS, 405, "/infer"),
    (usual, "GET", "/api/function", None, 405, "POST"),
    (message, "DELETE", "/score", None, 405, "POST"),
    (message, "POST", "/swagger.json", QUESTION, 405, "POST /score"),
    (google, "GET", ENDPOINT + ":predict", None, 405, "POST"),
    (service, "GET", "/endpoints/e/invocations", None, 405, "POST"),
    # models that are not there
    (usual, "POST", "/models/absent/invoke", QUESTION, 404, "churn"),
    (usual, "GET", "/models/absent", None, 404, "churn"),
    (usual, "DELETE", "/models/churn", None, 403, "--multi-model"),
    (usual, "POST", "/v1/models/absent:predict", QUESTION, 404, "churn"),
    (usual, "GET", "/v1/models/absent", None, 404, "churn"),
    (usual, "POST", V1 + "/versions/7:predict", QUESTION, 404, "there is: 1, 2"),
    (usual, "POST", "/v2/models/absent/infer", TENSORS, 404, "churn"),
    (usual, "GET", V2 + "/versions/7", None, 404, "there is: 1, 2"),
    (usual, "GET", V2 + "/versions/latest", None, 404, "from 1 on"),
    (service, "POST", "/endpoints/absent/invocations", QUESTION, 400, "/v1/models"),
    # no name where there are several
    (usual, "POST", "/invocations", QUESTION, 400, "price"),
    (usual, "POST", "/predict", QUESTION, 400, "price"),
    (usual, "POST", "/api/function", QUESTION, 400, "price"),
    (message, "POST", "/score", QUESTION, 400, "price"),
    (google, "POST", ENDPOINT + ":predict", QUESTION, 400, "price"),
    # the words of another protocol
    (usual, "POST", "/models/churn/invoke", TENSORS, 400, "/v2/models/{model}/infer"),
    (usual, "POST", "/models/churn/invoke", ENVELOPE, 400, "instances"),
    (usual, "POST", V1 + ":predict", TENSORS, 400, "/v2/models/{model}/infer"),
    (usual, "POST", V1 + ":predict", '{"rows": [[1]]}', 400, "instances"),
    (usual, "POST", V2 + "/infer", QUESTION, 400, "inputs"),
    (google, "POST", "/v1/projects/p/locations/l/endpoints/churn:predict", TENSORS, 400, "/v2/models/{model}/infer"),
    (google, "POST", "/v1/projects/p/locations/l/endpoints/churn:rawPredict?%24alt=json", QUESTION, 400, "httpBody"),
    (model_error, "POST", "/endpoints/churn/invocations", TENSORS, 400, "/v2/models/{model}/infer"),
    (usual, "POST", V1 + ":explain", QUESTION, 501, ":predict"),
    (usual, "GET", V2 + "/stats", None, 501, "/metrics"),
)
TYPES = (
    (usual, "/models/churn/invoke"), (usual, V1 + ":predict"), (google, "/v1/projects/p/locations/l/endpoints/churn:predict"),
    (model_error, "/endpoints/churn/invocations"),
)


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        for place in "churn/1", "churn/2", "price/1":
            (folder / place).mkdir(parents=True)
            shutil.copy(MODEL, folder / place)
        cls.server = cls.enterClassContext(Server(folder))

    def refused(self, form, method, path, body, status, named, content_type="application/json"):
        headers = {"Content-Type": content_type} if body else {"Content-Length": "0"} if method == "POST" else {}
        answer = self.server.ask(method, path, body, headers)
        expected = 424 if form is model_error else status
        self.assertEqual(answer.status, expected, (method, path, answer.body))
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(answer.headers["Content-Length"], str(len(answer.body)))
        self.assertIn(named, form(answer.json()), (method, path))
        if status == 405:
            self.assertIn("OPTIONS", answer.headers["Allow"])
        if form is service:
            self.assertTrue(answer.headers["x-amzn-ErrorType"])

    def test_each_in_its_platforms_form(self):
        for case in CASES:
            with self.subTest(case[1:3]):
                self.refused(*case)

    def test_types_that_are_not_read(self):
        for form, path in TYPES:
            with self.subTest(path):
                self.refused(form, "POST", path, "x", 415, "text/csv", content_type="image/png")

    def test_types_that_are_not_written(self):
        for form, path in TYPES:
            answer = self.server.invoke(QUESTION, accept="image/png", path=path)
            self.assertIn("text/csv", form(answer.json()), path)

    def test_functions_of_azure_are_told_in_the_envelope(self):
        host = {"X-Azure-Functions-InvocationId": "1", "Content-Type": "application/json"}
        answer = self.server.ask("POST", "/forest", ENVELOPE, host)
        result = answer.json()["Outputs"]["res"]
        self.assertEqual((answer.status, result["statusCode"]), (200, 400))
        self.assertIn("price", json.loads(result["body"])["error"])
        answer = self.server.ask("POST", "/forest", QUESTION, host)
        self.assertEqual(answer.status, 400)
        self.assertIn("POST /api/FUNCTION", answer.json()["error"])


if __name__ == "__main__":
    unittest.main()
