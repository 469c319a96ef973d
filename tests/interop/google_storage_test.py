"""fake-gcs-server, as Google Cloud Storage."""

import os
import random
import shutil
import stat
import unittest

from interop import MODEL, Case, free_port, place


class FakeServer(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        found = list(place("fake-gcs").rglob("vendor/fake-gcs-server/**/fake-gcs-server*"))
        program = next(path for path in found if path.is_file())
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        port = free_port()
        cls.host = f"127.0.0.1:{port}"
        cls.large = random.Random(6).randbytes(40 << 20)
        for name in ("plain.joblib", "a b/ü+1.joblib", "p/v1/m.joblib", "p/code/m.joblib", "p/.m.joblib"):
            file = cls.folder / "data" / "models" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(MODEL, file)
        for i in range(12):
            (cls.folder / "data" / "models" / "p" / f"note {i}.txt").write_text("text")
        (cls.folder / "data" / "models" / "large").write_bytes(cls.large)
        cls.start(program, "-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory", "-data",
                  cls.folder / "data", "-public-host", cls.host, port=port, path="/_internal/healthcheck",
                  environment={"TMPDIR": str(cls.folder), "HOME": os.environ.get("HOME", "/")})

    def test_objects_and_prefixes(self):
        for name in ("plain.joblib", "a b/ü+1.joblib", "a b", "p", "p/v1/"):
            self.is_model(f"gs://models/{name}", STORAGE_EMULATOR_HOST=self.host)

    def test_a_large_object(self):
        self.is_whole("gs://models/large", self.large, STORAGE_EMULATOR_HOST=self.host)

    def test_what_is_not_there(self):
        self.refuse("gs://models/none", "HTTP 404", "Not Found", STORAGE_EMULATOR_HOST=self.host)
        self.refuse("gs://models/none/", "nothing under it", STORAGE_EMULATOR_HOST=self.host)


if __name__ == "__main__":
    unittest.main()
