"""Azurite, as Azure Blob Storage: account key, shared access signature, and a token over HTTPS."""

import base64
import datetime
import hashlib
import hmac
import json
import random
import ssl
import time
import unittest
import urllib.parse
import urllib.request

from interop import MODEL, TOP, Case, free_port, place, run_python
from clouds import make_certificate

ACCOUNT = "devstoreaccount1"
# Azurite's own, published: https://learn.microsoft.com/azure/storage/common/storage-use-azurite
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def mac(text):
    return base64.b64encode(hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()).decode()


def put(endpoint, path, body, context=None, query="", **headers):
    """A PUT signed with the account's key."""
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
    ours = {"x-ms-date": date, "x-ms-version": "2021-12-02", **{name.replace("_", "-"): value
                                                               for name, value in headers.items()}}
    lines = "\n".join(f"{name}:{ours[name]}" for name in sorted(ours))
    raw = urllib.parse.quote(path)
    resource = f"/{ACCOUNT}/{ACCOUNT}{raw}" + "".join(f"\n{name}:{value}" for name, value in
                                                       sorted(urllib.parse.parse_qsl(query)))
    kind = "application/octet-stream"
    text = f"PUT\n\n\n{len(body) or ''}\n\n{kind}\n\n\n\n\n\n\n{lines}\n{resource}"
    request = urllib.request.Request(f"{endpoint}{raw}{'?' + query if query else ''}", body, method="PUT",
                                     headers={**ours, "Content-Type": kind,
                                              "Authorization": f"SharedKey {ACCOUNT}:{mac(text)}"})
    urllib.request.urlopen(request, context=context).read()


def sas(container, hours=1, rights="rl"):
    """A container's signature; its rights are to read and list.

    https://learn.microsoft.com/rest/api/storageservices/create-service-sas
    """
    ends = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields = [rights, "", ends, f"/blob/{ACCOUNT}/{container}", "", "", "", "2021-12-02", "c", "", "", "", "", "", "", ""]
    return urllib.parse.urlencode({"sp": rights, "se": ends, "sv": "2021-12-02", "sr": "c", "sig": mac("\n".join(fields))})


def token(**claims):
    """Anybody's: Azurite looks at what it says, not at who signed it."""
    def part(document):
        return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")

    now = int(time.time())
    return ".".join([part({"alg": "RS256", "typ": "JWT"}),
                     part({"aud": "https://storage.azure.com", "iat": now - 10, "nbf": now - 10, "exp": now + 3600,
                           "iss": "https://sts.windows.net/11111111-1111-1111-1111-111111111111/", **claims}),
                     part("signature")])


class Azurite(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        program = place("azurite", "node_modules", ".bin", "azurite-blob")
        certificate, key = make_certificate(cls.folder)
        cls.certificate = certificate
        cls.large = random.Random(7).randbytes(40 << 20)
        cls.endpoints = []
        for more in ([], ["--oauth", "basic", "--cert", certificate, "--key", key]):
            port = free_port()
            folder = cls.folder / f"azurite{port}"
            cls.start(program, "--blobHost", "127.0.0.1", "--blobPort", port, "--silent", "--disableTelemetry",
                      "--skipApiVersionCheck", "--location", folder, *more, port=port, path=None, log=f"log{port}")
            cls.endpoints.append(f"{'https' if more else 'http'}://127.0.0.1:{port}/{ACCOUNT}")
            cls.fill(cls.endpoints[-1])

    @classmethod
    def fill(cls, endpoint):
        context = ssl.create_default_context(cafile=cls.certificate) if endpoint.startswith("https") else None
        put(endpoint, "/models", b"", context, "restype=container")
        body = MODEL.read_bytes()
        for name in ("plain.joblib", "a b/ü+1.joblib", "p/v1/m.joblib", "p/code/m.joblib", "p/.m.joblib"):
            put(endpoint, f"/models/{name}", body, context, x_ms_blob_type="BlockBlob")
        put(endpoint, "/models/large", cls.large, context, x_ms_blob_type="BlockBlob")

    def connection(self, *more):
        return ";".join([f"AccountName={ACCOUNT}", f"BlobEndpoint={self.endpoints[0]}", *more])

    def test_account_key(self):
        variables = {"AZURE_STORAGE_CONNECTION_STRING": self.connection(f"AccountKey={KEY}")}
        for name in ("plain.joblib", "a b/ü+1.joblib", "a b", "p", "p/v1/"):
            self.is_model(f"azblob://models/{name}", **variables)
        self.is_whole("azblob://models/large", self.large, **variables)
        self.refuse("azblob://models/none", "HTTP 404", "BlobNotFound", **variables)
        self.refuse("azblob://other/none", "HTTP 404", "ContainerNotFound", **variables)

    def test_a_wrong_key_is_refused(self):
        wrong = KEY.replace("Eby8", "Eby9")
        text = self.refuse("azblob://models/plain.joblib", "HTTP 403", "AuthorizationFailure", "account key",
                           AZURE_STORAGE_CONNECTION_STRING=self.connection(f"AccountKey={wrong}"))
        self.assertNotIn(wrong, text)

    def test_shared_access_signature(self):
        self.is_model("azblob://models/p", AZURE_STORAGE_CONNECTION_STRING=self.connection(),
                      AZURE_STORAGE_SAS_TOKEN=sas("models"))
        for wrong in (sas("models", hours=-1), sas("other"), sas("models").replace("sig=", "sig=A")):
            text = self.refuse("azblob://models/plain.joblib", "HTTP 403", "shared access signature",
                               AZURE_STORAGE_CONNECTION_STRING=self.connection(), AZURE_STORAGE_SAS_TOKEN=wrong)
            self.assertNotIn(wrong.split("sig=")[1], text)

    def test_a_token_over_https(self):
        from clouds import Reply, Services

        for claims, good in (({}, True), ({"aud": "https://example.com"}, False)):
            with Services() as services:
                services.route("GET", "/identity")(lambda request: Reply(200, json.dumps(
                    {"access_token": token(**claims), "expires_on": str(int(time.time()) + 3600)})))
                variables = {"IDENTITY_ENDPOINT": f"{services.address}/identity", "IDENTITY_HEADER": "x",
                             "AZURE_STORAGE_ACCOUNT": ACCOUNT, "AZURE_STORAGE_SERVICE_ENDPOINT": self.endpoints[1],
                             "SSL_CERT_FILE": self.certificate}
                if good:
                    self.is_model("azblob://models/p", **variables)
                else:
                    self.refuse("azblob://models/p", "HTTP 403", "AuthenticationFailed", "managed identity",
                                **variables)


if __name__ == "__main__":
    unittest.main()
