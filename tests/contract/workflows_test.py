"""The workflows: every step is one script of this tree, or an action that is pinned; rights are named and few."""

import os
import re
import unittest

from program import TOP

WORKFLOWS = sorted((TOP / ".github/workflows").glob("*.yml"))


class Workflows(unittest.TestCase):
    def each(self, pattern):
        for file in WORKFLOWS:
            for number, line in enumerate(file.read_text().splitlines(), 1):
                found = re.match(pattern, line)
                if found:
                    yield f"{file.name}:{number}", found

    def test_there_are_three(self):
        self.assertEqual([file.name for file in WORKFLOWS], ["ci.yml", "deploy.yml", "release.yml"])

    def test_every_step_is_one_script(self):
        count = 0
        for place, found in self.each(r"\s*(?:- )?run:\s*(.*)"):
            count += 1
            words = found[1].split()
            self.assertTrue(words, place)
            self.assertRegex(words[0], r"^(scripts|docker|tests/terraform)/[a-z-]+$", place)
            self.assertNotRegex(found[1], r"[|;&<>`](?![^{]*}})", f"{place}: one call")
            scripts = [word for word in words if word.startswith(("scripts/", "docker/", "tests/"))]
            for script in scripts:
                self.assertTrue(os.access(TOP / script, os.X_OK), f"{place}: {script}")
        self.assertGreater(count, 15)

    def test_actions_are_pinned(self):
        for place, found in self.each(r"\s*(?:- )?uses:\s*(.*)"):
            self.assertRegex(found[1], r"^[\w-]+/[\w-]+@[0-9a-f]{40} # v[0-9.]+$", place)

    def test_rights_are_few(self):
        for file in WORKFLOWS:
            self.assertRegex(file.read_text(), r"(?m)^permissions:\n  contents: read$", file.name)
        allowed = {"id-token", "packages", "contents"}
        for place, found in self.each(r"\s+([a-z-]+): write"):
            self.assertIn(found[1], allowed, place)

    def test_no_stored_keys_of_clouds(self):
        secrets = {found[1] for _, found in self.each(r".*secrets\.(\w+)")}
        self.assertEqual(secrets, {"NOTIFY_URL", "GITHUB_TOKEN"})


if __name__ == "__main__":
    unittest.main()
