"""From the start of the process to the first painted window, and the memory it then has.

Each in turn with an empty QMainWindow in the same environment, so that the ratio says what is ours.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from bench.measure import Result, middle, usual

ROUNDS = 15
SETTLED_S = 10.0
MB = 1e6


@contextmanager
def started(module: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """A process of `module` on a fresh data folder, and when it was started."""
    with tempfile.TemporaryDirectory() as home:
        words = [sys.executable, "-m", module, "--home", home, *arguments]
        start = time.monotonic()
        process = subprocess.Popen(words, env=usual(), stdout=subprocess.PIPE, text=True)
        try:
            yield process, start
        finally:
            process.kill()
            process.wait()


def wait_for(process: subprocess.Popen[str], word: str) -> float:
    """When the process said `word`."""
    assert process.stdout
    for line in process.stdout:
        if line.startswith(word):
            return float(line.split()[1])
    raise RuntimeError(f"The program ended without saying {word!r}")


def memory_mb(process: subprocess.Popen[str]) -> float:
    return float(psutil.Process(process.pid).memory_info().rss) / MB


def first_paint(module: str) -> tuple[float, float]:
    """Milliseconds from the start to the first paint, and the megabytes then."""
    with started(module) as (process, start):
        painted = wait_for(process, "painted")
        return (painted - start) * 1000, memory_mb(process)


def whole_picture() -> tuple[float, float]:
    """Milliseconds until everything is to be seen, and the megabytes then."""
    with started("bench.started") as (process, start):
        filled = wait_for(process, "filled")
        return (filled - start) * 1000, memory_mb(process)


def after_an_answer() -> float:
    with started("bench.started", "--ask") as (process, _):
        wait_for(process, "answered")
        time.sleep(SETTLED_S)
        return memory_mb(process)


def measure() -> Iterator[Result]:
    first_paint("bench.started"), first_paint("bench.empty")  # both files are in the cache then
    rounds = [(first_paint("bench.started"), first_paint("bench.empty")) for _ in range(ROUNDS)]
    ours_ms, empty_ms, ours_mb, empty_mb = (
        middle(pair[which][what] for pair in rounds) for what in (0, 1) for which in (0, 1)
    )
    ratio = middle(ours[0] / empty[0] for ours, empty in rounds)
    detail = f"{ours_ms:.0f} against {empty_ms:.0f} ms by the clock, medians of {ROUNDS}"
    yield Result("Start to first paint, against an empty window", ratio, "times", 1.6, detail)
    detail = f"{ours_mb:.0f} against {empty_mb:.0f} MB resident"
    name = "Memory at first paint, above an empty window"
    yield Result(name, ours_mb - empty_mb, "MB", 25, detail)
    wholes = [whole_picture() for _ in range(ROUNDS)]
    whole_ms, whole_mb = (middle(whole[what] for whole in wholes) for what in (0, 1))
    name = "Start to the whole picture, against an empty window"
    detail = f"{whole_ms:.0f} against {empty_ms:.0f} ms; {whole_mb - empty_mb:.0f} MB above it then"
    yield Result(name, whole_ms / empty_ms, "times", None, detail)
    later_mb = after_an_answer()
    detail = f"{later_mb:.0f} against {empty_mb:.0f} MB resident"
    name = f"Memory {SETTLED_S:.0f} s after an answer, above an empty window"
    yield Result(name, later_mb - empty_mb, "MB", 45, detail)
