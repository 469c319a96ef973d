"""AWS's own clients, unmodified: boto3, and the SageMaker SDK's predictor with every serializer that it has."""

import json
import os
import unittest

from interop import use

use("clients")
os.environ.setdefault("SAGEMAKER_TELEMETRY_OPT_OUT", "true")

import boto3
import numpy
import scipy.sparse
from botocore.exceptions import ClientError
from program import GOLDEN, MODEL, QUESTION, ROW, Server
from sagemaker import deserializers, serializers
from sagemaker.predictor import Predictor
from sagemaker.session import Session
from sagemaker.sklearn.model import SKLearnPredictor

KEYS = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "y"}
ROWS = numpy.random.RandomState(0).randn(5, 10).round(2)


def client(server):
    return boto3.client("sagemaker-runtime", endpoint_url=f"http://127.0.0.1:{server.port}", **KEYS)


def session(server):
    boto = boto3.Session(**KEYS)
    other = boto.client("sagemaker", endpoint_url=f"http://127.0.0.1:{server.port}")
    return Session(boto_session=boto, sagemaker_client=other, sagemaker_runtime_client=client(server))


class Boto(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.client = client(cls.server)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def test_invokes(self):
        expected = self.server.invoke(QUESTION).json()
        answer = self.client.invoke_endpoint(
            EndpointName="prod-forest",
            Body=QUESTION,
            ContentType="application/json",
            Accept="application/json",
            CustomAttributes="trace=1",
            InferenceId="one",
        )
        self.assertEqual(json.load(answer["Body"]), expected)
        self.assertEqual(answer["ContentType"], "application/json")
        self.assertEqual(answer["CustomAttributes"], "trace=1")
        self.assertEqual(answer["InvokedProductionVariant"], "AllTraffic")
        answer = self.client.invoke_endpoint(EndpointName="prod-forest", Body=json.dumps([ROW]))
        self.assertEqual(json.load(answer["Body"]), expected["predictions"])

    def test_model_errors_have_the_original_status_and_message(self):
        for body, content_type, status, said in (
            ("[[1, 2]]", "application/json", 400, "row 0 has 2 cells: the model takes 10 features"),
            ("x", "image/png", 415, "Content-Type image/png is not read here"),
            ("[[", "application/json", 400, "bad_syntax"),
        ):
            with self.assertRaises(self.client.exceptions.ModelError) as caught:
                self.client.invoke_endpoint(EndpointName="forest", Body=body, ContentType=content_type)
            answer = caught.exception.response
            self.assertEqual(answer["OriginalStatusCode"], status)
            self.assertIn(said, answer["OriginalMessage"])
            self.assertIn(f"Received client error ({status}) from primary", answer["Error"]["Message"])
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 424)

    def test_unknown_endpoints(self):
        with Server(f"known={MODEL}") as server:
            asked = client(server)
            asked.invoke_endpoint(EndpointName="known", Body=QUESTION)
            with self.assertRaises(asked.exceptions.ClientError) as caught:
                asked.invoke_endpoint(EndpointName="unknown", Body=QUESTION)
            error = caught.exception.response["Error"]
            self.assertEqual(error["Code"], "ValidationError")
            self.assertTrue(error["Message"].startswith("Endpoint unknown of account 000000000000 not found."), error)

    def test_multi_model_endpoints(self):
        with Server(None, environment={"SAGEMAKER_MULTI_MODEL": "true"}) as server:
            asked = client(server)
            loaded = server.ask("POST", "/models", json.dumps({"model_name": "a", "url": str(MODEL)}))
            self.assertEqual(loaded.status, 200)
            for target in "a", "a.tar.gz", "/a.tar.gz":
                answer = asked.invoke_endpoint(EndpointName="many", TargetModel=target, Body=json.dumps([ROW]))
                self.assertEqual(json.load(answer["Body"]), [0])
            for more in {}, {"TargetModel": "b.tar.gz"}:
                with self.assertRaises(ClientError) as caught:
                    asked.invoke_endpoint(EndpointName="many", Body=QUESTION, **more)
                self.assertEqual(caught.exception.response["Error"]["Code"], "ValidationError")


class Predictors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.session = session(cls.server)
        cls.expected = cls.server.invoke(json.dumps(ROWS.tolist())).json()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def predict(self, data, serializer, deserializer):
        return Predictor("forest", self.session, serializer, deserializer).predict(data)

    def test_the_scikit_learn_predictor(self):
        answer = SKLearnPredictor("forest", self.session).predict(ROWS)
        self.assertEqual(answer.tolist(), self.expected)

    def test_every_serializer(self):
        numbers = deserializers.NumpyDeserializer()
        sparse = "\n".join(
            "0 " + " ".join(f"{i + 1}:{value!r}" for i, value in enumerate(row)) for row in ROWS.tolist()
        )
        csv = "\n".join(",".join(map(str, row)) for row in ROWS.tolist())
        for data, serializer in (
            (ROWS, serializers.NumpySerializer()),
            (ROWS, serializers.NumpySerializer(dtype="float32")),
            (ROWS.tolist(), serializers.CSVSerializer()),
            (csv, serializers.CSVSerializer()),
            (ROWS, serializers.CSVSerializer()),
            (ROWS.tolist(), serializers.JSONSerializer()),
            ({"instances": ROWS.tolist()}, serializers.JSONSerializer()),
            (ROWS.tolist(), serializers.JSONLinesSerializer()),
            (sparse, serializers.LibSVMSerializer()),
            (ROWS, serializers.RecordSerializer()),
            (csv.encode(), serializers.IdentitySerializer()),
            (json.dumps(ROWS.tolist()).encode(), serializers.IdentitySerializer("application/json")),
            (csv, serializers.StringSerializer("text/csv")),
            (csv.encode(), serializers.DataSerializer("text/csv")),
        ):
            with self.subTest(type(serializer).__name__):
                self.assertEqual(self.predict(data, serializer, numbers).tolist(), self.expected)

    def test_sparse_matrices_are_refused_by_name(self):
        """scipy's own archives are what the official container refuses as well."""
        runtime = self.session.sagemaker_runtime_client
        with self.assertRaises(runtime.exceptions.ModelError) as caught:
            self.predict(scipy.sparse.csr_matrix(ROWS), serializers.SparseMatrixSerializer(), deserializers.JSONDeserializer())
        self.assertEqual(caught.exception.response["OriginalStatusCode"], 415)

    def test_every_deserializer(self):
        rows = serializers.JSONSerializer()
        numbers = [str(each) for each in self.expected]
        for deserializer, wanted in (
            (deserializers.JSONDeserializer(), self.expected),
            (deserializers.CSVDeserializer(), [[each] for each in numbers]),
            (deserializers.StringDeserializer(accept="text/csv"), "".join(f"{each}\n" for each in numbers)),
            (deserializers.BytesDeserializer(), json.dumps(self.expected).encode()),
        ):
            with self.subTest(type(deserializer).__name__):
                answer = self.predict(ROWS.tolist(), rows, deserializer)
                self.assertEqual(answer, wanted)
        lines = self.predict(ROWS.tolist(), serializers.JSONLinesSerializer(), deserializers.JSONLinesDeserializer())
        self.assertEqual(lines, self.expected)
        stream, content_type = self.predict(ROWS.tolist(), rows, deserializers.StreamDeserializer(accept="text/csv"))
        self.assertEqual((stream.read().split(), content_type), ([each.encode() for each in numbers], "text/csv"))
        frame = self.predict(ROWS.tolist(), rows, deserializers.PandasDeserializer())
        self.assertEqual(len(frame), len(ROWS))

    def test_probabilities_are_scikit_learns(self):
        known = numpy.load(GOLDEN / "1.9.1" / "rf_regressor.npz")
        with Server(GOLDEN / "1.9.1" / "rf_regressor.joblib") as server:
            answer = SKLearnPredictor("forest", session(server)).predict(known["rows"])
            self.assertEqual(answer.tolist(), known["predictions"].tolist())


if __name__ == "__main__":
    unittest.main()
