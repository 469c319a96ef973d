"""A Runtime API as AWS Lambda's: it hands out events one after another and takes what comes back.

It behaves as Amazon's runtime interface emulator was seen to: paths, status codes, headers, and credentials that are set but
empty. `faults` make single calls fail in chosen ways.
"""

import contextlib
import http.server
import json
import os
import queue
import socketserver
import subprocess
import threading
import time

from program import FORESTD

MOST = 6291556
PATH = "/2018-06-01/runtime/"


class Answer:
    def __init__(self, kind, request, headers, body):
        self.kind, self.request, self.headers, self.body = kind, request, headers, body

    def json(self):
        return json.loads(self.body)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, *_):
        pass

    def send(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def say(self, code, **document):
        self.send(code, json.dumps(document).encode())

    def cut(self):
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(2)

    def do_GET(self):
        api = self.server.api
        api.calls.append(self.path)
        if self.path != PATH + "invocation/next":
            return self.say(404, errorMessage="no such path")
        api.nexts += 1
        api.connections.add(self.client_address)
        if not api.asked.is_set():
            api.first_next = time.monotonic()
            api.asked.set()
        fault = api.faults.pop(0) if api.faults else None
        if fault:
            return fault(self)
        event = api.events.get()
        if event is None:
            return self.cut()
        api.count += 1
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        headers = [("Lambda-Runtime-Aws-Request-Id", f"request-{api.count}"),
                   ("Lambda-Runtime-Deadline-Ms", str(int((time.time() + api.seconds) * 1000))),
                   ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:012345678912:function:test"),
                   ("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1")]
        self.send(200, body, headers)

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def do_POST(self):
        api = self.server.api
        api.calls.append(self.path)
        body = self.body()
        fault = api.post_faults.pop(0) if api.post_faults else None
        words = self.path.removeprefix(PATH).split("/")
        if self.path == PATH + "init/error":
            api.answers.put(Answer("init", None, self.headers, body))
        elif len(words) == 3 and words[2] in ("response", "error"):
            streaming = self.headers.get("Lambda-Runtime-Function-Response-Mode") == "streaming"
            if words[2] == "response" and len(body) > MOST and not streaming:
                api.answers.put(Answer("too large", words[1], self.headers, body[:100]))
                return self.say(413, errorMessage=f"Exceeded maximum allowed payload size ({MOST} bytes).",
                                errorType="RequestEntityTooLarge")
            api.answers.put(Answer(words[2], words[1], self.headers, body))
        else:
            return self.say(404, errorMessage="no such path")
        if fault:
            return fault(self)
        self.say(202, status="OK")


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # the other side is killed in the middle of calls


class RuntimeApi:
    """Hands out `events`; each is a document, or the bytes themselves."""

    def __init__(self, events=(), faults=(), post_faults=(), seconds=60):
        self.events, self.answers = queue.Queue(), queue.Queue()
        for event in events:
            self.events.put(event)
        self.faults, self.post_faults, self.seconds = list(faults), list(post_faults), seconds
        self.calls, self.count, self.nexts, self.connections = [], 0, 0, set()
        self.asked, self.first_next = threading.Event(), 0
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.api = self
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def wait_answer(self, seconds=300):
        return self.answers.get(timeout=seconds)

    def ask(self, event, seconds=300):
        self.events.put(event)
        return self.wait_answer(seconds)


class Function:
    """forestd as Lambda starts it."""

    def __init__(self, api, *options, model=None, environment=None, command=(), **how):
        variables = {key: value for key, value in os.environ.items() if not key.startswith(("FORESTD_", "AWS_"))}
        variables.update(AWS_LAMBDA_RUNTIME_API=api.address, AWS_LAMBDA_FUNCTION_NAME="test_function",
                         AWS_LAMBDA_FUNCTION_VERSION="$LATEST", AWS_LAMBDA_FUNCTION_MEMORY_SIZE="3008",
                         AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_SESSION_TOKEN="", _HANDLER="app.handler")
        if model:
            variables["FORESTD_MODEL"] = str(model)
        variables.update(environment or {})
        self.started = time.monotonic()
        self.process = subprocess.Popen([*command, FORESTD, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=variables, **how)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def wait(self, seconds=60):
        """Its exit status and what it said."""
        said = self.process.communicate(timeout=seconds)
        return self.process.returncode, (said[0] + said[1]).decode()
