"""scripts/vertex-model, with a gcloud that keeps an endpoint in a file and takes only what the real one takes.

Where terraform is set up for work without a network (TF_CLI_CONFIG_FILE), the module that calls it is applied as well: what
is replaced must be beside its successor until the requests have moved."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "vertex-model"

GCLOUD = r'''#!/usr/bin/env python3
import json, os, sys

path = os.environ["FAKE_STATE"]
state = json.load(open(path))
words = [w for w in sys.argv[1:] if not w.startswith("--")]
flags = dict(w[2:].partition("=")[::2] for w in sys.argv[1:] if w.startswith("--"))
state["calls"].append(words[1:3] + [f"{k}={v}" for k, v in sorted(flags.items())])

def end(status, text="", error=""):
    json.dump(state, open(path, "w"))
    print(text, end="\n" if text else "")
    print(error, file=sys.stderr)
    sys.exit(status)

common = {"project", "region", "quiet"}
takes = {
    ("models", "list"): {"filter", "format"},
    ("models", "upload"): {"model-id", "display-name", "container-image-uri", "container-ports", "container-health-route",
                           "container-predict-route", "artifact-uri", "container-env-vars"},
    ("models", "delete"): set(),
    ("endpoints", "describe"): {"format"},
    ("endpoints", "deploy-model"): {"model", "display-name", "deployed-model-id", "machine-type", "min-replica-count",
                                    "max-replica-count", "autoscaling-metric-specs"},
    ("endpoints", "update"): {"traffic-split"},
    ("endpoints", "undeploy-model"): {"deployed-model-id", "traffic-split"},
}
assert words[0] == "ai", words
command = tuple(words[1:3])
unknown = set(flags) - common - takes[command]
if unknown or not common <= set(flags):
    end(2, error=f"ERROR: (gcloud.ai) unrecognized or missing arguments: {unknown or common}")
if command[0] == "endpoints" and command[1] != "describe" and state["busy"] > 0:
    state["busy"] -= 1
    end(1, error="ERROR: FAILED_PRECONDITION: There are other operations running on the Endpoint. Operation(s) are: 1")
if "/".join(command) in state["fail"]:
    end(1, error="ERROR: (gcloud.ai) PERMISSION_DENIED: no")

models, deployed, split = state["models"], state["deployed"], state["split"]
def divide(text):
    parts = {k: int(v) for k, v in (p.split("=") for p in text.split(","))}
    if sum(parts.values()) != 100 or not set(parts) <= set(deployed):
        end(1, error="ERROR: INVALID_ARGUMENT: traffic split")
    split.clear()
    split.update({k: v for k, v in parts.items() if v})

if command == ("models", "list"):
    wanted = flags["filter"].removeprefix("name~/models/").removesuffix("$")
    end(0, "\n".join("projects/1/locations/l/models/" + m for m in models if m == wanted))
if command == ("models", "upload"):
    if flags["model-id"] in models:
        end(1, error="ERROR: ALREADY_EXISTS")
    models[flags["model-id"]] = flags
elif command == ("models", "delete"):
    if words[3] in [d["model"] for d in deployed.values()]:
        end(1, error="ERROR: FAILED_PRECONDITION: the model is deployed")
    del models[words[3]]
elif command == ("endpoints", "describe"):
    form = flags["format"]
    if form == 'value[delimiter=" "](deployedModels[].id)':
        end(0, " ".join(deployed))
    end(0, str(split.get(form.removeprefix("value(trafficSplit.").removesuffix(")"), "")))
elif command == ("endpoints", "deploy-model"):
    if flags["deployed-model-id"] in deployed:
        end(1, error="ERROR: ALREADY_EXISTS")
    deployed[flags["deployed-model-id"]] = flags
elif command == ("endpoints", "update"):
    divide(flags["traffic-split"])
elif command == ("endpoints", "undeploy-model"):
    gone = deployed.pop(flags["deployed-model-id"])
    if "traffic-split" in flags:
        divide(flags["traffic-split"])
    if flags["deployed-model-id"] in split:
        if deployed:
            deployed[flags["deployed-model-id"]] = gone
            end(1, error="ERROR: FAILED_PRECONDITION: the deployed model has traffic")
        split.clear()
end(0)
'''


class WithGcloud(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "bin").mkdir()
        gcloud = self.folder / "bin" / "gcloud"
        gcloud.write_text(GCLOUD)
        gcloud.chmod(0o755)
        self.environment = dict(os.environ, PATH=f"{self.folder / 'bin'}:{os.environ['PATH']}",
                                FAKE_STATE=str(self.folder / "state.json"), WAIT="0", TRIES="5")
        self.put(models={}, deployed={}, split={}, calls=[], busy=0, fail=[])

    def put(self, **state):
        (self.folder / "state.json").write_text(json.dumps(state))

    def change(self, **state):
        self.put(**dict(self.state(), **state))

    def state(self):
        return json.loads((self.folder / "state.json").read_text())

    def run_script(self, *words, status=0, environment=None):
        done = subprocess.run([SCRIPT, *words], env=environment or self.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout if status == 0 else "", "")
        return done.stderr

    common = ["--project", "trees-123456", "--location", "europe-west1", "--endpoint", "77"]

    def create(self, number, *more, **keywords):
        return self.run_script("create", *self.common, "--id", str(number), "--model", f"forest-{number}", "--image", "i:1",
                               "--machine", "n2-standard-2", "--minimum", "1", "--maximum", "2", "--cpu", "70", *more, **keywords)

    def destroy(self, number, **keywords):
        return self.run_script("destroy", *self.common, "--id", str(number), "--model", f"forest-{number}", **keywords)

    def update(self, split, **keywords):
        return self.run_script("update", *self.common, "--traffic", split, **keywords)


class Script(WithGcloud):
    def test_create_puts_the_model_at_the_endpoint(self):
        self.create(11, "--artifacts", "gs://b/models/1a", "--environment", "A=1,2|B=3")
        state = self.state()
        upload = state["models"]["forest-11"]
        self.assertEqual(upload["artifact-uri"], "gs://b/models/1a")
        self.assertEqual(upload["container-env-vars"], "^|^A=1,2|B=3")
        self.assertEqual(upload["container-health-route"], "/ping")
        self.assertEqual(state["deployed"]["11"]["autoscaling-metric-specs"], "cpu-usage=70")
        self.assertEqual(state["split"], {})
        self.assertTrue(all("project=trees-123456" in call and "region=europe-west1" in call for call in state["calls"]))

    def test_a_model_in_the_image_has_no_folder(self):
        self.create(11)
        self.assertNotIn("artifact-uri", self.state()["models"]["forest-11"])

    def test_create_can_be_repeated(self):
        self.create(11)
        before = {key: self.state()[key] for key in ("models", "deployed", "split")}
        self.create(11)
        self.assertEqual(before, {key: self.state()[key] for key in before})

    def test_create_goes_on_where_it_was_interrupted(self):
        self.change(models={"forest-11": {}})
        self.create(11)
        self.assertIn("11", self.state()["deployed"])

    def test_a_model_that_does_not_start_is_taken_out_again(self):
        self.change(fail=["endpoints/deploy-model"])
        message = self.create(11, status=1)
        self.assertEqual(self.state()["models"], {})
        self.assertIn("PERMISSION_DENIED", message)
        self.assertIn("gcloud logging read", message)

    def test_update_divides_the_requests(self):
        self.create(11)
        self.create(22)
        self.update("11=90,22=10")
        self.assertEqual(self.state()["split"], {"11": 90, "22": 10})
        self.update("22=100")
        self.assertEqual(self.state()["split"], {"22": 100})

    def test_destroy_leaves_the_other(self):
        self.create(11)
        self.create(22)
        self.update("22=100")
        self.destroy(11)
        state = self.state()
        self.assertEqual((list(state["models"]), list(state["deployed"]), state["split"]), (["forest-22"], ["22"], {"22": 100}))

    def test_destroy_hands_its_requests_over(self):
        self.create(11)
        self.create(22)
        self.update("11=90,22=10")
        self.destroy(11)
        self.assertEqual(self.state()["split"], {"22": 100})

    def test_destroy_of_the_last_and_again(self):
        self.create(11)
        self.update("11=100")
        self.destroy(11)
        self.destroy(11)
        state = self.state()
        self.assertEqual((state["models"], state["deployed"], state["split"]), ({}, {}, {}))

    def test_waits_while_the_endpoint_is_busy(self):
        self.change(busy=3)
        self.assertIn("under way", self.create(11))
        self.assertIn("11", self.state()["deployed"])

    def test_gives_up_on_an_endpoint_that_stays_busy(self):
        self.change(busy=100)
        self.assertIn("other operations running", self.create(11, status=1))

    def test_says_what_failed(self):
        self.change(fail=["models/list"])
        message = self.create(11, status=1)
        self.assertIn("listing the models", message)
        self.assertIn("gcloud auth login", message)

    def test_without_gcloud(self):
        tools = self.folder / "tools"
        tools.mkdir()
        for name in ("bash", "dirname", "cat", "grep", "mktemp", "rm"):
            (tools / name).symlink_to(shutil.which(name))
        message = self.create(11, status=2, environment=dict(self.environment, PATH=str(tools)))
        self.assertIn("install the Google Cloud CLI", message)
        self.assertEqual(self.state()["calls"], [])

    def test_refuses_before_it_calls_anything(self):
        for words, hint in (((), "create, update or destroy"), (("deploy",), "deploy"), (("create", "--size", "1"), "--size"),
                            (("create", "--project"), "wants a value"), (("update", *self.common), "--traffic"),
                            (("update", *self.common, "--traffic", "all"), "4711=90"),
                            (("destroy", *self.common, "--id", "blue", "--model", "m"), "digits")):
            with self.subTest(words=words):
                self.assertIn(hint, self.run_script(*words, status=2))
        self.assertIn("gs://", self.create(11, "--artifacts", "/models", status=2))
        self.assertEqual(self.state()["calls"], [])


@unittest.skipUnless(shutil.which("terraform") and Path(os.environ.get("TF_CLI_CONFIG_FILE", "")).is_file(),
                     "needs terraform and its providers")
class Module(WithGcloud):
    def terraform(self, *words):
        done = subprocess.run(["terraform", f"-chdir={self.folder}/terraform/modules/vertex-ai", *words], env=self.environment,
                              capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def apply(self, verb="apply", **deployments):
        image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:"
        deployments = {colour: {"image": image + tag, "traffic": traffic} for colour, (tag, traffic) in deployments.items()}
        before = len(self.state()["calls"])
        self.terraform(verb, "-auto-approve", "-input=false", "-var=project=trees-123456", "-var=location=europe-west1",
                       "-var=name=forest-dev", f"-var=deployments={json.dumps(deployments)}")
        return [call[1] for call in self.state()["calls"][before:] if call[1] not in ("list", "describe")]

    def served(self):
        state = self.state()
        return sorted((state["models"][deployed["model"]]["container-image-uri"][-1], state["split"].get(number, 0))
                      for number, deployed in state["deployed"].items())

    def test_what_is_replaced_waits_for_its_successor(self):
        shutil.copytree(ROOT / "terraform", self.folder / "terraform", ignore=shutil.ignore_patterns(".terraform*"))
        shutil.copytree(ROOT / "scripts", self.folder / "scripts")
        self.terraform("init", "-input=false", "-backend=false")

        self.assertEqual(self.apply(blue=("1", 100)), ["upload", "deploy-model", "update"])
        self.assertEqual(self.served(), [("1", 100)])
        self.assertEqual(self.apply(blue=("1", 100)), [])
        self.assertEqual(self.apply(blue=("2", 100)), ["upload", "deploy-model", "update", "undeploy-model", "delete"])
        self.assertEqual(self.served(), [("2", 100)])
        self.assertEqual(self.apply(blue=("2", 90), green=("3", 10)), ["upload", "deploy-model", "update"])
        self.assertEqual(self.served(), [("2", 90), ("3", 10)])
        self.assertEqual(self.apply(blue=("2", 50), green=("3", 50)), ["update"])
        self.assertEqual(self.apply(blue=("3", 100)), ["update", "undeploy-model", "delete"])
        self.assertEqual(self.served(), [("3", 100)])
        self.assertEqual(self.apply("destroy", blue=("3", 100)), ["undeploy-model", "delete"])
        state = self.state()
        self.assertEqual((state["models"], state["deployed"], state["split"]), ({}, {}, {}))


if __name__ == "__main__":
    unittest.main()
