"""The commands as people type them, their mistakes included."""

import json
import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest
import zlib

import numpy
from program import FORESTD, GOLDEN, MODEL, TOP

ROWS = TOP / "models" / "rows.csv"


def run(*words, given=None, **variables):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FORESTD_")}
    return subprocess.run(
        [FORESTD, *map(str, words)], input=given, capture_output=True, text=True, env={**environment, **variables}
    )


class Usage(unittest.TestCase):
    def wrong(self, done, said):
        self.assertEqual(done.returncode, 2, done)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertIn(said, done.stderr)

    def test_mistakes_are_one_line_and_name_the_nearest(self):
        self.wrong(run("serv"), "did you mean serve?")
        self.wrong(run("serve", "--prot", "80"), "did you mean --port?")
        self.wrong(run("serve", "--port", "x", "--model", MODEL), "whole number from 0 to 65535")
        self.wrong(run("serve", "--port", "70000", "--model", MODEL), "'70000'")
        self.wrong(run("serve", "--max-body", "much", "--model", MODEL), "100MiB")
        self.wrong(run("serve", "--log-level", "loud", "--model", MODEL), "debug, info, warn or error")
        self.wrong(run("predict", "rows.csv"), "--model")
        self.wrong(run("predict", "--model", MODEL, "--to", "xml"), "json, jsonl, csv or npy")
        self.wrong(run("verify", MODEL), "--against")
        self.wrong(run("inspect", MODEL, "--json=1"), "takes no value")
        self.wrong(run("inspect"), "which model?")
        self.wrong(run("serve", FORESTD_PORT="much", FORESTD_MODEL=str(MODEL)), "'much'")

    def test_help_tells_every_command(self):
        said = run("--help").stdout
        for command in "serve", "predict", "inspect", "verify", "bench", "healthcheck":
            self.assertIn(f"forestd {command}", said)
            self.assertEqual(run(command, "--help").stdout, run("help", command).stdout)
        self.assertIn("FORESTD_MAX_BODY", run("serve", "--help").stdout)
        self.assertRegex(run("--version").stdout, r"^forestd \d+\.\d+\.\d+\n$")

    def test_the_readme_has_the_table_of_options(self):
        self.assertIn(run("help", "--markdown").stdout.strip(), (TOP / "README.md").read_text())


class Measuring(unittest.TestCase):
    def test_bench(self):
        said = json.loads(run("bench", MODEL, "--seconds", "1", "--slo", "500", "--json").stdout)
        self.assertEqual([step["rows"] for step in said["prediction"]], [1, 8, 64, 1000, 100000])
        self.assertEqual([step["connections"] for step in said["http"]], [1, 4, 16, 64])
        for step in said["http"]:
            self.assertEqual(step["failures"], 0)
            self.assertLessEqual(step["p50_ms"], step["p99_ms"])
        rate = said["capacity_a_second"] * 60 * said["safety_factor"]
        self.assertAlmostEqual(said["requests_a_minute_per_instance"], rate, places=3)
        best = max([step["connections"] for step in said["http"] if step["p99_ms"] <= said["slo_ms"]], default=0)
        self.assertEqual(said["requests_at_once_per_instance"], best)

    def test_bench_wants_a_model(self):
        self.assertEqual(run("bench").returncode, 2)

    def test_bench_measures_nothing_for_an_option_it_cannot_read(self):
        said = run("bench", MODEL, "--seconds", "0.5")
        self.assertEqual((said.returncode, said.stdout), (2, ""))
        self.assertIn("--seconds", said.stderr)


class Predicting(unittest.TestCase):
    def test_any_format_to_any_format(self):
        rows = [[float(cell) for cell in line.split(",")] for line in ROWS.read_text().split()]
        expected = json.loads(run("predict", "--model", MODEL, ROWS, "--to", "json").stdout)
        self.assertEqual(len(expected), len(rows))
        lines = "\n".join(map(json.dumps, rows))
        lines = run("predict", "--model", MODEL, "--from", "jsonl", given=lines).stdout
        self.assertEqual([json.loads(line) for line in lines.split()], expected)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "rows.npy"
            numpy.save(path, numpy.array(rows))
            csv = run("predict", "--model", MODEL, path, "--to", "csv").stdout
        self.assertEqual([int(line) for line in csv.split()], expected)

    def test_a_long_stream_is_answered_row_by_row(self):
        line = ROWS.read_text().splitlines()[0] + "\n"
        done = run("predict", "--model", MODEL, "--output", "probabilities", given=line * 20000)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(set(done.stdout.splitlines())), 1)
        self.assertEqual(len(done.stdout.splitlines()), 20000)

    def test_what_is_wrong_is_named_with_its_row(self):
        line = ROWS.read_text().splitlines()[0] + "\n"
        done = run("predict", "--model", MODEL, given=line * 3 + "1,2\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("row 3", done.stderr)
        self.assertIn("nowhere.csv", run("predict", "--model", MODEL, "nowhere.csv").stderr)


class Telling(unittest.TestCase):
    def test_inspect_counts(self):
        told = json.loads(run("inspect", MODEL, "--json").stdout)
        self.assertEqual((told["trees"], len(told["features"]), told["classes"]), (100, 10, [[0, 1]]))
        self.assertEqual(sum(each["splits"] for each in told["features"]) + told["leaves"], told["nodes"])
        self.assertIn("RandomForestClassifier", run("inspect", MODEL).stdout)

    def test_inspect_names_every_global(self):
        content = MODEL.read_bytes()
        told = json.loads(run("inspect", MODEL, "--json").stdout)
        self.assertEqual((told["format"], told["protocol"], told["numpy"]), ("joblib", 4, "2 or newer"))
        self.assertNotIn("container", told)
        self.assertNotIn("refused", told)
        for each in told["globals"]:
            name = each["name"].rpartition(".")[2].encode()
            self.assertIn(name, content[max(0, each["byte"] - 200) : each["byte"]], each)
            self.assertIn(content[each["byte"]], (0x93, ord("c")), "the opcode that names it")
            self.assertTrue(each["known"], each)
        self.assertIn("sklearn.tree._tree.Tree", [each["name"] for each in told["globals"]])
        self.assertLess(told["sizes"]["arrays"], told["sizes"]["unpacked"])

    def test_inspect_unpacks_layer_by_layer(self):
        """A file as people send it: compressed by joblib, then packed for SageMaker."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.tar.gz"
            inner = pathlib.Path(folder) / "model.joblib"
            inner.write_bytes(zlib.compress(MODEL.read_bytes()))
            with tarfile.open(path, "w:gz") as archive:
                archive.add(inner, "model.joblib")
            told = json.loads(run("inspect", path, "--json").stdout)
            self.assertEqual(told["container"], "gzip > tar > model.joblib > zlib")
            self.assertEqual(told["sizes"]["packed"], path.stat().st_size)
            self.assertEqual(told["sizes"]["unpacked"], MODEL.stat().st_size)
            self.assertIn("gzip > tar > model.joblib > zlib", run("inspect", path).stdout)

    def test_inspect_tells_which_libraries_wrote_a_file(self):
        for release, numpy_release, joblib_release in (
            ("0.22.2.post1", "1", "0.10 to 1.1"),
            ("1.2.2", "1", "1.2 or newer"),
            ("1.9.1", "2 or newer", "1.2 or newer"),
        ):
            told = json.loads(run("inspect", GOLDEN / release / "rf_classifier.joblib", "--json").stdout)
            self.assertEqual(told["scikit_learn"], release)
            self.assertEqual((told["numpy"], told["joblib"]), (numpy_release, joblib_release))
        told = json.loads(run("inspect", GOLDEN / "1.9.1" / "labels_object.joblib", "--json").stdout)
        self.assertEqual(told["joblib"], "1.5 or newer")

    def test_inspect_prints_integer_labels_exactly(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.joblib"
            content = MODEL.read_bytes()
            classes = numpy.array([0, 1], "<i8").tobytes()
            self.assertIn(classes, content)
            path.write_bytes(content.replace(classes, numpy.array([0, 2**53 + 1], "<i8").tobytes()))
            self.assertIn(str(2**53 + 1), run("inspect", path, "--json").stdout)

    def test_every_refused_file_is_refused_with_a_sentence_and_a_report(self):
        for line in (GOLDEN / "refused" / "names.tsv").read_text().splitlines():
            name, word = line.split("\t")
            done = run("inspect", GOLDEN / "refused" / name, "--json")
            self.assertEqual(done.returncode, 1, name)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(name, done.stderr)
            self.assertIn(word, done.stderr)
            told = json.loads(done.stdout)
            self.assertTrue(told["complete"], name)
            self.assertEqual(f"forestd: {told['refused']['error']}\n", done.stderr)
            unknown = [each["name"] for each in told["globals"] if not each["known"]]
            self.assertEqual("unknown class" in done.stderr, bool(unknown), name)
            self.assertEqual(run("inspect", GOLDEN / "refused" / name).returncode, 1)

    def test_inspect_tells_what_it_could_read_of_a_damaged_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.joblib"
            path.write_bytes(MODEL.read_bytes()[:5000])
            done = run("inspect", path, "--json")
            told = json.loads(done.stdout)
            self.assertEqual((done.returncode, told["complete"], told["refused"]["code"]), (1, False, "bad_format"))
            self.assertLessEqual(told["read"], 5000)
            self.assertIn("sklearn.tree._tree.Tree", [each["name"] for each in told["globals"]])
            path.write_text("<html>")
            told = json.loads(run("inspect", path, "--json").stdout)
            self.assertEqual(told["sizes"], {"packed": 6})

    def test_verify_prints_the_first_difference(self):
        known = dict(numpy.load(GOLDEN / "1.9.1" / "rf_classifier.npz"))
        known["probabilities"][7, 1] = numpy.nextafter(known["probabilities"][7, 1], 2)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "changed.npz"
            numpy.savez(path, **known)
            done = run("verify", GOLDEN / "1.9.1" / "rf_classifier.joblib", "--against", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("row 7, 'probabilities' 1: expected", done.stderr)


if __name__ == "__main__":
    unittest.main()
