"""What SageMaker's batch transform, asynchronous endpoints and serverless endpoints ask of a container."""

import json
import os
import pathlib
import shutil
import struct
import tempfile
import unittest

import numpy
from program import GOLDEN, MODEL, QUESTION, Server

BATCH = {"SAGEMAKER_BATCH": "True"}
SANITIZED = any(word in os.environ.get("FORESTD", "") for word in ("asan", "tsan"))
# Three trees and wide rows: what is tested is the way of the bytes.
WIDE = GOLDEN / "1.9.1" / "features_300.joblib"
WIDE_ROWS = numpy.random.RandomState(1).randn(700, 300).round(2).tolist()
WIDE_LINES = [",".join(map(str, row)) + "\n" for row in WIDE_ROWS]
WIDE_TEXT = "".join(WIDE_LINES).encode()  # about a megabyte


def peak(server):
    lines = pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


class Batch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(WIDE, environment=BATCH)
        cls.expected = cls.server.invoke(json.dumps(WIDE_ROWS)).json()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def stream(self, pieces, content_type="text/csv", accept=None):
        headers = {"Content-Type": content_type, **({"Accept": accept} if accept else {})}
        return self.server.ask("POST", "/invocations", pieces, headers, encode_chunked=True)

    def test_says_how_to_send(self):
        answer = self.server.ask("GET", "/execution-parameters")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/json"))
        parameters = answer.json()
        self.assertEqual(set(parameters), {"MaxConcurrentTransforms", "BatchStrategy", "MaxPayloadInMB"})
        self.assertEqual(parameters["BatchStrategy"], "MULTI_RECORD")
        concurrent, megabytes = parameters["MaxConcurrentTransforms"], parameters["MaxPayloadInMB"]
        self.assertGreaterEqual(min(concurrent, megabytes), 1)
        self.assertLessEqual(concurrent * megabytes, 100)
        with Server(None, "--threads", "7", environment={**BATCH, "SAGEMAKER_MULTI_MODEL": "true"}) as server:
            parameters = server.ask("GET", "/execution-parameters").json()
            self.assertEqual((parameters["MaxConcurrentTransforms"], parameters["MaxPayloadInMB"]), (7, 6))

    def lines(self, repeats=1):
        return "".join(f"{each}\n" for each in self.expected).encode() * repeats

    def test_as_many_lines_as_rows(self):
        lines = "\n".join(json.dumps(row) for row in WIDE_ROWS)
        answer = self.server.invoke(lines, "application/json")
        self.assertEqual([json.loads(line) for line in answer.body.splitlines()], self.expected)
        records = "\n".join(json.dumps({"features": row}) for row in WIDE_ROWS) + "\n"
        answer = self.server.invoke(records, "application/json")
        self.assertEqual([json.loads(line)["predictions"][0] for line in answer.body.splitlines()], self.expected)
        for body in WIDE_TEXT, WIDE_TEXT[:-1]:
            answer = self.server.invoke(body, "text/csv", "text/csv")
            self.assertEqual(answer.body, self.lines())

    def test_bodies_without_bound_take_bounded_memory(self):
        """CSV in chunks, of which only the answer is held; then the same rows as JSON Lines."""
        repeats = 20 if SANITIZED else 150
        with Server(WIDE, environment=BATCH) as server:
            before = peak(server)
            pieces = (WIDE_TEXT for _ in range(repeats))
            answer = server.ask("POST", "/invocations", pieces, {"Content-Type": "text/csv"}, encode_chunked=True)
            took = peak(server) - before
        self.assertEqual(answer.status, 200, answer.body[:200])
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.body))
        self.assertEqual(answer.body, self.lines(repeats))
        print(f"{len(WIDE_TEXT) * repeats >> 20} MiB of CSV: {took >> 10} MiB of memory")
        if not SANITIZED:
            self.assertLess(took, 24 << 10)

        repeats = 14
        lines = "".join(json.dumps(row) + "\n" for row in WIDE_ROWS).encode()
        answer = self.stream((lines for _ in range(repeats)), "application/json", "application/json")
        self.assertEqual(answer.body, self.lines(repeats))
        answer = self.stream((WIDE_TEXT for _ in range(repeats)), accept="application/jsonlines")
        self.assertEqual(answer.body, self.lines(repeats))
        # One document cannot be begun before its end: it is held, within the limits.
        answer = self.stream((WIDE_TEXT for _ in range(repeats)), accept="application/json")
        self.assertEqual(answer.json(), self.expected * repeats)

    def test_a_bad_row_of_a_long_body_is_named(self):
        before = 14
        infinite = WIDE_LINES[0].replace(",", ",inf,", 1).rsplit(",", 1)[0].encode() + b"\n"
        for code, line in ("bad_width", b"1,2,3\n"), ("bad_value", infinite):
            answer = self.stream([*[WIDE_TEXT] * before, line, WIDE_TEXT])
            named = answer.json()
            self.assertEqual((answer.status, named["code"], named["row"]), (400, code, before * len(WIDE_ROWS)))

    def test_others_are_answered_meanwhile(self):
        repeats = 40

        def pieces():
            for _ in range(repeats):
                self.assertEqual(self.server.ask("GET", "/ping").status, 200)
                yield WIDE_TEXT

        answer = self.stream(pieces())
        self.assertEqual((answer.status, answer.body), (200, self.lines(repeats)))

    def test_who_leaves_leaves_nothing(self):
        for _ in range(3):
            connection = self.server.connect()
            connection.putrequest("POST", "/invocations")
            connection.putheader("Content-Type", "text/csv")
            connection.putheader("Transfer-Encoding", "chunked")
            connection.endheaders()
            for _ in range(13):
                connection.send(f"{len(WIDE_TEXT):x}\r\n".encode() + WIDE_TEXT + b"\r\n")
            connection.close()
        self.assertEqual(self.server.invoke(WIDE_TEXT, "text/csv").body, self.lines())


class Limits(unittest.TestCase):
    def test_an_answer_too_large_for_the_memory_is_refused(self):
        with Server(WIDE, "--memory", "12MiB", environment=BATCH) as server:
            connection = server.connect()
            answer = None
            try:
                pieces = (WIDE_TEXT for _ in range(40))
                headers = {"Content-Type": "text/csv", "Accept": "application/json"}
                connection.request("POST", "/invocations", pieces, headers, encode_chunked=True)
                answer = connection.getresponse()
            except OSError:
                pass  # it need not wait for the end of the body
            if answer:
                self.assertEqual(answer.status, 503)
            connection.close()
            self.assertEqual(server.invoke(WIDE_TEXT, "text/csv").status, 200)

    def test_a_gigabyte_of_one_request_can_be_allowed(self):
        with Server(WIDE, "--max-body", "1GiB") as server:
            headers = {"Content-Type": "text/csv", "Content-Length": str(len(WIDE_TEXT) * 20)}
            answer = server.ask("POST", "/invocations", (WIDE_TEXT for _ in range(20)), headers)
            self.assertEqual((answer.status, answer.body.count(b"\n")), (200, 20 * len(WIDE_ROWS)))
        with Server() as server:
            self.assertEqual(server.ask("POST", "/invocations", b"x", {"Content-Length": str(1 << 30)}).status, 413)

    def test_serverless_payloads(self):
        """4 MB each way, as the service has them."""
        with Server(WIDE) as server:
            answer = server.invoke(WIDE_TEXT * 4, "text/csv")
            self.assertEqual((answer.status, answer.body.count(b"\n")), (200, 4 * len(WIDE_ROWS)))


class Knobs(unittest.TestCase):
    def test_those_of_other_containers(self):
        environment = {
            "SAGEMAKER_CONTAINER_LOG_LEVEL": "10",
            "SAGEMAKER_MODEL_SERVER_WORKERS": "2",
            "SAGEMAKER_MODEL_JOB_QUEUE_SIZE": "100",
            "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv",
            "MAX_CONTENT_LENGTH": "1000",
            "SAGEMAKER_SAFE_PORT_RANGE": "21000-21999",
            "SAGEMAKER_REGION": "eu-west-1",
            "SAGEMAKER_PROGRAM": "inference.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        }
        with Server(environment=environment) as server:
            for accept in None, "*/*":
                answer = server.invoke(QUESTION, accept=accept)
                self.assertEqual((answer.headers["Content-Type"], answer.body), ("text/csv", b"0\n"))
            answer = server.invoke(QUESTION, accept="application/json")
            self.assertEqual(answer.headers["Content-Type"], "application/json")
            self.assertEqual(server.invoke(" " * 1000 + QUESTION).status, 413)
            server.log.seek(0)
            self.assertIn(b'"level":"debug"', server.log.read())

    def test_the_place_of_the_model(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "model").mkdir()
            shutil.copy(MODEL, pathlib.Path(folder) / "model")
            with Server(None, environment={"SAGEMAKER_BASE_DIR": folder}) as server:
                self.assertEqual(server.invoke(QUESTION).status, 200)


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.rows = numpy.random.RandomState(2).randn(20, 10).astype("f4")
        cls.rows[cls.rows < 0] = 0
        cls.expected = cls.server.invoke(json.dumps(cls.rows.tolist())).json()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def test_libsvm(self):
        lines = []
        for row in self.rows.tolist():
            lines.append(" ".join(["1", *(f"{i + 1}:{value!r}" for i, value in enumerate(row) if value)]))
        answer = self.server.invoke("\n".join(lines), "text/libsvm")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/csv"), answer.body)
        self.assertEqual(list(map(int, answer.body.split())), self.expected)
        answer = self.server.invoke("1 0:1", "text/libsvm")
        self.assertEqual((answer.status, answer.json()["row"]), (400, 0))
        self.assertEqual(self.server.invoke(QUESTION, accept="text/libsvm").status, 406)

    def test_recordio(self):
        def field(number, data):
            return bytes([number << 3 | 2, len(data)]) + data

        body = b""
        for row in self.rows:
            value = field(2, field(1, row.tobytes()))
            record = field(1, field(1, b"values") + field(2, value))
            body += struct.pack("<II", 0xCED7230A, len(record)) + record + bytes(-len(record) % 4)
        answer = self.server.invoke(body, "application/x-recordio-protobuf")
        self.assertEqual((answer.status, answer.json()), (200, self.expected), answer.body)
        answer = self.server.invoke(body[:-5], "application/x-recordio-protobuf")
        self.assertEqual((answer.status, answer.json()["row"]), (400, 19))


if __name__ == "__main__":
    unittest.main()
