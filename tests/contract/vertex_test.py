"""What Vertex AI sends to a container, and what Google's clients send to Vertex AI."""

import base64
import json
import math
import unittest

from program import QUESTION, ROW, Server

ENDPOINT = "/v1/projects/p/locations/us-central1/endpoints/1"
ONE = {"predictions": [0]}


class Container(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def predict(self, body, path="/predict", **headers):
        return self.server.invoke(body if isinstance(body, str) else json.dumps(body), path=path, **headers)

    def test_the_usual_routes(self):
        self.assertEqual(self.server.ask("GET", "/health").status, 200)
        deployed = "/v1/endpoints/7/deployedModels/8"
        self.assertEqual(self.server.ask("GET", deployed).status, 200)
        for path in "/predict", deployed + ":predict":
            answer = self.predict(QUESTION, path)
            self.assertEqual((answer.status, answer.json()), (200, ONE))

    def test_parameters_may_be_null_absent_or_anything(self):
        for parameters in None, {}, {"confidence": 0.5, "deep": [{"er": 1}]}:
            answer = self.predict({"instances": [ROW], "parameters": parameters, "more": {"x": [1]}})
            self.assertEqual((answer.status, answer.json()), (200, ONE))

    def test_whole_numbers_as_reals_and_texts(self):
        row = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
        expected = self.predict({"instances": [row]}).json()
        for same in [float(cell) for cell in row], [str(cell) for cell in row], [f"{cell}.0" for cell in row]:
            self.assertEqual(self.predict({"instances": [same]}).json(), expected)
        self.assertEqual(self.predict({"instances": [["x", *row[1:]]]}).status, 400)

    def test_as_many_predictions_as_instances(self):
        rows = [[math.sin(i * 10 + j) for j in range(10)] for i in range(64)]
        self.assertEqual(len(self.predict({"instances": rows}).json()["predictions"]), 64)

    def test_raw_formats(self):
        line = ",".join(map(str, ROW))
        answer = self.predict(line, content_type="text/csv")
        self.assertEqual((answer.headers["Content-Type"], answer.body), ("text/csv", b"0\n"))


class Service(Container):
    def test_predict(self):
        for query in "", "?%24alt=json%3Benum-encoding%3Dint":
            body = json.dumps({"instances": [[float(cell) for cell in ROW]]}, indent=2)
            answer = self.predict(body, ENDPOINT + ":predict" + query, Authorization="Bearer x")
            self.assertEqual((answer.status, answer.json()), (200, ONE))

    def test_raw_predict_takes_the_body_as_it_is(self):
        answer = self.predict(QUESTION, ENDPOINT + ":rawPredict")
        self.assertEqual((answer.status, answer.json()), (200, ONE))
        self.assertTrue(answer.headers["X-Vertex-AI-Deployed-Model-Id"])
        answer = self.predict(",".join(map(str, ROW)), ENDPOINT + ":rawPredict", content_type="text/csv")
        self.assertEqual(answer.body, b"0\n")

    def test_raw_predict_unwraps_what_generated_clients_send(self):
        path = ENDPOINT + ":rawPredict?%24alt=json%3Benum-encoding%3Dint"
        for size in 1, 5000:
            data = base64.b64encode((",".join(map(str, ROW)) + "\n").encode() * size).decode()
            answer = self.predict({"httpBody": {"contentType": "text/csv", "data": data}}, path)
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.json()["contentType"], "text/csv")
            self.assertEqual(base64.b64decode(answer.json()["data"]), b"0\n" * size)
        answer = self.predict({"httpBody": {"contentType": "text/csv", "data": base64.b64encode(b"1,x").decode()}}, path)
        self.assertEqual((answer.status, answer.json()["error"]["code"]), (400, 400))
        for wrong in {"httpBody": {"data": "%"}}, {"httpBody": 1}, {}, "{":
            self.assertEqual(self.predict(wrong, path).status, 400)

    def test_errors_are_said_as_google_says_them(self):
        for path, body, status, word in (
            (":predict", '{"instances": [[1]]}', 400, "INVALID_ARGUMENT"),
            (":predict", "{", 400, "INVALID_ARGUMENT"),
            (":divine", "{}", 404, "NOT_FOUND"),
        ):
            answer = self.predict(body, ENDPOINT + path)
            error = answer.json()["error"]
            self.assertEqual((answer.status, error["code"], error["status"]), (status, status, word))
        self.assertIn(":predict", error["message"])


if __name__ == "__main__":
    unittest.main()
