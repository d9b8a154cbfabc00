"""Attachments: a large photo until its chip can be shown, and 100 MB in a question.

Each in a process of its own. The photo is taken in as the window does it, beside a loop that would
draw; the longest time in which that loop could not run counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Result, middle

ROUNDS = 3


def probe(what: str, folder: str) -> dict[str, float]:
    """The middle of each measure over the rounds."""
    words = [sys.executable, "-m", "bench.attaching_probe", what, folder]
    rounds = []
    for _ in range(ROUNDS):
        done = subprocess.run(words, stdout=subprocess.PIPE, check=True)
        rounds.append(json.loads(done.stdout.splitlines()[-1]))
    return {name: middle(found[name] for found in rounds) for name in rounds[0]}


def measure() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = str(Path(name))
        found = probe("photo", folder)
        detail = f"a JPEG of {found['size_mb']:.0f} MB, with its thumbnail"
        yield Result("24 megapixels attached", found["attach_ms"], "ms", None, detail)
        yield Result("24 megapixels attached: longest gap", found["gap_ms"], "ms", 33)
        for what, words in (("inline", "inside the question"), ("upload", "uploaded before it")):
            found = probe(what, folder)
            detail = f"{found['sent_mb']:.0f} MB in {found['seconds']:.1f} s"
            yield Result(f"100 MB {words}: memory for it", found["memory_mb"], "MB", 16, detail)
