"""The real window while a photo is attached, or while a chat full of photos is opened.

    python -m bench.attaching_window HOME photo FILE
    python -m bench.attaching_window HOME open CHAT

Prints one JSON object. A photo is attached twice: the first one pays for what is loaded then.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
from PySide6.QtCore import QMimeData, QUrl

from app.engine import Engine
from app.ui.attachment_chip import AttachmentChip
from app.ui.window import MainWindow
from bench.clocks import Busy, Frames, cpu_ms
from bench.driving import live
from bench.reading_probe import Script, play

STEP_MS = 2
REST_MS = 500  # until what follows an action is done
LONGEST_S = 30.0


class Attacher:
    """`found` is what is printed at the end."""

    def __init__(self, window: MainWindow) -> None:
        self.found: dict[str, float] = {}
        self._window = window

    def attach(self, photo: Path) -> Script:
        composer = self._window.page.composer
        for name in ("first", "next"):
            given = QMimeData()
            given.setUrls([QUrl.fromLocalFile(str(photo))])
            yield REST_MS
            busy, begun = Busy(), time.perf_counter()
            composer.field.mimePasted.emit(given)
            yield from until(lambda: bool(composer.chips.media), "the chip")
            self.found[f"{name}_chip_ms"] = (time.perf_counter() - begun) * 1000
            (chip,) = composer.chips.shown
            yield from until(partial(has_thumbnail, chip), "its thumbnail")
            self.found[f"{name}_ms"] = (time.perf_counter() - begun) * 1000
            yield REST_MS
            busy.stop()
            self.found[f"{name}_gap_ms"] = busy.longest_gap_ms
            self.found[f"{name}_busy_ms"] = busy.longest_with_gc_ms
            chip.remove.click()


class Opener:
    """Opens a chat, and turns the wheel through the whole of it."""

    def __init__(self, window: MainWindow, frames: Frames) -> None:
        self.found: dict[str, float] = {}
        self._window = window
        self._frames = frames

    def open(self, chat_id: str) -> Script:
        self._window.new_chat()  # it may be the chat of the last time
        yield REST_MS
        process = psutil.Process()
        before = process.memory_info().rss
        self._frames.take()
        busy, begun, cpu = Busy(), time.perf_counter(), cpu_ms()
        self._window.open_chat(chat_id)
        yield from until(lambda: bool(self._frames.frames), "the first frame")
        self.found["open_ms"] = (time.perf_counter() - begun) * 1000
        self.found["open_cpu_ms"] = cpu_ms() - cpu
        yield 2 * REST_MS
        bar = self._window.page.transcript.verticalScrollBar()
        step = max(bar.pageStep() // 2, bar.maximum() // 200)
        largest = process.memory_info().rss
        for value in (*range(bar.maximum(), 0, -step), 0):
            bar.setValue(value)
            yield 16
            largest = max(largest, process.memory_info().rss)
        yield REST_MS
        busy.stop()
        self.found["gap_ms"] = busy.longest_gap_ms
        self.found["memory_mb"] = (largest - before) / 1e6
        self.found["frame_ms"] = max(self._frames.take())


def has_thumbnail(chip: AttachmentChip) -> bool:
    return not chip.thumbnail.isNull()


def until(happened: Callable[[], bool], what: str) -> Iterator[int]:
    end = time.monotonic() + LONGEST_S
    while not happened():
        if time.monotonic() > end:
            raise SystemExit(f"{what} did not come")
        yield STEP_MS


def main(home: Path, what: str, of: str) -> None:
    frames = Frames()
    frames.install()

    def begin(window: MainWindow, engine: Engine) -> None:
        attacher, opener = Attacher(window), Opener(window, frames)

        def end() -> None:
            print(json.dumps(attacher.found or opener.found), flush=True)
            window.close()

        play(attacher.attach(Path(of)) if what == "photo" else opener.open(of), end)

    live(home, begin)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
