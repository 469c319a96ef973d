"""The pages of docs/: every command in them is typed as it stands, and must say what the page says that it says.

In a block marked `console`, a line that begins with "$ " is a command, "> " goes on with it, and what follows is its
output; "…" in it stands for anything. A command that ends with "&" is a server: the next waits until it answers.
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from program import FORESTD, PATIENCE, TOP, free_port

PAGES = sorted((TOP / "docs").glob("*.md"))
SCREEN = 60  # lines of a page, at most

START = r"""
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
wait_ready() {
    for _ in $(seq 600); do
        forestd healthcheck --port "$1" >/dev/null 2>&1 && return
        kill -0 $! 2>/dev/null || break
        sleep 0.05
    done
    echo "the server on port $1 is not ready:"; cat "$TMPDIR/server"
}
"""


def commands(page):
    """(command, expected output) of each command of the page."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append([line[2:], []])
            elif line.startswith("> "):
                found[-1][0] += "\n" + line[2:]
            else:
                found[-1][1].append(line)
    return found


def script(found, port):
    """One shell for all of them, so that variables and servers live on; each one's output ends with a line of its own."""
    text = START
    for command, _ in found:
        command = command.replace("8080", str(port))
        if command.endswith("&"):
            text += f"{command[:-1]} >$TMPDIR/server 2>&1 &\nwait_ready {port}\n"
        else:
            text += command + "\n"
        text += "printf '\\n=====\\n'\n"
    return text


class Pages(unittest.TestCase):
    def test_every_command_does_what_the_page_says(self):
        for page in PAGES:
            found = commands(page)
            with self.subTest(page.name), tempfile.TemporaryDirectory() as folder:
                self.assertTrue(found, "a page has a command to try")
                port = free_port()
                variables = {key: value for key, value in os.environ.items() if not key.startswith(("FORESTD_", "AWS_", "AIP_"))}
                variables.update(PATH=f"{pathlib.Path(FORESTD).resolve().parent}:{os.environ['PATH']}", TMPDIR=folder)
                done = subprocess.run(["bash", "-c", script(found, port)], cwd=TOP, env=variables, timeout=PATIENCE,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                said = done.stdout.split("\n=====\n")
                for (command, expected), output in zip(found, said):
                    pattern = re.escape("\n".join(expected)).replace("…", ".*")
                    text = output.strip().replace(str(port), "8080")
                    self.assertTrue(re.fullmatch(pattern, text, re.DOTALL), f"$ {command}\n{text}\n--- expected\n" + "\n".join(expected))

    def test_a_page_is_a_screen(self):
        for page in PAGES:
            self.assertLessEqual(len(page.read_text().splitlines()), SCREEN, page.name)

    def test_the_readme_names_every_page(self):
        readme = (TOP / "README.md").read_text()
        for page in PAGES:
            self.assertTrue(f"(docs/{page.name})" in readme, page.name)

    def test_every_link_leads_somewhere(self):
        for page in [*PAGES, TOP / "README.md"]:
            for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text()):
                self.assertTrue((page.parent / target).exists(), f"{page.name}: {target}")


if __name__ == "__main__":
    unittest.main()
