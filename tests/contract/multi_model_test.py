"""Several models in one process, and SageMaker's multi-model endpoints."""

import json
import os
import pathlib
import shutil
import tarfile
import tempfile
import threading
import time
import unittest
import urllib.parse
import zlib

import numpy
from program import GOLDEN, MODEL, QUESTION, ROW, Server

OTHER = GOLDEN / "1.9.1" / "rf_regressor.joblib"
MANY = {"SAGEMAKER_MULTI_MODEL": "True"}
# Sanitizers take memory that models do not.
SANITIZED = any(word in os.environ.get("FORESTD", "") for word in ("asan", "tsan"))


class Served:
    """What a server of many models is asked."""

    def __init__(self, server):
        self.server = server

    def load(self, name, path):
        return self.server.ask("POST", "/models", json.dumps({"model_name": name, "url": str(path)}))

    def unload(self, name):
        return self.server.ask("DELETE", f"/models/{urllib.parse.quote(name)}")

    def invoke(self, name, body=QUESTION, **how):
        return self.server.invoke(body, path=f"/models/{urllib.parse.quote(name)}/invoke", **how)

    def names(self, limit=None):
        token, names = "", []
        while True:
            query = f"?next_page_token={token}" + (f"&limit={limit}" if limit else "")
            answer = self.server.ask("GET", "/models" + query)
            assert answer.status == 200, answer.body
            page = answer.json()
            names += [each["modelName"] for each in page["models"]]
            token = page.get("nextPageToken")
            if not token:
                return names


class ManyModels(unittest.TestCase):
    def setUp(self):
        self.server = Server(None, environment=MANY)
        self.many = Served(self.server)
        self.folder = tempfile.TemporaryDirectory()
        self.place = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()
        self.assertEqual(self.server.stop(), 0)

    def test_begins_without_a_model(self):
        self.assertEqual(self.server.ask("GET", "/ping").status, 200)
        answer = self.server.ask("GET", "/models")
        self.assertEqual((answer.status, answer.json()), (200, {"models": []}))
        self.assertEqual(self.server.invoke(QUESTION).status, 404)

    def test_who_asks_as_for_one_model_is_told_how_to_ask(self):
        for path in "/invocations", "/models/a/invoke":
            answer = self.server.invoke(QUESTION, path=path)
            self.assertEqual(answer.status, 404)
            self.assertIn("POST /models loads one", answer.json()["error"])

    def test_loads_once(self):
        self.assertEqual(self.many.load("a", MODEL.parent).status, 200)
        self.assertEqual(self.many.load("a", MODEL.parent).status, 409)
        statuses = []
        loads = [
            threading.Thread(target=lambda: statuses.append(self.many.load("b", MODEL).status)) for _ in range(16)
        ]
        for each in loads:
            each.start()
        for each in loads:
            each.join()
        self.assertEqual(sorted(statuses), [200] + [409] * 15)
        self.assertEqual(self.many.invoke("a").json(), self.many.invoke("b").json())
        answer = self.server.ask("GET", "/models/a")
        self.assertEqual((answer.status, answer.json()), (200, {"modelName": "a", "modelUrl": str(MODEL.parent)}))

    def test_refuses_what_is_no_model(self):
        (self.place / "empty").mkdir()
        (self.place / "broken").mkdir()
        (self.place / "broken" / "model.joblib").write_bytes(MODEL.read_bytes()[:5000])
        for path in "empty", "broken", "nowhere":
            answer = self.many.load("x", self.place / path)
            self.assertEqual(answer.status, 400, answer.body)
            self.assertIn(path, answer.json()["error"])
            self.assertEqual(self.server.ask("GET", "/models/x").status, 404)
        for body in "", "{", "[]", "{}", '{"model_name": "x"}', '{"model_name": "", "url": "/x"}', '{"model_name": 1, "url": 2}':
            self.assertEqual(self.server.ask("POST", "/models", body).status, 400, body)
        for url in "/proc/1/mem", "/dev/zero", "/sys":
            self.assertEqual(self.many.load("x", url).status, 400)
        self.assertEqual(self.many.load("a/b", MODEL).status, 400)
        self.assertEqual(self.server.ask("POST", "/models", b"x" * 100000).status, 413)
        self.assertEqual(self.many.names(), [])
        self.assertEqual(self.many.load("x", MODEL).status, 200)

    def test_tells_what_is_not_there(self):
        self.assertEqual(self.many.load("here", MODEL).status, 200)
        for answer in self.many.invoke("x"), self.many.unload("x"), self.server.ask("GET", "/models/x"):
            self.assertEqual(answer.status, 404)
            self.assertIn("here", answer.json()["error"])
        self.assertEqual(self.server.ask("GET", "/models?next_page_token=x").status, 400)
        self.assertEqual(self.server.ask("PUT", "/models/here").headers["Allow"], "GET, DELETE, OPTIONS")

    def test_names_of_any_kind(self):
        for name in "linear_reg.tar.gz", "a b", "ü%41", "0" * 200, '"quoted"':
            self.assertEqual(self.many.load(name, MODEL).status, 200)
            self.assertEqual(self.many.invoke(name).status, 200)
        self.assertEqual(len(self.many.names(2)), 5)
        self.assertEqual(self.many.unload("ü%41").status, 200)
        self.assertNotIn("ü%41", self.many.names())

    def test_custom_attributes_come_back(self):
        self.many.load("a", MODEL)
        answer = self.many.invoke("a", **{"X-Amzn-SageMaker-Custom-Attributes": "x=1"})
        self.assertEqual(answer.headers["X-Amzn-SageMaker-Custom-Attributes"], "x=1")

    def test_pages_hold_every_model_once(self):
        wanted = [f"m{i}" for i in range(25)]
        for name in wanted:
            self.assertEqual(self.many.load(name, MODEL).status, 200)
        stop = threading.Event()

        def churn():
            count = 0
            while not stop.is_set():
                self.many.load(f"other{count}", OTHER)
                self.many.unload(f"other{count - 3}")
                count += 1

        other = threading.Thread(target=churn)
        other.start()
        for limit in 1, 3, 10, 1000:
            names = self.many.names(limit)
            self.assertEqual([name for name in names if name.startswith("m")], wanted)
            self.assertEqual(len(set(names)), len(names))
        stop.set()
        other.join()

    def test_a_request_under_way_keeps_its_model(self):
        """DELETE waits for the request, and returns when the model's memory is free."""
        folder = self.place / "model"
        folder.mkdir()
        shutil.copy(MODEL, folder)
        self.assertEqual(self.many.load("a", folder).status, 200)
        rows = numpy.random.RandomState(0).randn(60000, 10).round(3)
        body = json.dumps(rows.tolist()).encode()
        answers = {}

        def invoke():
            # The body is long on its way: the model is taken when it begins.
            pieces = (body[at : at + 65536] for at in range(0, len(body), 65536))

            def slowly():
                for piece in pieces:
                    time.sleep(0.005)
                    yield piece

            answers["invoke"] = self.server.ask("POST", "/models/a/invoke", slowly(), encode_chunked=True)
            answers["invoked"] = time.monotonic()

        def unload():
            answers["unload"] = self.many.unload("a")
            answers["unloaded"] = time.monotonic()

        threads = [threading.Thread(target=invoke), threading.Thread(target=unload)]
        threads[0].start()
        time.sleep(0.2)
        threads[1].start()
        time.sleep(0.1)
        shutil.rmtree(folder)
        self.assertEqual(self.many.invoke("a").status, 404)
        for each in threads:
            each.join()
        self.assertEqual(answers["invoke"].status, 200)
        self.assertEqual(len(answers["invoke"].json()), 60000)
        self.assertEqual(answers["unload"].status, 200)
        self.assertGreater(answers["unloaded"], answers["invoked"] - 1)
        self.assertEqual(self.many.load("a", OTHER).status, 200)

    def resident(self):
        lines = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))

    def test_memory_comes_back(self):
        """1000 models come and go, four at a time, while others are asked."""
        self.assertEqual(self.many.load("stays", OTHER).status, 200)
        known = numpy.load(OTHER.with_suffix(".npz"))
        question = json.dumps(known["rows"][:50].tolist())
        expected = self.many.invoke("stays", question).json()
        stop, errors = threading.Event(), []

        def ask():
            while not stop.is_set():
                answer = self.many.invoke("stays", question)
                if answer.status != 200 or answer.json() != expected:
                    errors.append(answer.body)

        def churn(first, count):
            for i in range(first, first + count):
                if self.many.load(f"m{i}", MODEL).status != 200 or self.many.invoke(f"m{i}").status != 200:
                    errors.append(i)
                if self.many.unload(f"m{i}").status != 200:
                    errors.append(-i)

        def run(threads):
            for each in threads:
                each.start()
            for each in threads:
                each.join()

        run([threading.Thread(target=churn, args=(i * 1000, 10)) for i in range(4)])
        before = self.resident()
        asking = threading.Thread(target=ask)
        asking.start()
        run([threading.Thread(target=churn, args=(i * 1000 + 100, 50 if SANITIZED else 250)) for i in range(4)])
        stop.set()
        asking.join()
        time.sleep(0.2)
        self.assertEqual(errors, [])
        self.assertEqual(self.many.names(), ["stays"])
        after = self.resident()
        print(f"resident: {before} KiB after the first 40 models, {after} KiB after all")
        if not SANITIZED:
            self.assertLess(after, before + 4096)


class Memory(unittest.TestCase):
    def fill(self, many, most):
        """Loads models until there is no memory for one more; how many there are then."""
        for count in range(most):
            answer = many.load(f"m{count}", MODEL)
            if answer.status == 507:
                self.assertEqual(answer.json()["code"], "out_of_memory")
                return count
            self.assertEqual(answer.status, 200, answer.body)
        return self.fail("there is no end")

    def check(self, many, most):
        count = self.fill(many, most)
        self.assertGreater(count, 1)
        self.assertEqual(many.load("one more", MODEL).status, 507)
        self.assertEqual(many.invoke("m0").status, 200)
        self.assertEqual(len(many.names()), count)
        # What one model leaves is enough for one that is as large.
        self.assertEqual(many.unload("m0").status, 200)
        self.assertEqual(many.unload("m1").status, 200)
        self.assertEqual(many.load("one more", MODEL).status, 200)
        return count

    def test_507_within_what_models_may_hold(self):
        with Server(None, "--model-memory", "24MiB", environment=MANY) as server:
            many = Served(server)
            self.check(many, 200)
            self.assertEqual(many.load("huge", GOLDEN / "refused").status, 400)

    def test_a_small_file_that_unpacks_to_much_is_507(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.joblib"
            path.write_bytes(zlib.compress(b"\x80\x04" + bytes(40 << 20)))
            with Server(None, "--model-memory", "24MiB", environment=MANY) as server:
                self.assertEqual(Served(server).load("bomb", path).status, 507)
                self.assertEqual(Served(server).load("a", MODEL).status, 200)

    @unittest.skipIf(SANITIZED, "the sanitizers' own memory is far beyond the limit")
    def test_never_killed_in_a_small_container(self):
        """A real control group: the kernel would kill whatever goes beyond 128 MiB."""
        group = self.control_group(128 << 20)
        try:
            enter = ["sh", "-c", f"echo $$ > {group}/cgroup.procs; exec \"$@\"", "sh"]
            with Server(None, command=enter, environment=MANY) as server:
                many = Served(server)
                results = []

                def load(first):
                    for i in range(first, first + 100):
                        results.append(many.load(f"p{i}", MODEL).status)

                loads = [threading.Thread(target=load, args=(i * 100,)) for i in range(4)]
                for each in loads:
                    each.start()
                for each in loads:
                    each.join()
                self.assertEqual(set(results), {200, 507})
                self.assertGreater(results.count(200), 4)
                self.assertEqual(many.invoke(many.names()[0]).status, 200)
                for name in many.names():
                    self.assertEqual(many.unload(name).status, 200)
                self.check(many, 400)
                print(f"128 MiB hold {len(many.names())} models of {MODEL.stat().st_size >> 10} KiB")
        finally:
            group.rmdir()

    def control_group(self, limit):
        top = pathlib.Path("/sys/fs/cgroup")
        first = (top / "memory" / "memory.limit_in_bytes").exists()
        group = (top / "memory" if first else top) / f"forestd_test_{os.getpid()}"
        try:
            group.mkdir()
            (group / ("memory.limit_in_bytes" if first else "memory.max")).write_text(str(limit))
        except OSError as error:
            if group.exists():
                group.rmdir()
            self.skipTest(f"no control group can be made here: {error}")
        return group


class SeveralModels(unittest.TestCase):
    def test_by_name(self):
        with Server(None, "--model", f"a={MODEL}", "--model", f"b={OTHER}") as server:
            many = Served(server)
            self.assertEqual(many.names(), ["a", "b"])
            self.assertEqual(many.invoke("a").json()["predictions"], [0])
            known = numpy.load(OTHER.with_suffix(".npz"))
            answer = many.invoke("b", json.dumps(known["rows"].tolist()))
            self.assertEqual(answer.json(), known["predictions"].tolist())
            answer = server.invoke(QUESTION)
            self.assertEqual(answer.status, 400)
            self.assertIn("a, b", answer.json()["error"])
            for answer in many.load("c", MODEL), many.unload("a"):
                self.assertEqual(answer.status, 403)
                self.assertIn("--multi-model", answer.json()["error"])

    def test_by_the_environment(self):
        with Server(None, environment={"FORESTD_MODEL": f"a={MODEL},b={OTHER}"}) as server:
            self.assertEqual(Served(server).names(), ["a", "b"])

    def test_the_only_one_needs_no_name(self):
        with Server(f"a={MODEL}") as server:
            self.assertEqual(server.invoke(QUESTION).json(), Served(server).invoke("a").json())

    def test_a_folder_of_models_and_versions(self):
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder)
            for name in "churn", "price/1", "price/2", "price/10", ".hidden", "code", "notes":
                (place / name).mkdir(parents=True)
            shutil.copy(MODEL, place / "iris.joblib")
            with tarfile.open(place / "packed.tar.gz", "w:gz") as archive:
                archive.add(MODEL, "model.joblib")
            shutil.copy(MODEL, place / "churn")
            shutil.copy(MODEL, place / "price" / "1")
            shutil.copy(MODEL, place / "price" / "2")
            shutil.copy(OTHER, place / "price" / "10" / "model.joblib")
            shutil.copy(MODEL, place / ".hidden")
            (place / "notes" / "README.md").write_text("no model")
            with Server(place) as server:
                many = Served(server)
                self.assertEqual(sorted(set(many.names())), ["churn", "iris", "packed", "price"])
                packed = many.invoke("packed").json()["probabilities"]
                self.assertEqual(many.invoke("iris").json()["probabilities"], packed)
                # The highest version is a regressor with other features.
                self.assertEqual(many.invoke("price").json()["code"], "bad_width")
            with Server(place / "price") as server:
                self.assertEqual(server.invoke(QUESTION).json()["code"], "bad_width")

    def test_names_that_cannot_be(self):
        server = Server(None, "--model", str(MODEL), "--model", str(OTHER), wait=False)
        self.assertEqual(server.process.wait(60), 2)
        server.log.seek(0)
        self.assertIn(b"both called 'model'", server.log.read())
        server.stop()


if __name__ == "__main__":
    unittest.main()
