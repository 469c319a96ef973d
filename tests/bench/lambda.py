"""See tests/bench/lambda, which starts this."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "contract"))
from program import MODEL, QUESTION  # noqa: E402
from runtime_api import RuntimeApi  # noqa: E402

PYTHON = sys.argv[1]
ROUNDS = int(sys.argv[sys.argv.index("--rounds") + 1]) if "--rounds" in sys.argv else 10
WARM = 1000


def peak(process):
    """KiB of memory at most: all of it, and the part that no other process shares."""
    lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("VmHWM", "RssAnon"))}
    return found["VmHWM"], found["RssAnon"]


def start(api, words, model):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    environment.update(AWS_LAMBDA_RUNTIME_API=api.address, MODEL_PATH=str(model), PYTHONPATH=str(TOP / "tests" / "bench"),
                       _HANDLER="tutorial_lambda.handler", AWS_LAMBDA_FUNCTION_NAME="test", AWS_DEFAULT_REGION="us-east-1",
                       AWS_LAMBDA_FUNCTION_MEMORY_SIZE="128", AWS_LAMBDA_FUNCTION_VERSION="1", OMP_NUM_THREADS="1")
    began = time.monotonic()
    return subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL), began


def once(words, model, warm=0):
    """Milliseconds to the first /next, of the median warm invocation, and memory."""
    with RuntimeApi() as api:
        process, began = start(api, words, model)
        try:
            api.asked.wait(120)
            init = (api.first_next - began) * 1000
            event = json.loads(QUESTION)
            api.ask(event)
            times = []
            for _ in range(warm):
                before = time.perf_counter()
                api.ask(event)
                times.append((time.perf_counter() - before) * 1000)
            return init, statistics.median(times) if times else 0, peak(process)
        finally:
            process.kill()
            process.wait()


KINDS = {
    "a constant, in C": ([TOP / "build/tests/bench/constant_runtime"], MODEL, ROUNDS, WARM),
    "forestd, joblib": ([TOP / "build/forestd", "lambda"], MODEL, ROUNDS, WARM),
    "forestd, packed": ([TOP / "build/forestd", "lambda"], TOP / "build/lambda.forest", ROUNDS, WARM),
    "Python": ([PYTHON, "-m", "awslambdaric", "tutorial_lambda.handler"], MODEL, max(2, ROUNDS // 4), 50),
}

inits, warms, memory = {}, {}, {}
for turn in range(ROUNDS):
    for name, (words, model, rounds, warm) in KINDS.items():
        if turn < rounds:
            init, each, most = once(words, model, warm if turn < 3 else 0)
            inits.setdefault(name, []).append(init)
            if turn < 3:
                warms.setdefault(name, []).append(each)
                memory[name] = most
base, python = min(warms["a constant, in C"]), min(inits["Python"])
print(f"{'':18} {'init ms (least, median)':>26} {'sooner than Python':>20} {'warm ms':>9} {'above C':>9} {'peak KiB':>10} {'own':>8}")
for name in KINDS:
    least, middle = min(inits[name]), statistics.median(inits[name])
    print(f"{name:18} {least:17.1f} {middle:8.1f} {f'{python / least:.0f}x':>20} {min(warms[name]):9.3f} "
          f"{min(warms[name]) - base:9.3f} {memory[name][0]:10} {memory[name][1]:8}")
