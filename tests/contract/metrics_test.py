"""GET /metrics, in Prometheus' text format, and the lines that CloudWatch makes metrics of."""

import json
import re
import threading
import time
import unittest

from program import MODEL, QUESTION, ROW, Server
from runtime_api import Function, RuntimeApi

LINE = re.compile(r'^([a-zA-Z_:][\w:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[n"\\])*",?)*\})? (\S+)$')


def read(server):
    answer = server.ask("GET", "/metrics")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"), answer.body
    values, types = {}, {}
    for line in answer.body.decode().splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            assert name not in types, f"{name} twice"
            types[name] = kind
        elif not line.startswith("# HELP "):
            name, labels, value = LINE.match(line).groups()
            family = re.sub("_(bucket|sum|count)$", "", name)
            assert family in types or name in types, f"{line}: no type before it"
            assert name + (labels or "") not in values, f"{line} twice"
            values[name + (labels or "")] = float(value)
    return values


class Metrics(unittest.TestCase):
    def test_requests_are_counted(self):
        with Server() as server:
            for _ in range(3):
                self.assertEqual(server.invoke(QUESTION).status, 200)
            self.assertEqual(server.invoke("[[1]]").status, 400)
            self.assertEqual(server.ask("GET", "/nowhere").status, 404)
            self.assertEqual(server.ask("DELETE", "/invocations").status, 405)
            lines = (",".join(map(str, ROW)) + "\n") * 20
            self.assertEqual(server.invoke(lines, "text/csv").status, 200)
            deadline = time.monotonic() + 10
            while read(server).get("forestd_request_duration_seconds_count") != 5 and time.monotonic() < deadline:
                time.sleep(0.01)
            values = read(server)  # what stands before that line may have been written before the last was counted
            while values["forestd_requests_in_flight"] != 1 and time.monotonic() < deadline:
                time.sleep(0.01)  # the reading before may not be over on its own event loop
                values = read(server)
            self.assertEqual(values['forestd_requests_total{route="/invocations",status="200"}'], 4)
            self.assertEqual(values['forestd_requests_total{route="/invocations",status="400"}'], 1)
            self.assertEqual(values['forestd_requests_total{route="",status="404"}'], 1)
            self.assertEqual(values['forestd_requests_total{route="",status="405"}'], 1)
            self.assertEqual(values["forestd_rows_total"], 23)
            self.assertEqual(values["forestd_request_bytes_total"], 3 * len(QUESTION) + 5 + len(lines))
            self.assertEqual(values["forestd_requests_in_flight"], 1)
            self.assertEqual(values['forestd_model_info{model="model",version="1",state="ready",model_version="c836760f9d8c09f6"}'], 1)
            self.assertAlmostEqual(values["process_start_time_seconds"], time.time(), delta=300)
            self.assertGreater(values["process_resident_memory_bytes"], 1e6)
            buckets = [value for name, value in values.items() if name.startswith("forestd_request_duration_seconds_bucket")]
            self.assertEqual(buckets, sorted(buckets))
            self.assertEqual(buckets[-1], 5)
            self.assertLess(values["forestd_request_duration_seconds_sum"], 60)

    def test_while_others_ask(self):
        with Server() as server:
            stop = threading.Event()

            def ask():
                while not stop.is_set():
                    server.invoke(QUESTION)

            askers = [threading.Thread(target=ask) for _ in range(3)]
            for asker in askers:
                asker.start()
            before = 0
            for _ in range(20):
                values = read(server)
                self.assertGreaterEqual(values["forestd_rows_total"], before)
                before = values["forestd_rows_total"]
            stop.set()
            for asker in askers:
                asker.join()

    def test_names_are_quoted(self):
        with Server(None, "--model", 'a"b\\c=models/model.joblib', cwd=__import__("program").TOP) as server:
            self.assertTrue(any('model="a\\"b\\\\c"' in name for name in read(server)))


def measured(lines):
    """The lines of CloudWatch's embedded metric format among these, each proved: what the format demands of it."""
    found = []
    for line in lines:
        said = json.loads(line)
        if "_aws" not in said:
            continue
        assert len(line) < 256 * 1024
        age = time.time() * 1000 - said["_aws"]["Timestamp"]
        assert isinstance(said["_aws"]["Timestamp"], int) and 0 <= age < 600_000, age
        for directive in said["_aws"]["CloudWatchMetrics"]:
            assert 1 <= len(directive["Namespace"]) <= 1024 and 1 <= len(directive["Metrics"]) <= 100
            for dimensions in directive["Dimensions"]:
                assert len(dimensions) <= 30
                for name in dimensions:
                    assert isinstance(said[name], str) and 1 <= len(said[name]) <= 1024, name
            for metric in directive["Metrics"]:
                assert metric["Unit"] in ("Milliseconds", "Count")
                values = said[metric["Name"]]
                values = values if isinstance(values, list) else [values]
                assert 1 <= len(values) <= 100
                assert all(isinstance(value, (int, float)) and 0 <= value < 2**360 for value in values)
        found.append(said)
    return found


class CloudWatch(unittest.TestCase):
    def lines(self, *options):
        server = Server(MODEL, "--name", "churn", *options)
        for _ in range(150):
            server.invoke(QUESTION)
        server.invoke("{")
        server.invoke(QUESTION, path="/v1/models/none:predict")
        server.ask("GET", "/nowhere")
        server.process.terminate()
        server.process.wait(60)
        server.log.seek(0)
        lines = server.log.read().splitlines()
        self.assertEqual(server.stop(), 0)
        return measured(lines)

    def test_a_line_for_each_model_and_status(self):
        for level in "info", "error":
            told = {(line["Model"], line["Status"]): line for line in self.lines("--metrics-log", "forestd", "--log-level", level)}
            self.assertEqual(set(told), {("churn", "200"), ("churn", "400"), ("none", "404")})
            good = told["churn", "200"]
            self.assertEqual((good["Requests"], good["Rows"], len(good["Latency"])), (150, 150, 100))
            self.assertEqual(good["_aws"]["CloudWatchMetrics"][0]["Namespace"], "forestd")

    def test_none_where_nobody_asks_for_them(self):
        self.assertEqual(self.lines(), [])

    def test_names_that_come_and_go_are_no_metrics(self):
        server = Server(None, "--multi-model", "--metrics-log", "forestd")
        for name in "a", "b":
            server.invoke(json.dumps({"model_name": name, "url": str(MODEL)}), path="/models")
            server.invoke(QUESTION, path=f"/models/{name}/invoke")
        server.process.terminate()
        server.process.wait(60)
        server.log.seek(0)
        told = measured(server.log.read().splitlines())
        self.assertEqual(server.stop(), 0)
        self.assertEqual([(line["Model"], line["Requests"]) for line in told], [("all", 2)])

    def test_lambda_tells_with_each_event(self):
        with RuntimeApi() as api:
            function = Function(api, model=MODEL, environment={"FORESTD_METRICS_LOG": "forestd"})
            for _ in range(3):
                api.ask({"instances": [ROW]})
            api.ask({"warmup": True})
            function.process.kill()
            told = measured(function.process.communicate()[1].splitlines())
        self.assertEqual([(line["Status"], line["Requests"], len(line["Latency"])) for line in told], [("200", 1, 1)] * 3)


if __name__ == "__main__":
    unittest.main()
