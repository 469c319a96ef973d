"""Models fetched from where they are: stand-ins for each cloud, that check what they are sent and can go wrong."""

import base64
import concurrent.futures
import contextlib
import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

from clouds import (AzureBlob, GoogleStorage, Reply, S3, Services, Web, in_seconds, make_certificate, sigv4)
from program import FORESTD, GOLDEN, MODEL, QUESTION, Server

PICKLE = MODEL.read_bytes()
VERSION = "c836760f9d8c09f6"


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="forestd-storage-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        # Nothing of the machine's own may be found.
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TMPDIR": str(self.folder),
                            "AWS_EC2_METADATA_DISABLED": "true"}

    def start(self, stand_in):
        return self.stack.enter_context(stand_in)

    def run_forestd(self, *words, **variables):
        return subprocess.run([FORESTD, *words], env={**self.environment, **variables}, capture_output=True, text=True,
                              timeout=60)

    def inspect(self, address, *options, **variables):
        """The version of the model at the address."""
        done = self.run_forestd("inspect", address, "--json", *options, **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def refuse(self, address, *words, options=(), **variables):
        """What forestd says when it cannot have the model; all of the words must be in it."""
        done = self.run_forestd("inspect", address, *options, **variables)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr

    def is_renewed(self, server, address, path, **variables):
        """The first token lasts two seconds and the object takes longer: the rest is asked for with another."""
        large = random.Random(5).randbytes(2 << 20)
        server.put("models", "large", large)
        lent, borne = [], []

        @self.services.route("GET", path)
        def token(request):
            lent.append("second" if lent else "first")
            server.token = lent[-1]
            return Reply(200, json.dumps({"access_token": lent[-1], "expires_in": 3600 if len(lent) > 1 else 2}),
                         {"Metadata-Flavor": "Google"})

        def slow(number, request, reply):
            borne.append(request.headers["Authorization"])
            reply.cut = 1 << 20 if number == 1 else None
            reply.wait = 2
            return reply

        server.fault = slow
        done = self.run_forestd("inspect", address, **variables)
        self.assertIn(f"{len(large)} bytes", done.stdout, done.stderr)
        self.assertEqual(lent, ["first", "second"])
        self.assertEqual((borne[0], borne[-1]), ("Bearer first", "Bearer second"))

    def is_model(self, answer):
        self.assertIn(VERSION, json.dumps(answer))

    def s3(self, **how):
        server = self.start(S3(**how))
        server.put("models", "m.joblib", PICKLE)
        self.environment |= {"AWS_ENDPOINT_URL_S3": server.address, "AWS_ACCESS_KEY_ID": "AKIAFOREST",
                             "AWS_SECRET_ACCESS_KEY": "forestsecret"}
        return server


class Addresses(Case):
    def test_one_object(self):
        self.s3()
        answer = self.inspect("s3://models/m.joblib")
        self.is_model(answer)

    def test_names_that_need_encoding(self):
        server = self.s3()
        server.put("models", "a b/ü+%41&=.joblib", PICKLE)
        self.is_model(self.inspect("s3://models/a b/ü+%41&=.joblib"))
        self.is_model(self.inspect("s3://models/a b"))

    def test_a_prefix_is_like_a_folder(self):
        server = self.s3()
        for name in (".m.joblib", "code/m.joblib", "x/.git/m.joblib", "notes.txt", "x/deep/m.joblib", "x/", "z/other"):
            server.put("models", f"p/{name}", PICKLE if name.endswith("m.joblib") else b"text")
        for address in ("s3://models/p", "s3://models/p/", "s3://models/p/x/deep"):
            self.is_model(self.inspect(address))
        server.put("models", "p/y.pkl", PICKLE)
        self.refuse("s3://models/p", "p/", "x/deep/m.joblib", "y.pkl", "keep one")
        self.refuse("s3://models/p/z/", "no model", "other")
        self.refuse("s3://models/q/", "nothing under it")
        self.refuse("s3://models/q", "HTTP 404", "NoSuchKey")

    def test_a_model_is_known_by_its_bytes(self):
        server = self.s3()
        server.put("models", "p/data", b"text")
        server.put("models", "p/empty", b"")
        server.put("models", "p/forest", PICKLE)
        self.is_model(self.inspect("s3://models/p"))

    def test_an_archive(self):
        server = self.s3()
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name, body in (("../out.joblib", PICKLE), ("code/m.joblib", PICKLE), ("model.joblib", PICKLE)):
                entry = tarfile.TarInfo(name)
                entry.size = len(body)
                archive.addfile(entry, io.BytesIO(body))
            for name, kind, target in (("link.joblib", tarfile.SYMTYPE, "/etc/passwd"), ("hard.joblib", tarfile.LNKTYPE, "model.joblib")):
                entry = tarfile.TarInfo(name)
                entry.type, entry.linkname = kind, target
                archive.addfile(entry)
        server.put("models", "model.tar.gz", packed.getvalue())
        done = self.run_forestd("inspect", "s3://models/model.tar.gz")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("RandomForestClassifier", done.stdout)
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for number in range(10001):
                archive.addfile(tarfile.TarInfo(f"{number}.txt"))
        server.put("models", "many.tar.gz", packed.getvalue())
        self.refuse("s3://models/many.tar.gz", "more than 10000 entries")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), [], "nothing is unpacked onto the disk")

    def test_all_commands(self):
        server = self.s3()
        done = self.run_forestd("predict", "--model", "s3://models/m.joblib", str(MODEL.with_name("rows.csv")))
        here = self.run_forestd("predict", "--model", str(MODEL), str(MODEL.with_name("rows.csv")))
        self.assertEqual((done.returncode, done.stdout), (0, here.stdout))
        golden = GOLDEN / "1.9.1" / "dt_classifier"
        server.put("models", "tree", golden.with_suffix(".joblib").read_bytes())
        done = self.run_forestd("verify", "s3://models/tree", "--against", str(golden.with_suffix(".npz")))
        self.assertEqual(done.returncode, 0, done.stderr)
        packed = self.folder / "m.forest"
        self.assertEqual(self.run_forestd("pack", "s3://models/m.joblib", "-o", str(packed)).returncode, 0)
        server.put("models", "m.forest", packed.read_bytes())
        done = self.run_forestd("predict", "--model", "s3://models/m.forest", str(MODEL.with_name("rows.csv")))
        self.assertEqual((done.returncode, done.stdout), (0, here.stdout))

    def test_serve(self):
        self.s3()
        with Server("s3://models/m.joblib", environment=self.environment) as server:
            self.assertEqual(server.invoke(QUESTION).status, 200)

    def test_models_are_loaded_and_unloaded(self):
        server = self.s3()
        server.put("models", "large", bytes(100 << 20))
        with Server(None, "--multi-model", "--model-memory", "64MiB", environment=self.environment) as served:
            def load(name, key):
                return served.ask("POST", "/models", json.dumps({"model_name": name, "url": f"s3://models/{key}"})).status

            # What was fetched is given back: more than the budget comes in all.
            for _ in range(60):
                self.assertEqual(load("forest", "m.joblib"), 200)
                self.assertEqual(served.invoke(QUESTION, path="/models/forest/invoke").status, 200)
                self.assertEqual(served.ask("DELETE", "/models/forest").status, 200)
            self.assertEqual(load("large", "large"), 507)
            self.assertEqual(load("none", "none"), 400)

    def test_serve_says_why_not_and_shows_no_secret(self):
        web = self.start(Web())
        server = Server(f"{web.address}/m.joblib?token=verysecret", wait=False)
        try:
            server.process.wait(60)
            server.log.seek(0)
            text = server.log.read().decode()
        finally:
            server.stop()
        self.assertIn("HTTP 404", text)
        self.assertNotIn("verysecret", text)

    def test_unknown_places(self):
        done = self.run_forestd("inspect", "ftp://host/m.joblib")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("s3, gs, azblob, https", done.stderr)

    def test_web(self):
        web = self.start(Web())
        web.files["/m.joblib"] = PICKLE
        web.files["/moved"] = "/m.joblib"
        web.files["/round"] = "/round"
        self.is_model(self.inspect(f"{web.address}/m.joblib"))
        self.is_model(self.inspect(f"{web.address}/moved"))
        self.refuse(f"{web.address}/round", "redirect")
        self.refuse(f"{web.address}/none?key=verysecret", "HTTP 404")
        self.assertNotIn("verysecret", self.refuse(f"{web.address}/none?key=verysecret"))

    def test_web_without_parts_or_length(self):
        for length in (None, -1):
            web = self.start(Web(parts=False, length=length))
            web.files["/m"] = PICKLE
            self.is_model(self.inspect(f"{web.address}/m"))

    def test_https_is_checked(self):
        certificate = make_certificate(self.folder)
        web = self.start(Web(certificate=certificate))
        plain = self.start(Web())
        web.files["/m.joblib"] = PICKLE
        web.files["/down"] = f"{plain.address}/m.joblib"
        plain.files["/m.joblib"] = PICKLE
        self.is_model(self.inspect(f"{web.address}/m.joblib", SSL_CERT_FILE=certificate[0]))
        self.refuse(f"{web.address}/m.joblib", "ertificate")
        self.refuse(f"{web.address}/down", "http", SSL_CERT_FILE=certificate[0])


class Transfers(Case):
    """Large objects, and what goes wrong with them."""

    @classmethod
    def setUpClass(cls):
        # No forest is so large here: what is fetched is proved by what forestd tells of it.
        cls.large = b"not a model" + random.Random(1).randbytes(40 << 20)

    def fetched_whole(self, address, **variables):
        """The message tells of the first bytes, the table of the size."""
        done = self.run_forestd("inspect", address, **variables)
        self.assertIn("begins with 'not a model", done.stderr)
        self.assertIn(f"{len(self.large)} bytes", done.stdout)

    def large_s3(self, **how):
        """Slow enough for other connections to help the first."""
        server = self.s3(**how)
        server.put("models", "large", self.large)
        server.fault = self.slowly
        return server

    @staticmethod
    def slowly(number, request, reply):
        reply.pace = 40
        return reply

    def test_parts_side_by_side(self):
        server = self.large_s3()
        self.fetched_whole("s3://models/large")
        ranges = [request.headers["Range"] for request in server.requests if request.headers.get("Range")]
        self.assertGreaterEqual(len(ranges), 2)
        self.assertEqual(len(ranges), len(set(ranges)))
        self.assertTrue(all(request.headers.get("If-Match") for request in server.requests[1:]))

    def test_cut_connections_are_resumed(self):
        server = self.large_s3()
        chance = random.Random(2)

        def cut(number, request, reply):
            reply.pace = 40
            if reply.status in (200, 206) and number < 12 and number % 2:
                reply.cut = chance.randrange(1 << 20, 1 << 21)
            return reply

        server.fault = cut
        self.fetched_whole("s3://models/large")
        starts = [int(request.headers["Range"].split("=")[1].split("-")[0]) for request in server.requests
                  if request.headers.get("Range")]
        self.assertTrue(any(start % (1 << 20) for start in starts), "nothing was resumed in the middle")

    def test_errors_that_pass(self):
        server = self.large_s3()

        def fail(number, request, reply):
            if number in (1, 2, 4, 5):
                return server.error((500, 503, 429, 502)[number % 4], "SlowDown")
            return None if number == 7 else reply

        server.fault = fail
        self.fetched_whole("s3://models/large")

    def test_errors_that_stay(self):
        server = self.s3()
        server.fault = lambda number, request, reply: server.error(503, "SlowDown")
        start = time.monotonic()
        self.refuse("s3://models/m.joblib", "HTTP 503", "SlowDown", "The message of SlowDown", "AKIAFOREST")
        self.assertLess(time.monotonic() - start, 20)
        self.assertGreaterEqual(len(server.requests), 4)

    def test_a_connection_that_never_gets_through(self):
        server = self.s3()

        def cut(number, request, reply):
            reply.cut = 0
            return reply

        server.fault = cut
        self.refuse("s3://models/m.joblib", "s3://models/m.joblib")

    def test_wrong_lengths(self):
        server = self.s3()

        def lengthen(number, request, reply):
            if reply.status == 200:
                reply.length, reply.cut = len(reply.body) + 100, len(reply.body)
            return reply

        server.fault = lengthen
        self.refuse("s3://models/m.joblib", "m.joblib")

        def shorten(number, request, reply):
            reply.body = reply.body[:-100]
            return reply

        server.fault = shorten
        self.refuse("s3://models/m.joblib", "crc32", "x-amz-checksum-crc32")

    def test_wrong_checksums(self):
        for how in ({"checksum": "crc32", "etag": False}, {"checksum": None, "etag": True}):
            server = self.s3(**how)

            def spoil(number, request, reply):
                reply.body = reply.body[:5000] + b"!" + reply.body[5001:]
                return reply

            server.fault = spoil
            self.refuse("s3://models/m.joblib", "what came is not what is there")

            def spoil_once(number, request, reply):
                return spoil(number, request, reply) if number == 1 else reply

            server.requests.clear()
            server.fault = spoil_once
            self.is_model(self.inspect("s3://models/m.joblib"))

    def test_an_object_that_changes(self):
        server = self.large_s3()

        def change(number, request, reply):
            if number == 1:
                server.put("models", "large", self.large[:-1] + b"!")
            reply.pace = 40
            return reply

        server.fault = change
        self.fetched_whole("s3://models/large")

    def test_a_server_that_knows_no_parts(self):
        server = self.large_s3()

        def ignore(number, request, reply):
            if request.headers.get("Range"):
                return Reply(200, self.large)
            reply.pace = 40
            return reply

        server.fault = ignore
        self.fetched_whole("s3://models/large")

    def test_a_web_server_that_breaks_off(self):
        web = self.start(Web(parts=False))
        web.files["/m"] = PICKLE

        def cut(number, request, reply):
            if number == 1:
                reply.cut = 1000
            return reply

        web.fault = cut
        self.is_model(self.inspect(f"{web.address}/m"))

    def test_the_whole_has_a_deadline(self):
        server = self.s3()

        def stall(number, request, reply):
            reply.wait = 30
            return reply

        server.fault = stall
        start = time.monotonic()
        self.refuse("s3://models/m.joblib", "2 seconds", "--fetch-timeout", options=["--fetch-timeout", "2"])
        self.assertLess(time.monotonic() - start, 8)

    def test_nobody_listens(self):
        start = time.monotonic()
        self.refuse("s3://b/k", "cannot be reached", "127.0.0.1:1", AWS_ENDPOINT_URL="http://127.0.0.1:1",
                    AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y")
        self.assertLess(time.monotonic() - start, 20)

    def test_an_empty_object(self):
        self.s3().put("models", "empty", b"")
        self.refuse("s3://models/empty", "empty")


class Cache(Case):
    def files(self):
        return sorted(self.folder.glob("forestd-*/*"))

    def test_found_again(self):
        server = self.s3()
        self.is_model(self.inspect("s3://models/m.joblib", "--cache"))
        self.assertEqual(len(self.files()), 1)
        self.assertEqual(self.files()[0].read_bytes(), PICKLE)
        self.assertEqual(self.files()[0].parent.stat().st_mode & 0o77, 0)
        first = self.files()[0].stat().st_mtime_ns
        self.is_model(self.inspect("s3://models/m.joblib", "--cache"))
        self.assertEqual(self.files()[0].stat().st_mtime_ns, first)
        other = (GOLDEN / "1.9.1" / "labels_text.joblib").read_bytes()
        server.put("models", "m.joblib", other)
        self.assertNotIn(VERSION, json.dumps(self.inspect("s3://models/m.joblib", "--cache")))
        self.assertEqual([file.read_bytes() for file in self.files()], [other])

    def test_a_file_that_went_bad_is_fetched_anew(self):
        self.s3()
        self.inspect("s3://models/m.joblib", "--cache")
        file = self.files()[0]
        file.chmod(0o600)
        file.write_bytes(PICKLE[:-1] + b"!")
        self.is_model(self.inspect("s3://models/m.joblib", "--cache"))
        self.assertEqual(self.files()[0].read_bytes(), PICKLE)

    def test_nothing_half_written_is_left_or_loaded(self):
        server = self.s3()

        def cut(number, request, reply):
            reply.cut = 1000
            return reply

        server.fault = cut
        self.refuse("s3://models/m.joblib", options=["--cache"])
        self.assertEqual(self.files(), [])
        (self.folder / f"forestd-{os.geteuid()}").mkdir(mode=0o700, exist_ok=True)
        left = self.folder / f"forestd-{os.geteuid()}" / "x.part"
        left.write_bytes(b"half")
        server.fault = None
        self.is_model(self.inspect("s3://models/m.joblib", "--cache"))
        self.assertFalse(left.exists())

    def test_a_folder_of_others_is_not_trusted(self):
        self.s3()
        folder = self.folder / f"forestd-{os.geteuid()}"
        folder.mkdir()
        folder.chmod(0o777)
        self.refuse("s3://models/m.joblib", "not this user's alone", options=["--cache"])
        folder.rmdir()
        folder.symlink_to("/tmp")
        self.refuse("s3://models/m.joblib", options=["--cache"])


class Amazon(Case):
    def setUp(self):
        super().setUp()
        self.server = self.s3(keys={"AKIAFOREST": ("forestsecret", None), "ASIALENT": ("lentsecret", "lent+/token==")})
        self.services = self.start(Services())
        del self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"]

    def lend(self, seconds=3600, key="ASIALENT", secret="lentsecret", token="lent+/token=="):
        return Reply(200, json.dumps({"AccessKeyId": key, "SecretAccessKey": secret, "Token": token,
                                      "Expiration": in_seconds(seconds)}))

    def fetch(self, **variables):
        self.is_model(self.inspect("s3://models/m.joblib", **variables))

    def lend_as_sts(self, action, seconds=3600):
        return Reply(200, f"<{action}Response xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><{action}Result><Credentials>"
                          f"<AccessKeyId>ASIALENT</AccessKeyId><SecretAccessKey>lentsecret</SecretAccessKey>"
                          f"<SessionToken>lent+/token==</SessionToken><Expiration>{in_seconds(seconds)}</Expiration>"
                          f"</Credentials></{action}Result></{action}Response>")

    def test_environment(self):
        self.fetch(AWS_ACCESS_KEY_ID="AKIAFOREST", AWS_SECRET_ACCESS_KEY="forestsecret", AWS_SESSION_TOKEN="")
        self.fetch(AWS_ACCESS_KEY_ID="ASIALENT", AWS_SECRET_ACCESS_KEY="lentsecret", AWS_SESSION_TOKEN="lent+/token==")
        text = self.refuse("s3://models/m.joblib", "HTTP 403", self.server.address, "SignatureDoesNotMatch",
                           "The message of", "the access key AKIAFOREST of the environment",
                           AWS_ACCESS_KEY_ID="AKIAFOREST", AWS_SECRET_ACCESS_KEY="wrongsecret")
        self.assertNotIn("wrongsecret", text)
        self.refuse("s3://models/m.joblib", "AWS_SECRET_ACCESS_KEY", AWS_ACCESS_KEY_ID="AKIAFOREST")

    def test_shared_files(self):
        folder = self.folder / ".aws"
        folder.mkdir()
        (folder / "credentials").write_text("[default]\naws_access_key_id=AKIAFOREST\n"
                                            "aws_secret_access_key = forestsecret\n")
        (folder / "config").write_text("[default]\nregion = eu-west-1\n[profile tools]\ncredential_process = /bin/evil\n"
                                       "[profile lent]\naws_access_key_id = ASIALENT\naws_secret_access_key = lentsecret\n"
                                       "aws_session_token = lent+/token==\n")
        self.fetch()
        self.assertIn("/eu-west-1/s3/", self.server.requests[-1].headers["Authorization"])
        self.fetch(AWS_PROFILE="lent")
        self.refuse("s3://models/m.joblib", "credential_process", "export-credentials", AWS_PROFILE="tools")
        self.refuse("s3://models/m.joblib", "'absent'", AWS_PROFILE="absent")

    def test_a_role_of_a_profile(self):
        @self.services.route("POST", "/")
        def assume(request):
            self.assertIsNone(sigv4(request, "sts", self.server.keys))
            self.assertEqual(request.form["Action"], "AssumeRole")
            self.assertEqual(request.form["RoleArn"], "arn:aws:iam::1:role/reader")
            self.assertEqual(request.form["ExternalId"], "x y")
            return self.lend_as_sts("AssumeRole")

        folder = self.folder / ".aws"
        folder.mkdir()
        (folder / "config").write_text(f"[profile reader]\nrole_arn = arn:aws:iam::1:role/reader\nsource_profile = base\n"
                                       f"external_id = x y\n[profile loop]\nrole_arn = r\nsource_profile = pool\n"
                                       f"[profile pool]\nrole_arn = r\nsource_profile = loop\n"
                                       f"[profile base]\naws_access_key_id = AKIAFOREST\n"
                                       f"aws_secret_access_key = forestsecret\n")
        self.fetch(AWS_PROFILE="reader", AWS_ENDPOINT_URL_STS=self.services.address)
        self.refuse("s3://models/m.joblib", "profiles", AWS_PROFILE="loop")

    def test_web_identity(self):
        @self.services.route("POST", "/")
        def assume(request):
            self.assertNotIn("Authorization", request.headers)
            if request.form["WebIdentityToken"] != "a.b+c":
                return Reply(400, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>Bad.</Message></Error></ErrorResponse>")
            self.assertEqual(request.form["Action"], "AssumeRoleWithWebIdentity")
            self.assertEqual(request.form["RoleSessionName"], "me")
            return self.lend_as_sts("AssumeRoleWithWebIdentity")

        token = self.folder / "token"
        token.write_text("a.b+c\n")
        variables = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": "arn:aws:iam::1:role/pod",
                     "AWS_ROLE_SESSION_NAME": "me", "AWS_ENDPOINT_URL_STS": self.services.address}
        self.fetch(**variables)
        token.write_text("other")
        text = self.refuse("s3://models/m.joblib", "HTTP 400", "InvalidIdentityToken", "role/pod", **variables)
        self.assertNotIn("other", text)
        self.refuse("s3://models/m.joblib", "AWS_ROLE_ARN", AWS_WEB_IDENTITY_TOKEN_FILE=str(token))

    def test_container(self):
        @self.services.route("GET", "/creds")
        def creds(request):
            if request.headers.get("Authorization") != "container token":
                return Reply(401, '{"code": "Unauthorized", "message": "Who?"}')
            return self.lend()

        token = self.folder / "token"
        token.write_text("container token\n")
        full = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self.services.address}/creds"}
        self.fetch(**full, AWS_CONTAINER_AUTHORIZATION_TOKEN="container token")
        self.fetch(**full, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token))
        self.refuse("s3://models/m.joblib", "HTTP 401", "Unauthorized", "Who?", **full)
        self.refuse("s3://models/m.joblib", "sends no token there",
                    AWS_CONTAINER_CREDENTIALS_FULL_URI="http://10.1.2.3/creds")

    def instance(self, **how):
        tokens = iter(["one", "two", "three"])
        current = [None]

        @self.services.route("PUT", "/latest/api/token")
        def token(request):
            self.assertEqual(request.headers["x-aws-ec2-metadata-token-ttl-seconds"], "21600")
            current[0] = next(tokens)
            return Reply(200, current[0])

        base = "/latest/meta-data/iam/security-credentials/"

        @self.services.route("GET", base)
        def role(request):
            self.assertEqual(request.headers["x-aws-ec2-metadata-token"], current[0])
            return Reply(200, "forest-role")

        @self.services.route("GET", base + "forest-role")
        def keys(request):
            if request.headers["x-aws-ec2-metadata-token"] in how.get("ended", ()):
                return Reply(401, "")
            return self.lend(how.get("seconds", 3600))

        return {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.services.address}

    def test_instance(self):
        self.fetch(**self.instance())

    def test_instance_whose_session_ends(self):
        self.fetch(**self.instance(ended=("one",)))

    def test_instance_that_is_slow_or_fails_at_first(self):
        variables = self.instance()

        def fault(number, request, reply):
            if number == 1:
                return Reply(500, "")
            reply.wait = 1.5 if number == 3 else 0
            return reply

        self.services.fault = fault
        self.fetch(**variables)

    def test_instance_that_is_silent(self):
        variables = self.instance()
        self.services.fault = lambda number, request, reply: None
        start = time.monotonic()
        self.refuse("s3://models/m.joblib", "instance metadata", **variables)
        self.assertLess(time.monotonic() - start, 20)

    def test_keys_are_renewed_while_fetching(self):
        """The first keys end while the object comes: the rest is asked for with others."""
        large = random.Random(3).randbytes(40 << 20)
        self.server.put("models", "large", large)
        self.server.keys["ASIASECOND"] = ("secondsecret", "second")
        lent = []

        @self.services.route("GET", "/creds")
        def creds(request):
            lent.append(time.monotonic())
            if len(lent) == 1:
                return self.lend(2)
            return self.lend(3600, "ASIASECOND", "secondsecret", "second")

        def slow(number, request, reply):
            if number == 1:
                reply.cut = 1 << 20
            reply.wait = 2
            return reply

        self.server.fault = slow
        done = self.run_forestd("inspect", "s3://models/large",
                                AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{self.services.address}/creds")
        self.assertIn(f"{len(large)} bytes", done.stdout, done.stderr)
        self.assertEqual(len(lent), 2)
        self.assertIn("ASIALENT", self.server.requests[0].headers["Authorization"])
        self.assertIn("ASIASECOND", self.server.requests[-1].headers["Authorization"])

    def test_expired_keys_are_asked_for_again(self):
        turns = []

        @self.services.route("GET", "/creds")
        def creds(request):
            turns.append(1)
            return self.lend()

        def expired(number, request, reply):
            return self.server.error(400, "ExpiredToken") if number == 1 else reply

        self.server.fault = expired
        self.fetch(AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{self.services.address}/creds")
        self.assertEqual(len(turns), 2)

    def test_the_region_is_found(self):
        self.server.region = "ap-south-1"
        self.fetch(AWS_ACCESS_KEY_ID="AKIAFOREST", AWS_SECRET_ACCESS_KEY="forestsecret")
        self.assertEqual(len(self.server.requests), 2)
        self.fetch(AWS_ACCESS_KEY_ID="AKIAFOREST", AWS_SECRET_ACCESS_KEY="forestsecret", AWS_REGION="ap-south-1")
        self.assertEqual(len(self.server.requests), 3)

    def test_the_endpoint_of_all_services(self):
        del self.environment["AWS_ENDPOINT_URL_S3"]
        self.fetch(AWS_ACCESS_KEY_ID="AKIAFOREST", AWS_SECRET_ACCESS_KEY="forestsecret",
                   AWS_ENDPOINT_URL=self.server.address + "/")

    def test_nothing_is_configured(self):
        start = time.monotonic()
        self.refuse("s3://models/m.joblib", "no AWS credential", "AWS_ACCESS_KEY_ID")
        self.assertLess(time.monotonic() - start, 5)
        self.assertEqual(self.server.requests, [])


class Google(Case):
    def setUp(self):
        super().setUp()
        self.server = self.start(GoogleStorage(token="google token"))
        self.server.put("models", "v 1/m+ü.joblib", PICKLE)
        self.services = self.start(Services())
        self.environment["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE"] = self.server.address
        # Never the machine's own.
        self.environment["GCE_METADATA_HOST"] = "127.0.0.1:1"

    def fetch(self, **variables):
        self.is_model(self.inspect("gs://models/v 1/m+ü.joblib", **variables))

    def metadata(self, tokens=("google token",), seconds=3600, flavor="Google"):
        left = list(tokens)

        @self.services.route("GET", "/computeMetadata/v1/instance/service-accounts/default/token")
        def token(request):
            self.assertEqual(request.headers["Metadata-Flavor"], "Google")
            self.assertIn("devstorage.read_only", request.query["scopes"])
            text = left.pop(0) if len(left) > 1 else left[0]
            return Reply(200, json.dumps({"access_token": text, "expires_in": seconds, "token_type": "Bearer"}),
                         {"Metadata-Flavor": flavor})

        return {"GCE_METADATA_HOST": self.services.host}

    def test_emulator_is_told_no_secret(self):
        self.server.token = None
        self.fetch(STORAGE_EMULATOR_HOST=self.server.host)
        self.fetch(STORAGE_EMULATOR_HOST=self.server.address + "/")

    def test_prefix_with_pages(self):
        self.server.token = None
        for name in ("a", "b c", "d", ".hidden.joblib"):
            self.server.put("models", f"v 1/{name}", b"text")
        self.is_model(self.inspect("gs://models/v 1", STORAGE_EMULATOR_HOST=self.server.host))

    def test_parts(self):
        self.server.token = None
        large = bytes(40 << 20)
        import clouds
        kept, clouds.crc32c = clouds.crc32c, lambda data: 0
        self.server.put("models", "large", large)
        clouds.crc32c = kept
        body, _, generation = self.server.objects["models", "large"]
        self.server.objects["models", "large"] = body, "", generation
        self.server.fault = Transfers.slowly
        done = self.run_forestd("inspect", "gs://models/large", STORAGE_EMULATOR_HOST=self.server.host)
        self.assertIn(f"{len(large)} bytes", done.stdout)
        self.assertTrue(all(request.query.get("generation") for request in self.server.requests[1:]))
        self.assertGreater(len(self.server.requests), 2)

    def test_wrong_checksum(self):
        self.server.token = None

        def spoil(number, request, reply):
            reply.body = reply.body[:-1] + b"!"
            return reply

        self.server.fault = spoil
        self.refuse("gs://models/v 1/m+ü.joblib", "crc32c", "x-goog-hash", STORAGE_EMULATOR_HOST=self.server.host)

    def test_metadata_server(self):
        self.fetch(**self.metadata())
        self.refuse("gs://models/none", "HTTP 404", "The message of notFound", "metadata server", **self.metadata())

    def test_a_token_that_was_refused_is_asked_for_again(self):
        self.fetch(**self.metadata(tokens=("stale", "google token")))
        self.refuse("gs://models/v 1/m+ü.joblib", "HTTP 401", "authError", "metadata server",
                    **self.metadata(tokens=("stale",)))

    def test_metadata_server_that_is_slow_or_fails_at_first(self):
        def fault(number, request, reply):
            if number == 1:
                return Reply(503, "")
            reply.wait = 2
            return reply

        self.services.fault = fault
        self.fetch(**self.metadata())

    def test_a_token_that_ends_while_fetching(self):
        self.is_renewed(self.server, "gs://models/large", "/computeMetadata/v1/instance/service-accounts/default/token",
                        GCE_METADATA_HOST=self.services.host)

    def test_who_answers_must_be_google(self):
        self.refuse("gs://models/v 1/m+ü.joblib", "Metadata-Flavor", **self.metadata(flavor="Other"))

    def test_metadata_server_that_is_not_there(self):
        start = time.monotonic()
        self.refuse("gs://models/v 1/m+ü.joblib", "metadata server", GCE_METADATA_HOST="127.0.0.1:1")
        self.assertLess(time.monotonic() - start, 8)

    def test_nothing_is_configured(self):
        start = time.monotonic()
        text = self.refuse("gs://models/v 1/m+ü.joblib", GCE_METADATA_HOST="")
        self.assertLess(time.monotonic() - start, 8)
        self.assertTrue("no Google credential" in text or "metadata server" in text, text)

    def test_service_account(self):
        key = self.folder / "private.pem"
        subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
        public = self.folder / "public.pem"
        subprocess.run(["openssl", "rsa", "-in", str(key), "-pubout", "-out", str(public)], check=True,
                       capture_output=True)

        def decode(text):
            return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

        @self.services.route("POST", "/token")
        def token(request):
            self.assertEqual(request.form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer")
            head, claims, signature = request.form["assertion"].split(".")
            (self.folder / "signature").write_bytes(decode(signature))
            checked = subprocess.run(["openssl", "dgst", "-sha256", "-verify", str(public), "-signature",
                                      str(self.folder / "signature")], input=f"{head}.{claims}".encode(),
                                     capture_output=True)
            if checked.returncode:
                return Reply(400, '{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}')
            self.assertEqual(json.loads(decode(head)), {"alg": "RS256", "typ": "JWT", "kid": "key1"})
            claims = json.loads(decode(claims))
            self.assertEqual((claims["iss"], claims["aud"]), ("me@project", f"{self.services.address}/token"))
            self.assertLess(abs(claims["iat"] - time.time()), 60)
            self.assertEqual(claims["exp"] - claims["iat"], 3600)
            return Reply(200, '{"access_token": "google token", "expires_in": 3600}')

        file = self.folder / "account.json"
        document = {"type": "service_account", "client_email": "me@project", "private_key_id": "key1",
                    "private_key": key.read_text(), "token_uri": f"{self.services.address}/token"}
        file.write_text(json.dumps(document))
        self.fetch(GOOGLE_APPLICATION_CREDENTIALS=str(file))
        subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
        file.write_text(json.dumps({**document, "private_key": key.read_text()}))
        text = self.refuse("gs://models/v 1/m+ü.joblib", "HTTP 400", "invalid_grant", "Invalid JWT", "me@project",
                           GOOGLE_APPLICATION_CREDENTIALS=str(file))
        self.assertNotIn("PRIVATE", text)
        file.write_text(json.dumps({**document, "private_key": "no key"}))
        self.refuse("gs://models/v 1/m+ü.joblib", "private key", GOOGLE_APPLICATION_CREDENTIALS=str(file))
        file.write_text('{"type": "external_account"}')
        self.refuse("gs://models/v 1/m+ü.joblib", "external_account", GOOGLE_APPLICATION_CREDENTIALS=str(file))
        self.refuse("gs://models/v 1/m+ü.joblib", "absent", GOOGLE_APPLICATION_CREDENTIALS="/absent")

    def test_authorized_user(self):
        @self.services.route("POST", "/token")
        def token(request):
            self.assertEqual(request.form, {"grant_type": "refresh_token", "client_id": "id", "client_secret": "a&b",
                                            "refresh_token": "1//x"})
            return Reply(200, '{"access_token": "google token", "expires_in": 3599}')

        folder = self.folder / ".config" / "gcloud"
        folder.mkdir(parents=True)
        (folder / "application_default_credentials.json").write_text(json.dumps(
            {"type": "authorized_user", "client_id": "id", "client_secret": "a&b", "refresh_token": "1//x",
             "quota_project_id": "payer", "token_uri": f"{self.services.address}/token"}))
        self.fetch()
        self.assertEqual(self.server.requests[-1].headers["x-goog-user-project"], "payer")


class Azure(Case):
    def setUp(self):
        super().setUp()
        self.services = self.start(Services())

    def store(self, **how):
        server = self.start(AzureBlob(**how))
        server.put("models", "v 1/m+ü.joblib", PICKLE)
        self.environment["AZURE_STORAGE_CONNECTION_STRING"] = server.connection()
        return server

    def fetch(self, **variables):
        self.is_model(self.inspect("azblob://models/v 1/m+ü.joblib", **variables))

    def tell(self, method, path, expect, token="azure token"):
        @self.services.route(method, path)
        def route(request):
            expect(request)
            return Reply(200, json.dumps({"access_token": token, "expires_on": str(int(time.time()) + 3600),
                                          "resource": "https://storage.azure.com", "token_type": "Bearer"}))

    def test_account_key(self):
        server = self.store()
        key = f"AccountKey={server.KEY}"
        self.fetch(AZURE_STORAGE_CONNECTION_STRING=server.connection(key))
        for name in ("v 1/a", "v 1/b", "v 1/.c.joblib"):
            server.put("models", name, b"text")
        self.is_model(self.inspect("azblob://models/v 1", AZURE_STORAGE_CONNECTION_STRING=server.connection(key)))
        large = random.Random(4).randbytes(40 << 20)
        server.put("models", "large", large)
        server.fault = Transfers.slowly
        done = self.run_forestd("inspect", "azblob://models/large",
                                AZURE_STORAGE_CONNECTION_STRING=server.connection(key))
        self.assertIn(f"{len(large)} bytes", done.stdout, done.stderr)
        self.assertTrue(any(request.headers.get("If-Match") for request in server.requests))
        wrong = base64.b64encode(b"wrong").decode()
        text = self.refuse("azblob://models/m", "HTTP 403", "AuthenticationFailed", "The message of", "account key",
                           AZURE_STORAGE_CONNECTION_STRING=server.connection(f"AccountKey={wrong}"))
        self.assertNotIn(wrong, text)
        variables = {"AZURE_STORAGE_CONNECTION_STRING": "", "AZURE_STORAGE_ACCOUNT": server.ACCOUNT,
                     "AZURE_STORAGE_SERVICE_ENDPOINT": f"{server.address}/{server.ACCOUNT}/",
                     "AZURE_STORAGE_KEY": server.KEY}
        self.fetch(**variables)

    def test_shared_access_signature(self):
        server = self.store(signature="abc/+=")
        sas = "sv=2021-12-02&sp=rl&sig=abc%2F%2B%3D"
        self.fetch(AZURE_STORAGE_SAS_TOKEN=sas)
        self.fetch(AZURE_STORAGE_SAS_TOKEN="?" + sas)
        self.fetch(AZURE_STORAGE_CONNECTION_STRING=server.connection(f"SharedAccessSignature={sas}"))
        self.assertNotIn("abc", self.refuse("azblob://models/none", "HTTP 404", "BlobNotFound",
                                            "shared access signature", AZURE_STORAGE_SAS_TOKEN=sas))

    def test_client_secret(self):
        self.store(token="azure token")

        def expect(request):
            self.assertEqual(request.form, {"grant_type": "client_credentials", "client_id": "client",
                                            "client_secret": "se&cret", "scope": "https://storage.azure.com/.default"})

        self.tell("POST", "/tenant/oauth2/v2.0/token", expect)
        variables = {"AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "client", "AZURE_CLIENT_SECRET": "se&cret",
                     "AZURE_AUTHORITY_HOST": self.services.address}
        self.fetch(**variables)
        self.services.routes["POST", "/tenant/oauth2/v2.0/token"] = lambda request: Reply(
            401, '{"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}')
        text = self.refuse("azblob://models/x", "HTTP 401", "invalid_client", "AADSTS7000215", "client", **variables)
        self.assertNotIn("se&cret", text)
        self.refuse("azblob://models/x", "AZURE_TENANT_ID", **{**variables, "AZURE_TENANT_ID": ""})

    def test_workload_identity(self):
        self.store(token="azure token")
        file = self.folder / "token"
        file.write_text("a.b.c\n")

        def expect(request):
            self.assertEqual(request.form["client_assertion"], "a.b.c")
            self.assertEqual(request.form["client_assertion_type"],
                             "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")

        self.tell("POST", "/tenant/oauth2/v2.0/token", expect)
        self.fetch(AZURE_TENANT_ID="tenant", AZURE_CLIENT_ID="client", AZURE_FEDERATED_TOKEN_FILE=str(file),
                   AZURE_AUTHORITY_HOST=self.services.address + "/")

    def test_identity_of_an_app(self):
        self.store(token="azure token")

        def expect(request):
            self.assertEqual(request.headers["X-IDENTITY-HEADER"], "header")
            self.assertEqual(request.query["api-version"], "2019-08-01")
            self.assertEqual(request.query["resource"], "https://storage.azure.com")

        self.tell("GET", "/identity", expect)
        self.fetch(IDENTITY_ENDPOINT=f"{self.services.address}/identity", IDENTITY_HEADER="header")

    def test_identity_of_an_endpoint(self):
        self.store(token="azure token")

        def expect(request):
            self.assertEqual(request.headers["secret"], "word")
            self.assertEqual((request.query["api-version"], request.query["clientid"]), ("2017-09-01", "mine"))

        self.tell("GET", "/msi", expect)
        self.fetch(MSI_ENDPOINT=f"{self.services.address}/msi", MSI_SECRET="word", AZURE_CLIENT_ID="mine")

    def test_identity_of_a_machine(self):
        self.store(token="azure token")

        def expect(request):
            self.assertEqual(request.headers["Metadata"], "true")
            self.assertEqual(request.query["api-version"], "2018-02-01")

        self.tell("GET", "/metadata/identity/oauth2/token", expect)
        self.services.fault = lambda number, request, reply: Reply(429, "") if number == 1 else reply
        self.fetch(AZURE_POD_IDENTITY_AUTHORITY_HOST=self.services.address)

    def test_a_token_that_was_refused_is_asked_for_again(self):
        self.store(token="azure token")
        given = iter(["stale", "azure token"])

        @self.services.route("GET", "/identity")
        def route(request):
            return Reply(200, json.dumps({"access_token": next(given), "expires_in": "3600"}))

        self.fetch(IDENTITY_ENDPOINT=f"{self.services.address}/identity", IDENTITY_HEADER="header")

    def test_a_token_that_ends_while_fetching(self):
        self.is_renewed(self.store(token="first"), "azblob://models/large", "/identity",
                        IDENTITY_ENDPOINT=f"{self.services.address}/identity", IDENTITY_HEADER="header")

    def test_a_machines_service_that_is_slow_or_fails_at_first(self):
        self.store(token="azure token")
        self.tell("GET", "/metadata/identity/oauth2/token", lambda request: None)

        def fault(number, request, reply):
            if number == 1:
                return Reply(500, "")
            reply.wait = 1.5
            return reply

        self.services.fault = fault
        self.fetch(AZURE_POD_IDENTITY_AUTHORITY_HOST=self.services.address)

    def test_a_machines_service_that_is_silent(self):
        self.store()
        self.services.fault = lambda number, request, reply: None
        start = time.monotonic()
        self.refuse("azblob://models/m", "managed identity of the machine", AZURE_POD_IDENTITY_AUTHORITY_HOST=self.services.address)
        self.assertLess(time.monotonic() - start, 20)

    def test_nothing_is_configured(self):
        self.refuse("azblob://models/m", "which account", "AZURE_STORAGE_ACCOUNT")
        start = time.monotonic()
        done = self.run_forestd("inspect", "azblob://models/m", AZURE_STORAGE_ACCOUNT="nobody")
        self.assertEqual(done.returncode, 1)
        self.assertLess(time.monotonic() - start, 20)


def run_side_by_side():
    """Each class in a process of its own, several at once: nearly all of the time goes by in pauses and on slow lines."""
    names = [name for name, value in globals().items() if isinstance(value, type) and issubclass(value, Case) and value is not Case]

    def run(name):
        return subprocess.run([sys.executable, "-B", __file__, name, *sys.argv[1:]], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)

    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        runs = list(pool.map(run, names))
    for done in runs:
        print(done.stdout, end="", flush=True)
    return max(done.returncode for done in runs)


if __name__ == "__main__":
    if set(sys.argv[1:]) <= {"-v"}:
        sys.exit(run_side_by_side())
    unittest.main()
