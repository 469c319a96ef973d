"""What KServe sends to a predictor: its first protocol, and the arguments that its runtimes are started with."""

import json
import unittest

from program import MODEL, QUESTION, ROW, Server

PREDICT = "/v1/models/model:predict"


class First(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def predict(self, body, path=PREDICT, **headers):
        return self.server.invoke(body if isinstance(body, str) else json.dumps(body), path=path, **headers)

    def test_who_is_there(self):
        for path, said in (
            ("/", {"status": "alive"}),
            ("/v1/models", {"models": ["model"]}),
            ("/v1/models/model", {"name": "model", "ready": True}),
        ):
            answer = self.server.ask("GET", path)
            self.assertEqual((answer.status, answer.json()), (200, said), path)

    def test_predictions_and_nothing_else(self):
        for body in {"instances": [ROW]}, {"inputs": [ROW]}, {"instances": [ROW], "parameters": None}, [ROW]:
            answer = self.predict(body)
            self.assertEqual((answer.status, answer.json()), (200, {"predictions": [0]}), body)
            self.assertEqual(answer.headers["Content-Type"], "application/json")

    def test_a_prediction_for_each_instance(self):
        rows = [ROW, [-cell for cell in ROW], ROW]
        answer = self.predict({"instances": rows}).json()
        self.assertEqual((list(answer), len(answer["predictions"])), (["predictions"], 3))

    def test_inputs_go_before_instances(self):
        other = [-cell for cell in ROW]
        one, two = (self.predict({"instances": [row], "parameters": {"output": ["probabilities"]}}).json()
                    for row in (ROW, other))
        self.assertNotEqual(one, two)
        for body in {"instances": [ROW], "inputs": [other]}, {"inputs": [other], "instances": [ROW, ROW]}:
            body["parameters"] = {"output": ["probabilities"]}
            self.assertEqual(self.predict(body).json(), two)

    def test_probabilities_stand_in_the_predictions(self):
        said = self.predict({"instances": [ROW], "parameters": {"output": ["probabilities"]}}).json()
        self.assertEqual(said, {"predictions": [[0.78, 0.22]]})
        said = self.predict(QUESTION, PREDICT + "?output=predictions,probabilities").json()
        self.assertEqual(said, {"predictions": [{"prediction": 0, "probabilities": [0.78, 0.22]}]})

    def test_an_event_is_answered_by_an_event(self):
        asked = {"ce-id": "7", "ce-source": "s", "ce-type": "t", "ce-specversion": "1.0"}
        answer = self.predict(QUESTION, **asked)
        self.assertEqual((answer.status, answer.json()), (200, {"predictions": [0]}))
        self.assertEqual({name: answer.headers[name] for name in asked},
                         {"ce-id": "7", "ce-source": "io.kserve.inference.model", "ce-type": "io.kserve.inference.response",
                          "ce-specversion": "1.0"})
        self.assertNotIn("ce-id", self.predict(QUESTION).headers)
        event = {"specversion": "1.0", "id": "7", "source": "s", "type": "t", "data": json.loads(QUESTION)}
        answer = self.predict(event, content_type="application/cloudevents+json")
        self.assertEqual((answer.status, answer.json()), (200, {"predictions": [0]}))
        self.assertNotIn("ce-id", self.predict("{", **asked).headers)

    def test_versions_as_tensorflow_serving_has_them(self):
        answer = self.predict(QUESTION, "/v1/models/model/versions/1:predict")
        self.assertEqual((answer.status, answer.json()), (200, {"predictions": [0]}))
        said = self.server.ask("GET", "/v1/models/model/versions/1").json()["model_version_status"]
        self.assertEqual((said[0]["version"], said[0]["state"]), ("1", "AVAILABLE"))
        for path in "/v1/models/model/versions/2", "/v1/models/model/versions/x":
            self.assertEqual(self.server.ask("GET", path).status, 404)

    def test_errors_in_its_words(self):
        for method, path, body, status, said in (
            ("POST", "/v1/models/other:predict", QUESTION, 404, 'Model with name other does not exist. There is: ["model"].'),
            ("GET", "/v1/models/other", None, 404, 'Model with name other does not exist. There is: ["model"].'),
            ("POST", PREDICT, "{", 400, None),
            ("POST", PREDICT, '{"instances": []}', 400, "No instances provided"),
            ("POST", "/v1/models/model:explain", QUESTION, 501, None),
            ("GET", PREDICT, None, 405, None),
            ("GET", "/v1/model", None, 404, None),
        ):
            answer = self.server.ask(method, path, body, {"Content-Type": "application/json"})
            error = answer.json()["error"]
            self.assertEqual(answer.status, status, path)
            self.assertEqual(error, said or error)
        self.assertIn("/v1/models", error)


if __name__ == "__main__":
    unittest.main()
