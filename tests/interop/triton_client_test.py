"""Triton's HTTP client, unmodified: JSON and binary tensors, compressed bodies, metadata, and the repository.

It says neither Content-Type nor Accept, and counts the JSON before it compresses the body.
"""

import json
import unittest

from interop import CASES, golden, models, use

use("clients")

import joblib
import numpy
from program import MODEL, ROW, Server
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException, np_to_triton_dtype


def connect(case, server):
    client = InferenceServerClient(f"127.0.0.1:{server.port}")
    case.addCleanup(client.close)
    return client


def tensor(array, name="input-0", datatype=None, binary=True):
    array = numpy.asarray(array)
    one = InferInput(name, list(array.shape), datatype or np_to_triton_dtype(array.dtype))
    one.set_data_from_numpy(array, binary_data=binary)
    return one


class Inference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(None, *models("rf_classifier", "rf_regressor", "labels_text", "feature_names",
                                          "rf_classifier_outputs"))
        cls.addClassCleanup(lambda server=cls.server: server.stop())

    def setUp(self):
        self.client = connect(self, self.server)

    def infer(self, case, inputs, outputs=("predict",), binary=True, **how):
        asked = [InferRequestedOutput(name, binary_data=binary) for name in outputs]
        return self.client.infer(case, inputs, outputs=asked, **how)

    def equal(self, case, answer):
        known = golden(case)
        for name, wanted in ("predict", "predictions"), ("predict_proba", "probabilities"):
            if wanted in known:
                numpy.testing.assert_array_equal(answer.as_numpy(name), known[wanted])

    def test_json_and_binary_both_ways(self):
        rows = golden("rf_classifier")["rows"]
        for binary in True, False:
            for answered in True, False:
                with self.subTest(question=binary, answer=answered):
                    answer = self.infer("rf_classifier", [tensor(rows, binary=binary)], ("predict", "predict_proba"),
                                        answered, request_id="seven")
                    self.equal("rf_classifier", answer)
                    said = answer.get_response()
                    self.assertEqual((said["id"], said["model_name"], said["model_version"]),
                                     ("seven", "rf_classifier", "1"))
                    self.assertEqual(answer.get_output("predict")["datatype"], "INT64")

    def test_without_naming_outputs(self):
        """What it asks for then is binary: binary_data_output."""
        known = golden("rf_regressor")
        answer = self.client.infer("rf_regressor", [tensor(known["rows"])])
        numpy.testing.assert_array_equal(answer.as_numpy("predict"), known["predictions"])
        self.assertIn("binary_data_size", answer.get_output("predict")["parameters"])

    def test_compressed_bodies(self):
        """Questions; an answer comes as it is, which who would take it compressed takes as well."""
        rows = golden("rf_classifier")["rows"]
        for algorithm in "gzip", "deflate":
            for binary in True, False:
                with self.subTest(algorithm=algorithm, binary=binary):
                    answer = self.infer("rf_classifier", [tensor(rows, binary=binary)], ("predict", "predict_proba"),
                                        binary, request_compression_algorithm=algorithm,
                                        response_compression_algorithm=algorithm)
                    self.equal("rf_classifier", answer)

    def test_every_datatype_that_holds_the_rows(self):
        whole = numpy.random.RandomState(0).randint(0, 2, (20, 5)).astype(float)
        wanted = joblib.load(CASES / "rf_classifier.joblib").predict_proba(whole)
        for kind in "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
            array = whole.astype(bool if kind == "b1" else kind)
            for binary in (True, False) if kind != "f2" else (True,):
                with self.subTest(kind=kind, binary=binary):
                    answer = self.infer("rf_classifier", [tensor(array, binary=binary)], ("predict_proba",))
                    numpy.testing.assert_array_equal(answer.as_numpy("predict_proba"), wanted)

    def test_texts_in(self):
        known = golden("rf_classifier")
        texts = numpy.array([[repr(float(cell)) for cell in row] for row in known["rows"]], object)
        for binary in True, False:
            answer = self.infer("rf_classifier", [tensor(texts, datatype="BYTES", binary=binary)],
                                ("predict", "predict_proba"))
            self.equal("rf_classifier", answer)

    def test_texts_out(self):
        known = golden("labels_text")
        for binary in True, False:
            answer = self.infer("labels_text", [tensor(known["rows"])], ("predict", "predict_proba"), binary)
            self.assertEqual(answer.get_output("predict")["datatype"], "BYTES")
            said = [one.decode() if isinstance(one, bytes) else one for one in answer.as_numpy("predict")]
            self.assertEqual(said, known["predictions"].tolist())
            numpy.testing.assert_array_equal(answer.as_numpy("predict_proba"), known["probabilities"])

    def test_a_tensor_for_each_feature(self):
        known = golden("feature_names")
        names = self.client.get_model_metadata("feature_names")
        columns = [tensor(known["rows"][:, i].copy(), f"column {i}") for i in range(known["rows"].shape[1])]
        self.equal("feature_names", self.infer("feature_names", columns, ("predict", "predict_proba")))
        self.assertEqual(names["inputs"][0]["shape"], [-1, 5])

    def test_several_targets(self):
        known = golden("rf_classifier_outputs")
        answer = self.infer("rf_classifier_outputs", [tensor(known["rows"])])
        numpy.testing.assert_array_equal(answer.as_numpy("predict"), known["predictions"])

    def test_many_at_once(self):
        known = golden("rf_regressor")
        client = InferenceServerClient(f"127.0.0.1:{self.server.port}", concurrency=8)
        self.addCleanup(client.close)
        asked = [client.async_infer("rf_regressor", [tensor(known["rows"])]) for _ in range(64)]
        for one in asked:
            numpy.testing.assert_array_equal(one.get_result().as_numpy("predict"), known["predictions"])

    def test_errors(self):
        for case, inputs, outputs, status, says in (
            ("absent", [tensor([ROW])], (), "404", "absent does not exist"),
            ("rf_classifier", [tensor([[1.0, 2.0]])], (), "400", "the model takes [rows, 5]"),
            ("rf_classifier", [tensor(numpy.zeros((1, 5)))], ("transform",), "400", "transform"),
            ("rf_regressor", [tensor(numpy.zeros((1, 5)))], ("predict_proba",), "400", "a regressor has no"),
            ("rf_classifier", [tensor(numpy.array([["x"] * 5], object), datatype="BYTES")], (), "400", "'x'"),
        ):
            with self.subTest(case=case, outputs=outputs), self.assertRaises(InferenceServerException) as caught:
                self.infer(case, inputs, outputs)
            self.assertIn(status, str(caught.exception.status()))
            self.assertIn(says, caught.exception.message())


class Control(unittest.TestCase):
    def test_who_is_there(self):
        with Server(None, *models("rf_classifier", "rf_regressor")) as server:
            client = connect(self, server)
            self.assertTrue(client.is_server_live() and client.is_server_ready())
            self.assertTrue(client.is_model_ready("rf_classifier"))
            self.assertTrue(client.is_model_ready("rf_classifier", "1"))
            self.assertFalse(client.is_model_ready("absent"))
            said = client.get_server_metadata()
            self.assertEqual(said["name"], "forestd")
            self.assertIn("binary_tensor_data", said["extensions"])
            said = client.get_model_metadata("rf_classifier")
            self.assertEqual([(one["name"], one["datatype"], one["shape"]) for one in said["outputs"]],
                             [("predict", "INT64", [-1]), ("predict_proba", "FP64", [-1, 3])])
            with self.assertRaises(InferenceServerException):
                client.get_model_metadata("absent")

    def test_the_repository(self):
        with Server(None, "--multi-model", "--model", f"a={MODEL}", "--model", f"b={MODEL}") as server:
            client = connect(self, server)

            def states():
                return sorted((one["name"], one["version"], one["state"]) for one in client.get_model_repository_index())

            self.assertEqual(states(), [("a", "1", "READY"), ("b", "1", "READY")])
            client.unload_model("a")
            self.assertFalse(client.is_model_ready("a"))
            self.assertEqual(states(), [("a", "1", "UNAVAILABLE"), ("b", "1", "READY")])
            client.load_model("a")
            self.assertEqual(client.infer("a", [tensor([ROW])]).as_numpy("predict").tolist(), [0])
            with self.assertRaises(InferenceServerException) as caught:
                client.load_model("c")
            self.assertIn("'c'", caught.exception.message())
            with self.assertRaises(InferenceServerException) as caught:
                client.load_model("a", config=json.dumps({"backend": "x"}))
            self.assertIn("config", caught.exception.message())

    def test_a_server_that_does_not_load(self):
        with Server() as server:
            with self.assertRaises(InferenceServerException) as caught:
                connect(self, server).unload_model("model")
            self.assertIn("--multi-model", caught.exception.message())


if __name__ == "__main__":
    unittest.main()
