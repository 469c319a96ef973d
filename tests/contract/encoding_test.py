"""Compressed bodies: Content-Encoding gzip and deflate, in any cut, bounded, and refused where they are broken."""

import gzip
import json
import os
import unittest
import zlib

from program import QUESTION, ROW, Server

BODY = QUESTION.encode()


def bare(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


FORMS = [("gzip", gzip.compress(BODY)), ("GZIP", gzip.compress(BODY)), ("x-gzip", gzip.compress(BODY)), ("deflate", zlib.compress(BODY)),
         ("deflate", bare(BODY)), ("identity", BODY), ("gzip", gzip.compress(BODY[:20]) + gzip.compress(BODY[20:]))]


class Encoding(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(None, "--model", "models/model.joblib", "--max-body", "1000000",
                                                  cwd=__import__("program").TOP))
        cls.plain = cls.server.invoke(BODY).body

    def ask(self, body, encoding, path="/invocations", content_type="application/json", **how):
        return self.server.ask("POST", path, body, {"Content-Type": content_type, "Content-Encoding": encoding}, **how)

    def test_forms(self):
        for encoding, body in FORMS:
            answer = self.ask(body, encoding)
            self.assertEqual((answer.status, answer.body), (200, self.plain), (encoding, body))

    def test_every_cut(self):
        for encoding, body in FORMS:
            for size in 1, 2, 7:
                pieces = (body[i:i + size] for i in range(0, len(body), size))
                answer = self.ask(pieces, encoding, encode_chunked=True)
                self.assertEqual((answer.status, answer.body), (200, self.plain), (encoding, size))

    def test_other_formats_and_routes(self):
        rows = (",".join(map(str, ROW)) + "\n").encode() * 5000
        plain = self.server.invoke(rows, "text/csv")
        self.assertEqual(plain.status, 200, plain.body[:200])
        self.assertEqual(self.ask(gzip.compress(rows), "gzip", content_type="text/csv").body, plain.body)
        for path, body in (("/v1/models/model:predict", BODY), ("/score", BODY), ("/predict", BODY), ("/v2/models/model/infer", json.dumps({
                "inputs": [{"name": "x", "shape": [1, 10], "datatype": "FP64", "data": ROW}]}).encode())):
            answer = self.ask(gzip.compress(body), "gzip", path)
            self.assertEqual((answer.status, answer.body), (200, self.server.ask("POST", path, body, {
                "Content-Type": "application/json"}).body), path)

    def refused(self, status, said, body, encoding="gzip", **how):
        answer = self.ask(body, encoding, **how)
        self.assertEqual(answer.status, status, answer.body)
        self.assertIn(said, answer.json()["error"])
        self.assertEqual(self.server.invoke(BODY).body, self.plain)
        return answer

    def test_bombs(self):
        for body in gzip.compress(b" " * 50_000_000), gzip.compress(b"[" * 50_000_000), gzip.compress(gzip.compress(b" " * 10_000_000)) * 100:
            self.assertIn(self.ask(body, "gzip").status, (400, 413))
        self.refused(413, "1000000 bytes", gzip.compress(b'{"instances": [' + b" " * 50_000_000))

    def test_broken(self):
        whole = gzip.compress(BODY)
        for size in range(1, len(whole)):
            self.refused(400, "breaks off", whole[:size]) if size % 9 == 0 else self.assertEqual(self.ask(whole[:size], "gzip").status, 400, size)
        self.refused(400, "Content-Encoding: gzip", BODY)
        self.refused(400, "Content-Encoding: gzip", whole + b"rest")
        self.refused(400, "Content-Encoding: deflate", zlib.compress(BODY) + b"rest", "deflate")
        for place in range(len(whole)):
            broken = bytearray(whole)
            broken[place] ^= 0x55
            answer = self.ask(bytes(broken), "gzip")
            self.assertTrue(answer.status == 400 or answer.body == self.plain, (place, answer.body))
        self.refused(400, "No instances", b"")

    def test_unknown(self):
        for encoding in "br", "zstd", "gzip, gzip", "compress":
            answer = self.refused(415, "gzip, deflate, identity", BODY, encoding)
            self.assertEqual(answer.headers["Accept-Encoding"], "gzip, deflate")

    def test_long_bodies_are_answered_in_blocks(self):
        line = (",".join(map(str, ROW)) + "\n").encode()
        count = 400_000 if "SANITIZED" not in os.environ else 300_000
        with Server(None, "--model", "models/model.joblib", cwd=__import__("program").TOP) as server:
            answer = server.ask("POST", "/invocations", gzip.compress(line * count, 1), {"Content-Type": "text/csv", "Content-Encoding": "gzip"})
            self.assertEqual((answer.status, answer.body.count(b"\n")), (200, count))


if __name__ == "__main__":
    unittest.main()
