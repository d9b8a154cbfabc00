"""The UI thread while 500 deltas a second stream: what each costs, and the longest stretch."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Result

CHARACTERS, PER_DELTA, PER_SECOND = 100_000, 8, 500
SETTINGS = """\
default_service = "bench"
[[services]]
id = "bench"
base_url = "http://127.0.0.1:{port}/v1"
auth = "none"
default_model = "long"
"""


def stream() -> dict[str, float]:
    """One long answer through the real window; the service is a process of its own."""
    numbers = [str(number) for number in (CHARACTERS, PER_DELTA, PER_SECOND)]
    words = [sys.executable, "-m", "bench.server", *numbers]
    server = subprocess.Popen(words, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdout
    assert server.stdin
    try:
        port = server.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as home:
            Path(home, "settings.toml").write_text(SETTINGS.format(port=port))
            words = [sys.executable, "-m", "bench.stream_probe", home, str(CHARACTERS // PER_DELTA)]
            done = subprocess.run(words, stdout=subprocess.PIPE, check=True)
        return dict(json.loads(done.stdout.splitlines()[-1]))
    finally:
        server.stdin.close()
        server.wait()


def measure() -> Iterator[Result]:
    found = stream()
    first, last = found["first_ms"], found["last_ms"]
    detail = f"{last:.3f} against {first:.3f} ms of CPU for each of {PER_DELTA} characters"
    name = "A delta in the last quarter of 100 KB, against the first"
    yield Result(name, last / first, "times", 1.3, detail)
    detail = f"by the clock; the longest CPU time without a rest is {found['stretch_ms']:.1f} ms"
    yield Result(f"Longest UI gap at {PER_SECOND} deltas/s", found["gap_ms"], "ms", 33, detail)
