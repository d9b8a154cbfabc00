"""Attachments: a large photo until its chip can be seen, a chat full of them, 100 MB in a question.

Each in a process of its own. The photo is dropped on the real window, where its first one pays for
what is loaded then; the longest time in which the window answers nothing counts, by the clock. A
chat with 500 photos of 12 megapixels is opened and read to its top, and the same chat without them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from bench import library
from bench.measure import Result, middle, usual

ROUNDS = 3
DECODED_MB = library.PHOTO_PX[0] * library.PHOTO_PX[1] * 4 / 1e6
PHOTO_PX = (6000, 4000)
Found = dict[str, float]


def probe(*words: str) -> Found:
    """The middle of each measure over the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        command = [sys.executable, "-m", *words]
        done = subprocess.run(command, env=usual(), stdout=subprocess.PIPE, check=True)
        rounds.append(json.loads(done.stdout.splitlines()[-1]))
    return {name: middle(found[name] for found in rounds) for name in rounds[0]}


def photo(folder: Path) -> Path:
    """As a camera makes it: lying on its side, metadata included."""
    path = folder / "photo.jpg"
    known = Image.Exif()
    known[0x010F], known[0x0112] = "A camera", 6
    picture = Image.effect_noise(PHOTO_PX, 24).convert("RGB")
    picture.save(path, quality=90, exif=known)
    return path


def measure() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as name:
        yield from attached(Path(name))
        yield from opened(Path(name, "home"))
        for what, words in (("inline", "inside the question"), ("upload", "uploaded before it")):
            found = probe("bench.attaching_probe", what, name)
            detail = f"{found['sent_mb']:.0f} MB in {found['seconds']:.1f} s"
            yield Result(f"100 MB {words}: memory for it", found["memory_mb"], "MB", 16, detail)


def attached(folder: Path) -> Iterator[Result]:
    path = photo(folder)
    found = probe("bench.attaching_window", str(folder / "window"), "photo", str(path))
    for each, words in (("first", "the first"), ("next", "the next")):
        detail = f"a JPEG of {path.stat().st_size / 1e6:.0f} MB"
        name = f"24 megapixels attached, {words}"
        yield Result(f"{name}: to the thumbnail", found[f"{each}_ms"], "ms", None, detail)
        detail = f"the window's thread was busy for {found[f'{each}_busy_ms']:.1f} ms at once"
        gap_ms = found[f"{each}_gap_ms"]
        yield Result(f"{name}: longest gap, by the clock", gap_ms, "ms", 33, detail)


def opened(home: Path) -> Iterator[Result]:
    library.fill_with_photos(home)
    words, photos = (
        probe("bench.attaching_window", str(home), "open", chat)
        for chat in (library.WORDS, library.PHOTOS)
    )
    name, count = "500 photos of 12 megapixels in a chat", library.PHOTO_COUNT
    ratio = photos["open_cpu_ms"] / words["open_cpu_ms"]
    detail = f"{photos['open_cpu_ms']:.0f} against {words['open_cpu_ms']:.0f} ms of the UI thread"
    yield Result(f"{name}: opened, against one with none", ratio, "times", 2, detail)
    detail = f"{words['memory_mb']:.0f} MB with none; one decoded takes {DECODED_MB:.0f} MB"
    yield Result(f"{name}: memory to read all {count}", photos["memory_mb"], "MB", 100, detail)
    detail = f"{words['frame_ms']:.1f} ms with none"
    yield Result(f"{name}: worst frame", photos["frame_ms"], "ms", None, detail)
