"""Long chats in the real window: opening one, turning the wheel, jumping, resizing, first visits.

Each in a process of its own, some rounds of each; the worst frame of a round counts, and of the
rounds the middle one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.paths import find_paths
from bench import library
from bench.measure import Result, middle, usual

SIZES = (100, 10_000, 100_000)
ROUNDS = 3
VISITS = {
    "end_ms": "opened at its end",
    "top_ms": "found by a search",
    "middle_ms": "by the scroll bar",
    "down_ms": "by the wheel from above",
    "up_ms": "by the wheel from below",
}


def read(home: Path, chat_id: str) -> dict[str, float]:
    """The middle of each measure over the rounds."""
    words = [sys.executable, "-m", "bench.reading_probe", str(home), chat_id]
    rounds = []
    for _ in range(ROUNDS):
        find_paths(home, {}).window.unlink(missing_ok=True)  # which chat was open, and where
        done = subprocess.run(words, env=usual(), stdout=subprocess.PIPE, check=True)
        rounds.append(json.loads(done.stdout.splitlines()[-1]))
    return {name: middle(found[name] for found in rounds) for name in rounds[0]}


def measure() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        library.fill(home, SIZES)
        rounds = {size: read(home, library.chat_of(size)) for size in SIZES}
        for size, found in rounds.items():
            yield from results(f"{size:,} messages", found)
        yield from compared(rounds)
        found = read(home, library.VISITS)
        for name, how in VISITS.items():
            yield Result(f"First visit to 100 KB, {how}: worst frame", found[name], "ms", 16)


def compared(rounds: dict[int, dict[str, float]]) -> Iterator[Result]:
    """Every length against the shortest, taken in this run."""
    least, *longer = rounds
    short = rounds[least]
    for size in longer:
        long, name = rounds[size], f"{size:,} messages against {least:,}"
        share = (long["read_ms"] + long["open_ms"]) / (short["read_ms"] + short["open_ms"])
        yield Result(f"{name}: open to painted", share, "times", 1.5)
        more_mb = long["memory_mb"] - short["memory_mb"]
        yield Result(f"{name}: memory", more_mb, "MB", 4, "more")


def results(name: str, found: dict[str, float]) -> Iterator[Result]:
    opened = found["read_ms"] + found["open_ms"]
    detail = f"{found['read_ms']:.0f} ms of it reading the file"
    yield Result(f"{name}: open to painted", opened, "ms", None, detail)
    yield Result(f"{name}: memory for it", found["memory_mb"], "MB")
    yield Result(f"{name}: worst wheel frame", found["wheel_ms"], "ms", 8)
    yield Result(f"{name}: worst jump", found["jump_ms"], "ms", 16)
    detail = f"{found['resize_window_ms']:.1f} ms with the whole window"
    yield Result(f"{name}: worst resize", found["resize_ms"], "ms", 4, detail)
