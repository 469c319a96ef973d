"""The Kubernetes, KServe and Compose documents of docker/, against the schemas that their projects publish.

KServe's and Compose's come with their Go modules, so that a Go toolchain fetches them.
"""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

from interop import TOP, use

use("kubernetes")

import jsonschema  # noqa: E402
import kubernetes_validate  # noqa: E402
import yaml  # noqa: E402

FOLDER = TOP / "docker" / "kubernetes"
KSERVE = "github.com/kserve/kserve@v0.15.2"
COMPOSE = "github.com/compose-spec/compose-go/v2@v2.16.2"
KUBERNETES = "1.34"


def documents(name):
    return [document for document in yaml.safe_load_all((FOLDER / name).read_text()) if document]


def strict(schema):
    """A schema that allows no field that it does not name."""
    if isinstance(schema, dict):
        if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
        for value in schema.values():
            strict(value)
    elif isinstance(schema, list):
        for value in schema:
            strict(value)
    return schema


def module(name):
    """Where a Go module's files are."""
    about = subprocess.run(["go", "mod", "download", "-json", name], check=True, capture_output=True, text=True,
                           env={**os.environ, "GO111MODULE": "on", "GOFLAGS": "-mod=mod"})
    return pathlib.Path(json.loads(about.stdout)["Dir"])


class Kubernetes(unittest.TestCase):
    def test_plain_documents(self):
        kinds = []
        for document in documents("forestd.yaml"):
            kubernetes_validate.validate(document, KUBERNETES, strict=True)
            kinds.append(document["kind"])
        self.assertEqual(kinds, ["Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"])

    def test_a_wrong_document_is_seen(self):
        wrong = documents("forestd.yaml")[0]
        wrong["spec"]["replica"] = 2
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(wrong, KUBERNETES, strict=True)


@unittest.skipUnless(shutil.which("go"), "go is not installed")
class KServe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.module = module(KSERVE)

    def schema(self, kind, version):
        for file in (self.module / "config" / "crd" / "full").rglob("*.yaml"):
            for document in yaml.safe_load_all(file.read_text()):
                if document and document.get("kind") == "CustomResourceDefinition" and \
                        document["spec"]["names"]["kind"] == kind:
                    for each in document["spec"]["versions"]:
                        if each["name"] == version:
                            return strict(each["schema"]["openAPIV3Schema"])
        self.fail(f"no schema of {kind} {version}")

    def see(self, name, kind):
        document, = documents(name)
        self.assertEqual(document["kind"], kind)
        schema = self.schema(kind, document["apiVersion"].rsplit("/", 1)[1])
        schema["properties"]["metadata"].pop("additionalProperties", None)
        jsonschema.validate(document, schema)

    def test_serving_runtime(self):
        self.see("serving-runtime.yaml", "ServingRuntime")

    def test_inference_service(self):
        self.see("inference-service.yaml", "InferenceService")


@unittest.skipUnless(shutil.which("go"), "go is not installed")
class Compose(unittest.TestCase):
    def test_compose(self):
        schema = json.loads((module(COMPOSE) / "schema" / "compose-spec.json").read_text())
        document = yaml.safe_load((FOLDER.parent / "compose.yaml").read_text())
        jsonschema.validate(document, schema)
        service = document["services"]["forestd"]
        for path in service["build"]["dockerfile"], service["volumes"][0].split(":-")[1].split("}")[0].removeprefix("../"):
            self.assertTrue((TOP / path).exists(), path)
        document["services"]["forestd"]["read_onli"] = True
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate(document, schema)


if __name__ == "__main__":
    unittest.main()
