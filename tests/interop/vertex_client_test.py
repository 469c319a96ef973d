"""Google's client of Vertex AI, unmodified, over REST: endpoints that are shared, dedicated and private.

Where the client builds an https address by itself, a session leads it to loopback; what it sends is its own.
"""

import json
import os
import unittest

from interop import CASES, golden, use

use("clients")
os.environ.update(GCE_METADATA_HOST="127.0.0.1:1", GCE_METADATA_IP="127.0.0.1:1")  # nobody else is asked for tokens

import datetime
import io

import google.api_core.exceptions
import numpy
import requests
from google.api import httpbody_pb2
from google.auth.credentials import AnonymousCredentials
from google.cloud import aiplatform
from google.cloud.aiplatform_v1.services.prediction_service import PredictionServiceClient
from google.cloud.aiplatform_v1.services.prediction_service.transports import PredictionServiceRestTransport
from google.cloud.aiplatform_v1.types import DeployedModel, Endpoint, PrivateEndpoints
from google.protobuf import json_format, struct_pb2
from program import Server

NAME = "projects/p/locations/us-central1/endpoints/1"


class Loopback(requests.adapters.HTTPAdapter):
    def __init__(self, port):
        super().__init__()
        self.base = f"http://127.0.0.1:{port}/"

    def send(self, request, **how):
        request.url = self.base + request.url.split("/", 3)[3]
        return super().send(request, **how)


def session(server):
    made = requests.Session()
    made.mount("https://", Loopback(server.port))
    return made


def finite(case):
    """Rows and predictions, without rows that no JSON of Google's holds."""
    known = golden(case)
    good = numpy.isfinite(known["rows"]).all(1)
    return known["rows"][good], known["predictions"][good]


class Clients(unittest.TestCase):
    def serve(self, case):
        server = Server(CASES / f"{case}.joblib")
        self.addCleanup(server.stop)
        return server, *finite(case)

    def service(self, server):
        return PredictionServiceClient(transport=PredictionServiceRestTransport(
            host=f"127.0.0.1:{server.port}", credentials=AnonymousCredentials(), url_scheme="http"))

    def endpoint(self, server, kind=aiplatform.Endpoint, **about):
        """One that does not ask the control plane, which is not here, who it is."""
        made = kind._construct_sdk_resource_from_gapic(
            Endpoint(name=NAME, create_time=datetime.datetime.now(datetime.timezone.utc),
                     deployed_models=[DeployedModel(id="7", private_endpoints=PrivateEndpoints(
                         predict_http_uri=f"http://127.0.0.1:{server.port}/predict",
                         health_http_uri=f"http://127.0.0.1:{server.port}/health"))], **about),
            project="p", location="us-central1", credentials=AnonymousCredentials())
        made._prediction_client_value = self.service(server)
        return made


class Service(Clients):
    """The generated client."""

    def test_predict(self):
        for case in "rf_regressor", "rf_classifier", "labels_text":
            server, rows, wanted = self.serve(case)
            answer = self.service(server).predict(
                endpoint=NAME, instances=[json_format.ParseDict(row, struct_pb2.Value()) for row in rows.tolist()],
                parameters=json_format.ParseDict({}, struct_pb2.Value()))
            self.assertEqual(list(answer.predictions), wanted.tolist())

    def test_raw_predict(self):
        server, rows, wanted = self.serve("rf_regressor")
        text = "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist())
        answer = self.service(server).raw_predict(
            endpoint=NAME, http_body=httpbody_pb2.HttpBody(content_type="text/csv", data=text.encode()))
        self.assertEqual(answer.content_type, "text/csv")
        self.assertEqual([float(line) for line in answer.data.split()], wanted.tolist())

    def test_errors(self):
        server, *_ = self.serve("rf_classifier")
        service = self.service(server)
        narrow = [json_format.ParseDict([1, 2], struct_pb2.Value())]
        with self.assertRaises(google.api_core.exceptions.BadRequest) as caught:
            service.predict(endpoint=NAME, instances=narrow)
        self.assertIn("the model takes 5 features", caught.exception.message)
        with self.assertRaises(google.api_core.exceptions.BadRequest) as caught:
            service.raw_predict(endpoint=NAME, http_body=httpbody_pb2.HttpBody(content_type="text/csv", data=b"1,x"))
        with self.assertRaises(google.api_core.exceptions.NotFound):
            service.explain(endpoint=NAME, instances=narrow)


class Endpoints(Clients):
    """aiplatform.Endpoint and its kin."""

    def test_predict(self):
        for case in "rf_regressor", "rf_classifier", "labels_text":
            server, rows, wanted = self.serve(case)
            answer = self.endpoint(server).predict(instances=rows.tolist())
            self.assertEqual(answer.predictions, wanted.tolist())

    def test_rows_with_names(self):
        """Whole numbers come as reals, as protobuf holds no others."""
        server, rows, _ = self.serve("feature_names")
        names = ["age", "income, yearly", "größe", 'a"b', "e"]
        whole = [[int(cell) for cell in row] for row in rows.tolist()]
        wanted = server.invoke(json.dumps(whole)).json()
        answer = self.endpoint(server).predict(instances=[dict(zip(names, row, strict=True)) for row in whole])
        self.assertEqual(answer.predictions, wanted)

    def test_parameters(self):
        server, rows, wanted = self.serve("rf_classifier")
        good = numpy.isfinite(golden("rf_classifier")["rows"]).all(1)
        answer = self.endpoint(server).predict(instances=rows.tolist(), parameters={"output": ["probabilities"]})
        self.assertEqual(answer.predictions, golden("rf_classifier")["probabilities"][good].tolist())
        answer = self.endpoint(server).predict(instances=rows.tolist(), parameters={"confidence": 0.5})
        self.assertEqual(answer.predictions, wanted.tolist())

    def test_predict_by_raw_predict(self):
        """It reads the deployed model's id from a header."""
        server, rows, wanted = self.serve("rf_regressor")
        endpoint = self.endpoint(server)
        endpoint.authorized_session = session(server)
        answer = endpoint.predict(instances=rows.tolist(), use_raw_predict=True)
        self.assertEqual(answer.predictions, wanted.tolist())
        self.assertTrue(answer.deployed_model_id)

    def test_raw_predict(self):
        server, rows, wanted = self.serve("rf_regressor")
        endpoint = self.endpoint(server)
        endpoint.authorized_session = session(server)
        body = io.BytesIO()
        numpy.save(body, rows)
        answer = endpoint.raw_predict(body.getvalue(), {"Content-Type": "application/x-npy",
                                                        "Accept": "application/x-npy"})
        self.assertEqual(answer.status_code, 200, answer.text)
        numpy.testing.assert_array_equal(numpy.load(io.BytesIO(answer.content)), wanted)
        answer = endpoint.raw_predict(b"1,2", {"Content-Type": "text/csv"})
        self.assertEqual((answer.status_code, answer.json()["error"]["status"]), (400, "INVALID_ARGUMENT"))

    def test_dedicated(self):
        server, rows, wanted = self.serve("rf_regressor")
        endpoint = self.endpoint(server, dedicated_endpoint_enabled=True, dedicated_endpoint_dns="1.example")
        endpoint.authorized_session = session(server)
        answer = endpoint.predict(instances=rows.tolist(), use_dedicated_endpoint=True)
        self.assertEqual(answer.predictions, wanted.tolist())
        answer = endpoint.raw_predict(json.dumps({"instances": rows.tolist()}).encode(),
                                      {"Content-Type": "application/json"})
        self.assertEqual(answer.json()["predictions"], wanted.tolist())

    def test_private(self):
        """It speaks to the container itself, and says `"parameters": null`."""
        server, rows, wanted = self.serve("rf_regressor")
        endpoint = self.endpoint(server, aiplatform.PrivateEndpoint, network="n")
        self.assertTrue(endpoint.health_check())
        self.assertEqual(endpoint.predict(instances=rows.tolist()).predictions, wanted.tolist())
        text = "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist())
        answer = endpoint.raw_predict(text.encode(), {"Content-Type": "text/csv"})
        self.assertEqual([float(line) for line in answer.data.split()], wanted.tolist())
        with self.assertRaises(RuntimeError) as caught:
            endpoint.predict(instances=[[1, 2]])
        self.assertIn("400", str(caught.exception))
        self.assertIn("the model takes 5 features", str(caught.exception))

    def test_private_by_service_connect(self):
        server, rows, wanted = self.serve("rf_regressor")
        endpoint = self.endpoint(server, aiplatform.PrivateEndpoint,
                                 private_service_connect_config={"enable_private_service_connect": True})
        endpoint._authorized_session = session(server)
        answer = endpoint.predict(instances=rows.tolist(), endpoint_override="1.example")
        self.assertEqual(answer.predictions, wanted.tolist())


if __name__ == "__main__":
    unittest.main()
