"""The Kubernetes and KServe documents of docker/kubernetes, against the schemas that their projects publish.

KServe's come with its Go module, so that a Go toolchain fetches them.
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
        about = subprocess.run(["go", "mod", "download", "-json", KSERVE], check=True, capture_output=True, text=True,
                               env={**os.environ, "GO111MODULE": "on", "GOFLAGS": "-mod=mod"})
        cls.module = pathlib.Path(json.loads(about.stdout)["Dir"])

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


if __name__ == "__main__":
    unittest.main()
