"""A server that nobody asks uses no processor, so that others have it and instances that are paid by work cost nothing."""

import json
import pathlib
import time
import unittest

from program import FORESTD, MODEL, QUESTION, ROW, Server

SECONDS = 3
# Its own thread looks around ten times a second.
WATCHED = b"__tsan_init" in pathlib.Path(FORESTD).read_bytes()


def work(process):
    """Clock ticks that the process has used, and how often each of its threads has gone to sleep."""
    tasks = pathlib.Path(f"/proc/{process.pid}/task")
    fields = (tasks.parent / "stat").read_text().rpartition(")")[2].split()
    states = {task.name: (task / "status").read_text() for task in tasks.iterdir()}
    return int(fields[11]) + int(fields[12]), {
        name: int(next(line for line in state.splitlines() if line.startswith("voluntary_ctxt_switches")).split()[1])
        for name, state in states.items()
    }


class Idle(unittest.TestCase):
    def rest(self, server):
        """Clock ticks and wake-ups of a rest."""
        ticks, sleeps = work(server.process)
        time.sleep(SECONDS)
        ticks_after, sleeps_after = work(server.process)
        self.assertEqual(sleeps.keys(), sleeps_after.keys(), "threads came or went")
        return ticks_after - ticks, sum(sleeps_after.values()) - sum(sleeps.values())

    def test_an_idle_server_uses_no_processor(self):
        with Server() as server:
            link = server.connect()
            for rows in 1, 20000, 1, 20000:
                link.request("POST", "/invocations", json.dumps({"instances": [ROW] * rows}))
                answer = link.getresponse()
                answer.read()
                self.assertEqual(answer.status, 200)
            # One connection is kept: it is looked after, once a second.
            time.sleep(1)
            ticks, wakes = self.rest(server)
            self.assertLessEqual(ticks, 2)
            if not WATCHED:
                self.assertLessEqual(wakes, SECONDS + 2)
            # None: there is nothing to look after. Its end is seen within a second.
            link.close()
            time.sleep(1.5)
            ticks, wakes = self.rest(server)
            self.assertLessEqual(ticks, 2)
            if not WATCHED:
                self.assertEqual(wakes, 0)
            self.assertEqual(server.invoke(QUESTION).status, 200)

    def test_who_comes_after_a_rest_is_not_late(self):
        with Server(MODEL, "--idle-timeout", "3") as server:
            time.sleep(6)
            link = server.connect()
            link.connect()
            time.sleep(1.5)
            link.request("POST", "/invocations", QUESTION)
            self.assertEqual(link.getresponse().status, 200)
            link.close()


if __name__ == "__main__":
    unittest.main()
