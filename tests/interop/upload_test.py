"""scripts/upload against real object stores, and forestd reading back what it put there."""

import os
import ssl
import stat
import subprocess
import unittest

from azure_blob_test import ACCOUNT, put, sas, token
from clouds import make_certificate
from interop import FORESTD, MODEL, TOP, VERSION, Case, free_port, place

LEND = """#!/bin/sh
printf %s "$LENT"
"""


class Upload(Case):
    def setUp(self):
        # A name that has to be quoted.
        self.model = self.folder / "my model+é.joblib"
        self.model.write_bytes(MODEL.read_bytes())

    def upload(self, address, model=None, **variables):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "FORESTD": str(FORESTD), "LC_ALL": "C.UTF-8",
                       "AWS_EC2_METADATA_DISABLED": "true", **variables}
        return subprocess.run([TOP / "scripts" / "upload", model or self.model, address], env=environment,
                              capture_output=True, text=True, timeout=300)

    def there_and_back(self, address, read_as=None, reading=None, **variables):
        done = self.upload(address, **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        target = f"{address}/{VERSION}/{self.model.name}"
        self.assertEqual(done.stdout, target + "\n")
        self.is_model(target.replace(address, read_as) if read_as else target, **(reading or variables))
        self.is_model((read_as or address) + f"/{VERSION}", **(reading or variables))

    def lender(self, name, token):
        """A cloud's tool that does nothing but lend a token."""
        tool = self.folder / "bin" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text(LEND)
        tool.chmod(0o755)
        return {"PATH": f"{tool.parent}:{os.environ['PATH']}", "LENT": token}


class S3(Upload):
    """Amazon's own command line, and versitygw, which verifies signatures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.aws = place("awscli", "bin", "aws")
        data = cls.folder / "s3"
        (data / "models").mkdir(parents=True)
        port = free_port()
        cls.endpoint = f"http://127.0.0.1:{port}"
        cls.start(place("versitygw", "bin", "versitygw"), "--port", f"127.0.0.1:{port}", "--region", "us-east-1", "--health",
                  "/health", "--quiet", "posix", data, port=port, path="/health",
                  environment={"ROOT_ACCESS_KEY": "AKIAFOREST", "ROOT_SECRET_KEY": "forestsecret"})

    def variables(self, **more):
        return {"AWS_ENDPOINT_URL_S3": self.endpoint, "AWS_ACCESS_KEY_ID": "AKIAFOREST", "AWS_REGION": "us-east-1",
                "AWS_DEFAULT_REGION": "us-east-1", "AWS_SECRET_ACCESS_KEY": "forestsecret",
                "PATH": f"{self.aws.parent}:{os.environ['PATH']}", **more}

    def test_there_and_back(self):
        self.there_and_back("s3://models/trees", **self.variables())

    def test_wrong_and_no_keys(self):
        for wrong, said in (({"AWS_SECRET_ACCESS_KEY": "other"}, "SignatureDoesNotMatch"),
                            ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "aws configure")):
            done = self.upload("s3://models/refused", **self.variables(**wrong))
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn(said, done.stderr)
            self.assertIn("nothing was uploaded", done.stderr)
        self.assertFalse((self.folder / "s3" / "models" / "refused").exists())

    def test_what_forestd_cannot_read_is_not_sent(self):
        nonsense = self.folder / "nonsense.joblib"
        nonsense.write_bytes(b"nonsense")
        done = self.upload("s3://models/nonsense", nonsense, **self.variables())
        self.assertEqual(done.returncode, 1)
        self.assertFalse((self.folder / "s3" / "models" / "nonsense").exists())


class GoogleStorage(Upload):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        program = next(path for path in place("fake-gcs").rglob("vendor/fake-gcs-server/**/fake-gcs-server*") if path.is_file())
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        (cls.folder / "data" / "models").mkdir(parents=True)
        port = free_port()
        cls.host = f"127.0.0.1:{port}"
        cls.start(program, "-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory", "-data",
                  cls.folder / "data", "-public-host", cls.host, port=port, path="/_internal/healthcheck",
                  environment={"TMPDIR": str(cls.folder)})

    def test_there_and_back(self):
        for host in (self.host, f"http://{self.host}"):
            self.there_and_back("gs://models/trees", STORAGE_EMULATOR_HOST=host)

    def test_what_is_not_there(self):
        done = self.upload("gs://nobucket/trees", STORAGE_EMULATOR_HOST=self.host)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("nothing was uploaded", done.stderr)


class AzureBlob(Upload):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        program = place("azurite", "node_modules", ".bin", "azurite-blob")
        cls.certificate, key = make_certificate(cls.folder)
        port = free_port()
        cls.start(program, "--blobHost", "127.0.0.1", "--blobPort", port, "--silent", "--disableTelemetry", "--inMemoryPersistence",
                  "--skipApiVersionCheck", "--oauth", "basic", "--cert", cls.certificate, "--key", key, port=port, path=None)
        cls.endpoint = f"https://127.0.0.1:{port}/{ACCOUNT}"
        put(cls.endpoint, "/models", b"", ssl.create_default_context(cafile=cls.certificate), "restype=container")

    def there_and_back_as(self, **credential):
        address = f"https://{ACCOUNT}.blob.core.windows.net/models"
        # What is read with is a signature for reading, whatever it was written with.
        reading = {"AZURE_STORAGE_CONNECTION_STRING": f"AccountName={ACCOUNT};BlobEndpoint={self.endpoint}",
                   "AZURE_STORAGE_SAS_TOKEN": sas("models"), "SSL_CERT_FILE": self.certificate}
        self.there_and_back(address, "azblob://models", reading, AZURE_STORAGE_SERVICE_ENDPOINT=self.endpoint,
                            CURL_CA_BUNDLE=self.certificate, **credential)

    def test_with_a_signature(self):
        self.there_and_back_as(AZURE_STORAGE_SAS_TOKEN="?" + sas("models", rights="rcw"))

    def test_with_a_token(self):
        self.there_and_back_as(**self.lender("az", token()))

    def test_a_signature_that_may_not_write(self):
        done = self.upload(f"https://{ACCOUNT}.blob.core.windows.net/models/refused", AZURE_STORAGE_SAS_TOKEN=sas("models"),
                           AZURE_STORAGE_SERVICE_ENDPOINT=self.endpoint, CURL_CA_BUNDLE=self.certificate)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("AuthorizationPermissionMismatch", done.stderr)
        self.assertNotIn("sig=", done.stderr)


if __name__ == "__main__":
    unittest.main()
