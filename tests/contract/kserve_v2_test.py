"""KServe's second protocol, the Open Inference Protocol: what its clients, MLServer's and Triton's send and read."""

import contextlib
import io
import json
import socket
import struct
import time
import unittest

import numpy as np
from program import GOLDEN, MODEL, PATIENCE, ROW, Server

INFER = "/v2/models/model/infer"
LENGTH = "Inference-Header-Content-Length"
CASES = GOLDEN / "1.7.2"
NAMES = ["age", "income, yearly", "größe", 'a"b', "e"]  # of the features of the case feature_names
DATATYPES = {
    "BOOL": "?", "INT8": "i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8", "UINT8": "u1", "UINT16": "<u2",
    "UINT32": "<u4", "UINT64": "<u8", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8",
}


def tensor(data, datatype="FP64", name="x", **more):
    """An input as JSON has it."""
    data = np.asarray(data)
    return {"name": name, "shape": list(data.shape), "datatype": datatype, "data": data.ravel().tolist(), **more}


def texts(values):
    """BYTES as they stand behind the JSON."""
    return b"".join(struct.pack("<I", len(value)) + value for value in values)


def binary(*inputs, **request):
    """A body whose inputs, (name, shape, datatype, bytes), stand behind its JSON, and its headers."""
    described = [
        {"name": name, "shape": shape, "datatype": datatype, "parameters": {"binary_data_size": len(data)}}
        for name, shape, datatype, data in inputs
    ]
    head = json.dumps({"inputs": described, **request}).encode()
    return head + b"".join(data for *_, data in inputs), {LENGTH: str(len(head))}


def outputs(answer):
    """The arrays of an answer by their names, whether they are in its JSON or behind it."""
    head = answer.headers[LENGTH]
    body = answer.body
    document = json.loads(body[: int(head)] if head else body)
    rest = body[int(head) :] if head else b""
    arrays = {}
    for output in document["outputs"]:
        datatype, shape = output["datatype"], output["shape"]
        size = output.get("parameters", {}).get("binary_data_size")
        if size is None:
            data = output["data"]
        elif datatype == "BYTES":
            data, part = [], rest[:size]
            while part:
                (length,) = struct.unpack_from("<I", part)
                data.append(part[4 : 4 + length].decode())
                part = part[4 + length :]
        else:
            data = np.frombuffer(rest[:size], DATATYPES[datatype])
        rest = rest[size or 0 :]
        kind = object if datatype == "BYTES" else DATATYPES[datatype]
        arrays[output["name"]] = np.array(data, kind).reshape(shape)
    assert not rest, rest
    return arrays


class Tensors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def ask(self, body, path=INFER, **headers):
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        return self.server.ask("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def infer(self, body, path=INFER, headers=None):
        answer = self.ask(body, path, **(headers or {}))
        self.assertEqual(answer.status, 200, answer.body)
        return outputs(answer)

    def proba(self, *inputs, **request):
        return self.infer({"inputs": list(inputs), "outputs": [{"name": "predict_proba"}], **request})["predict_proba"]

    def reference(self, array):
        """What forestd answers to the same array as NPY."""
        body = io.BytesIO()
        np.save(body, array)
        answer = self.server.invoke(body.getvalue(), "application/x-npy", path="/invocations?output=probabilities")
        return np.load(io.BytesIO(answer.body))

    def test_who_is_there(self):
        for path, said in (
            ("/v2/health/live", {"live": True}),
            ("/v2/health/ready", {"ready": True}),
            ("/v2/models", {"models": ["model"]}),
            ("/v2/models/model/ready", {"name": "model", "ready": True}),
            ("/v2/models/model/versions/1/ready", {"name": "model", "ready": True}),
        ):
            answer = self.server.ask("GET", path)
            self.assertEqual((answer.status, answer.json()), (200, said), path)
            self.assertEqual(answer.headers["Content-Type"], "application/json")
        said = self.server.ask("GET", "/v2").json()
        self.assertEqual(list(said), ["name", "version", "extensions"])
        self.assertEqual(said["name"], "forestd")

    def test_the_models_inputs_and_outputs(self):
        said = self.server.ask("GET", "/v2/models/model").json()
        self.assertEqual(said, self.server.ask("GET", "/v2/models/model/versions/1").json())
        self.assertEqual((said["name"], said["versions"], said["platform"]), ("model", ["1"], "sklearn_forestd"))
        self.assertEqual(said["inputs"], [{"name": "input-0", "datatype": "FP64", "shape": [-1, 10]}])
        self.assertEqual(said["outputs"], [{"name": "predict", "datatype": "INT64", "shape": [-1]},
                                           {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 2]}])

    def test_the_configuration_that_tritons_client_asks_for(self):
        for path in "/v2/models/model/config", "/v2/models/model/versions/1/config":
            said = self.server.ask("GET", path).json()
            self.assertEqual((said["name"], said["max_batch_size"]), ("model", 0))
            self.assertEqual(said["input"], [{"name": "input-0", "data_type": "TYPE_FP64", "dims": [-1, 10]}])
            self.assertEqual(said["output"], [{"name": "predict", "data_type": "TYPE_INT64", "dims": [-1]},
                                              {"name": "predict_proba", "data_type": "TYPE_FP64", "dims": [-1, 2]}])
        self.assertEqual(self.server.ask("GET", "/v2/models/model/stats").status, 501)

    def test_an_answer(self):
        answer = self.ask({"inputs": [tensor([ROW])]})
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(answer.json(), {"model_name": "model", "model_version": "1", "outputs": [
            {"name": "predict", "datatype": "INT64", "shape": [1], "data": [0]}]})

    def test_the_id_comes_back(self):
        for said in "7", "", 'a "quoted" \u00e9 \n', "x" * 256:
            self.assertEqual(self.ask({"id": said, "inputs": [tensor([ROW])]}).json()["id"], said)
        self.assertNotIn("id", self.ask({"id": None, "inputs": [tensor([ROW])]}).json())

    def test_outputs_by_every_name_in_the_order_asked(self):
        asked = ["probabilities", "predict", "predict_proba", "output-0", "predictions"]
        said = self.infer({"inputs": [tensor([ROW])], "outputs": [{"name": name} for name in asked]})
        self.assertEqual(list(said), asked)
        for name in asked:
            self.assertEqual(said[name].tolist(), [[0.78, 0.22]] if "prob" in name else [0])
        said = self.infer({"inputs": [tensor([ROW])], "outputs": []})
        self.assertEqual(list(said), ["predict"])
        said = self.infer({"inputs": [tensor([ROW])]}, INFER + "?output=predictions,probabilities")
        self.assertEqual(list(said), ["predict", "predict_proba"])

    def test_parameters_are_tolerated(self):
        some = {"content_type": "np", "priority": 3, "nested": {"a": [1, {"b": None}]}, "sequence_id": 0}
        for body in (
            {"parameters": some, "inputs": [tensor([ROW], parameters=some)], "outputs": [{"name": "predict", "parameters": some}]},
            {"parameters": None, "inputs": [tensor([ROW], parameters=None)], "outputs": None, "id": None},
            {"model_name": "model", "unknown": [[{}]], "inputs": [tensor([ROW], other=[{"data": 1}])]},
        ):
            self.assertEqual(self.infer(body)["predict"].tolist(), [0])

    def test_no_content_type_and_any(self):
        body = json.dumps({"inputs": [tensor([ROW])]})
        for headers in {}, {"Content_Type": "application/octet-stream"}, {"Content_Type": "text/plain", "Accept": "*/*"}:
            self.assertEqual(self.ask(body, **headers).status, 200)

    def test_versions(self):
        body = {"inputs": [tensor([ROW])]}
        self.assertEqual(self.infer(body, "/v2/models/model/versions/1/infer")["predict"].tolist(), [0])
        for version in "2", "0", "x", "1x", "99999999999999999999999":
            for path in f"/v2/models/model/versions/{version}/infer", f"/v2/models/model/versions/{version}":
                answer = self.ask(body, path) if path.endswith("infer") else self.server.ask("GET", path)
                self.assertEqual(answer.status, 404, path)
                self.assertIn("version", answer.json()["error"])

    def test_flat_and_nested(self):
        rows = np.random.default_rng(1).normal(size=(7, 10))
        wanted = self.reference(rows)
        flat = tensor(rows)
        for data in flat["data"], rows.tolist():
            np.testing.assert_array_equal(self.proba({**flat, "data": data}), wanted)
        for shape in [10], [1, 10]:
            np.testing.assert_array_equal(self.proba({**tensor(rows[0]), "shape": shape}), wanted[:1])

    def test_members_in_any_order(self):
        rows = np.random.default_rng(2).normal(size=(5, 10)) * 3
        wanted = self.reference(rows)
        for order in ("data", "datatype", "name", "shape"), ("shape", "data", "name", "datatype"), ("datatype", "data", "shape", "name"):
            for datatype, array in ("FP64", rows), ("INT32", rows.astype("<i4")), ("FP32", rows.astype("<f4")):
                whole = tensor(array, datatype)
                said = self.proba({name: whole[name] for name in order})
                np.testing.assert_array_equal(said, wanted if datatype == "FP64" else self.reference(array))
        body = {"outputs": [{"parameters": {"binary_data": False}, "name": "predict_proba"}], "inputs": [tensor(rows)]}
        np.testing.assert_array_equal(self.infer(body)["predict_proba"], wanted)

    def test_every_datatype(self):
        rows = np.random.default_rng(3).normal(size=(40, 10)) * 2
        for datatype, kind in DATATYPES.items():
            array = (np.abs(rows) if "u" in kind else rows > 0 if kind == "?" else rows).astype(kind)
            wanted = self.reference(array)
            with self.subTest(datatype):
                np.testing.assert_array_equal(self.proba(tensor(array, datatype)), wanted)
                body, headers = binary(("x", [40, 10], datatype, array.tobytes()), outputs=[{"name": "predict_proba"}])
                np.testing.assert_array_equal(self.infer(body, headers=headers)["predict_proba"], wanted)

    def test_a_body_of_bytes(self):
        rows = np.random.default_rng(4).normal(size=(6, 10))
        wanted = self.reference(rows)
        written = [[repr(float(cell)) for cell in row] for row in rows]
        np.testing.assert_array_equal(self.proba(tensor(written, "BYTES")), wanted)
        data = texts(cell.encode() for row in written for cell in row)
        body, headers = binary(("x", [6, 10], "BYTES", data), outputs=[{"name": "predict_proba"}])
        np.testing.assert_array_equal(self.infer(body, headers=headers)["predict_proba"], wanted)

    def test_a_tensor_for_each_feature_in_order(self):
        rows = np.random.default_rng(5).normal(size=(9, 10))
        wanted = self.reference(rows)
        for shape in [9], [9, 1]:
            inputs = [tensor(rows[:, i].reshape(shape), name=f"feature {i}") for i in range(10)]
            np.testing.assert_array_equal(self.proba(*inputs), wanted)
        parts = tensor(rows[:, :3]), tensor(rows[:, 3]), tensor(rows[:, 4:])
        np.testing.assert_array_equal(self.proba(*parts), wanted)
        mixed = rows.round()
        inputs = [tensor(mixed[:, i], "FP32" if i % 2 else "INT16", f"f{i}") for i in range(10)]
        for i in range(1, 10, 2):
            inputs[i]["data"] = [float(value) for value in inputs[i]["data"]]
        for i in range(0, 10, 2):
            inputs[i]["data"] = [int(value) for value in inputs[i]["data"]]
        np.testing.assert_array_equal(self.proba(*inputs), self.reference(mixed))

    def test_binary_both_ways(self):
        rows = np.random.default_rng(6).normal(size=(1000, 10)).astype("<f4")
        wanted = self.reference(rows)
        for request, behind in (
            ({"parameters": {"binary_data_output": True}, "outputs": [{"name": "predict"}, {"name": "predict_proba"}]}, 2),
            ({"outputs": [{"name": "predict"}, {"name": "predict_proba", "parameters": {"binary_data": True}}]}, 1),
            ({"parameters": {"binary_data_output": True}, "outputs": [
                {"name": "predict"}, {"name": "predict_proba", "parameters": {"binary_data": False}}]}, 1),
            ({"outputs": [{"name": "predict"}, {"name": "predict_proba"}]}, 0),
        ):
            body, headers = binary(("x", [1000, 10], "FP32", rows.tobytes()), id="b", **request)
            answer = self.ask(body, **headers)
            said = outputs(answer)
            np.testing.assert_array_equal(said["predict_proba"], wanted)
            np.testing.assert_array_equal(said["predict"], wanted.argmax(1))
            self.assertEqual(answer.headers["Content-Type"], "application/octet-stream" if behind else "application/json")
            head = json.loads(answer.body[: int(answer.headers[LENGTH] or len(answer.body))])
            self.assertEqual(sum("data" not in output for output in head["outputs"]), behind)
            self.assertEqual(head["id"], "b")
        said = self.infer(*self.plain_binary(rows))
        self.assertEqual(list(said), ["predict"])

    def plain_binary(self, rows):
        body, headers = binary(("x", list(rows.shape), "FP32", rows.tobytes()), parameters={"binary_data_output": True})
        return body, INFER, headers

    def test_binary_and_json_together(self):
        rows = np.random.default_rng(7).normal(size=(11, 10))
        head = {"outputs": [{"name": "predict_proba"}], "inputs": []}
        behind = b""
        for i in range(10):
            one = tensor(rows[:, i], name=f"f{i}")
            if i % 3 == 0:
                del one["data"]
                one["parameters"] = {"binary_data_size": 88}
                behind += rows[:, i].tobytes()
            head["inputs"].append(one)
        text = json.dumps(head).encode()
        said = self.infer(text + behind, headers={LENGTH: str(len(text))})["predict_proba"]
        np.testing.assert_array_equal(said, self.reference(rows))

    def test_json_with_its_length_said(self):
        text = json.dumps({"inputs": [tensor([ROW])]})
        self.assertEqual(self.infer(text, headers={LENGTH: str(len(text))})["predict"].tolist(), [0])

    def test_many_rows(self):
        rows = np.random.default_rng(8).normal(size=(60000, 10)).astype("<f4")
        wanted = self.reference(rows)
        body, headers = binary(("x", [60000, 10], "FP32", rows.tobytes()), outputs=[
            {"name": "predict_proba", "parameters": {"binary_data": True}}])
        np.testing.assert_array_equal(self.infer(body, headers=headers)["predict_proba"], wanted)
        doubles = [np.ascontiguousarray(rows[:, i].astype("<f8")) for i in range(10)]
        body, headers = binary(*((f"f{i}", [60000], "FP64", doubles[i].tobytes()) for i in range(10)),
                               outputs=[{"name": "predict_proba", "parameters": {"binary_data": True}}])
        np.testing.assert_array_equal(self.infer(body, headers=headers)["predict_proba"], wanted)
        np.testing.assert_array_equal(self.proba(tensor(rows[:20000])), wanted[:20000])

    def test_missing_values(self):
        body = json.dumps({"inputs": [tensor([ROW])]}).replace("0.1,", "null,", 1)
        with_nan = body.replace("null", "NaN")
        self.assertEqual(self.ask(body).status, self.ask(with_nan).status)
        said = self.infer(body)["predict"].tolist() if self.ask(body).status == 200 else None
        self.assertEqual(said, self.infer(with_nan)["predict"].tolist() if said else None)

    def test_bodies_that_are_refused(self):
        good = tensor([ROW])

        def but(**changes):
            changed = {**good, **changes}
            return {"inputs": [{name: value for name, value in changed.items() if value is not ...}]}

        column = [tensor([cell], name=f"f{i}") for i, cell in enumerate(ROW)]
        huge = 1 << 33
        table = [
            ("", "empty"), ("{", "ends in the middle"), ("[]", "inputs"), ("{}", "no \"inputs\""), ("7", "inputs"),
            ("nope", "nope"), ('{"inputs": 1}', "array of tensors"), ('{"inputs": []}', "No instances"),
            ('{"inputs": [1]}', "a tensor"), ('{"inputs": [{}]}', "no name"), ("{}{}", None), ('{"inputs": [' * 40, "deeper"),
            (json.dumps({"inputs": [good]}) + "{}", "the end of the JSON"),
            ('{"inputs": [], "inputs": []}', "twice"),
            (but(name=...), "input 0 has no name"), (but(name=3), "name of an input"),
            (but(shape=...), "input 'x' has no shape"), (but(shape=10), "a shape"), (but(shape=["1", 10]), "whole numbers"),
            (but(shape=[-1, 10]), "whole numbers"), (but(shape=[1.5, 10]), "whole numbers"), (but(shape=[1] * 9), "dimensions"),
            (but(shape=[]), "which is 1 element"), (but(shape=[2, 10]), "'x' has the shape [2, 10], which is 20 elements, but its data hold 10"),
            (but(shape=[1, 9]), "9 elements"), (but(shape=[10, 1]), "[rows, 10]"), (but(shape=[5, 2]), "[rows, 10]"),
            (but(shape=[1, 1, 10]), "[rows, 10]"), (but(shape=[0, 10], data=[]), "No instances"),
            (but(shape=[huge, huge]), "no body can fill"), (but(shape=[huge, 10]), "85899345920 elements"),
            (but(shape=[1 << 63, 0], data=[]), None), (but(shape=[1e300, 10]), "whole numbers"),
            (but(datatype=...), "no datatype"), (but(datatype="FP128"), "'FP128', which is none of BOOL, INT8"),
            (but(datatype=32), "datatype"), (but(datatype="fp32"), "none of"),
            (but(data=...), "no data"), (but(data=None), "no data"), (but(data=1), "an array"), (but(data={}), "an array"),
            (but(data=[ROW[:5], ROW[5:9]]), "one length"), (but(data=[ROW[:5], ROW[5:]]), "nested as [2, 5]"),
            (but(data=[[ROW[:5], ROW[5:]]]), "nested as [1, 2, 5]"), (but(data=[*ROW[:9], [1]]), "one length"),
            (but(data=[[1], *ROW[1:]]), "one length"), (but(data=[*ROW[:9], {}]), "an object"),
            (but(data=[*ROW[:9], "1"]), "texts"), (but(data=[*ROW[:9], "a"]), "holds 'a'"),
            (but(data=[*ROW[:9], 1e39]), None), (but(datatype="FP32", data=[*ROW[:9], 1e39]), None),
            (but(datatype="FP16", data=[*ROW[:9], 65520]), None),
            (but(datatype="INT8", data=[128] * 10), "INT8, but its data hold 128"),
            (but(datatype="INT8", data=[-129] * 10), "hold -129"), (but(datatype="UINT8", data=[-1] * 10), "hold -1"),
            (but(datatype="UINT64", data=[1 << 64] * 10), "UINT64"), (but(datatype="INT64", data=[1 << 63] * 10), "9223372036854775808"),
            (but(datatype="INT32"), "INT32, but its data hold"), (but(datatype="INT32", data=[None] * 10), "hold null"),
            (but(datatype="BOOL", data=[2] * 10), "hold 2"), (but(datatype="BYTES", data=[1] * 10), "hold numbers"),
            ('{"inputs": [{"data": [1, 2, 3, 4, 5, 6, 7, 8, 9, 9007199791611905], "name": "x", "shape": [1, 10], "datatype": "INT64"}]}',
             "before"),
            ('{"inputs": [{"data": [1, 2, 3, 4, 5, 6, 7, 8, 9, 0.1], "name": "x", "shape": [1, 10], "datatype": "FP16"}]}', "before"),
            ('{"inputs": [{"name": "x", "shape": [1, 10], "shape": [1, 10]}]}', "a shape twice"),
            ('{"inputs": [{"name": "x", "data": [], "data": []}]}', "data twice"),
            (but(parameters={"shared_memory_region": "r"}), "'shared_memory_region' is not done"), (but(parameters=[]), "parameters"),
            (but(parameters={"binary_data_size": 40}, data=...), LENGTH), (but(parameters={"binary_data_size": 40}), "both data and"),
            (but(parameters={"binary_data_size": -1}, data=...), "number of bytes"),
            ({"inputs": column[:9]}, "9 columns together"), ({"inputs": [*column, column[0]]}, "more inputs than the 10"),
            ({"inputs": [*column[:9], tensor([1.0, 2.0], name="last")]}, "'last' has 2 rows, but input 'f0' has 1"),
            ({"inputs": [*column[:9], tensor([[[1.0]]], name="deep")]}, "[1, 1, 1]"),
            ({"inputs": [good], "outputs": [{"name": "transform"}]}, "'transform' is not an output"),
            ({"inputs": [good], "outputs": [{"name": "predict"}, {"name": "predict"}]}, "twice"),
            ({"inputs": [good], "outputs": [{}]}, "name of an output"), ({"inputs": [good], "outputs": ["predict"]}, "an output"),
            ({"inputs": [good], "outputs": [{"name": "predict", "parameters": {"classification": 2}}]}, "classification"),
            ({"inputs": [good], "id": 7}, "id"), ({"inputs": [good], "id": "x" * 257}, "id"),
        ]
        for body, says in table:
            answer = self.ask(body)
            with self.subTest(body if isinstance(body, str) else json.dumps(body)[:200]):
                self.assertEqual(answer.status, 413 if says == "deeper" else 400, answer.body)
                self.assertIn(says or "", answer.json()["error"])
        self.assertEqual(self.infer({"inputs": [good]})["predict"].tolist(), [0])

    def test_binary_bodies_that_are_refused(self):
        cells = np.array(ROW, "<f4").tobytes()
        body, headers = binary(("x", [1, 10], "FP32", cells))
        size = headers[LENGTH]
        some = texts([b"1"] * 10)
        table = [
            (body, {LENGTH: "x"}, LENGTH), (body, {LENGTH: "-1"}, LENGTH), (body, {LENGTH: "0"}, LENGTH),
            (body, {LENGTH: "9" * 30}, LENGTH), (body, {LENGTH: str(int(size) - 1)}, "ends in the middle"),
            (body, {LENGTH: str(int(size) + 1)}, None), (body, {LENGTH: str(len(body) + 1)}, None),
            (body[: int(size)] , {LENGTH: str(len(body))}, "Inference-Header-Content-Length says"),
            (body[:-1], headers, "the body ends 1 bytes before"), (body[: int(size)], headers, "the body ends 40 bytes before"),
            (body + b"x", headers, "the body goes on"), (body, {}, None),
            (*binary(("x", [1, 10], "FP32", cells[:-4])), "which are 40 bytes, but its binary_data_size is 36"),
            (*binary(("x", [2, 10], "FP32", cells)), "which are 80 bytes"),
            (*binary(("x", [1 << 62, 10], "FP32", cells)), "no body can fill"),
            (*binary(("x", [1 << 60, 10], "FP64", cells)), None),
            (*binary(("x", [1, 10], "BYTES", some[:-1])), "hold 9"),
            (*binary(("x", [1, 10], "BYTES", some + b"\1\0\0\0x")), "hold more"),
            (*binary(("x", [1, 10], "BYTES", texts([b"1"] * 9 + [b"red"]))), "holds 'red'"),
            (*binary(("x", [1, 10], "BYTES", b"\xff\xff\xff\xff" * 10)), None),
            (*binary(("x", [1, 10], "BYTES", b"")), "at least 40 bytes"),
            (*binary(("x", [0, 10], "FP32", b"")), "No instances"),
        ]
        for body, headers, says in table:
            answer = self.ask(body, **headers)
            with self.subTest(body[:150]):
                self.assertIn(answer.status, (400, 413), answer.body)
                self.assertIn(says or "", answer.json()["error"])
        head = {"inputs": [{**tensor([ROW], "FP32"), "parameters": {"binary_data_size": 40}}]}
        text = json.dumps(head).encode()
        answer = self.ask(text + cells, **{LENGTH: str(len(text))})
        self.assertEqual((answer.status, "both data and" in answer.json()["error"]), (400, True))

    def test_errors_of_paths(self):
        for method, path, status in (
            ("GET", INFER, 405), ("POST", "/v2/models/other/infer", 404), ("GET", "/v2/models/other", 404),
            ("GET", "/v2/models/other/ready", 404), ("GET", "/v2/nothing", 404), ("POST", "/v2/health/live", 405),
            ("GET", "/v2/repository/index", 405), ("POST", "/v2/repository/models/model/load", 403),
            ("POST", "/v2/repository/models/model/unload", 403),
        ):
            answer = self.server.ask(method, path, b"{}" if method == "POST" else None)
            self.assertEqual(answer.status, status, path)
            self.assertGreater(len(answer.json()["error"]), 10)

    def test_bodies_beyond_the_bound(self):
        with Server(MODEL, "--max-body", "64KiB") as server:
            body = json.dumps({"inputs": [tensor(np.zeros((3000, 10)))]})
            answer = server.ask("POST", INFER, body)
            self.assertEqual(answer.status, 413)
            self.assertIn("65536", answer.json()["error"])


class Golden(unittest.TestCase):
    """Every model of a release, in JSON and in binary: the release's own answers."""

    @classmethod
    def setUpClass(cls):
        cls.cases = sorted(path.stem for path in CASES.glob("*.joblib") if path.with_suffix(".npz").exists())
        models = [word for case in cls.cases for word in ("--model", f"{case}={CASES / case}.joblib")]
        cls.server = Server(None, *models)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def answers(self, case, rows, names):
        asked = [{"name": name} for name in names]
        answer = self.server.ask("POST", f"/v2/models/{case}/infer", json.dumps(
            {"inputs": [tensor(rows)], "outputs": asked}))
        self.assertEqual(answer.status, 200, answer.body[:300])
        yield answer.json(), outputs(answer)
        body, headers = binary(("x", list(rows.shape), "FP64", rows.tobytes()), outputs=asked,
                               parameters={"binary_data_output": True})
        answer = self.server.ask("POST", f"/v2/models/{case}/infer", body, headers)
        self.assertEqual(answer.status, 200, answer.body[:300])
        yield json.loads(answer.body[: int(answer.headers[LENGTH])]), outputs(answer)

    def test_every_model(self):
        kinds = {"i": "INT64", "u": "INT64", "f": "FP64", "b": "BOOL", "U": "BYTES", "S": "BYTES"}
        for case in self.cases:
            arrays = np.load(CASES / f"{case}.npz")
            wanted = arrays["predictions"]
            rows = np.ascontiguousarray(arrays["rows"], "<f8")
            several = [arrays[name] for name in sorted(arrays.files) if name.startswith("probabilities_")]
            names = ["predict", *(["predict_proba"] if several or "probabilities" in arrays else [])]
            for document, said in self.answers(case, rows, names):
                with self.subTest(case):
                    self.assertEqual(said["predict"].shape, wanted.shape)
                    if not case.startswith("labels_object"):
                        self.assertEqual(document["outputs"][0]["datatype"], kinds[wanted.dtype.kind])
                    if wanted.dtype.kind in "US":
                        self.assertEqual(said["predict"].astype(str).tolist(), wanted.astype(str).tolist())
                    else:
                        np.testing.assert_array_equal(said["predict"], wanted)
                    if several:
                        alike = len({one.shape[1] for one in several}) == 1
                        joined = np.stack(several, 1) if alike else np.concatenate(several, 1)
                        np.testing.assert_array_equal(said["predict_proba"], joined)
                    elif len(names) == 2:
                        np.testing.assert_array_equal(said["predict_proba"], arrays["probabilities"])

    def test_metadata_says_what_is_answered(self):
        for case in self.cases:
            rows = np.ascontiguousarray(np.load(CASES / f"{case}.npz")["rows"], "<f8")
            said = self.server.ask("GET", f"/v2/models/{case}").json()
            described = [(one["name"], one["datatype"], one["shape"][1:]) for one in said["outputs"]]
            document, _ = next(self.answers(case, rows, [one[0] for one in described]))
            self.assertEqual([(one["name"], one["datatype"], one["shape"][1:]) for one in document["outputs"]], described)

    def test_features_by_name(self):
        case = "feature_names"
        arrays = np.load(CASES / f"{case}.npz")
        rows = arrays["rows"]
        inputs = [tensor(rows[:, i], name=name) for i, name in enumerate(NAMES)]
        path = f"/v2/models/{case}/infer"
        for order in inputs, inputs[::-1], inputs[2:] + inputs[:2]:
            answer = self.server.ask("POST", path, json.dumps({"inputs": order}))
            np.testing.assert_array_equal(outputs(answer)["predict"], arrays["predictions"])
        for order, says in (
            (inputs[1:], f"'{NAMES[0]}'"), ([*inputs[1:], inputs[1]], "twice"),
            ([{**inputs[0], "name": "other"}, *inputs[1:]], "'other', which is not a feature"),
        ):
            answer = self.server.ask("POST", path, json.dumps({"inputs": order}))
            self.assertEqual(answer.status, 400)
            self.assertIn(says, answer.json()["error"])

    def test_a_regressor_has_no_probabilities(self):
        rows = np.load(CASES / "rf_regressor.npz")["rows"]
        answer = self.server.ask("POST", "/v2/models/rf_regressor/infer", json.dumps(
            {"inputs": [tensor(rows)], "outputs": [{"name": "predict_proba"}]}))
        self.assertEqual(answer.status, 400)
        self.assertIn("predict", answer.json()["error"])


class Repository(unittest.TestCase):
    def index(self, server, body=None):
        answer = server.ask("POST", "/v2/repository/index", body)
        self.assertEqual(answer.status, 200, answer.body)
        return [(one["name"], one["version"], one["state"]) for one in answer.json()]

    def test_load_and_unload(self):
        with Server(None, "--multi-model", "--model", f"a={MODEL}", "--model", f"b={MODEL}") as server:
            body = json.dumps({"inputs": [tensor([ROW])]})
            both = [("a", "1", "READY"), ("b", "1", "READY")]
            self.assertEqual(sorted(self.index(server)), both)
            for sent in b"", b"{}", b'{"parameters": {"unload_dependents": false}}':
                answer = server.ask("POST", "/v2/repository/models/a/unload", sent)
                self.assertEqual((answer.status, answer.json()), (200, {"name": "a", "unload": True}))
                self.assertEqual(server.ask("POST", "/v2/models/a/infer", body).status, 404)
                self.assertEqual(server.ask("GET", "/v2/models/a/ready").status, 404)
                self.assertEqual(sorted(self.index(server)), [("a", "1", "UNAVAILABLE"), both[1]])
                self.assertEqual(self.index(server, '{"ready": true}'), both[1:])
                for _ in range(2):
                    answer = server.ask("POST", "/v2/repository/models/a/load", sent if sent != b"" and b"unload" not in sent else b"")
                    self.assertEqual((answer.status, answer.json()), (200, {"name": "a", "load": True}))
                self.assertEqual(server.ask("POST", "/v2/models/a/infer", body).status, 200)
                self.assertEqual(sorted(self.index(server)), both)
            for path, sent, status, says in (
                ("c/load", b"{}", 404, "'c'"), ("c/unload", b"{}", 404, "c"), ("a/load", b"{", 400, "JSON"),
                ("a/load", b'{"parameters": {"config": "{}"}}', 400, "'config'"),
            ):
                answer = server.ask("POST", f"/v2/repository/models/{path}", sent)
                self.assertEqual(answer.status, status)
                self.assertIn(says, answer.json()["error"])

    def test_no_body_at_all(self):
        with Server() as server:
            said = server.raw(b"POST /v2/repository/index HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertTrue(said.startswith(b"HTTP/1.1 200"), said)
            said = server.raw(b"POST " + INFER.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertTrue(said.startswith(b"HTTP/1.1 411"), said)

    def test_a_model_that_is_not_there_yet(self):
        with socket.socket() as silent:  # an object store that takes connections and never says anything
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            environment = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}", "AWS_ACCESS_KEY_ID": "id",
                           "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
            server = Server(None, "--model", "a=s3://b/model.joblib", "--multi-model", wait=False, environment=environment)
            deadline = time.monotonic() + PATIENCE
            live = False
            while not live and time.monotonic() < deadline:
                with contextlib.suppress(OSError):
                    live = server.ask("GET", "/v2/health/live").status == 200
                time.sleep(0.02)
            self.assertEqual(self.index(server), [("a", "1", "LOADING")])
            self.assertEqual(self.index(server, '{"ready": true}'), [])
            for method, path in (("GET", "/v2/models/a/ready"), ("GET", "/v2/health/ready"), ("GET", "/v2/models/a"),
                                 ("POST", "/v2/models/a/infer"), ("POST", "/v2/repository/models/a/load")):
                answer = server.ask(method, path, "{}" if method == "POST" else None)
                self.assertEqual(answer.status, 503, path)
                self.assertIn("error", answer.json())
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
