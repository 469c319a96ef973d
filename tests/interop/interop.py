"""What the tests beside this file share: where tests/interop/ready put the programs, and how they are started."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "contract"))

from program import FORESTD, GOLDEN, MODEL, free_port  # noqa: E402

INTEROP = pathlib.Path(os.environ.get("INTEROP", TOP / "build" / "interop"))
CASES = GOLDEN / "1.9.1"  # what the environments' scikit-learn wrote
VERSION = "c836760f9d8c09f6"  # of MODEL


def place(name, *path):
    """A file of a program that tests/interop/ready made ready; the test is skipped where it could not."""
    folder = INTEROP / name
    if not (folder / "ready").exists():
        raise unittest.SkipTest(f"{name} is not there: tests/interop/ready {name}")
    return folder.joinpath(*path)


def use(name):
    """Goes on with the Python of a virtual environment that tests/interop/ready made; where it could not, the file is
    skipped."""
    folder = INTEROP.resolve() / name
    if pathlib.Path(sys.prefix).resolve() == folder:
        return
    if not (folder / "ready").exists():
        print(f"skipped: {name} is not there: tests/interop/ready {name}")
        sys.exit(77)
    python = str(folder / "bin" / "python")
    os.execv(python, [python, "-B", *sys.argv])


def golden(case):
    """The rows of a golden case, and what its scikit-learn answers to them."""
    import numpy

    return numpy.load(CASES / f"{case}.npz")


def models(*cases):
    """What forestd serves these golden cases with."""
    return [word for case in cases for word in ("--model", f"{case}={CASES / case}.joblib")]


def wait_for(port, path="/", patience=60, process=None):
    """Until whatever listens on the port answers HTTP; without a path, until somebody listens."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        with contextlib.suppress(OSError, http.client.HTTPException):
            if not path:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                return
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", path)
                connection.getresponse().read()
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing answers on port {port}")


def run_python(environment, text, *words, **how):
    """Runs a text with a virtual environment's Python; words are its sys.argv[1:]."""
    done = subprocess.run([str(place(environment, "bin", "python")), "-c", text, *map(str, words)],
                          capture_output=True, text=True, **how)
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout


class Case(unittest.TestCase):
    """A folder of its own, programs that end with the class, and forestd with nothing in its environment."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="forestd-interop-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    @classmethod
    def start(cls, *words, port, path="/", log="log", environment=None):
        with open(cls.folder / log, "wb") as output:
            process = subprocess.Popen([str(word) for word in words], stdout=output, stderr=subprocess.STDOUT,
                                       cwd=cls.folder, env={**os.environ, **(environment or {})})

        def stop():
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

        cls.addClassCleanup(stop)
        wait_for(port, path, process=process)
        return process

    def run_forestd(self, *words, **variables):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TMPDIR": str(self.folder),
                       "AWS_EC2_METADATA_DISABLED": "true", **variables}
        return subprocess.run([FORESTD, *map(str, words)], env=environment, capture_output=True, text=True,
                              timeout=120)

    def is_model(self, address, *options, **variables):
        done = self.run_forestd("inspect", address, "--json", *options, **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(VERSION, done.stdout)
        return json.loads(done.stdout)

    def is_whole(self, address, body, **variables):
        """An object that is no model: what forestd says of it tells that all of it came."""
        done = self.run_forestd("inspect", address, **variables)
        self.assertIn(f"{len(body)} bytes", done.stdout, done.stderr)
        self.assertIn("as neither a pickle", done.stderr)

    def refuse(self, address, *words, **variables):
        done = self.run_forestd("inspect", address, **variables)
        self.assertEqual(done.returncode, 1, done.stdout)
        for word in words:
            self.assertIn(word, done.stderr)
        return done.stderr
