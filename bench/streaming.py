"""The UI thread while 500 deltas a second stream: what each costs, and the longest stretch."""

from __future__ import annotations

import json
import os
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
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    server = subprocess.Popen([sys.executable, "-m", "bench.server", *numbers], text=True, **pipes)
    assert server.stdout
    assert server.stdin
    try:
        port = server.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as home:
            Path(home, "settings.toml").write_text(SETTINGS.format(port=port))
            words = [sys.executable, "-m", "bench.stream_probe", home, str(CHARACTERS // PER_DELTA)]
            done = subprocess.run(words, env=os.environ, stdout=subprocess.PIPE, check=True)
        return dict(json.loads(done.stdout.splitlines()[-1]))
    finally:
        server.stdin.close()
        server.wait()


def measure() -> Iterator[Result]:
    found = stream()
    detail = (
        f"{found['last_ms']:.3f} against {found['first_ms']:.3f} ms of CPU for each of 8 characters"
    )
    ratio = found["last_ms"] / found["first_ms"]
    yield Result(
        "A delta in the last quarter of 100 KB, against the first", ratio, "times", 1.3, detail
    )
    detail = f"{found['longest_cpu_ms']:.0f} ms of it CPU"
    gap = found["longest_wall_ms"]
    yield Result("Longest UI-thread gap at 500 deltas/s", gap, "ms", 33, detail)
