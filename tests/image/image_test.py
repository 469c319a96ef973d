"""The image as registries and platforms see it: its manifest, its files, its size, and containers started from it.

Run by tests/image/run, which builds the images first.
"""

import contextlib
import gzip
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import urllib.error
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "contract"))
from program import FORESTD, MODEL, QUESTION, free_port  # noqa: E402

STORE = TOP / "build" / "image"
IMAGE = "localhost/forestd:ci"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
PACKED_MOST = 16_000_000
UNPACKED_MOST = 45_000_000
PATIENCE = 60


def run(*words, **how):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True, **how).stdout


def podman(*words, **how):
    return run("podman", "--runtime", "runc", *words, **how)


def ask(port, path, body=None, kind="application/json"):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, {"Content-Type": kind} if body else {})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@contextlib.contextmanager
def mounted(image):
    """The image's files, as a folder."""
    container = run("buildah", "from", image).strip()
    try:
        yield pathlib.Path(run("buildah", "mount", container).strip())
    finally:
        run("buildah", "rm", container)


@contextlib.contextmanager
def container(*options, image=IMAGE, command=(), network="host"):
    """A running container, as hardened as any platform's: read-only root, no capabilities, no new privileges."""
    words = ["run", "-d", f"--network={network}", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000",
             "--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--memory", "256m",
             "--pids-limit", "64", *options, image, *command]
    name = podman(*words).strip()
    try:
        yield name
    finally:
        podman("rm", "-f", name)


def setUpModule():
    """What cannot be run on this machine is skipped; an image that does not run is a failure."""
    words = ["podman", "--runtime", "runc", "run", "--rm", "--network=host", "--ulimit", "nofile=1024:1024", "--ulimit",
             "nproc=1000:1000", IMAGE, "--version"]
    tried = subprocess.run(words, capture_output=True, text=True)
    if tried.returncode == 125 or "not permitted" in tried.stderr:
        for case in Running, Lambda:
            unittest.skip(f"containers cannot be run on this machine: {tried.stderr.strip()}")(case)


class Running(unittest.TestCase):
    """A container for each way of starting, asked until it is ready, then for a prediction."""

    def wait_ready(self, name, port, path):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if ask(port, path)[0] == 200:
                    return
            if podman("inspect", "-f", "{{.State.Running}}", name).strip() != "true":
                break
            time.sleep(0.05)
        logs = subprocess.run(["podman", "logs", name], capture_output=True, text=True, check=True)
        self.fail(logs.stdout + logs.stderr)

    def see(self, options, command=(), ready="/ping", predict="/invocations", port=None, body=QUESTION):
        port = port or free_port()
        options = [option.replace("{port}", str(port)) for option in options]
        command = [word.replace("{port}", str(port)) for word in command]
        with container(*options, command=command) as name:
            self.wait_ready(name, port, ready)
            self.assertEqual(ask(port, "/")[0], 200)
            status, answer = ask(port, predict, body.encode())
            self.assertEqual(status, 200, answer)
            found = json.loads(answer)
            self.assertEqual(found["predictions"] if isinstance(found, dict) else found, [0])
            podman("stop", "-t", "10", name)
            self.assertEqual(podman("inspect", "-f", "{{.State.ExitCode}}", name).strip(), "0")

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        model = pathlib.Path(cls.folder.name, "model.joblib")
        model.write_bytes(MODEL.read_bytes())
        os.chmod(cls.folder.name, 0o755)
        cls.model = cls.folder.name

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_sagemaker_as_root(self):
        self.see(["-v", f"{self.model}:/opt/ml/model:ro", "-e", "SAGEMAKER_BIND_TO_PORT={port}"], ["serve"])

    def test_sagemaker_serverless_user(self):
        self.see(["-v", f"{self.model}:/opt/ml/model:ro", "-e", "SAGEMAKER_BIND_TO_PORT={port}", "--user", "993"],
                 ["serve"])

    def test_vertex(self):
        self.see(["-v", f"{self.model}:/model:ro", "-e", "AIP_HTTP_PORT={port}", "-e", "AIP_HEALTH_ROUTE=/v1/health",
                  "-e", "AIP_PREDICT_ROUTE=/v1/x:predict", "-e", "AIP_STORAGE_URI=/model"],
                 ready="/v1/health", predict="/v1/x:predict")

    def test_cloud_run(self):
        self.see(["-v", f"{self.model}:/model:ro", "-e", "PORT={port}", "-e", "K_SERVICE=forestd", "-e",
                  "FORESTD_MODEL=/model"])

    def test_azure_ml(self):
        self.see(["-v", f"{self.model}:/var/azureml-app/azureml-models/forest/1/model:ro", "-e",
                  "AZUREML_MODEL_DIR=/var/azureml-app/azureml-models/forest/1", "-e", "FORESTD_PORT={port}"],
                 predict="/score")

    def test_kserve(self):
        self.see(["-v", f"{self.model}:/mnt/models:ro", "--user", "1000"],
                 ["--model_name=forest", "--model_dir=/mnt/models", "--http_port={port}"],
                 ready="/v1/models/forest", predict="/v1/models/forest:predict")

    def test_health_check_inside(self):
        port = free_port()
        with container("-v", f"{self.model}:/opt/ml/model:ro", "-e", f"FORESTD_PORT={port}", command=["serve"]) as name:
            self.wait_ready(name, port, "/ping")
            podman("exec", name, "/usr/local/bin/forestd", "healthcheck", "--port", str(port))

    def test_a_model_that_is_not_there(self):
        with container(command=["serve"]) as name:
            self.assertNotEqual(podman("wait", name).strip(), "0")
            said = subprocess.run(["podman", "logs", name], capture_output=True, text=True, check=True)
            self.assertIn("model", said.stderr + said.stdout)

    def test_how_long_a_start_takes(self):
        start = TOP / "build" / "tests" / "bench" / "bench_start"
        if not start.exists():
            self.skipTest("build/tests/bench/bench_start is not built: scripts/test release")
        times = {"inside": [], "outside": []}
        for _ in range(6):
            for where in times:
                port = free_port()
                words = [start, 15, port, "/usr/local/bin/forestd", "serve", "--port", port, "--model", "/model/model.joblib"]
                if where == "outside":
                    words[3], words[-1] = FORESTD, f"{self.model}/model.joblib"
                    said = run(*words)
                else:
                    said = podman("run", "--rm", "--network=host", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000",
                                  "--read-only", "--cap-drop", "all", "-v", f"{self.model}:/model:ro", "-v", f"{start}:{start}:ro",
                                  "--entrypoint", start, IMAGE, *words[1:])
                # The servers' own lines stand before it.
                times[where].append(float(said.splitlines()[-1].split()[0]))
        inside, outside = min(times["inside"]), min(times["outside"])
        print(f"from exec to the first answer: {inside:.2f} ms inside, {outside:.2f} ms outside", file=sys.stderr)

    def test_with_a_model_inside(self):
        port = free_port()
        run(TOP / "scripts" / "image", "--tag", "forestd:model", "--model", MODEL)
        with container("-e", f"PORT={port}", image="localhost/forestd:model") as name:
            self.wait_ready(name, port, "/ping")
            status, answer = ask(port, "/invocations", QUESTION.encode())
            self.assertEqual((status, json.loads(answer)["predictions"]), (200, [0]))

    def test_a_model_that_is_none_stops_the_build(self):
        with tempfile.NamedTemporaryFile(suffix=".joblib") as file:
            file.write(b"not a model")
            file.flush()
            tried = subprocess.run([TOP / "scripts" / "image", "--tag", "forestd:none", "--model", file.name],
                                   capture_output=True, text=True)
        self.assertNotEqual(tried.returncode, 0)


class Lambda(unittest.TestCase):
    def test_under_the_runtime_api(self):
        from runtime_api import RuntimeApi
        events = [{"instances": json.loads(QUESTION)["instances"]}]
        with RuntimeApi(events) as api, container(
                "-v", f"{MODEL.parent}:/model:ro", "-e", "FORESTD_MODEL=/model/model.joblib", "-e",
                f"AWS_LAMBDA_RUNTIME_API={api.address}", "--user", "993"):
            answer = api.wait_answer(PATIENCE)
        self.assertEqual(json.loads(answer.body)["predictions"], [0])


class Files(unittest.TestCase):
    def test_only_what_is_needed(self):
        with mounted(IMAGE) as folder:
            names = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
            self.assertEqual((folder / "tmp").stat().st_mode & 0o7777, 0o1777)
        rest = {name for name in names if ".so" not in name}
        self.assertEqual(rest, {"usr/local/bin/forestd", "etc/ssl/certs/ca-certificates.crt"})
        self.assertFalse([name for name in names if "libxml2" in name or "libicu" in name or "libarchive" in name])

    def test_anyone_may_run_it(self):
        with mounted(IMAGE) as folder:
            for path in folder.rglob("*"):
                mode = path.lstat().st_mode
                self.assertTrue(path.is_symlink() or mode & 0o004, path)
                self.assertTrue(not path.is_dir() or mode & 0o001, path)

    def test_sizes(self):
        with mounted(IMAGE) as folder:
            unpacked = sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
            stream = io.BytesIO()
            with tarfile.open(fileobj=stream, mode="w") as archive:
                archive.add(folder, ".")
        packed = len(gzip.compress(stream.getvalue(), 6))
        print(f"image: {packed / 1e6:.1f} MB packed, {unpacked / 1e6:.1f} MB unpacked", file=sys.stderr)
        self.assertLessEqual(packed, PACKED_MOST)
        self.assertLessEqual(unpacked, UNPACKED_MOST)

    def test_bill(self):
        bill = json.loads((STORE / "forestd.spdx.json").read_text())
        names = {package["name"] for package in bill["packages"]}
        self.assertLessEqual({"forestd", "libc6", "libmicrohttpd12", "libcurl4", "ca-certificates", "zlib1g"}, names)
        self.assertEqual(bill["spdxVersion"], "SPDX-2.3")

    def test_two_builds_are_the_same(self):
        def digest(tag):
            return run("buildah", "inspect", "--type", "image", "--format", "{{.FromImageID}}", tag).strip()
        self.assertEqual(digest(IMAGE), digest("localhost/forestd:again"))


class Registry(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.port = free_port()
        settings = pathlib.Path(cls.folder.name, "registry.yml")
        settings.write_text(json.dumps({"version": 0.1, "storage": {"filesystem": {"rootdirectory": cls.folder.name}},
                                        "http": {"addr": f"127.0.0.1:{cls.port}"}}))
        cls.process = subprocess.Popen(["docker-registry", "serve", settings], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        for _ in range(PATIENCE * 10):
            with contextlib.suppress(OSError):
                if ask(cls.port, "/v2/")[0] == 200:
                    break
            time.sleep(0.1)
        run(TOP / "scripts" / "image", "--tag", "forestd:ci", "--push", f"localhost:{cls.port}/forestd:ci")

    @classmethod
    def tearDownClass(cls):
        cls.process.terminate()
        cls.process.wait()
        cls.folder.cleanup()

    def fetch(self, path, accept):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v2/forestd/{path}", headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.headers["Content-Type"], json.loads(answer.read())

    def test_one_docker_manifest(self):
        kind, manifest = self.fetch("manifests/ci", MANIFEST)
        self.assertEqual(kind, MANIFEST)
        self.assertEqual(manifest["schemaVersion"], 2)
        self.assertEqual(manifest["config"]["mediaType"], "application/vnd.docker.container.image.v1+json")
        for layer in manifest["layers"]:
            self.assertEqual(layer["mediaType"], "application/vnd.docker.image.rootfs.diff.tar.gzip")
        self.assertLessEqual(sum(layer["size"] for layer in manifest["layers"]), PACKED_MOST)

    def test_what_platforms_read(self):
        _, manifest = self.fetch("manifests/ci", MANIFEST)
        _, about = self.fetch("blobs/" + manifest["config"]["digest"], "*/*")
        settings = about["config"]
        self.assertEqual(about["architecture"], "amd64")
        self.assertEqual(settings["Entrypoint"], ["/usr/local/bin/forestd"])
        self.assertFalse(settings.get("Cmd"))
        self.assertFalse(settings.get("User"))
        self.assertEqual(settings["StopSignal"], "SIGTERM")
        labels = settings["Labels"]
        self.assertEqual(labels["com.amazonaws.sagemaker.capabilities.multi-models"], "true")
        self.assertEqual(labels["com.amazonaws.sagemaker.capabilities.accept-bind-to-port"], "true")
        self.assertEqual(labels["org.opencontainers.image.title"], "forestd")
        self.assertRegex(labels["org.opencontainers.image.revision"], "^[0-9a-f]{40}$")


class Arm(unittest.TestCase):
    """The program for arm64, under an emulator of the processor."""

    def test_the_same_bits(self):
        with mounted("localhost/forestd:arm64") as folder:
            emulated = ["qemu-aarch64", "-L", folder, folder / "usr/local/bin/forestd"]
            self.assertIn("forestd", run(*emulated, "--version"))
            golden = TOP / "tests" / "golden"
            answers = sorted(golden.rglob("*.npz"))[::40]
            self.assertGreater(len(answers), 5)
            for file in answers:
                models = [path for path in file.parent.glob(file.stem + ".*") if path != file]
                self.assertTrue(models, file)
                run(*emulated, "verify", models[0], "--against", file)


if __name__ == "__main__":
    unittest.main()
