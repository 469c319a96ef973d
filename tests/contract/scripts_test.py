"""The scripts that carry a model to the clouds, with tools of the clouds that write down how they were called."""

import base64
import hashlib
import http.server
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import unittest

from program import FORESTD, MODEL, ROW, TOP, Server

TOOL = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
case "$*" in
"output -json deployed") echo '{"image": "registry/forest:1", "model": "s3://b/models/1/model.tar.gz"}' ;;
"output -raw endpoint_target") printf https://example.org ;;
output) echo 'endpoint_target = "https://example.org"' ;;
apply*) [ -z "$TF_VAR_image" ] || echo "with $TF_VAR_image $TF_VAR_model" >>"$CALLS" ;;
"login "*) echo "given $(cat)" >>"$CALLS" ;;
*password* | *print-access-token* | *expose-token* | *get-access-token*) [ -z "$NOBODY" ] && echo secret ;;
"inspect --config docker://"*) echo '{"architecture": "arm64"}' ;;
esac
"""

# What scripts look for to know that somebody is logged in.
SIGNED_IN = {"AWS_PROFILE": "me", "GOOGLE_OAUTH_ACCESS_TOKEN": "lent", "ARM_CLIENT_ID": "me"}


class Scripts(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.place = pathlib.Path(self.folder.name)
        self.calls = self.place / "calls"
        for name in "terraform", "aws", "gcloud", "az", "buildah":
            self.stand_in(name)

    def stand_in(self, name, text=TOOL):
        (self.place / name).write_text(text)
        (self.place / name).chmod(0o755)

    def run_script(self, name, *words, **variables):
        path = f"{self.place}:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "CALLS": str(self.calls), "FORESTD": str(FORESTD),
                       **SIGNED_IN, **variables}
        self.calls.write_text("")
        return subprocess.run([TOP / "scripts" / name, *map(str, words)], env=environment, capture_output=True, text=True)

    def refused(self, said, name, *words, status=2, calls="", **variables):
        """It stops, says what to change, and has called nothing that makes anything."""
        done = self.run_script(name, *words, **variables)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(said, done.stderr)
        self.assertEqual(self.calls.read_text(), calls)

    def test_deploy(self):
        done = self.run_script("deploy", "dev", "google", "--apply")
        self.assertEqual((done.returncode, done.stdout), (0, 'endpoint_target = "https://example.org"\n'), done.stderr)
        self.assertEqual(self.calls.read_text().splitlines(), [
            "terraform init -reconfigure -input=false -backend-config=environments/dev.tfbackend",
            "terraform output -json deployed", "terraform apply -auto-approve -input=false -var-file=environments/dev.tfvars",
            "terraform output"])
        for verb in "plan", "destroy":
            self.assertEqual(self.run_script("deploy", "prod", "azure", f"--{verb}").returncode, 0)
            self.assertTrue(self.calls.read_text().splitlines()[1].startswith(f"terraform {verb} "))

    def test_deploy_goes_back(self):
        self.assertEqual(self.run_script("deploy", "staging", "google", "--apply", TF_VAR_image="new", TF_VAR_model="new").returncode, 0)
        done = self.run_script("deploy", "staging", "google", "--rollback", TF_VAR_image="new", TF_VAR_model="new")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("with registry/forest:1 s3://b/models/1/model.tar.gz", self.calls.read_text().splitlines())
        self.refused("no way back", "deploy", "dev", "azure", "--rollback", status=1)

    def test_deploy_tells_the_target(self):
        self.assertEqual(self.run_script("deploy", "dev", "aws", "--target").stdout, "https://example.org")

    def test_remember(self):
        kept = self.place / "kept"
        done = self.run_script("remember", "A_1", "printf", "first\nsecond\n", GITHUB_ENV=str(kept), GITHUB_OUTPUT=str(kept))
        self.assertEqual((done.stdout, kept.read_text()), ("A_1=second\n", "A_1=second\n" * 2))
        self.refused("no name", "remember", "1A", "true")
        self.refused("printed nothing", "remember", "A", "true", status=1)

    def test_login(self):
        for cloud, call in ("aws", "aws ecr get-login-password"), ("google", "gcloud auth print-access-token"), (
                "azure", "az acr login --name trees --expose-token --output tsv --query accessToken"):
            done = self.run_script("login", cloud, "trees.example.org/forest:1")
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = self.calls.read_text().splitlines()
            self.assertEqual((lines[0], lines[2]), (call, "given secret"))
            self.assertTrue(lines[1].endswith("--password-stdin trees.example.org"), lines)
            self.assertNotIn("secret", done.stdout + done.stderr)
        self.refused("there is aws google azure github", "login", "gcp", "a.example.org")

    def test_package(self):
        folder = self.place / "package"
        done = self.run_script("package", MODEL, folder)
        self.assertEqual((done.returncode, done.stdout), (0, f"{folder}\n"), done.stderr)
        self.assertEqual((folder / "model.joblib").read_bytes(), pathlib.Path(MODEL).read_bytes())
        self.assertEqual(json.loads((folder / "facts.json").read_text())["model_version"], "c836760f9d8c09f6")
        for line in (folder / "SHA256SUMS").read_text().splitlines():
            digest, name = line.split()
            self.assertEqual(digest, hashlib.sha256((folder / name).read_bytes()).hexdigest())
        for name in "model.forest", "model.tar.gz":
            asked = subprocess.run([FORESTD, "predict", "--model", folder / name, TOP / "models/rows.csv"], capture_output=True, text=True)
            plain = subprocess.run([FORESTD, "predict", "--model", MODEL, TOP / "models/rows.csv"], capture_output=True, text=True)
            self.assertEqual(asked.stdout, plain.stdout, asked.stderr)

    def test_package_stops_at_a_model_that_cannot_be_read(self):
        (self.place / "model.joblib").write_bytes(b"nonsense")
        self.refused("nothing was packaged", "package", self.place / "model.joblib", self.place / "package", status=1)
        self.assertFalse((self.place / "package").exists())
        self.refused("there is no file", "package", "/nowhere.joblib")

    def test_notify(self):
        seen = []

        class Receiver(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                seen.append((self.path, self.headers["Content-Type"], json.loads(body)))
                self.send_response(200 if len(seen) > 1 else 503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        receiver = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        self.addCleanup(receiver.server_close)
        self.addCleanup(receiver.shutdown)
        url = f"http://127.0.0.1:{receiver.server_port}/services/T/secret"
        done = self.run_script("notify", "failure", 'prod "aws"', NOTIFY_URL=url, GITHUB_SHA="0123456789abcdef", GITHUB_RUN_ID="7",
                               GITHUB_SERVER_URL="https://example.org", GITHUB_REPOSITORY="trees/forest")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(seen), 2, "a receiver that is busy is asked again")
        self.assertEqual(seen[1], ("/services/T/secret", "application/json", {
            "text": ':x: prod "aws": failure, commit 0123456789ab, https://example.org/trees/forest/actions/runs/7'}))
        done = self.run_script("notify", "success", "dev", NOTIFY_URL="http://127.0.0.1:9/secret")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("secret", done.stderr)
        self.assertEqual(self.run_script("notify", "success", "dev", NOTIFY_URL="").returncode, 0)
        self.refused("not 'fine'", "notify", "fine", "dev")
        self.refused("holds no address", "notify", "success", "dev", NOTIFY_URL="hooks.example/secret")

    def test_train_and_release_refuse(self):
        self.refused("scripts/train", "train", "one", "two")
        self.refused("there is no release for 'vax'", "release", "--arch", "vax")
        self.refused("wants a value", "release", "--publish")

    def test_deploy_refuses_before_anything_is_made(self):
        self.refused("there is dev prod staging", "deploy", "test", "google", "--plan")
        self.refused("no environment", "deploy", "../dev", "google", "--plan")
        self.refused("there is aws azure google", "deploy", "dev", "gcp", "--plan")
        self.refused("no cloud", "deploy", "dev", "modules", "--plan")
        self.refused("not '--now'", "deploy", "dev", "google", "--now")
        self.refused("--plan|--apply", "deploy", "dev", "google")

    def test_deploy_wants_credentials(self):
        nobody = {"HOME": str(self.place), "AWS_PROFILE": "", "GOOGLE_OAUTH_ACCESS_TOKEN": "", "ARM_CLIENT_ID": ""}
        for cloud, said in ("aws", "aws sso login"), ("google", "gcloud auth application-default login"), ("azure", "az login"):
            for verb in "--plan", "--apply", "--destroy":
                self.refused(f"no credentials for {cloud}", "deploy", "dev", cloud, verb, **nobody)
            self.assertIn(said, self.run_script("deploy", "dev", cloud, "--plan", **nobody).stderr)

    def test_deploy_looks_at_the_name(self):
        for cloud, most in ("aws", 24), ("google", 18), ("azure", 10):
            self.refused(f"1 to {most} small letters", "deploy", "dev", cloud, "--apply", TF_VAR_name="f" * (most + 1))
            self.refused("TF_VAR_name", "deploy", "dev", cloud, "--plan", TF_VAR_name="Forest")
            self.assertEqual(self.run_script("deploy", "dev", cloud, "--plan", TF_VAR_name="f" * most).returncode, 0)

    def test_deploy_looks_at_the_processor(self):
        self.stand_in("skopeo")
        image = "registry.example/forest-dev:1"
        for cloud in "aws", "google", "azure":
            looked = f"skopeo inspect --config docker://{image}\n"
            self.refused("scripts/image --arch amd64", "deploy", "dev", cloud, "--apply", calls=looked, TF_VAR_image=image)
        self.assertEqual(self.run_script("deploy", "dev", "aws", "--plan", TF_VAR_image=image, TF_VAR_architecture="arm64").returncode, 0)
        self.stand_in("skopeo", "#!/bin/sh\nexit 1\n")
        done = self.run_script("deploy", "dev", "aws", "--plan", TF_VAR_image=image)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("was not looked at", done.stderr)

    def test_upload(self):
        version = "c836760f9d8c09f6"
        done = self.run_script("upload", TOP / "models/model.joblib", "s3://models/trees/")
        self.assertEqual((done.returncode, done.stdout), (0, f"s3://models/trees/{version}/model.joblib\n"), done.stderr)
        self.assertEqual(self.calls.read_text(), f"aws s3 cp --only-show-errors {TOP}/models/model.joblib {done.stdout}")
        # tests/interop/upload_test.py sees these two at real servers. The token is in no list of processes.
        digest = base64.b64encode(hashlib.md5(MODEL.read_bytes()).digest()).decode()
        self.stand_in("curl", f"""#!/bin/sh
echo "curl $*" >>"$CALLS"
for word; do case $last in --config) cat "$word" >>"$CALLS" ;; esac; last=$word; done
echo '{{"md5Hash": "{digest}"}}'
""")
        for address, url in (("gs://models", f"https://storage.googleapis.com/upload/storage/v1/b/models/o?uploadType=media&name="
                              f"{version}%2Fmodel.joblib"),
                             ("https://trees.blob.core.windows.net/models",
                              f"https://trees.blob.core.windows.net/models/{version}/model.joblib")):
            done = self.run_script("upload", MODEL, address)
            self.assertEqual((done.returncode, done.stdout), (0, f"{address}/{version}/model.joblib\n"), done.stderr)
            tool, sent, secret, target = self.calls.read_text().splitlines()
            self.assertIn("access-token", tool)
            self.assertNotIn("secret", sent)
            self.assertEqual((secret, target), ('header = "Authorization: Bearer secret"', f'url = "{url}"'))
            done = self.run_script("upload", MODEL, address, NOBODY="1")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("log in with it first", done.stderr)
            self.assertNotIn("curl", self.calls.read_text())

    def test_upload_refuses(self):
        (self.place / "model.joblib").write_bytes(b"nonsense")
        self.refused("nothing was uploaded", "upload", self.place / "model.joblib", "s3://models", status=1)
        self.refused("there is no file", "upload", "/nowhere.joblib", "s3://models")
        self.refused("no folder of a bucket", "upload", MODEL, "ftp://models")
        self.refused("3 to 63", "upload", MODEL, "s3://" + "b" * 64)
        self.refused("3 to 63", "upload", MODEL, "https://a.blob.core.windows.net/My_Models")
        self.refused("1024 bytes", "upload", MODEL, "s3://models/" + "k" * 1024)

    def test_image_refuses(self):
        (self.place / "model.joblib").write_bytes(b"nonsense")
        self.refused("no image was built", "image", "--model", self.place / "model.joblib", status=1)
        self.refused("there is no file", "image", "--model", "/nowhere.joblib")
        self.refused("there is no image for 'vax'", "image", "--arch", "vax")
        self.refused("no name of an image", "image", "--tag", "Forest:1")
        self.refused("no name of an image", "image", "--push", "registry.example/forest:" + "1" * 129)
        self.refused("no name of an image", "image", "--push", "registry.example/" + "f" * 250)

    def test_smoke_test(self):
        rows = self.place / "rows.csv"
        rows.write_text(",".join(map(str, ROW)) + "\n")
        with Server() as server:
            target = f"http://127.0.0.1:{server.port}"
            done = self.run_script("smoke-test", target, MODEL, rows)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("bit for bit", done.stderr + done.stdout)
            # A model that cannot be read, or rows that are not there, and nobody is asked.
            (self.place / "model.joblib").write_bytes(b"nonsense")
            self.refused("model.joblib", "smoke-test", target, self.place / "model.joblib", rows, status=1)
            self.refused("rows", "smoke-test", target, MODEL, "/nowhere/rows.csv", status=1)
        self.assertNotEqual(self.run_script("smoke-test", target, MODEL, rows).returncode, 0)
        self.refused("ftp", "smoke-test", "ftp://forest", MODEL, rows, status=2)


if __name__ == "__main__":
    unittest.main()
