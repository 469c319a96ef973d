"""What Azure ML's online endpoints, and those who come from its inference server, send."""

import json
import re
import unittest
import urllib.parse

from program import GOLDEN, QUESTION, ROW, Server


class Score(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def score(self, body, path="/score", **headers):
        return self.server.invoke(body if isinstance(body, str) else json.dumps(body), path=path, **headers)

    def test_every_form_is_answered_with_a_bare_list(self):
        for body in (
            {"data": [ROW]},
            {"input_data": [ROW]},
            {"input_data": {"columns": list(range(10)), "index": [0], "data": [ROW]}},
            {"input_data": {"data": [ROW]}, "params": {"x": 1}},
            {"instances": [ROW]},
            [ROW],
        ):
            answer = self.score(body, Authorization="Bearer key", **{"azureml-model-deployment": "blue"})
            self.assertEqual((answer.status, answer.json()), (200, [0]), body)
            self.assertEqual(answer.headers["Content-Length"], str(len(answer.body)))

    def test_other_formats_on_the_one_path(self):
        self.assertEqual(self.score(",".join(map(str, ROW)), content_type="text/csv").body, b"0\n")

    def test_the_query_may_hold_the_rows(self):
        answer = self.server.ask("GET", "/score?data=" + urllib.parse.quote(json.dumps([ROW])))
        self.assertEqual((answer.status, answer.json()), (200, [0]))
        self.assertEqual(self.server.ask("GET", "/score").status, 400)
        self.assertEqual(self.server.ask("OPTIONS", "/score").status, 204)

    def test_ids_come_back(self):
        answer = self.score(QUESTION, **{"x-request-id": "a", "x-ms-client-request-id": "b", "TraceId": "c"})
        self.assertEqual([answer.headers[name] for name in
                          ("x-request-id", "x-ms-client-request-id", "x-ms-request-id", "TraceId")], ["a", "b", "b", "c"])
        answer = self.score(QUESTION, **{"x-ms-request-id": "old"})
        self.assertEqual((answer.headers["x-ms-request-id"], answer.headers["x-ms-client-request-id"]), ("old", "old"))
        self.assertRegex(answer.headers["x-request-id"], "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        self.assertNotEqual(answer.headers["x-request-id"], self.score(QUESTION).headers["x-request-id"])

    def test_what_it_took_and_whether_it_failed(self):
        answer = self.score(QUESTION)
        self.assertTrue(re.fullmatch(r"\d+\.\d{3}", answer.headers["x-ms-run-fn-exec-ms"]))
        self.assertEqual(answer.headers["x-ms-run-function-failed"], "False")
        rows = json.dumps([ROW] * 20000)
        self.assertTrue(self.score(rows).headers["x-ms-run-fn-exec-ms"])

    def test_long_ids_are_refused(self):
        for name in "x-request-id", "x-ms-request-id", "x-ms-client-request-id":
            answer = self.score(QUESTION, **{name: "x" * 101})
            self.assertEqual(answer.status, 431)
            self.assertIn("must not exceed 100", answer.json()["message"])
            self.assertEqual(self.score(QUESTION, **{name: "x" * 100}).status, 200)

    def test_errors_have_a_message(self):
        for method, path, body, kind, status in (
            ("POST", "/score", "{", "application/json", 400),
            ("POST", "/score", "[[1]]", "application/json", 400),
            ("POST", "/score", "x", "image/png", 415),
            ("PUT", "/score", "x", "application/json", 405),
            ("POST", "/scores", "x", "application/json", 404),
        ):
            answer = self.server.ask(method, path, body, {"Content-Type": kind})
            self.assertEqual(answer.status, status)
            self.assertTrue(answer.json()["message"])
            self.assertNotIn("error", answer.json())
            self.assertTrue(answer.headers["x-request-id"])


class Swagger(unittest.TestCase):
    def test_the_models_own_names_and_types(self):
        named = GOLDEN / "1.7.2" / "feature_names.joblib"
        with Server(named) as server:
            second = server.ask("GET", "/swagger.json").json()
            third = server.ask("GET", "/swagger.json?version=3").json()
            self.assertEqual((second["swagger"], third["openapi"]), ("2.0", "3.0.3"))
            self.assertEqual(server.ask("GET", "/swagger.json?version=2").json(), second)
            answer = server.ask("GET", "/swagger.json?version=9")
            self.assertEqual((answer.status, list(answer.json())[0]), (404, "message"))
            example = second["definitions"]["ServiceInput"]["example"]
            answer = server.invoke(json.dumps(example), path="/score")
            self.assertEqual((answer.status, len(answer.json())), (200, 1))
            self.assertIn("/score", third["paths"])


if __name__ == "__main__":
    unittest.main()
