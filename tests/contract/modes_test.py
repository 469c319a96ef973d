"""Where the program runs, as each platform's environment and arguments tell it, and what follows from that."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from program import FORESTD, GOLDEN, MODEL, QUESTION, ROW, Server, free_port

ONE = {"predictions": [0]}


def explain(*words, **variables):
    told = subprocess.run([FORESTD, *words, "--explain"], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], **variables})
    assert told.returncode == 0, told.stderr
    return dict(line.split(maxsplit=1) for line in told.stdout.splitlines())


@contextlib.contextmanager
def silence():
    """What makes s3:// an object store that takes connections and never says anything."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{listener.getsockname()[1]}", "AWS_ACCESS_KEY_ID": "id",
               "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}


class Bare(Server):
    """The program with a platform's arguments and variables, and nothing of this suite's own."""

    def __init__(self, *words, port=None, wait=True, **variables):
        self.port = port
        self.log = tempfile.TemporaryFile()
        environment = {"PATH": os.environ["PATH"], **variables}
        self.process = subprocess.Popen([FORESTD, *words], stdout=subprocess.PIPE, stderr=self.log, env=environment)
        if wait:
            self.wait_ready()


class Detection(unittest.TestCase):
    def test_each_platforms_signs(self):
        serve = ("serve", "--model", str(MODEL))
        for words, variables, mode, port in (
            (serve, {}, "http", "8080"),
            (serve, {"SAGEMAKER_BIND_TO_PORT": "8081", "PORT": "1"}, "sagemaker", "8081, from SAGEMAKER_BIND_TO_PORT"),
            (serve, {"SAGEMAKER_SAFE_PORT_RANGE": "1-2", "AWS_LAMBDA_RUNTIME_API": "x"}, "sagemaker", "8080"),
            (serve, {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}, "sagemaker", "8080"),
            (serve[1:], {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}, "lambda", "8080"),
            (serve[1:], {"AWS_LAMBDA_RUNTIME_API": "x", "FORESTD_MODE": "http"}, "http", "8080"),
            (serve[1:], {"AIP_HTTP_PORT": "9"}, "vertex", "9, from AIP_HTTP_PORT"),
            (serve[1:], {"AZUREML_MODEL_DIR": "/x"}, "azureml", "8080"),
            (serve[1:], {"PORT": "10", "K_SERVICE": "s"}, "cloudrun", "10, from PORT"),
            (serve[1:], {"FUNCTIONS_CUSTOMHANDLER_PORT": "11"}, "functions", "11, from FUNCTIONS_CUSTOMHANDLER_PORT"),
            (("--model_name=a", "--model_dir=/mnt", "--http_port=12"), {}, "kserve", "12, from the command line"),
            # an ECS task, or a SageMaker endpoint's own variables: no sign of anything
            (serve, {"AWS_EXECUTION_ENV": "AWS_ECS_EC2", "ECS_CONTAINER_METADATA_URI_V4": "http://x"}, "http", "8080"),
            (serve[1:], {"AIP_HTTP_PORT": "9", "FORESTD_PORT": "13"}, "vertex", "13, from FORESTD_PORT"),
            (serve[1:] + ("--mode", "azureml"), {"AIP_HTTP_PORT": "9"}, "azureml", "9, from AIP_HTTP_PORT"),
            # what Kubernetes tells of a service that is called forestd
            (serve, {"FORESTD_PORT": "tcp://10.0.0.1:80"}, "http", "8080"),
        ):
            told = explain(*words, **variables)
            self.assertEqual((told["mode"].split(",")[0], told["port"]), (mode, port), (words, variables))

    def test_the_first_that_is_seen_counts(self):
        signs = (("sagemaker", ("serve",), {"SAGEMAKER_BIND_TO_PORT": "1"}), ("lambda", (), {"AWS_LAMBDA_RUNTIME_API": "x"}),
                 ("functions", (), {"FUNCTIONS_CUSTOMHANDLER_PORT": "2"}), ("vertex", (), {"AIP_HTTP_PORT": "3"}),
                 ("azureml", (), {"AZUREML_MODEL_DIR": "/x"}), ("kserve", ("--model_name=a",), {}),
                 ("cloudrun", (), {"K_SERVICE": "s", "PORT": "4"}))
        for i, (mode, words, variables) in enumerate(signs):
            for other, more, and_more in signs[i:]:
                further = more if other != mode else ()
                told = explain(*words, *further, "--model", str(MODEL), **{**and_more, **variables})
                self.assertTrue(told["mode"].startswith(mode + ", because "), (mode, other, told))
                sign = (list(variables) or ["KServe's arguments"])[0]
                self.assertIn(sign, told["mode"])

    def test_a_mode_that_there_is_not(self):
        run = subprocess.run([FORESTD, "serve", "--mode", "azure"], capture_output=True, text=True)
        self.assertEqual(run.returncode, 2)
        self.assertIn("azureml", run.stderr)

    def test_the_model_and_its_place(self):
        self.assertEqual(explain(AIP_STORAGE_URI="gs://b/m", AIP_HTTP_PORT="1")["model"], "gs://b/m, from AIP_STORAGE_URI")
        self.assertEqual(explain(AZUREML_MODEL_DIR="/x/y")["model"], "/x/y, from AZUREML_MODEL_DIR")
        self.assertEqual(explain("--model", "/a", AIP_STORAGE_URI="", AIP_HTTP_PORT="1")["model"], "/a, from the command line")
        self.assertEqual(explain("serve", "/a", AZUREML_MODEL_DIR="/x")["model"], "/a")
        self.assertEqual(explain("--model_name=m", "--model_dir=/a")["model"], "m = /a, from the command line")


class Vertex(unittest.TestCase):
    def test_any_routes_and_a_local_model(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(MODEL, folder)
            for health, predict in ("/h", "/p"), ("/v1/endpoints/1/deployedModels/2", "/v1/endpoints/1/deployedModels/2:predict"), (
                "/a%20b/ping", "/invocations:predict"), ("/ping", "/v1/models/other:predict"):
                port = free_port()
                with Bare(port=port, AIP_HTTP_PORT=str(port), AIP_HEALTH_ROUTE=health, AIP_PREDICT_ROUTE=predict,
                          AIP_STORAGE_URI=folder, AIP_MODE="PREDICTION") as server:
                    if "%" not in health:
                        self.assertEqual(server.ask("GET", health).status, 200)
                    answer = server.invoke(QUESTION, path=predict)
                    self.assertEqual((answer.status, answer.json()), (200, ONE))
                    self.assertEqual(server.invoke(QUESTION).status, 200)


class AzureML(unittest.TestCase):
    def test_the_folder_is_searched(self):
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder) / "uploaded" / "deep"
            place.mkdir(parents=True)
            shutil.copy(MODEL, place / "model")
            (place / "conda.yaml").write_text("a: b")
            port = free_port()
            with Bare("--port", str(port), port=port, AZUREML_MODEL_DIR=folder) as server:
                answer = server.ask("GET", "/")
                self.assertEqual((answer.status, answer.body), (200, b"Healthy"))
                self.assertEqual(server.invoke(json.dumps({"data": [ROW]}), path="/score").json(), [0])
                self.assertTrue(server.ask("GET", "/nowhere").json()["message"])


class KServe(unittest.TestCase):
    def test_its_arguments(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(MODEL, folder)
            port = free_port()
            with Bare("--model_name=iris", f"--model_dir={folder}", f"--http_port={port}", port=port) as server:
                self.assertEqual(server.ask("GET", "/v1/models").json(), {"models": ["iris"]})
                self.assertEqual(server.invoke(QUESTION, path="/v1/models/iris:predict").json(), ONE)
            with Bare(f"--http_port={port}", "--model_name", "iris", "--model_dir", folder, port=port, PREDICT_PROBA="true") as server:
                self.assertEqual(server.invoke(QUESTION, path="/v1/models/iris:predict").json(), {"predictions": [[0.78, 0.22]]})

    def test_an_open_port_means_that_the_model_is_there(self):
        for variables in {"FORESTD_MODE": "kserve"}, {"K_SERVICE": "s"}:
            with silence() as endless:
                port = free_port()
                server = Bare("--model", "s3://bucket/model.joblib", port=port, wait=False, FORESTD_PORT=str(port), **endless,
                              **variables)
                time.sleep(0.3)
                with self.assertRaises(OSError):
                    server.ask("GET", "/ping")
                self.assertIsNone(server.process.poll())
                self.assertEqual(server.stop(), 0)


class CloudRun(unittest.TestCase):
    def test_the_port_and_the_address(self):
        port = free_port()
        with Bare("--model", str(MODEL), port=port, PORT=str(port)) as server:
            self.assertEqual(server.ask("GET", "/v1/models/%6Dodel").json()["ready"], True)
            self.assertEqual(server.invoke(QUESTION, path="/v1/models/model%3Apredict").json(), ONE)
            check = subprocess.run([FORESTD, "healthcheck"], env={"PORT": str(port)})
            self.assertEqual(check.returncode, 0)
        self.assertEqual(subprocess.run([FORESTD, "healthcheck"], env={"PORT": str(port)}, stderr=subprocess.DEVNULL).returncode, 1)


class Functions(unittest.TestCase):
    def test_answers_before_the_model_is_there(self):
        port = free_port()
        with silence() as endless:
            server = Bare("--model", "s3://bucket/model.joblib", port=port, wait=False, FUNCTIONS_CUSTOMHANDLER_PORT=str(port),
                          **endless)
            deadline = time.monotonic() + 20
            status = None
            while status is None and time.monotonic() < deadline:
                with contextlib.suppress(OSError):
                    status = server.ask("GET", "/").status
            self.assertEqual(status, 200)
            self.assertEqual(server.ask("GET", "/ping").status, 503)
            self.assertEqual(server.stop(), 0)

    def test_predicts(self):
        port = free_port()
        with Bare("--model", str(MODEL), port=port, FUNCTIONS_CUSTOMHANDLER_PORT=str(port)) as server:
            self.assertEqual(server.invoke(QUESTION, path="/api/score").json(), [0])


class Logs(unittest.TestCase):
    def lines(self, mode, *more):
        port = free_port()
        headers = {"Content-Type": "application/json", "User-Agent": 'a"b', "X-Cloud-Trace-Context": "ab" * 16 + "/123;o=1"}
        server = Bare("--model", str(MODEL), "--port", str(port), "--mode", mode, *more, port=port,
                      GOOGLE_CLOUD_PROJECT="p")
        for _ in range(3):
            server.ask("GET", "/ping")
            server.ask("GET", "/health")
        server.ask("POST", "/predict", QUESTION, headers)
        server.ask("POST", "/predict", "{", {**headers, "traceparent": "00-" + "cd" * 16 + "-" + "ef" * 8 + "-01"})
        server.process.terminate()
        output = server.process.stdout.read()
        server.log.seek(0)
        lines = output + server.log.read()
        self.assertEqual(server.stop(), 0)
        return [json.loads(line) for line in lines.splitlines()]

    def test_every_line_is_json(self):
        for mode in "sagemaker", "vertex", "azureml", "cloudrun", "kserve", "functions":
            usual, all_lines = self.lines(mode), self.lines(mode, "--log-level", "debug")
            for line in usual + all_lines:
                self.assertLessEqual({"time", "level", "severity", "message"}, set(line))
                self.assertIn(line["severity"], ("DEBUG", "INFO", "WARNING", "ERROR"))
                self.assertNotIn(line.get("path"), ("/ping", "/health"))
            self.assertLess(len(usual), 4)
            requests = [line for line in all_lines if line.get("path") == "/predict"]
            self.assertEqual(sorted(line["status"] for line in requests), [200, 400])
            self.assertEqual("httpRequest" in requests[0], mode in ("vertex", "cloudrun"))

    def test_google_reads_requests_and_traces(self):
        lines = [line for line in self.lines("vertex", "--log-level", "debug") if "httpRequest" in line]
        first, second = sorted(lines, key=lambda line: line["httpRequest"]["status"])
        said = first["httpRequest"]
        self.assertEqual((said["requestMethod"], said["requestUrl"], said["status"], said["userAgent"], said["requestSize"]),
                         ("POST", "/predict", 200, 'a"b', str(len(QUESTION))))
        self.assertRegex(said["latency"], r"^\d+\.\d{9}s$")
        self.assertEqual(first["logging.googleapis.com/trace"], "projects/p/traces/" + "ab" * 16)
        self.assertEqual(second["logging.googleapis.com/trace"], "projects/p/traces/" + "cd" * 16)
        self.assertEqual(second["logging.googleapis.com/spanId"], "ef" * 8)


if __name__ == "__main__":
    unittest.main()
