"""forestd as an AWS Lambda function, under a Runtime API that behaves as the real one."""

import base64
import io
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import lambda_events as events
import numpy
from clouds import S3
from program import FORESTD, MODEL, ROW, TOP, Server
from runtime_api import MOST, Function, RuntimeApi

EXPECTED = {"predictions": [0], "probabilities": [[0.78, 0.22]]}
SANITIZED = b"__asan_init" in pathlib.Path(FORESTD).read_bytes() or b"__tsan_init" in pathlib.Path(FORESTD).read_bytes()


class Loop(unittest.TestCase):
    """One function that lives through all of these."""

    @classmethod
    def setUpClass(cls):
        cls.api = RuntimeApi()
        cls.function = Function(cls.api, model=MODEL)

    @classmethod
    def tearDownClass(cls):
        cls.function.__exit__()
        cls.api.__exit__()

    def reply(self, event, kind="response"):
        answer = self.api.ask(event)
        self.assertEqual(answer.kind, kind, answer.body[:300])
        return answer.json()

    def see(self, reply, status=200):
        self.assertEqual(reply["statusCode"], status, reply)
        self.assertIs(reply["isBase64Encoded"], False)
        return json.loads(reply["body"])

    def see_prediction(self, found):
        self.assertEqual({name: found[name] for name in EXPECTED}, EXPECTED)

    # 22: every way in by HTTP

    def test_rest_api(self):
        reply = self.reply(events.rest(body=events.QUESTION))
        self.see_prediction(self.see(reply))
        self.assertEqual(reply["headers"]["Content-Type"], "application/json")
        self.assertEqual(reply["headers"]["Access-Control-Allow-Origin"], "*")
        self.assertIsInstance(reply["statusCode"], int)
        self.assertIsInstance(reply["body"], str)

    def test_http_api_and_url(self):
        self.see_prediction(self.see(self.reply(events.http(body=events.QUESTION))))
        self.see_prediction(self.see(self.reply(events.http(body=events.QUESTION, url=True, path="/"))))

    def test_stage_prefix(self):
        self.see_prediction(self.see(self.reply(events.http(body=events.QUESTION, stage="prod"))))
        self.see_prediction(self.see(self.reply(events.http(body=events.QUESTION, stage="prod", path="/invocations"))))
        self.see_prediction(self.see(self.reply(events.http(body=events.QUESTION, stage="prod", path=""))))
        self.see(self.reply(events.http(body=events.QUESTION, path="/production/x", stage="prod")), 404)

    def test_load_balancer(self):
        reply = self.reply(events.balancer(body=events.QUESTION))
        self.see_prediction(self.see(reply))
        self.assertEqual(reply["statusDescription"], "200 OK")
        self.assertEqual(reply["headers"]["Content-Type"], "application/json")

    def test_load_balancer_with_many_values(self):
        reply = self.reply(events.balancer(body=events.QUESTION, many=True, query={"output": "predictions"}))
        self.assertEqual(set(self.see(reply)), {"predictions", "model_version"})
        self.assertEqual(reply["multiValueHeaders"]["Content-Type"], ["application/json"])
        self.assertNotIn("headers", reply)

    def test_load_balancer_encodes_its_path(self):
        self.see_prediction(self.see(self.reply(events.balancer(path="/%69nvocations", body=events.QUESTION))))

    def test_arrays_in_base64_both_ways(self):
        stream = io.BytesIO()
        numpy.save(stream, numpy.array([ROW]))
        body = base64.b64encode(stream.getvalue()).decode()
        headers = {"content-type": "application/x-npy"}
        for event in (events.http(body=body, headers=headers, encoded=True),
                      events.rest(body=body, headers=headers, encoded=True),
                      events.balancer(body=body, headers=headers, encoded=True)):
            reply = self.reply(event)
            self.assertIs(reply["isBase64Encoded"], True)
            self.assertEqual(reply["headers"]["Content-Type"], "application/x-npy")
            found = numpy.load(io.BytesIO(base64.b64decode(reply["body"])), allow_pickle=False)
            self.assertEqual(found.tolist(), [0])

    def test_csv(self):
        event = events.http(body=",".join(map(str, ROW)), headers={"Content-Type": "text/csv", "Accept": "text/csv"})
        reply = self.reply(event)
        self.assertEqual((reply["body"], reply["headers"]["Content-Type"]), ("0\n", "text/csv"))

    def test_missing_and_null_bodies(self):
        for event in events.rest(), events.http(), events.http(body=""), events.balancer():
            self.assertEqual(self.see(self.reply(event), 400)["error"], "No instances provided")

    def test_a_body_that_is_a_document(self):
        self.see_prediction(self.see(self.reply(events.rest(body=json.loads(events.QUESTION)))))

    def test_other_routes(self):
        self.see(self.reply(events.rest("POST", "/nowhere", "{}")), 404)
        self.see(self.reply(events.http("PUT", "/invocations", "{}")), 405)
        self.assertEqual(self.reply(events.http("GET", "/ping"))["statusCode"], 200)
        self.see_prediction(self.see(self.reply(events.http(path="/v1/models/model:predict", body=events.QUESTION)))
                            | {"probabilities": EXPECTED["probabilities"]})
        preflight = self.reply(events.http("OPTIONS", "/invocations"))
        self.assertEqual(preflight["statusCode"], 204)
        self.assertIn("POST", preflight["headers"]["Access-Control-Allow-Methods"])

    def test_wrong_rows_are_the_callers_fault(self):
        found = self.see(self.reply(events.http(body='{"instances": [[1, 2]]}')), 400)
        self.assertIn("10", found["error"])

    # 23: warm-up

    def test_warm_up(self):
        warmed = {"statusCode": 200, "body": "warmed up"}
        for event in {"warmup": True}, events.schedule(), {"source": "serverless-plugin-warmup"}:
            self.assertEqual(self.reply(event), warmed)
        start = time.monotonic()
        self.assertEqual(self.reply({"warmup": True, "sleep": 0.3}), warmed)
        self.assertGreaterEqual(time.monotonic() - start, 0.3)

    # 24: without HTTP

    def test_direct(self):
        self.see_prediction(self.reply({"instances": [ROW]}))
        self.see_prediction(self.reply({"parameters": {}, "instances": [ROW]}))
        self.see_prediction(self.reply({"inputs": [ROW]}))
        self.assertEqual(self.reply([ROW]), [0])
        failed = self.reply({"instances": [[1]]}, "error")
        self.assertIn("10", failed["errorMessage"])
        self.assertTrue(failed["errorType"].startswith("Forestd."))
        self.assertEqual(failed["stackTrace"], [])

    def test_records(self):
        for make, names in ((events.sqs, "message-{}"), (events.sns, "note-{}"), (events.kinesis, "4959{}")):
            found = self.reply(make(events.QUESTION, "nonsense", events.QUESTION))
            self.assertEqual([result["id"] for result in found["results"]], [names.format(i) for i in range(3)])
            self.assertEqual([result["statusCode"] for result in found["results"]], [200, 400, 200])
            self.see_prediction(found["results"][2]["answer"])
            if make is not events.sns:
                self.assertEqual(found["batchItemFailures"], [{"itemIdentifier": names.format(1)}])
        self.assertEqual(self.reply(events.sqs(events.QUESTION))["batchItemFailures"], [])

    def test_event_bus(self):
        self.see_prediction(self.reply(events.bus(json.loads(events.QUESTION))))

    # 25: garbage

    def test_broken_events(self):
        self.assertGreaterEqual(len(events.BROKEN), 40)
        for event in events.BROKEN:
            answer = self.api.ask(event)
            self.assertIn(answer.kind, ("error", "response"))
            found = answer.json()
            if answer.kind == "error":
                self.assertEqual(set(found), {"errorMessage", "errorType", "stackTrace"}, event[:60])
                self.assertTrue(found["errorMessage"], event[:60])
        self.see_prediction(self.reply({"instances": [ROW]}))

    def test_an_unknown_event_is_told_what_is_known(self):
        found = self.reply({"hello": "world"}, "error")
        for word in "API Gateway", "instances", "SQS", "warmup":
            self.assertIn(word, found["errorMessage"])
        self.assertEqual(found["errorType"], "Forestd.UnknownEvent")

    # 26: too large an answer

    def test_an_answer_that_lambda_would_not_take(self):
        rows = json.dumps({"instances": [[0] * 10] * 400000}, separators=(",", ":"))
        found = self.see(self.reply(events.http(body=rows)), 413)
        self.assertIn(str(MOST), found["error"])
        self.assertIn(str(MOST), self.reply(rows.encode(), "error")["errorMessage"])
        self.see_prediction(self.reply({"instances": [ROW]}))

    def test_one_connection_is_kept(self):
        before = len(self.api.connections)
        for _ in range(20):
            self.reply({"warmup": True})
        self.assertLessEqual(len(self.api.connections), before + 1)


class Starting(unittest.TestCase):
    # 27: no model

    def refused(self, **how):
        with RuntimeApi() as api, Function(api, **how) as function:
            answer = api.wait_answer()
            status, said = function.wait()
            self.assertEqual(answer.kind, "init")
            self.assertNotEqual(status, 0)
            self.assertEqual(answer.headers["Lambda-Runtime-Function-Error-Type"], "Unhandled")
            self.assertNotIn("/2018-06-01/runtime/invocation/next", api.calls)
            return answer.json()["errorMessage"], said

    def test_no_model(self):
        message, said = self.refused(model="/nowhere/model.joblib")
        self.assertIn("/nowhere/model.joblib", message)
        self.assertIn("/nowhere/model.joblib", said)
        self.assertIn("FORESTD_MODEL", self.refused()[0])

    def test_a_file_that_is_no_model(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "model.joblib")
            path.write_bytes(b"nonsense")
            self.assertIn("model.joblib", self.refused(model=path)[0])

    # how the model is named, and the program started

    def works(self, *options, **how):
        with RuntimeApi() as api, Function(api, *options, **how):
            self.assertEqual(api.ask({"instances": [ROW]}).json()["predictions"], [0])

    def test_ways_to_start(self):
        self.works(model=MODEL)
        self.works("lambda", model=MODEL)
        self.works("app.handler", model=MODEL)
        self.works("--model", str(MODEL))
        self.works(environment={"MODEL_PATH": str(MODEL)})
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(MODEL, folder)
            self.works(environment={"LAMBDA_TASK_ROOT": folder})

    # 30: not the function

    def test_one_thread(self):
        with RuntimeApi() as api, Function(api, model=MODEL) as function:
            api.ask({"instances": [ROW]})
            status = pathlib.Path(f"/proc/{function.process.pid}/status").read_text()
            if not SANITIZED:
                self.assertIn("Threads:\t1\n", status)

    def test_http_when_it_is_said(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        for options, variables in ((["serve"], {}), ([], {"FORESTD_MODE": "http"})):
            with RuntimeApi() as api, Function(api, *options, model=MODEL, environment={
                    "FORESTD_PORT": str(port), "FORESTD_HOST": "127.0.0.1", **variables}):
                deadline = time.monotonic() + 60
                done = None
                while time.monotonic() < deadline and (done is None or done.returncode):
                    done = subprocess.run([FORESTD, "healthcheck", "--port", str(port)], capture_output=True)
                    time.sleep(0.05)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(api.calls, [])

    def test_events_behind_the_web_adapter(self):
        with Server(MODEL, environment={"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1", "FORESTD_MODE": "http"}) as server:
            def post(event, status=200):
                answer = server.invoke(event if isinstance(event, str) else json.dumps(event), path="/events")
                self.assertEqual(answer.status, status, answer.body)
                return answer.json()

            self.assertEqual(post({"instances": [ROW]})["predictions"], [0])
            self.assertEqual(len(post({"instances": [ROW] * 5000})["predictions"]), 5000)
            self.assertEqual(post({"warmup": True, "sleep": 5})["body"], "warmed up")
            self.assertEqual(post({"detail-type": "Ask", "source": "me", "detail": {"instances": [ROW]}})["predictions"], [0])
            for event, status in ({"instances": [[1]]}, 400), ({"some": "thing"}, 400), ("{", 400), ("", 400):
                self.assertTrue(post(event, status)["errorMessage"])
            reply = post({"httpMethod": "POST", "path": "/events", "headers": {}, "body": json.dumps({"instances": [ROW]})})
            self.assertEqual(reply["statusCode"], 404)
        with Server(MODEL) as server:
            answer = server.invoke(json.dumps({"instances": [ROW]}), path="/events")
            self.assertEqual((answer.status, answer.json()["code"]), (404, "not_found"))

    # 29: the sandbox

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv") and not SANITIZED, "needs root and plain memory")
    @unittest.skipIf(subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode, "no mounts of its own")
    def test_any_user_and_nothing_to_write(self):
        script = ("mount -t tmpfs -o ro none /dev/shm && mount -o remount,ro / 2>/dev/null || mount -o bind,ro / / ; "
                  "exec setpriv --reuid 993 --regid 990 --clear-groups --no-new-privs -- \"$@\"")
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            program = shutil.copy(FORESTD, folder)
            model = shutil.copy(MODEL, folder)
            with RuntimeApi() as api, Function(api, model=model, command=["unshare", "--mount", "sh", "-c", script, "sh",
                                                                          program, "lambda"]):
                self.assertEqual(api.ask({"instances": [ROW]}).json()["predictions"], [0])


class Objects(unittest.TestCase):
    """The model, and rows that a notification names, come from an object store."""

    def test_s3(self):
        with S3() as store:
            store.put("models", "m.joblib", MODEL.read_bytes())
            store.put("rows", "to day/rows+1.csv", (",".join(map(str, ROW)) + "\n").encode() * 2)
            store.put("rows", "wrong.json", b'{"instances": [[1]]}')
            environment = {"AWS_ENDPOINT_URL_S3": store.address, "AWS_ACCESS_KEY_ID": "AKIAFOREST",
                           "AWS_SECRET_ACCESS_KEY": "forestsecret", "AWS_REGION": "us-east-1"}
            with RuntimeApi() as api, Function(api, model="s3://models/m.joblib", environment=environment):
                found = api.ask(events.s3("to+day/rows%2B1.csv", "wrong.json", "nowhere.csv")).json()["results"]
                self.assertEqual([result["statusCode"] for result in found], [200, 400, 502])
                self.assertEqual(found[0]["id"], "s3://rows/to day/rows+1.csv")
                self.assertEqual(found[0]["answer"], [0, 0])
                self.assertIn("NoSuchKey", json.dumps(found[2]))
                found = api.ask(events.bus({"bucket": {"name": "rows"}, "object": {"key": "to day/rows+1.csv"}}, "aws.s3",
                                           "Object Created")).json()
                self.assertEqual(found["results"][0]["answer"], [0, 0])


class Freezing(unittest.TestCase):
    def test_a_thawed_function_opens_its_connection_again(self):
        with RuntimeApi() as api, Function(api, model=MODEL) as function:
            self.assertEqual(api.ask({"instances": [ROW]}).json()["predictions"], [0])
            deadline = time.monotonic() + 30
            while api.nexts < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
            function.process.send_signal(signal.SIGSTOP)
            api.events.put(None)  # cuts the connection that waits
            time.sleep(1.5)
            function.process.send_signal(signal.SIGCONT)
            self.assertEqual(api.ask({"instances": [ROW]}).json()["predictions"], [0])
            self.assertIsNone(function.process.poll())


class Failing(unittest.TestCase):
    # 28: the API is gone, or behaves badly

    def ends(self, api, **how):
        with Function(api, model=MODEL, **how) as function:
            status, said = function.wait()
        self.assertNotEqual(status, 0)
        self.assertIn("Runtime API", said)

    def test_next_fails_three_times(self):
        with RuntimeApi(faults=[lambda call: call.say(500, errorMessage="no")] * 9) as api:
            self.ends(api)
            self.assertEqual(api.nexts, 3)

    def test_next_is_cut_three_times(self):
        with RuntimeApi(faults=[lambda call: call.cut()] * 20) as api:
            self.ends(api)

    def test_next_names_no_request(self):
        with RuntimeApi(faults=[lambda call: call.send(200, b"{}")] * 9) as api:
            self.ends(api)

    def test_nobody_listens(self):
        with RuntimeApi() as api:
            pass
        self.ends(api)

    def test_two_failures_are_lived_through(self):
        faults = [lambda call: call.say(500), lambda call: call.cut()]
        with RuntimeApi(faults=faults) as api, Function(api, model=MODEL):
            self.assertEqual(api.ask({"instances": [ROW]}).json()["predictions"], [0])

    def test_an_event_that_breaks_off(self):
        def broken(call):
            call.send_response(200)
            call.send_header("Lambda-Runtime-Aws-Request-Id", "half")
            call.send_header("Content-Length", "1000")
            call.end_headers()
            call.wfile.write(b'{"instances": ')
            call.wfile.flush()
            call.cut()

        with RuntimeApi(faults=[broken]) as api, Function(api, model=MODEL):
            answer = api.wait_answer()
            self.assertEqual((answer.kind, answer.request), ("error", "half"))
            self.assertIn("whole", answer.json()["errorMessage"])
            self.assertEqual(api.ask({"instances": [ROW]}).json()["predictions"], [0])

    def test_slow_headers(self):
        def slow(call):
            for piece in b"HTTP/1.1 500 No\r\n", b"Content-Length: ", b"0\r\n\r\n":
                call.wfile.write(piece)
                call.wfile.flush()
                time.sleep(0.2)

        with RuntimeApi(faults=[slow, slow]) as api, Function(api, model=MODEL):
            self.assertEqual(api.ask({"instances": [ROW]}).json()["predictions"], [0])

    def test_answers_that_are_not_taken(self):
        faults = [lambda call: call.say(400, errorMessage="no"), lambda call: call.say(403, errorMessage="no"),
                  lambda call: call.say(413, errorMessage="no"), lambda call: call.cut(), lambda call: call.send(202)]
        with RuntimeApi(post_faults=list(faults)) as api, Function(api, model=MODEL):
            for _ in range(len(faults) + 1):
                answer = api.ask({"instances": [ROW]})
            self.assertEqual(answer.json()["predictions"], [0])

    def test_a_500_for_an_answer_ends_the_function(self):
        with RuntimeApi([{"instances": [ROW]}], post_faults=[lambda call: call.say(500, errorMessage="no")]) as api:
            self.ends(api)


class Streaming(unittest.TestCase):
    def test_a_large_batch(self):
        rows = json.dumps({"instances": [[0] * 10] * 400000}, separators=(",", ":"))
        with RuntimeApi() as api, Function(api, "lambda", "--stream", model=MODEL):
            answer = api.ask(events.http(body=rows, url=True))
        self.assertEqual(answer.headers["Lambda-Runtime-Function-Response-Mode"], "streaming")
        self.assertEqual(answer.headers["Content-Type"], "application/vnd.awslambda.http-integration-response")
        prelude, content = answer.body.split(b"\0" * 8, 1)
        self.assertEqual(json.loads(prelude)["statusCode"], 200)
        self.assertEqual(json.loads(prelude)["headers"]["Content-Type"], "application/json")
        self.assertGreater(len(content), MOST)
        self.assertEqual(len(json.loads(content)["predictions"]), 400000)


class Logs(unittest.TestCase):
    def test_ids_and_deadline(self):
        with RuntimeApi() as api:
            with Function(api, model=MODEL, environment={"FORESTD_LOG_LEVEL": "debug"}) as function:
                api.ask({"instances": [ROW]})
                api.ask({"hello": 1})
                api.events.put(None)
                api.faults.extend([lambda call: call.cut()] * 9)
                _, said = function.wait()
        lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        answered = next(line for line in lines if line["message"] == "answered an event")
        failed = next(line for line in lines if line["message"] == "an event failed")
        self.assertEqual((answered["request_id"], failed["request_id"]), ("request-1", "request-2"))
        self.assertTrue(answered["trace_id"].startswith("Root=1-"))
        self.assertGreater(answered["milliseconds_left"], 10000)
        self.assertEqual(failed["level"], "warn")


class Local(unittest.TestCase):
    def run_event(self, event, *options):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(event)
            file.flush()
            return subprocess.run([FORESTD, "lambda", "--model", MODEL, "--event", file.name, *options],
                                  capture_output=True, text=True)

    def test_one_event(self):
        done = self.run_event(json.dumps(events.http(body=events.QUESTION)))
        self.assertEqual((done.returncode, json.loads(done.stdout)["statusCode"]), (0, 200))
        done = self.run_event("nonsense")
        self.assertEqual((done.returncode, json.loads(done.stdout)["errorType"]), (1, "Forestd.syntax"))
        missing = subprocess.run([FORESTD, "lambda", "--model", MODEL, "--event", "/nowhere.json"], capture_output=True,
                                 text=True)
        self.assertIn("/nowhere.json", missing.stderr)

    def test_not_under_lambda(self):
        done = subprocess.run([FORESTD, "lambda", "--model", MODEL], capture_output=True, text=True,
                              env={key: value for key, value in os.environ.items() if not key.startswith("AWS_")})
        self.assertEqual(done.returncode, 2)
        self.assertIn("--event", done.stderr)


if __name__ == "__main__":
    unittest.main()
