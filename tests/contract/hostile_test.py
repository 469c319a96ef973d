"""Requests that are broken, slow, too large or many: each gets its answer, and everyone else is still served."""

import json
import socket
import time
import unittest

from program import MODEL, QUESTION, ROW, Server

LIMIT = 1 << 20


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(MODEL, "--max-body", "1MiB", "--idle-timeout", "4")

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def tearDown(self):
        self.assertEqual(self.server.invoke(QUESTION).status, 200)

    def refused(self, answer, status):
        self.assertEqual(answer.status, status, answer.body)
        said = answer.json()
        self.assertGreater(len(said["error"]), 10)
        self.assertIn("code", said)
        return said

    def test_broken_json(self):
        for body in "{", "[[1,]]", '{"instances": [[1 2]]}', "nope", "[[1e]]", "[" * 5000, '{"instances": [["a"]]}', "\xff":
            self.refused(self.server.invoke(body.encode("latin-1")), 400)

    def test_nothing(self):
        for body in "", "{}", "[]", '{"instances": []}', '{"other": 1}':
            said = self.refused(self.server.invoke(body), 400)
            self.assertTrue(said["error"].startswith("No instances provided"), said)

    def test_wrong_rows_are_named(self):
        said = self.refused(self.server.invoke(json.dumps([ROW, ROW[1:]])), 400)
        self.assertEqual((said["row"], said["code"]), (1, "bad_width"))
        said = self.refused(self.server.invoke(json.dumps([ROW, [*ROW[:4], 1e39, *ROW[5:]]])), 400)
        self.assertEqual((said["row"], said["column"]), (1, 4))
        said = self.refused(self.server.invoke("1,2,3,x,5,6,7,8,9,10", "text/csv"), 400)
        self.assertEqual((said["row"], said["column"]), (0, 3))

    def test_wrong_methods_and_paths(self):
        answer = self.server.ask("DELETE", "/invocations")
        self.refused(answer, 405)
        self.assertIn("POST", answer.headers["Allow"])
        self.refused(self.server.ask("GET", "/nowhere"), 404)
        answer = self.server.ask("OPTIONS", "/invocations", headers={"Origin": "http://a", "Access-Control-Request-Method": "POST"})
        self.assertEqual((answer.status, answer.headers["Access-Control-Allow-Origin"]), (204, "*"))

    def test_bodies_without_a_length(self):
        answer = self.server.raw(b"POST /invocations HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 411"), answer)

    def test_too_large(self):
        answer = self.server.raw(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n[[1,")
        self.assertTrue(answer.startswith(b"HTTP/1.1 413"), answer)
        answer = self.server.raw(
            b"POST /invocations HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 900000000\r\n\r\n"
        )
        self.assertTrue(answer.startswith(b"HTTP/1.1 413"), answer)
        row = json.dumps(ROW)
        body = ("[" + ",".join([row] * (2 * LIMIT // len(row))) + "]").encode()
        self.refused(self.server.ask("POST", "/invocations", body), 413)
        pieces = (body[i : i + 10000] for i in range(0, len(body), 10000))
        self.refused(self.server.ask("POST", "/invocations", pieces, encode_chunked=True), 413)

    def test_continue_is_said(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as link:
            link.sendall(
                f"POST /invocations HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {len(QUESTION)}\r\n\r\n".encode()
            )
            self.assertTrue(link.recv(1000).startswith(b"HTTP/1.1 100"))
            link.sendall(QUESTION.encode())
            self.assertTrue(link.recv(1000).startswith(b"HTTP/1.1 200"))

    def test_oversize_headers(self):
        self.refused(self.server.invoke(QUESTION, **{"X-Large": "x" * 20000}), 431)

    def test_pipelined_requests(self):
        one = f"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: {len(QUESTION)}\r\n\r\n{QUESTION}"
        last = one.replace("Host: x", "Host: x\r\nConnection: close")
        answer = self.server.raw((one * 4 + last).encode())
        self.assertEqual(answer.count(b"HTTP/1.1 200"), 5)

    def test_http_1_0_and_garbage(self):
        self.assertIn(b" 200 ", self.server.raw(b"GET /ping HTTP/1.0\r\n\r\n").split(b"\r\n")[0])
        for garbage in b"\x00" * 100, b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00", b"POST /invocations HTTP/1.1\r\nContent-Length: -1\r\n\r\n":
            self.server.raw(garbage)

    def test_half_requests_and_idle_connections_harm_nobody(self):
        links = []
        for i in range(1000):
            link = socket.create_connection(("127.0.0.1", self.server.port), timeout=30)
            if i % 3 == 1:
                link.sendall(b"POST /invoc")
            elif i % 3 == 2:
                link.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[[1")
            links.append(link)
        self.assertEqual(self.server.ask("GET", "/ping").status, 200)
        self.assertEqual(self.server.invoke(QUESTION).status, 200)
        for link in links:
            link.close()


class Silence(unittest.TestCase):
    def test_slow_clients_are_closed(self):
        with Server(MODEL, "--idle-timeout", "1") as server:
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as link:
                link.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[[1")
                start = time.monotonic()
                while link.recv(1000):
                    pass
                self.assertLess(time.monotonic() - start, 20)


if __name__ == "__main__":
    unittest.main()
