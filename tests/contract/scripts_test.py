"""scripts/deploy, scripts/upload and scripts/smoke-test, with tools of the clouds that write down how they were called."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from program import FORESTD, MODEL, ROW, TOP, Server

TOOL = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
[ "$1" != output ] || echo 'endpoint_target = "https://example.org"'
"""


class Scripts(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.place = pathlib.Path(self.folder.name)
        self.calls = self.place / "calls"
        for name in "terraform", "aws", "gcloud", "az":
            (self.place / name).write_text(TOOL)
            (self.place / name).chmod(0o755)

    def run_script(self, name, *words, path=None):
        path = f"{self.place}:{os.environ['PATH']}" if path is None else path
        environment = {**os.environ, "PATH": path, "CALLS": str(self.calls), "FORESTD": str(FORESTD)}
        self.calls.write_text("")
        return subprocess.run([TOP / "scripts" / name, *map(str, words)], env=environment, capture_output=True, text=True)

    def refused(self, said, name, *words, status=2):
        done = self.run_script(name, *words)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(said, done.stderr)
        self.assertEqual(self.calls.read_text(), "")

    def test_deploy(self):
        done = self.run_script("deploy", "dev", "google", "--apply")
        self.assertEqual((done.returncode, done.stdout), (0, 'endpoint_target = "https://example.org"\n'), done.stderr)
        self.assertEqual(self.calls.read_text().splitlines(), [
            "terraform init -reconfigure -input=false -backend-config=environments/dev.tfbackend",
            "terraform apply -auto-approve -input=false -var-file=environments/dev.tfvars", "terraform output"])
        for verb in "plan", "destroy":
            self.assertEqual(self.run_script("deploy", "prod", "azure", f"--{verb}").returncode, 0)
            self.assertTrue(self.calls.read_text().splitlines()[1].startswith(f"terraform {verb} "))

    def test_deploy_refuses_before_anything_is_made(self):
        self.refused("there is dev prod staging", "deploy", "test", "google", "--plan")
        self.refused("no environment", "deploy", "../dev", "google", "--plan")
        self.refused("there is aws azure google", "deploy", "dev", "gcp", "--plan")
        self.refused("no cloud", "deploy", "dev", "modules", "--plan")
        self.refused("not '--now'", "deploy", "dev", "google", "--now")
        self.refused("--plan|--apply", "deploy", "dev", "google")

    def test_upload(self):
        version = "c836760f9d8c09f6"
        for address, call in (("s3://b/models/", "aws s3 cp --only-show-errors {0} s3://b/models/{1}/model.joblib"),
                              ("gs://b", "gcloud storage cp {0} gs://b/{1}/model.joblib")):
            done = self.run_script("upload", TOP / "models/model.joblib", address)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout.strip(), f"{address.rstrip('/')}/{version}/model.joblib")
            self.assertEqual(self.calls.read_text().strip(), call.format(TOP / "models/model.joblib", version))
        container = "https://a.blob.core.windows.net/models"
        self.assertEqual(self.run_script("upload", TOP / "models/model.joblib", container).returncode, 0)
        self.assertIn(f"--blob-url {container}/{version}/model.joblib", self.calls.read_text())

    def test_upload_refuses(self):
        (self.place / "model.joblib").write_bytes(b"nonsense")
        self.refused("nothing was uploaded", "upload", self.place / "model.joblib", "s3://b", status=1)
        self.refused("there is no file", "upload", "/nowhere.joblib", "s3://b")
        self.refused("no folder of a bucket", "upload", MODEL, "ftp://b")

    def test_smoke_test(self):
        rows = self.place / "rows.csv"
        rows.write_text(",".join(map(str, ROW)) + "\n")
        with Server() as server:
            target = f"http://127.0.0.1:{server.port}"
            done = self.run_script("smoke-test", target, MODEL, rows)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("bit for bit", done.stderr + done.stdout)
        self.assertNotEqual(self.run_script("smoke-test", target, MODEL, rows).returncode, 0)


if __name__ == "__main__":
    unittest.main()
