"""What the host of Azure Functions sends to a custom handler, proxied and in envelopes."""

import json
import unittest

from program import QUESTION, ROW, Server

HOST = {"X-Azure-Functions-InvocationId": "1", "User-Agent": "Azure-Functions-Host/4"}


def envelope(body, path="/api/forest", method="POST", **more):
    request = {"Url": "https://app.azurewebsites.net" + path, "Method": method, "Query": {}, "Params": {},
               "Headers": {"Content-Type": ["application/json"]}, "Identities": [], "Body": body, **more}
    return {"Data": {"req": request}, "Metadata": {"sys": {"MethodName": "forest", "UtcNow": "x", "RandGuid": "y"}}}


class Handler(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.expected = cls.server.invoke(QUESTION).json()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def call(self, document, path="/forest"):
        return self.server.invoke(json.dumps(document), path=path, **HOST)

    def result(self, document, path="/forest"):
        answer = self.call(document, path)
        self.assertEqual(answer.status, 200, answer.body)
        said = answer.json()
        self.assertEqual((said["Logs"], said["ReturnValue"]), ([], None))
        return said["Outputs"]["res"]

    def test_the_host_waits_for_any_answer(self):
        self.assertEqual(self.server.ask("GET", "/").status, 200)

    def test_proxied_requests(self):
        for path in "/api/forest", "/api/invocations":
            answer = self.server.invoke(QUESTION, path=path, **HOST)
            self.assertEqual((answer.status, answer.json()), (200, self.expected))
        self.assertEqual(self.server.invoke(QUESTION, path="/api/score", **HOST).json(), [0])
        self.assertEqual(self.server.ask("GET", "/api/ping").status, 200)
        self.assertEqual(self.server.ask("GET", "/api/v1/models").json(), {"models": ["model"]})

    def test_envelopes(self):
        for body in QUESTION, json.loads(QUESTION):
            said = self.result(envelope(body))
            self.assertEqual((said["statusCode"], json.loads(said["body"])), (200, self.expected))
            self.assertEqual(said["headers"]["Content-Type"], "application/json")

    def test_the_function_may_have_any_route(self):
        for path, expected in ("/api/a/b", self.expected), ("/api/v1/models/model:predict", {"predictions": [0]}):
            self.assertEqual(json.loads(self.result(envelope(QUESTION, path))["body"]), expected)
        said = self.result(envelope("", "/api/ping?x=1", "GET"))
        self.assertEqual((said["statusCode"], said["body"]), (200, ""))

    def test_headers_and_query_count(self):
        csv = ",".join(map(str, ROW))
        said = self.result(envelope(csv, Headers={"content-type": ["text/csv"]}))
        self.assertEqual((said["body"], said["headers"]["Content-Type"]), ("0\n", "text/csv"))
        said = self.result(envelope(QUESTION, Query={"output": "probabilities"}))
        self.assertEqual(json.loads(said["body"])["probabilities"], [[0.78, 0.22]])
        said = self.result(envelope(QUESTION, Headers={"Accept": ["application/x-npy"]}, Query={"output": "predictions"}))
        self.assertEqual(said["statusCode"], 406)

    def test_errors_stand_in_the_result(self):
        said = self.result(envelope('{"instances": [[1]]}'))
        self.assertEqual((said["statusCode"], json.loads(said["body"])["code"]), (400, "bad_width"))

    def test_long_envelopes(self):
        said = self.result(envelope(json.dumps({"instances": [ROW] * 5000})))
        self.assertEqual(len(json.loads(said["body"])["predictions"]), 5000)

    def test_timers_keep_it_warm(self):
        answer = self.call({"Data": {"timer": {"IsPastDue": False, "Schedule": {}}}, "Metadata": {}}, "/warm")
        self.assertEqual((answer.status, answer.json()["Outputs"]), (200, {}))

    def test_what_is_no_envelope(self):
        for document in {}, {"Data": {}}, {"Data": {"item": "x"}}, {"Data": 5}, [], 5:
            self.assertEqual(self.call(document).status, 400, document)
        self.assertEqual(self.server.invoke("{", path="/forest", **HOST).status, 400)
        self.assertEqual(self.server.invoke(json.dumps(envelope(QUESTION)), path="/forest").status, 404)


if __name__ == "__main__":
    unittest.main()
