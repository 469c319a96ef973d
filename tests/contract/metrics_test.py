"""GET /metrics, in Prometheus' text format."""

import re
import threading
import time
import unittest

from program import QUESTION, ROW, Server

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
            while (values := read(server)).get("forestd_request_duration_seconds_count") != 5 and time.monotonic() < deadline:
                time.sleep(0.01)
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


if __name__ == "__main__":
    unittest.main()
