"""KServe's Python client, unmodified, in both protocols."""

import asyncio
import unittest

from interop import golden, models, use

use("clients")

import httpx
import numpy
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput
from program import Server

CASE = "rf_classifier"


class Client(unittest.TestCase):
    protocol = None

    @classmethod
    def setUpClass(cls):
        cls.server = Server(None, *models(CASE, "rf_regressor", "labels_text", "feature_names"))
        cls.addClassCleanup(lambda server=cls.server: server.stop())
        cls.url = f"http://127.0.0.1:{cls.server.port}"

    def call(self, name, *words, **how):
        async def run():
            client = InferenceRESTClient(RESTConfig(protocol=self.protocol, retries=0))
            try:
                return await getattr(client, name)(*words, **how)
            finally:
                await client.close()

        return asyncio.run(run())

    def infer(self, data, case=CASE):
        return self.call("infer", self.url, data, model_name=case)

    def refused(self, data, case, status, says):
        with self.assertRaises(httpx.HTTPStatusError) as caught:
            self.infer(data, case)
        self.assertEqual(caught.exception.response.status_code, status)
        self.assertIn(says, str(caught.exception))


class First(Client):
    protocol = "v1"

    def test_live_and_ready(self):
        self.assertIs(self.call("is_server_live", self.url), True)
        self.assertIs(self.call("is_model_ready", self.url, CASE), True)
        with self.assertRaises(httpx.HTTPStatusError) as caught:
            self.call("is_model_ready", self.url, "absent")
        self.assertIn("Model with name absent does not exist.", str(caught.exception))

    def test_predictions(self):
        for case in CASE, "rf_regressor", "labels_text":
            known = golden(case)
            rows = known["rows"].tolist()
            for key in "instances", "inputs":
                said = self.infer({key: [[None if cell != cell else cell for cell in row] for row in rows]}, case)
                self.assertEqual(said, {"predictions": known["predictions"].tolist()})

    def test_rows_with_names(self):
        known = golden("feature_names")
        names = ["e", 'a"b', "größe", "age", "income, yearly"]
        order = ["age", "income, yearly", "größe", 'a"b', "e"]
        rows = [{name: row[order.index(name)] for name in names} for row in known["rows"].tolist()]
        self.assertEqual(self.infer({"instances": rows}, "feature_names"), {"predictions": known["predictions"].tolist()})

    def test_errors(self):
        rows = {"instances": golden(CASE)["rows"][:1].tolist()}
        self.refused(rows, "absent", 404, "Model with name absent does not exist.")
        self.refused({"instances": [[1, 2]]}, CASE, 400, "the model takes 5 features")
        self.refused({"rows": [[1, 2]]}, CASE, 400, "instances")
        with self.assertRaises(httpx.HTTPStatusError) as caught:
            self.call("explain", self.url, CASE, rows)
        self.assertEqual(caught.exception.response.status_code, 501)


class Second(Client):
    protocol = "v2"

    def request(self, array, case=CASE, binary=False, outputs=("predict", "predict_proba"), names=("input-0",)):
        inputs = []
        for name, one in zip(names, array if len(names) > 1 else [array], strict=True):
            inputs.append(InferInput(name, list(one.shape), "FP64"))
            inputs[-1].set_data_from_numpy(one, binary_data=binary)
        asked = [RequestedOutput(name, {"binary_data": binary}) for name in outputs]
        return InferRequest(case, inputs, "seven", request_outputs=asked)

    def test_live_and_ready(self):
        self.assertIs(self.call("is_server_live", self.url), True)
        self.assertIs(self.call("is_server_ready", self.url), True)
        self.assertIs(self.call("is_model_ready", self.url, CASE), True)
        self.assertIs(self.call("is_model_ready", self.url, "absent"), False)

    def test_json_and_binary(self):
        known = golden(CASE)
        for binary in True, False:
            with self.subTest(binary=binary):
                said = self.infer(self.request(known["rows"], binary=binary))
                self.assertEqual((said.id, said.model_name), ("seven", CASE))  # it does not read the version
                for name, wanted in ("predict", "predictions"), ("predict_proba", "probabilities"):
                    output = said.get_output_by_name(name)
                    numpy.testing.assert_array_equal(output.as_numpy(), known[wanted])

    def test_texts(self):
        known = golden("labels_text")
        for binary in True, False:
            said = self.infer(self.request(known["rows"], "labels_text", binary), "labels_text")
            output = said.get_output_by_name("predict")
            self.assertEqual(output.datatype, "BYTES")
            labels = [one.decode() if isinstance(one, bytes) else one for one in output.as_numpy().tolist()]
            self.assertEqual(labels, known["predictions"].tolist())

    def test_a_tensor_for_each_feature(self):
        known = golden(CASE)
        columns = numpy.ascontiguousarray(known["rows"].T)
        said = self.infer(self.request(columns, names=[f"f{i}" for i in range(5)], binary=True))
        numpy.testing.assert_array_equal(said.get_output_by_name("predict").as_numpy(), known["predictions"])

    def test_errors(self):
        rows = golden(CASE)["rows"]
        self.refused(self.request(rows), "absent", 404, "Model with name absent does not exist.")
        self.refused(self.request(rows[:, :2]), CASE, 400, "the model takes [rows, 5]")
        self.refused(self.request(rows, outputs=["transform"]), CASE, 400, "transform")


del Client  # what the two share is no test

if __name__ == "__main__":
    unittest.main()
