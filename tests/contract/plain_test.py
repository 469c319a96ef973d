"""What load balancers and proxies of any platform expect; and that README.md names tests that exist."""

import http.client
import os
import pathlib
import re
import time
import unittest

from program import QUESTION, Server

HERE = pathlib.Path(__file__).parent


class Plain(unittest.TestCase):
    def test_paths_are_decoded(self):
        with Server() as server:
            for path in "/invoc%61tions", "/%69nvocations", "/v1/models/%6dodel:predict", "/v1/models/model%3Apredict":
                answer = server.ask("POST", path, QUESTION)
                self.assertEqual(answer.status, 200, (path, answer.body))
            self.assertEqual(server.ask("POST", "/invoc%2561tions", QUESTION).status, 404, "they are decoded once")

    @unittest.skipUnless(os.environ.get("FORESTD_SLOW"), "takes more than a minute: FORESTD_SLOW=1")
    def test_connections_are_kept(self):
        with Server() as server:
            link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            for pause in 66, 0:
                link.request("POST", "/invocations", QUESTION)
                answer = link.getresponse()
                self.assertEqual(answer.status, 200)
                answer.read()
                self.assertFalse(answer.will_close)
                time.sleep(pause)
            link.close()


class Table(unittest.TestCase):
    def test_names_tests_that_exist(self):
        rows = re.findall(r"^\| (\d+) \|.*\| (.*) \|$", (HERE / "README.md").read_text(), re.M)
        self.assertEqual([int(number) for number, _ in rows], list(range(1, 40)))
        for number, tests in rows:
            found = re.findall(r"`(\w+)\.(test_\w+)`", tests)
            self.assertTrue(found, number)
            for file, test in found:
                self.assertRegex((HERE / f"{file}.py").read_text(), rf"def {test}\(", f"{number}: {file}.{test}")


if __name__ == "__main__":
    unittest.main()
