"""`forestd pack --archive`: the archive that SageMaker takes, read back."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import unittest

from program import FORESTD, GOLDEN, MODEL, QUESTION, TOP, Server

ROWS = TOP / "models" / "rows.csv"


def run(*words, **variables):
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("FORESTD_", "SOURCE_DATE"))}
    return subprocess.run([FORESTD, *map(str, words)], capture_output=True, text=True, env={**environment, **variables})


class Archives(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.archive = self.folder / "model.tar.gz"

    def pack(self, *words, model=MODEL, **variables):
        done = run("pack", model, "--archive", self.archive, *words, **variables)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return self.archive.read_bytes()

    def test_the_archive_holds_the_model_and_where_it_comes_from(self):
        packed = self.folder / "packed.forest"
        self.pack("-o", packed)
        with tarfile.open(self.archive, "r:gz") as archive:
            self.assertEqual(archive.getnames(), ["model.forest", "origin.json"])
            content = archive.extractfile("model.forest").read()
            origin = json.load(archive.extractfile("origin.json"))
            for entry in archive.getmembers():
                self.assertEqual((entry.uid, entry.gid, entry.mtime, entry.mode), (0, 0, 0, 0o644))
        self.assertEqual(content, packed.read_bytes())
        told = json.loads(run("inspect", MODEL, "--json").stdout)
        self.assertEqual(origin, {
            "source": "model.joblib", "source_hash": f"xxh3-64:{told['model_version']}", "estimator": "RandomForestClassifier",
            "scikit_learn": told["scikit_learn"], "forestd": run("--version").stdout.split()[1], "model": "model.forest",
            "model_sha256": hashlib.sha256(content).hexdigest()})
        again = json.loads(run("inspect", self.archive, "--json").stdout)
        self.assertEqual((again["model_version"], again["container"]), (told["model_version"], "gzip > tar > model.forest"))

    def test_the_same_model_gives_the_same_bytes(self):
        first = self.pack()
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        shutil.copy(MODEL, elsewhere)
        self.assertEqual(self.pack(model=elsewhere / MODEL.name), first)
        self.assertEqual(first[4:8], bytes(4), "gzip's own time")
        self.assertNotEqual(self.pack(SOURCE_DATE_EPOCH="1700000000"), first)
        with tarfile.open(self.archive, "r:gz") as archive:
            self.assertEqual({entry.mtime for entry in archive.getmembers()}, {1700000000})

    def test_it_answers_as_the_file_does(self):
        self.pack()
        taken_out = self.folder / "opt-ml-model"
        with tarfile.open(self.archive) as archive:
            archive.extractall(taken_out)
        answers = []
        for model in MODEL, self.archive, taken_out:
            with Server(model) as server:
                answers.append(server.invoke(QUESTION).body)
                done = run("invoke", f"http://127.0.0.1:{server.port}", "--rows", ROWS, "--expect", MODEL)
                self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(set(answers)), 1, answers)
        name = GOLDEN / "1.9.1" / "rf_classifier_outputs"
        self.pack(model=name.with_suffix(".joblib"))
        done = run("verify", self.archive, "--against", name.with_suffix(".npz"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_mistakes_leave_nothing_behind(self):
        for words, status, said in (
            (["pack", MODEL], 2, "--archive model.tar.gz"),
            (["pack", GOLDEN / "refused" / "pipeline.joblib", "--archive", self.archive], 1, "Pipeline"),
            (["pack", MODEL, "--archive", self.folder / "none" / "model.tar.gz"], 1, "No such file"),
        ):
            done = run(*words)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(said, done.stderr)
        done = run("pack", MODEL, "--archive", self.archive, SOURCE_DATE_EPOCH="today")
        self.assertEqual(done.returncode, 1)
        self.assertIn("SOURCE_DATE_EPOCH: 'today'", done.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
