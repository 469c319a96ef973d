"""The built program, started on a free port and spoken to over plain sockets and http.client."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
FORESTD = os.environ.get("FORESTD", str(TOP / "build" / "forestd"))
MODEL = TOP / "models" / "model.joblib"
GOLDEN = TOP / "tests" / "golden"
ROW = [0.1, -1.2, 0.3, 1.4, -0.5, 0.6, -0.7, 0.8, -0.9, 1.0]
QUESTION = json.dumps({"instances": [ROW]})
PATIENCE = 120


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Server:
    """`forestd serve`, ready unless told otherwise."""

    def __init__(self, model=MODEL, *options, wait=True, environment=None, command=(), port=None, **how):
        self.port = port or free_port()
        self.log = tempfile.TemporaryFile()
        words = [*command, FORESTD, "serve", *(["--model", str(model)] if model else []), *options]
        variables = {**os.environ, "FORESTD_PORT": str(self.port), "FORESTD_HOST": "127.0.0.1", **(environment or {})}
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=self.log, env=variables, **how)
        if wait:
            self.wait_ready()

    def wait_ready(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                if self.ask("GET", "/ping").status == 200:
                    return
            time.sleep(0.02)
        self.log.seek(0)
        raise AssertionError(f"not ready: {self.log.read().decode()}")

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, method, path, body=None, headers=None, **how):
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {}, **how)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def invoke(self, body, content_type="application/json", accept=None, path="/invocations", **headers):
        if accept:
            headers["Accept"] = accept
        if content_type:
            headers["Content-Type"] = content_type
        return self.ask("POST", path, body, headers)

    def raw(self, data):
        """Sends bytes as they are and returns all that comes back until the server closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as link:
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
            answer = b""
            with contextlib.suppress(OSError):
                while piece := link.recv(65536):
                    answer += piece
            return answer

    def stop(self):
        """SIGTERM, and the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.stdout.close()
            self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        status = self.stop()
        assert status == 0, f"exit status {status}"
