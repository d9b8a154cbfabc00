"""The UI thread while a long answer streams: what an update costs, and how long it is busy.

The real window over a service on loopback; the whole thread counts, its network, its files and
its drawing. First and last parts are compared within one answer, so both see the same machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.measure import Result, middle, usual

PER_DELTA, PER_SECOND = 8, 500
ROUNDS = 3
SETTINGS = """\
default_service = "bench"
[[services]]
id = "bench"
base_url = "http://127.0.0.1:{port}/v1"
auth = "none"
default_model = "long"
"""
SHAPES = {
    "code": "2,000 lines of code",
    "list": "a list of 1,249 items",
    "table": "a table of 300 rows",
    "paragraph": "a paragraph of 30 KB",
}

Found = dict[str, Any]


@contextmanager
def service(text: str, *folder: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that streams `text` to whoever asks, and its port."""
    numbers = [str(PER_DELTA), str(PER_SECOND)]
    words = [sys.executable, "-m", "bench.server", text, *numbers, *folder]
    server = subprocess.Popen(words, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdout
    assert server.stdin
    try:
        yield server, int(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait()


def stream(text: str) -> Found:
    """One answer through the real window."""
    with service(text) as (_, port), tempfile.TemporaryDirectory() as home:
        Path(home, "settings.toml").write_text(SETTINGS.format(port=port))
        words = [sys.executable, "-m", "bench.stream_probe", home]
        done = subprocess.run(words, env=usual(), stdout=subprocess.PIPE, check=True)
        return dict(json.loads(done.stdout.splitlines()[-1]))


def per_delta(found: Found, parts: int) -> tuple[float, float]:
    """The thread's CPU ms for a delta in the first and the last of `parts` parts."""
    samples: Sequence[float] = found["samples"]
    size = len(samples) // parts
    every = found["deltas"] / len(samples)
    first, last = samples[size] - samples[0], samples[-1] - samples[-1 - size]
    return first / (size * every), last / (size * every)


def per_update(found: Found) -> tuple[float, float]:
    """The median CPU ms of an update (a frame): the first tenth of a full view, and the last."""
    tenth, full_at = found["deltas"] / 10, found["full_at"]
    first = [ms for seen, ms in found["updates"] if full_at < seen <= full_at + tenth]
    last = [ms for seen, ms in found["updates"] if seen > 9 * tenth]
    return middle(first), middle(last)


def results(name: str, rounds: Sequence[Found]) -> Iterator[Result]:
    """What is asked of every text."""
    pairs = [per_update(found) for found in rounds]
    first, last = middle(pair[0] for pair in pairs), middle(pair[1] for pair in pairs)
    ratio = middle(last / first for first, last in pairs)
    detail = f"{last:.2f} against {first:.2f} ms"
    yield Result(f"{name}: an update, last tenth against first", ratio, "times", 1.1, detail)
    stretch = middle(found["stretch_ms"] for found in rounds)
    yield Result(f"{name}: longest stretch", stretch, "ms", 8)
    stretch = middle(found["stretch_gc_ms"] for found in rounds)
    yield Result(f"{name}: longest stretch, garbage collection included", stretch, "ms", 16)
    share = middle(found["ui_s"] / found["wall_s"] for found in rounds) * 100
    yield Result(f"{name}: share of one core", share, "%", 12)


def measure() -> Iterator[Result]:
    rounds = [stream("mixed") for _ in range(ROUNDS)]
    pairs = [per_delta(found, 4) for found in rounds]
    first, last = middle(pair[0] for pair in pairs), middle(pair[1] for pair in pairs)
    ratio = middle(last / first for first, last in pairs)
    detail = f"{last:.3f} against {first:.3f} ms for each of {PER_DELTA} characters"
    yield Result("100 KB mixed: a delta, last quarter against first", ratio, "times", 1.3, detail)
    gap = middle(found["gap_ms"] for found in rounds)
    yield Result(f"100 KB mixed: longest gap at {PER_SECOND} deltas/s, by the clock", gap, "ms", 33)
    yield from results("100 KB mixed", rounds)
    for text, name in SHAPES.items():
        yield from results(name, [stream(text) for _ in range(ROUNDS)])
