"""The workflows, run by act, a runner for them, and looked at by actionlint.

The machine stands for the containers that jobs ask for. Steps call stand-ins of the scripts, which write down how they
were called, so that what is tried is the workflows: jobs in order, values from step to step, what follows a failure. The
job lint runs as it is.
"""

import json
import os
import re
import shutil
import subprocess
import unittest

from interop import TOP, Case, place

WORKFLOWS = TOP / ".github" / "workflows"

STAND_IN = r"""#!/bin/sh
name=$(basename "$0")
echo "$name $* [$TF_VAR_image $TF_VAR_model $NOTIFY_URL]" >>"$CALLS"
case "$name $*" in
upload*) echo "sent"; echo s3://models/1a2b/model.tar.gz ;;
image*) echo registry.example/forest:built ;;
"release --here") echo /released/forestd ;;
*--target) echo sagemaker://forest ;;
esac
case " $FAILING " in *" $name "*) exit 1 ;; esac
"""

NOTHING = """name: nothing
runs:
  using: composite
  steps:
    - run: "true"
      shell: sh
"""

VARIABLES = {
    "AWS_REGION": "eu-west-1", "AWS_ROLE": "arn:aws:iam::1:role/r", "CLOUD": "aws", "MODELS": "s3://models",
    "REGISTRY": "registry.example/forest", "REGISTRY_PROD": "registry.example/forest-prod", "IMAGE": "ghcr.example/forest",
}


def without_containers(text):
    """act runs containers by Docker only."""
    return re.sub(r"(?m)^    container:(?: .*\n|\n(?:      .*\n)+)", "", text)


class Act(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.act = place("act", "bin", "act")
        nothing = cls.folder / "nothing"
        nothing.mkdir()
        (nothing / "action.yml").write_text(NOTHING)
        actions = sorted({found for file in WORKFLOWS.glob("*.yml") for found in re.findall(r"uses: (\S+)", file.read_text())})
        # A checkout is a copy of the tree to act.
        cls.actions = [word for action in actions if not action.startswith("actions/checkout@")
                       for word in ("--local-repository", f"{action}={nothing}")]

    def git(self, *words):
        return subprocess.run(["git", "-c", "user.name=me", "-c", "user.email=me@example.org", *words], cwd=self.tree,
                              check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, branch):
        self.git("init", "--quiet", "--initial-branch", branch)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "all")

    def stand_ins(self, branch):
        self.tree = self.folder / f"tree-{self.id().rsplit('.')[-1]}"
        (self.tree / ".github" / "workflows").mkdir(parents=True)
        for file in WORKFLOWS.glob("*.yml"):
            (self.tree / ".github" / "workflows" / file.name).write_text(without_containers(file.read_text()))
        for folder in "scripts", "docker", "tests/terraform":
            (self.tree / folder).mkdir(parents=True)
            for file in (TOP / folder).iterdir():
                if file.is_file() and os.access(file, os.X_OK):
                    (self.tree / folder / file.name).write_text(STAND_IN)
                    (self.tree / folder / file.name).chmod(0o755)
        # These hand values from step to step: they are tried as they are.
        for name in "remember", "lib.sh":
            shutil.copy(TOP / "scripts" / name, self.tree / "scripts" / name)
        self.commit(branch)

    def run_act(self, workflow, *words, event="push", variables=None, **environment):
        self.calls = self.tree.parent / f"{self.tree.name}.calls"
        self.calls.write_text("")
        command = [self.act, event, "--workflows", self.tree / ".github" / "workflows" / workflow, "--platform",
                   "ubuntu-24.04=-self-hosted", *self.actions, "--env", f"CALLS={self.calls}"]
        for name, value in (VARIABLES if variables is None else variables).items():
            command += ["--var", f"{name}={value}"]
        for name, value in environment.items():
            command += ["--env", f"{name}={value}"]
        command += ["--secret", "NOTIFY_URL=https://hook.example", "--secret", "GITHUB_TOKEN=word", *words]
        done = subprocess.run([str(word) for word in command], cwd=self.tree, capture_output=True, text=True, timeout=1800,
                              env={**os.environ, "HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache")})
        called = self.calls.read_text().splitlines()
        return done.returncode, called, done.stdout + done.stderr

    def test_ci(self):
        self.stand_ins("main")
        status, called, said = self.run_act("ci.yml")
        self.assertEqual(status, 0, said)
        words = sorted(line.split(" [")[0] for line in called)
        self.assertEqual(words, sorted(["test release"] * 4 + [f"test {word}" for word in (
            "asan", "tsan", "coverage", "lint", "arm64", "emulated", "interop", "image", "terraform")]))
        status, _, said = self.run_act("ci.yml", event="pull_request", FAILING="test")
        self.assertNotEqual(status, 0, said)

    def deploy(self, branch, **how):
        self.stand_ins(branch)
        status, called, said = self.run_act("deploy.yml", **how)
        return status, called, said

    def test_deploy(self):
        for branch, environment in ("develop", "dev"), ("main", "prod"):
            with self.subTest(branch):
                shutil.rmtree(self.folder / "tree-test_deploy", ignore_errors=True)
                status, called, said = self.deploy(branch)
                self.assertEqual(status, 0, said)
                commit = self.git("rev-parse", "HEAD")
                registry = "registry.example/forest-prod" if environment == "prod" else "registry.example/forest"
                model, image = "s3://models/1a2b/model.tar.gz", "registry.example/forest:built"
                self.assertEqual(called, [
                    "train build/train/model.joblib [  ]",
                    "package build/train/model.joblib build/package [  ]",
                    "release  [  ]",
                    "release --here [  ]",
                    "upload build/package/model.tar.gz s3://models [  ]",
                    f"login aws {registry} [ {model} ]",
                    f"image --arch amd64 --push {registry}:{commit} [ {model} ]",
                    f"deploy {environment} aws --plan [{image} {model} ]",
                    f"release --here [{image} {model} ]",
                    f"deploy {environment} aws --apply [{image} {model} ]",
                    f"deploy {environment} aws --target [{image} {model} ]",
                    f"smoke-test sagemaker://forest build/package/model.joblib models/rows.csv [{image} {model} ]",
                    f"notify success forestd {environment} aws [  https://hook.example]"], said)

    def test_deploy_goes_back(self):
        status, called, said = self.deploy("staging", FAILING="smoke-test")
        self.assertNotEqual(status, 0, said)
        self.assertTrue(called[-3].startswith("smoke-test "), called)
        self.assertTrue(called[-2].startswith("deploy staging aws --rollback "), called)
        self.assertEqual(called[-1], "notify failure forestd staging aws [  https://hook.example]")

    def test_deploy_stops_early(self):
        status, called, said = self.deploy("develop", FAILING="package")
        self.assertNotEqual(status, 0, said)
        self.assertEqual([line.split()[0] for line in called], ["train", "package", "notify"])
        self.assertTrue(called[-1].startswith("notify failure "), called)

    def test_nothing_is_deployed_without_a_cloud(self):
        status, called, said = self.deploy("main", variables={})
        self.assertEqual((status, called), (0, []), said)

    def test_release(self):
        self.stand_ins("main")
        self.git("tag", "v1.2.3")
        status, called, said = self.run_act("release.yml", "--eventpath", self.event({"ref": "refs/tags/v1.2.3"}))
        self.assertEqual(status, 0, said)
        words = [line.split(" [")[0] for line in called]
        self.assertEqual(words[0], "test release")
        for arch in "amd64", "arm64":
            self.assertIn(f"image --fresh --arch {arch} --bill build/release/forestd-image-{arch}.spdx.json --push "
                          f"ghcr.example/forest:v1.2.3-{arch}", words)
            self.assertLess(words.index(f"stage packages {arch}"), words.index(f"release --arch {arch}"))
        self.assertEqual(words[-1], "release --publish v1.2.3")

    def event(self, document):
        path = self.folder / "event.json"
        path.write_text(json.dumps(document))
        return path

    def test_the_job_lint_as_it_is(self):
        seen = TOP / "build" / "lint"
        if not (seen / "clean").exists():
            self.skipTest("scripts/lint has not run here yet, and all of it would take minutes")
        self.tree = self.folder / "whole"
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, check=True, capture_output=True, text=True).stdout
        for name in filter(None, listed.split("\0")):
            if not name.startswith("tests/golden/") and (TOP / name).exists():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(TOP / name, self.tree / name)
        (self.tree / ".github/workflows/ci.yml").write_text(without_containers((WORKFLOWS / "ci.yml").read_text()))
        self.commit("main")
        # What was clean there is clean here.
        shutil.copytree(seen, self.tree / "build" / "lint")
        status, _, said = self.run_act("ci.yml", "--job", "lint", "--use-gitignore=false")
        self.assertEqual(status, 0, said)
        self.assertIn("1 passed, 0 failed, 0 skipped", said)


class Actionlint(unittest.TestCase):
    def test_clean(self):
        done = subprocess.run([str(place("actionlint", "bin", "actionlint")), *map(str, sorted(WORKFLOWS.glob("*.yml")))],
                              capture_output=True, text=True, cwd=TOP)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_wrong_workflow_is_seen(self):
        text = (WORKFLOWS / "ci.yml").read_text().replace("${{ matrix.preset }}", "${{ matrix.presets }}")
        done = subprocess.run([str(place("actionlint", "bin", "actionlint")), "-"], input=text, capture_output=True, text=True,
                              cwd=TOP)
        self.assertIn('"presets" is not defined', done.stdout)


if __name__ == "__main__":
    unittest.main()
